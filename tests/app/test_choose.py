"""The page of choices: what a manager can say, where faults are told, what a later study takes over."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.conftest import STUDY, csrf_of
from app.test_flow import CUSTOMERS
from coterie.app.drafts import config_of, told_of_settings
from coterie.app.flow_words import for_page
from coterie.app.jobs.look import look, without_missing
from coterie.app.making import look_again, told_for_later
from coterie.app.store import studies, uploads
from coterie.config import make_config
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from starlette.testclient import TestClient

PEOPLE = CUSTOMERS.replace("id,age,spend,", "id,age,spend,gender,", 1).replace(".5,", ".5,f,")
BOOK = b"[plays.champions]\ntitle = 'Our own thank-you'\n"


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a look at a table of people finds, made once."""
    path = tmp_path_factory.mktemp("people") / "customers.csv"
    path.write_text(PEOPLE)
    return look({"inputs": [{"id": "people", "data": str(path), "kind": None}], "settings": {}, "sample": None})


@pytest.fixture
def draft(client: TestClient, seen: dict[str, Any]) -> str:
    """A draft whose tables were looked at; nothing runs, so that jobs wait for ever."""
    house = client.app.state.house  # type: ignore[attr-defined]
    made = uploads.add_draft(house.store, 1.0, "People", [{"shown": "customers.csv", "stored": "x/customers.csv"}])
    (row,) = uploads.inputs_of(house.store, made)
    tables = [{**table, "input": row["id"]} for table in seen["tables"]]
    job = look_again(house, made, {})
    (house.jobs.folder(job) / "look.json").write_text(json.dumps({**seen, "tables": tables}))
    (house.settings.uploads / made).mkdir()
    return made


def choose(client: TestClient, draft: str, files: Any = None, **fields: Any) -> Any:
    return client.post(f"/new/{draft}/choose", data={"csrf": csrf_of(client), **fields}, files=files)


def settings_of(client: TestClient, answer: Any) -> Any:
    assert answer.status_code == 303, answer.text
    jobs = client.app.state.house.settings.jobs  # type: ignore[attr-defined]
    text = (jobs / answer.headers["location"].split("/")[-1] / "settings.toml").read_text()
    return make_config(tomllib.loads(text))


def test_columns_for_the_check_of_fairness_and_the_kind_of_use_become_settings(client: TestClient, draft: str) -> None:
    page = client.get(f"/new/{draft}/choose").text
    offered = re.findall(r'name="audit" value="([^"]*)"', page)
    assert "gender" in offered
    assert "id" not in offered
    told = choose(client, draft, audit=["gender", "age"], purpose_class="price-or-eligibility", human_review="Ada Li")
    config = settings_of(client, told)
    assert config.sources.audit == ("gender", "age")
    assert (config.privacy.purpose_class, config.privacy.human_review) == ("price-or-eligibility", "Ada Li")
    assert 'value="gender" checked' in client.get(f"/new/{draft}/choose").text


def test_prices_without_a_person_who_reviews_are_refused_in_words_of_the_page(client: TestClient, draft: str) -> None:
    told = choose(client, draft, purpose_class="price-or-eligibility", margin="35")
    assert told.status_code == 422
    assert "“Who reviews decisions”" in told.text
    assert "--" not in re.sub(r"<[^>]*>", "", told.text)
    assert 'value="35"' in told.text


def test_a_playbook_of_ones_own_is_checked_used_and_dropped_again(client: TestClient, draft: str) -> None:
    told = choose(client, draft, [("playbook", ("../our plays.toml", BOOK, "text/plain"))], segments="3")
    kept = settings_of(client, told).playbook.file
    assert kept.startswith(str(client.app.state.house.settings.uploads / draft))  # type: ignore[attr-defined]
    assert kept.endswith("/our plays.toml")
    assert "our plays.toml" in client.get(f"/new/{draft}/choose").text
    assert settings_of(client, choose(client, draft, segments="3")).playbook.file == kept
    assert settings_of(client, choose(client, draft, segments="3", no_playbook="yes")).playbook.file == ""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("plays.toml", b"[plays.champions]\nfoo = 1\n", "unknown key"),
        ("plays.toml", b"[plays", "not valid TOML"),
        ("plays.toml", b"\xff\xfe", "not text in UTF-8"),
    ],
)
def test_what_is_wrong_with_a_playbook_is_told_beside_its_field_and_nothing_of_it_is_kept(
    client: TestClient, draft: str, name: str, text: bytes, told: str
) -> None:
    answer = choose(client, draft, [("playbook", (name, text, "text/plain"))], segments="4")
    assert answer.status_code == 422
    (beside,) = re.findall(r'id="playbook-wrong">([^<]*)<', answer.text)
    assert told in beside
    assert str(client.app.state.house.settings.home) not in answer.text  # type: ignore[attr-defined]
    assert 'value="4" selected' in answer.text
    assert list((client.app.state.house.settings.uploads / draft).glob("playbook-*")) == []  # type: ignore[attr-defined]


