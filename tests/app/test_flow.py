"""From the start page to the choices, without a server: what the pages say and what they refuse."""

from __future__ import annotations

import re
import time
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from app.conftest import STUDY, csrf_of
from coterie.app.drafts import Handed, config_of, settings_file
from coterie.app.flow_words import BLOCKS, ROLES, for_page
from coterie.app.jobs.look import look, masked
from coterie.app.uploads import remove_uploads
from coterie.config import Config, make_config
from coterie.engines.duckdb import ONLY_FOLDERS
from coterie.errors import ConfigError
from coterie.sources.role_words import STRONG
from coterie.vocabulary import Block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

HOSTILE = "<img src=x onerror=alert(1)>"
CUSTOMERS = f"id,age,spend,{HOSTILE}\n" + "".join(
    f"C{n},{20 + n % 50},{(n * 37) % 900}.5,{n % 13}\n" for n in range(200)
)


@pytest.fixture
def watched(client: TestClient) -> Iterator[TestClient]:
    """A client of an app that looks after its jobs."""
    jobs = client.app.state.house.jobs  # type: ignore[attr-defined]
    jobs.begin()
    yield client
    for job in jobs.going_on():
        jobs.cancel(job["id"])
    jobs.leave()


def upload(client: TestClient, *files: tuple[str, str]) -> Any:
    sent = [("files", (name, text.encode(), "text/csv")) for name, text in files]
    return client.post("/uploads", data={"csrf": csrf_of(client)}, files=sent)


