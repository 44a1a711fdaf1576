"""The studies that are kept: listed, compared, deleted with all that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.acts_here import copy_study, model, post, score_as_they_are, work_here
from app.conftest import BASE as ORIGIN
from app.conftest import sign_in
from coterie.app import make_app
from coterie.app.store import plans, uploads

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from coterie.app import AppSettings

ONE, TWO = "onestudy22222222", "twostudy22222222"
BASE = f"/studies/{ONE}"


@pytest.fixture
def own(settings: AppSettings, garden: Path) -> Starlette:
    app = make_app(settings, clock=lambda: 1_000_000.0)
    copy_study(app, garden, ONE)
    copy_study(app, garden, TWO, parent=ONE)
    return app


@pytest.fixture
def client(own: Starlette, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    work_here(monkeypatch)
    return sign_in(own)


def test_the_list_tells_each_study_and_which_is_a_later_one(client: TestClient) -> None:
    listed = {study["id"]: study for study in model(client, "/studies")["studies"]}
    assert set(listed) == {ONE, TWO}
    assert listed[TWO]["parent"] == ONE
    assert listed[ONE]["customers"] == "800"
    assert f'href="{BASE}/delete"' in client.get("/studies").text


def test_a_home_without_studies_says_where_to_begin(settings: AppSettings) -> None:
    client = sign_in(make_app(settings, clock=lambda: 1_000_000.0))
    assert "Make the first one" in client.get("/studies").text


def test_an_unknown_study_is_not_there_on_any_page_of_ours(client: TestClient) -> None:
    for end in ("edit", "audiences", "plan", "downloads", "again", "delete", "against", f"against/{ONE}", "report"):
        assert client.get(f"/studies/nostudy222222222/{end}").status_code == 404
    for end in ("edit", "edit/undo", "audiences/write", "plan"):
        assert post(client, f"/studies/nostudy222222222/{end}").status_code == 404


def test_every_action_wants_the_token_of_its_form(client: TestClient) -> None:
    for end in ("edit", "edit/undo", "audiences", "audiences/write", "plan", "delete"):
        assert client.post(f"{BASE}/{end}", data={"sure": "yes", "name-1": "x"}).status_code == 403
    assert model(client, "/studies")["studies"]


def test_deleting_asks_first_and_then_takes_all_that_belongs_to_the_study(
    client: TestClient, own: Starlette, settings: AppSettings
) -> None:
    post(client, f"{BASE}/edit", {"name-1": "Gold"})
    sent = {"name": "Spring", "segment-1": "yes", "baseline": "10", "share": "30"}
    plan = post(client, f"{BASE}/plan", sent).headers["location"]
    seen = post(client, f"{BASE}/audiences", {"tool": "generic"}).headers["location"]
    post(client, f"{BASE}/audiences/write", {"token": seen.rpartition("/")[2]})
    client.get(f"{BASE}/files/segments.csv")
    (settings.jobs / ONE).mkdir()
    assert post(client, f"{BASE}/delete").status_code == 422
    assert model(client, f"{BASE}/delete")["goes"] == {
        "plans": 1, "results": 0, "lists": 1, "uploads": 0, "edited": True, "later": 1,
    }  # fmt: skip
    answer = post(client, f"{BASE}/delete", {"sure": "yes"})
    assert answer.status_code == 303
    left = [path.name for path in settings.home.rglob("*") if ONE in path.name or plan.rpartition("/")[2] in path.name]
    assert left == []
    assert not list((settings.home / "lists").iterdir())
    for table in ("studies WHERE id", "edits WHERE study", "plans WHERE study", "lists WHERE study"):
        assert own.state.house.store.rows(f"SELECT * FROM {table} = ?", (ONE,)) == []
    told = client.get(answer.headers["location"]).text
    assert "1 test plan, 1 list." in told
    assert client.get(BASE).status_code == 404


def test_deleting_twice_is_deleting_once_and_the_later_study_keeps_its_names(client: TestClient) -> None:
    post(client, f"{BASE}/edit", {"name-1": "Gold"})
    for _ in range(2):
        assert post(client, f"{BASE}/delete", {"sure": "yes"}).status_code == 303
    assert model(client, f"/studies/{TWO}")["segments"][0]["name"] == "Gold"
    assert len(model(client, "/studies")["studies"]) == 1


def test_an_upload_goes_with_the_last_study_that_was_made_of_it(
    client: TestClient, own: Starlette, settings: AppSettings
) -> None:
    store = own.state.house.store
    draft = uploads.add_draft(store, 1.0, "Orders", [{"shown": "orders.csv", "stored": "x/1.csv", "kind": None}])
    (settings.uploads / draft).mkdir()
    store.write("UPDATE studies SET draft = ?", (draft,))
    post(client, f"{BASE}/delete", {"sure": "yes"})
    assert (settings.uploads / draft).exists()
    post(client, f"/studies/{TWO}/delete", {"sure": "yes"})
    assert not (settings.uploads / draft).exists()
    assert uploads.find_draft(store, draft) is None


def test_what_goes_is_counted_by_the_store(own: Starlette) -> None:
    store = own.state.house.store
    plan = plans.add_plan(store, "k", ONE, 1.0, {"name": "a"}, "p1")
    assert plans.add_plan(store, "k", ONE, 2.0, {"name": "b"}, "p2") == plan
    plans.add_results(store, "r", plan, 1.0, {}, "r1")
    assert plans.all_of(store, ONE) == {"plans": ["p1"], "results": ["r1"], "lists": []}
    plans.remove_all_of(store, ONE)
    assert plans.find_results(store, "r1") is None


def test_the_report_is_shown_closed_off_from_the_app(client: TestClient) -> None:
    answer = client.get(f"{BASE}/report")
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "<h1>" in answer.text
    assert ORIGIN not in answer.text


def test_two_studies_are_compared_once_whichever_was_named_first(
    own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = work_here(monkeypatch)
    score_as_they_are(monkeypatch)
    client = sign_in(own)
    post(client, f"/studies/{TWO}/edit", {"name-1": "Gold <b>"})
    pages = [model(client, f"/studies/{one}/against/{other}") for one, other in ((ONE, TWO), (TWO, ONE))]
    assert pages[0]["page"] == pages[1]["page"]
    assert len(asked) == 1
    assert (pages[0]["old_base"], pages[0]["new_base"]) == (BASE, f"/studies/{TWO}")
    assert pages[0]["document"]["customers"]["in_both"] == 800
    text = client.get(f"/studies/{ONE}/against/{TWO}").text
    assert "What became of the segments" in text
    assert "Gold &lt;b&gt;" in text
    assert "C0001" not in text
    post(client, f"/studies/{TWO}/edit", {"name-1": "Silver"})
    assert "Silver" in client.get(f"/studies/{ONE}/against/{TWO}").text
    assert len(asked) == 2
    assert client.get(f"/studies/{ONE}/against/{ONE}").status_code == 404


def test_a_comparison_goes_with_either_of_its_studies(
    own: Starlette, settings: AppSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_here(monkeypatch)
    score_as_they_are(monkeypatch)
    client = sign_in(own)
    client.get(f"/studies/{ONE}/against/{TWO}")
    assert list((settings.home / "made").rglob("against-*"))
    post(client, f"/studies/{ONE}/delete", {"sure": "yes"})
    assert not list((settings.home / "made").rglob("against-*"))