def test_a_list_of_people_who_objected_is_kept_once_below_the_upload_and_stays_until_it_is_dropped(
    client: TestClient, draft: str
) -> None:
    house = client.app.state.house  # type: ignore[attr-defined]
    sent = [("suppress", ("../../no\\letters.csv", b"id\nC1\nC7\n", "text/csv"))]
    first, second, later = (choose(client, draft, files, title="Spring") for files in (sent, sent, None))
    assert first.headers["location"] == second.headers["location"] == later.headers["location"]
    (kept,) = settings_of(client, first).sources.suppress
    assert (Path(kept).name, Path(kept).parents[1]) == ("letters.csv", house.settings.uploads / draft)
    assert Path(kept).read_bytes() == b"id\nC1\nC7\n"
    assert len(list((house.settings.uploads / draft).glob("objected-*"))) == 1
    assert "letters.csv" in client.get(f"/new/{draft}/choose").text
    dropped = choose(client, draft, title="Spring", no_suppress="yes")
    assert dropped.headers["location"] != first.headers["location"]
    assert settings_of(client, dropped).sources.suppress == ()


def test_a_choice_without_meaning_is_told_beside_what_was_typed(client: TestClient, draft: str) -> None:
    told = choose(client, draft, segments="4", budget="25,000")
    assert told.status_code == 422
    assert "The money for campaigns is not a number." in told.text
    assert 'value="4" selected' in told.text
    assert 'value="25,000"' in told.text


def test_another_kind_of_file_is_no_playbook(client: TestClient, draft: str) -> None:
    answer = choose(client, draft, [("playbook", ("plays.csv", BOOK, "text/plain"))])
    assert answer.status_code == 422
    assert "This file is no playbook." in answer.text


def test_our_playbook_can_be_taken_as_a_start(client: TestClient) -> None:
    answer = client.get("/playbook.toml")
    assert "attachment" in answer.headers["content-disposition"]
    assert "plays" in tomllib.loads(answer.text)


def test_a_way_of_reading_without_meaning_is_told_on_the_page_with_what_was_typed(
    client: TestClient, draft: str
) -> None:
    data = {"csrf": csrf_of(client), "reading:skip_rows": "two", "reading:timezone": "Europe/Berlin"}
    answer = client.post(f"/new/{draft}/check", data=data)
    assert answer.status_code == 422
    assert "lines above the header is not a number" in answer.text
    assert 'value="two"' in answer.text
    assert 'value="Europe/Berlin"' in answer.text


def test_names_for_the_columns_mean_that_the_first_row_is_data() -> None:
    told = {
        "reading": {"column_names": "id, day ,amount", "skip_rows": "2", "guest_ids": "keep", "max_rejected": "0.2"}
    }
    sources = config_of(told, {}).sources
    assert (sources.header, sources.column_names, sources.skip_rows) == (False, ("id", "day", "amount"), 2)
    assert (sources.guest_ids, sources.max_rejected) == ("keep", 0.2)


def test_settings_of_a_study_told_again_make_the_same_settings() -> None:
    config = make_config(
        {
            "title": "Spring",
            "sources": {"columns": {"orders": {"customer_id": "Kunde"}}, "decimal": ",", "column_names": ["a", "b"],
                        "header": False, "max_rejected": 0.05, "audit": ["gender"]},
            "search": {"min_segments": 3, "max_segments": 3, "smallest_share": 0.03, "null_draws": 59},
            "basis": {"weights": {"value": 2.5}}, "money": {"contact_cost": 0.3}, "campaigns": {"margin": 0.325},
            "budget": {"amount": 2500.5}, "privacy": {"purpose": "letters", "human_review": "Ada Li"},
        }
    )  # fmt: skip
    assert config_of({"title": "Spring", **told_of_settings(config)}, {}) == config


