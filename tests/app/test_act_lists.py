"""Lists and test plans: nothing is written that was not seen, nobody is drawn twice, no file of people stays."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.acts_here import copy_study, model, post, work_here
from app.conftest import sign_in
from coterie.app import acts, make_app
from coterie.app.acts import ask
from coterie.app.refusals import RefusalError
from coterie.campaigns import PlayTest
from coterie.outputs import Study, learned_for
from coterie.outputs import results as measuring

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from coterie.app import AppSettings

STUDY = "ownstudy22222222"
BASE = f"/studies/{STUDY}"


@pytest.fixture
def own(settings: AppSettings, garden: Path) -> Starlette:
    """The app with a copy of the study: lists are written down in its folder."""
    app = make_app(settings, clock=lambda: 1_000_000.0)
    copy_study(app, garden, STUDY)
    return app


@pytest.fixture
def client(own: Starlette, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    work_here(monkeypatch)
    return sign_in(own)


def people(n: int = 800) -> bytes:
    rows = [f"C{number:05d},person{number}@shop.example,{'yes' if number % 4 else 'no'}" for number in range(n)]
    return "\n".join(["customer_id,email,newsletter", *rows]).encode()


def preview(client: TestClient, **fields: Any) -> str:
    """Ask for a preview; give the path of its page."""
    files = fields.pop("files", [("customers", ("klanten.csv", people(), "text/csv"))])
    answer = post(client, f"{BASE}/audiences", {"tool": "klaviyo", "segment": ["1"], **fields}, files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def write(client: TestClient, path: str) -> Any:
    return post(client, f"{BASE}/audiences/write", {"token": path.rpartition("/")[2]})


def test_a_preview_tells_counts_reasons_and_columns_and_writes_nothing(client: TestClient, own: Starlette) -> None:
    path = preview(client)
    seen = model(client, path)
    (one,) = seen["seen"]["lists"]
    assert (one["customers"], one["people"]) == ("112", "84")
    assert [(reason["why"], reason["count"]) for reason in one["left_out"]] == [("did not agree to marketing", "28")]
    assert one["columns"][0] == "Email"
    assert "@shop.example" not in json.dumps(seen)
    assert not seen["is_written"]
    home = own.state.house.settings.home
    assert not list((home / "lists").glob("*/files"))
    assert not (home / "studies" / STUDY / "exports.jsonl").exists()


def test_a_yes_writes_what_was_seen_once_into_a_private_folder_and_the_customer_file_goes(
    client: TestClient, own: Starlette
) -> None:
    path = preview(client)
    for _ in range(3):
        assert write(client, path).headers["location"] == path
    seen = model(client, path)
    assert seen["is_written"]
    answer = client.get(f"{path}/files/0")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 84
    assert answer.headers["cache-control"] == "no-store"
    home = own.state.house.settings.home
    assert (home / "lists").stat().st_mode & 0o077 == 0
    assert all(each.stat().st_mode & 0o077 == 0 for each in (home / "lists").rglob("*.csv"))
    assert not list((home / "lists").glob("*/in"))
    log = (home / "studies" / STUDY / "exports.jsonl").read_text().splitlines()
    assert len(log) == 1
    assert "@" not in log[0]
    assert model(client, f"{BASE}/audiences")["written"][0]["people"] == "84"


def test_the_way_from_a_segment_ticks_that_segment_alone(client: TestClient) -> None:
    page = client.get(f"{BASE}/audiences?segment=2").text
    assert re.findall(r'name="segment" value="(\d+)" checked', page) == ["2"]


def test_who_changes_something_after_a_preview_finds_the_form_as_it_was(client: TestClient) -> None:
    path = preview(client, core_only="yes", country="GB", **{"column-consent": "newsletter"})
    found = re.search(r'href="([^"]+)">Change something', client.get(path).text)
    assert found
    typed = model(client, found[1].replace("&amp;", "&"))["typed"]
    assert (typed["tool"], typed["segments"], typed["country"]) == ("klaviyo", [1], "GB")
    assert typed["core_only"]
    assert not typed["hashed"]
    assert typed["columns"]["consent"] == "newsletter"


@pytest.mark.parametrize("token", ["", "nothing222222222", "../../etc"])
def test_without_a_preview_nothing_is_written(client: TestClient, token: str) -> None:
    answer = post(client, f"{BASE}/audiences/write", {"token": token})
    assert answer.status_code == 409
    assert "after their preview was seen" in answer.text


def test_lists_that_changed_since_they_were_seen_are_not_written(client: TestClient) -> None:
    path = preview(client)
    post(client, f"{BASE}/edit", {"name-1": "Renamed"})
    answer = write(client, path)
    assert answer.status_code == 409
    assert "not be those that you saw" in answer.text
    assert not model(client, path)["is_written"]


def test_lists_that_were_uploaded_are_removed_with_their_files(client: TestClient, own: Starlette) -> None:
    path = preview(client)
    write(client, path)
    assert post(client, f"{path}/delete").status_code == 303
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/files/0").status_code == 404
    assert not list((own.state.house.settings.home / "lists").iterdir())


def test_a_preview_that_nobody_said_yes_to_goes_with_the_files_of_people(
    settings: AppSettings, garden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000_000.0]
    app = make_app(settings, clock=lambda: now[0])
    copy_study(app, garden, STUDY)
    work_here(monkeypatch)
    client = sign_in(app)
    old = preview(client).rpartition("/")[2]
    now[0] += 3_700
    client.cookies.clear()
    client = _again(app, now[0])
    preview(client)
    assert not (settings.home / "lists" / old).exists()


def _again(app: Starlette, now: float) -> TestClient:
    from coterie.app.store import sessions

    client = sign_in(app)
    client.cookies.set("coterie_8765", sessions.begin(app.state.house.store, now), domain="127.0.0.1", path="/")
    return client


def test_a_file_that_does_not_say_who_agreed_is_a_question_in_the_words_of_the_page(client: TestClient) -> None:
    body = "\n".join(["customer_id,email", *(f"C{n:05d},p{n}@shop.example" for n in range(800))]).encode()
    answer = post(client, f"{BASE}/audiences", {"tool": "klaviyo"}, [("customers", ("people.csv", body, "text/csv"))])
    assert answer.status_code == 422
    assert "--" not in answer.text.split('role="alert">')[1].split("</p>")[0]
    assert "@shop.example" not in answer.text


@pytest.mark.parametrize("name", ["../../evil.csv", "a\x00b.csv", "x" * 500 + ".csv", "aux.csv.exe", "=cmd.csv"])
def test_the_browsers_name_of_a_file_never_becomes_a_path(client: TestClient, own: Starlette, name: str) -> None:
    preview(client, files=[("customers", (name, people(), "text/csv"))])
    home = own.state.house.settings.home
    assert {path.name for path in (home / "lists").glob("*/in/*")} == {"customers.csv"}


def plan(client: TestClient, **fields: str) -> str:
    chosen = {f"segment-{number}": "yes" for number in (1, 2, 3)}
    sent = {"name": "Spring", "days": "30", "baseline": "10", "share": "30", **chosen, **fields}
    answer = post(client, f"{BASE}/plan", sent)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_the_same_plan_sent_twice_draws_the_same_customers_once(client: TestClient, own: Starlette) -> None:
    path = plan(client)
    assert plan(client) == path
    assert plan(client, name="Summer") != path
    assert len(list(own.state.house.settings.plans.iterdir())) == 2
    drawn = model(client, path)["drawn"]
    assert drawn["days"] == 30
    assert len(drawn["rows"]) == 3
    assert [entry["name"] for entry in model(client, f"{BASE}/plan")["plans"]]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("days", "0", "between 1 and 730"),
        ("discount", "120", "between 0 and 100"),
        ("margin", "lots", "is not a number"),
        ("days", "inf", "between 1 and 730"),
        ("days", "nan", "between 1 and 730"),
        ("fixed", "25,000", "two ways"),
        ("fixed", "25.000", "two ways"),
        ("name", " ", "Give the campaign a name"),
    ],
)
def test_a_number_that_means_nothing_is_told_beside_what_was_typed(
    client: TestClient, field: str, text: str, told: str
) -> None:
    answer = post(client, f"{BASE}/plan", {"name": "Spring", "segment-1": "yes", "baseline": "10", field: text})
    assert answer.status_code == 422
    assert told in answer.text


def test_a_plan_leaves_people_out_of_lists_and_its_results_are_read_once(client: TestClient) -> None:
    path = plan(client)
    groups = list(csv.DictReader(io.StringIO(client.get(f"{path}/files/holdout").text)))
    held = {row["customer_id"] for row in groups if row["treatment"] == "holdout" and row["segment_id"] == "1"}
    assert held
    seen = model(client, preview(client, plan=path.rpartition("/")[2], consent_elsewhere="yes", tool="generic"))
    assert seen["people"] == str(112 - len(held))
    assert any("“Spring”" in sentence for sentence in seen["seen"]["told"])
    rows = [f"{row['customer_id']},{40 if row['treatment'] == 'treat' else 5}" for row in groups[::2]]
    body = "\n".join(["customer_id,revenue", *rows]).encode()
    results = [("results", ("march.csv", body, "text/csv"))]
    first, again = (post(client, f"{path}/results", files=results) for _ in range(2))
    assert first.status_code == 303, first.text
    assert first.headers["location"] == again.headers["location"]
    page = model(client, first.headers["location"])
    assert page["rows"][-1]["name"] == "All segments"
    assert page["rows"][0]["reach"]
    assert len(model(client, path)["came"]) == 1
    assert "<table" in client.get(f"{first.headers['location']}/page").text


def test_what_a_campaign_taught_is_found_by_a_later_study_and_goes_with_its_own(
    client: TestClient, own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (PlayTest(1, "Gold", "win_back", "Win them back", "stop", "It costs more than it brings."),)
    monkeypatch.setattr(measuring, "_tests", lambda *_: told)
    path = plan(client)
    groups = list(csv.DictReader(io.StringIO(client.get(f"{path}/files/holdout").text)))
    body = "\n".join(["customer_id,revenue", *(f"{row['customer_id']},5" for row in groups)]).encode()
    assert post(client, f"{path}/results", files=[("results", ("march.csv", body, "text/csv"))]).status_code == 303
    folder = own.state.house.settings.studies / STUDY
    (taught,) = learned_for(Study.load(folder, customers=False), [])
    assert (taught.segment_id, taught.verdict, taught.is_of_earlier) == (1, "stop", True)
    post(client, f"{BASE}/delete", {"sure": "yes"})
    assert not list(folder.parent.glob(f"{STUDY}*"))


def test_results_of_other_customers_are_refused_and_leave_nothing(client: TestClient, own: Starlette) -> None:
    path = plan(client)
    body = b"customer_id,revenue\nsomebody,5\nelse,7\n"
    answer = post(client, f"{path}/results", files=[("results", ("x.csv", body, "text/csv"))])
    assert answer.status_code == 422
    assert "belongs to the plan" in answer.text
    assert len(list(own.state.house.settings.plans.iterdir())) == 1


def test_a_plan_of_another_study_is_not_there(client: TestClient, own: Starlette, garden: Path) -> None:
    path = plan(client)
    copy_study(own, garden, "otherstudy222222")
    assert client.get(path.replace(STUDY, "otherstudy222222")).status_code == 404


def test_the_work_is_done_by_a_process_of_its_own_that_tells_what_is_wrong(own: Starlette) -> None:
    settings = own.state.house.settings
    with pytest.raises(acts.TaskError, match=r"^'none' is not a study"):
        acts.ask(settings, {"do": "report", "study": str(settings.studies / "none"), "out": str(settings.home / "x")})
    with pytest.raises(acts.RefusalError, match="broke down"):
        acts.ask(settings, {"do": "no such thing"})


def test_a_task_reaches_the_home_alone_and_a_database_of_the_owner_where_it_reads_one(
    settings: AppSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = work_here(monkeypatch)
    named = replace(settings, sources={"shop": "sqlite:///shop.db?table=people"})
    for options in ({"customers": str(settings.home / "people.csv")}, {"customers": "sqlite:///shop.db?table=people"}):
        with suppress(RefusalError):
            ask(named, {"do": "playbook", "path": "/nowhere", "options": options})
    assert [task["only"] for task in asked] == [str(settings.home), ""]