def wait_for_look(client: TestClient, check: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        model = client.get(f"/api{check}").json()
        if model["state"] != "looking":
            return model
        time.sleep(0.1)
    raise AssertionError("the look at the tables did not end")


def test_an_upload_leads_to_a_page_that_shows_columns_with_values_and_what_they_mean(watched: TestClient) -> None:
    answer = upload(watched, ("customers.csv", CUSTOMERS))
    assert answer.status_code == 303, answer.text
    model = wait_for_look(watched, answer.headers["location"])
    assert model["state"] == "ready", model["problem"]
    (table,) = model["tables"]
    assert [column["name"] for column in table["columns"]] == ["id", "age", "spend", HOSTILE]
    assert table["columns"][0]["samples"] == ["C0", "C1", "C2"]
    page = watched.get(answer.headers["location"])
    assert page.status_code == 200
    assert "customers.csv" in page.text
    assert HOSTILE not in page.text
    assert "&lt;img src=x" in page.text
    chosen = watched.get(answer.headers["location"].replace("check", "choose"))
    assert chosen.status_code == 200, chosen.text


def test_what_is_removed_with_a_draft_is_all_of_it(watched: TestClient) -> None:
    answer = upload(watched, ("customers.csv", CUSTOMERS))
    wait_for_look(watched, answer.headers["location"])
    house = watched.app.state.house  # type: ignore[attr-defined]
    draft = answer.headers["location"].split("/")[2]
    (look,) = [path.parent for path in house.settings.jobs.glob("*/look.json")]
    until = time.monotonic() + 20
    while house.jobs.find(look.name)["state"] == "running" and time.monotonic() < until:
        time.sleep(0.05)
    remove_uploads(house.settings, house.store, draft)
    assert not look.exists()
    assert not (house.settings.uploads / draft).exists()
    assert watched.get(answer.headers["location"]).status_code == 404


def test_choices_become_the_settings_of_the_command_line() -> None:
    told = {
        "title": "Spring", "segments": "4", "weights": {"value": "2"}, "ignore": ["age"], "as_of": "2026-03-01",
        "roles": {"i1": {"Kunde": "customer_id", "Notiz": "-"}}, "reading": {"decimal": ","}, "smallest_share": "0.05",
    }  # fmt: skip
    config = load_text(settings_file(config_of(told, {"i1": "orders"})))
    assert (config.search.min_segments, config.search.max_segments) == (4, 4)
    assert config.basis.weights == {"value": 2.0}
    assert config.features.ignore == ("Notiz", "age")
    assert config.sources.columns == {"orders": {"customer_id": "Kunde"}}
    assert (config.sources.decimal, config.search.smallest_share, config.title) == (",", 0.05, "Spring")
    assert str(config.as_of) == "2026-03-01"
    assert config == config_of(told, {"i1": "orders"})


def test_money_purpose_and_lists_of_people_who_objected_become_settings(tmp_path: Path) -> None:
    told = {"purpose": "whom to write to in spring", "budget": "2500.50"}
    config = load_text(settings_file(config_of(told, {}, Handed((tmp_path / "no letters.csv",)))))
    assert config.privacy.purpose == "whom to write to in spring"
    assert config.budget.amount == 2500.5
    assert config.sources.suppress == (str(tmp_path / "no letters.csv"),)
    for text in ("25,000", "nan", "inf", "-3"):
        with pytest.raises(ConfigError, match="money for campaigns"):
            config_of({"budget": text}, {})


def load_text(text: bytes) -> Config:
    return make_config(tomllib.loads(text.decode()))


def test_two_columns_cannot_mean_the_same() -> None:
    with pytest.raises(ConfigError, match="Two columns"):
        config_of({"roles": {"i1": {"a": "amount", "b": "amount"}}}, {"i1": "orders"})


def test_the_words_for_columns_are_those_of_the_roles_that_are_understood() -> None:
    assert {kind: set(roles) for kind, roles in ROLES.items()} == {kind: set(roles) for kind, roles in STRONG.items()}
    assert set(BLOCKS) == set(Block)


def test_advice_names_what_stands_on_the_page() -> None:
    assert "“orders”" in for_page("Say which table holds them: --orders FILE.")
    assert "--" not in for_page("Pin it with --map amount=COLUMN or --decimal , or --date-order dmy.")
    assert for_page("Pin it with --sheet Orders.").endswith("“How the files are read”.")
    assert "--" not in for_page("Leave them out with --suppress FILE. Say your own with the option --budget: it is.")
    assert "--debug" not in for_page("Run the same command with --debug and report what it prints.")
    assert for_page("An assumption (money.offer_share, money.interest).") == "An assumption."


def test_what_is_worth_and_may_be_spent_is_told_without_options_and_keys(client: TestClient) -> None:
    for page in ("worth", "targets", "fairness", "data"):
        text = re.sub(r"<[^>]+>", " ", client.get(f"/studies/{STUDY}/{page}").text)
        assert not re.search(r" --[a-z]|\([a-z]+\.[a-z_]+", text), page


@pytest.mark.parametrize("value", ["ada.lovelace@example.com", "+44 20 7946 0958"])
def test_samples_do_not_show_who_somebody_is(value: str) -> None:
    assert "lovelace" not in masked(value)
    assert "7946" not in masked(value)


def test_a_table_that_crashes_its_reader_is_told_in_words(watched: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coterie.app.making.LOOK_MODULE", "coterie.nothing")
    answer = upload(watched, ("customers.csv", CUSTOMERS))
    model = wait_for_look(watched, answer.headers["location"])
    assert model["state"] == "problem"
    assert "stopped without a word" in model["problem"]["what"]
    looks = len(list(watched.app.state.house.settings.jobs.iterdir()))  # type: ignore[attr-defined]
    assert watched.post(answer.headers["location"], data={"csrf": csrf_of(watched), "go": "again"}).status_code == 303
    assert len(list(watched.app.state.house.settings.jobs.iterdir())) == looks + 1  # type: ignore[attr-defined]
    wait_for_look(watched, answer.headers["location"])
    assert watched.get(answer.headers["location"].replace("check", "choose")).status_code == 409


def test_the_sample_store_is_made_and_read_within_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "draft"
    monkeypatch.setenv(ONLY_FOLDERS, str(folder))
    inputs = [{"id": "o", "data": str(folder / "orders.csv"), "kind": "orders"}]
    found = look({"inputs": inputs, "settings": {}, "sample": {"folder": str(folder), "customers": 120}})
    assert found["error"] is None
    assert found["customers"] > 60
    assert "part" not in [path.name for path in folder.iterdir()]


def test_nothing_runs_before_the_tables_are_understood(watched: TestClient) -> None:
    answer = upload(watched, ("odd.csv", "<html><body>Log in</body></html>\n"))
    check = answer.headers["location"]
    model = wait_for_look(watched, check)
    assert model["problem"]["what"]
    for path in (check, check.replace("check", "choose")):
        told = watched.post(path, data={"csrf": csrf_of(watched), "go": "on"})
        assert told.status_code == 409, path
    assert watched.app.state.house.jobs.going_on() == []  # type: ignore[attr-defined]