def test_roles_of_an_earlier_study_hold_until_something_else_is_said_of_the_column() -> None:
    base = {"sources": {"columns": {"orders": {"amount": "Total", "discount": "Off", "channel": "Way"}}}}
    told = {"base": base, "roles": {"i1": {"Total": "quantity", "Net": "amount", "Way": "-"}}}
    config = config_of(told, {"i1": "orders"})
    assert config.sources.columns == {"orders": {"quantity": "Total", "amount": "Net", "discount": "Off"}}
    assert config.features.ignore == ("Way",)
    tables = [{"columns": [{"name": "Total"}, {"name": "Way"}]}]
    assert without_missing(base["sources"]["columns"], tables) == {"orders": {"amount": "Total", "channel": "Way"}}


def test_a_later_study_begins_with_the_settings_and_lists_of_the_earlier_one(client: TestClient, draft: str) -> None:
    house = client.app.state.house  # type: ignore[attr-defined]
    sent = [("suppress", ("no letters.csv", b"id\nC1\n", "text/csv")), ("playbook", ("own.toml", BOOK, "text/plain"))]
    choose(client, draft, sent, segments="3")
    manifest = house.settings.studies / STUDY / "manifest.json"
    told = json.loads(manifest.read_text())
    told["config"] = config_of({"segments": "3..5", "weights": {"value": "2"}, "budget": "900"}, {}).model_dump(
        mode="json"
    )
    later = _with_manifest(house, told, draft)
    before = told_for_later(house, later, "draftoflater22222")
    assert (before["segments"], before["weights"], before["budget"]) == ("3..5", {"value": "2"}, "900")
    assert [each["name"] for each in (*before["suppress"], before["playbook"])] == ["no letters.csv", "own.toml"]
    for each in (*before["suppress"], before["playbook"]):
        assert (house.settings.uploads / "draftoflater22222" / each["folder"] / each["name"]).is_file()
    uploads.remove_draft(house.store, draft)
    told["config"]["sources"]["suppress"] = ["/elsewhere/no letters.csv"]
    house.shelf.forget(house.settings.studies / later)
    (house.settings.studies / later / "manifest.json").write_text(json.dumps(told))
    assert told_for_later(house, later, "draftoflater33333")["gone"] == ["no letters.csv"]


def _with_manifest(house: Any, manifest: dict[str, Any], draft: str) -> str:
    """A copy of the garden study with another manifest, made of a draft."""
    folder: Path = house.settings.studies / "laterstudy222222"
    shutil.copytree(house.settings.studies / STUDY, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    studies.add_study(house.store, folder.name, manifest, draft=draft)
    return folder.name


def test_advice_about_reading_names_what_stands_on_the_page() -> None:
    advice = (
        "Name it, for example --delimiter ';', and count the lines above the header with --skip-rows.",
        "Check the field separator (--delimiter); to leave these rows out, raise --max-rejected (now 0.01) above 0.2.",
        "If there is no header, name the columns: --no-header --columns a,b,c",
        "Name all columns: --skip-rows 3 --no-header --columns a,b,c",
        "Read it with --delimiter whitespace --no-header --columns a,b",
        "Rename one in the file, or number them with --duplicate-columns rename.",
        "If these are real customers, keep them with --guest-ids keep.",
        "Correct the cells, map another column, or allow more with --max-rejected 0.05.",
        "Say in which zone the times without one were told, for example --timezone Europe/Berlin.",
        "Name a column that parts customers into groups, as in --audit gender.",
        "Did you mean --audit gender?",
        "Name the person with --human-review NAME ([privacy] human_review), or choose another --purpose-class.",
        "Raise the limit with --memory, for example --memory 4GB.",
    )
    assert [text for text in advice if "--" in for_page(text)] == []


def test_a_margin_is_told_in_percent() -> None:
    assert config_of({"margin": "32.5"}, {}).campaigns.margin == 0.325
    for text in ("0", "140", "a third"):
        with pytest.raises(ConfigError, match="gross margin"):
            config_of({"margin": text}, {})
