"""Names, notes, colours and plays: typed on a page, shown everywhere, taken back, kept on a later study."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from app.acts_here import copy_study, model, post, work_here
from app.conftest import STUDY, sign_in
from coterie.app import make_app
from coterie.app.store.edits import current_edits, keep_edits
from coterie.outputs import COLOUR_NAMES, SegmentEdit, Study

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from coterie.app import AppSettings

BASE = f"/studies/{STUDY}"
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": "=HYPERLINK(1)",
    "direction": "gold\u202egnp.exe",
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7*7 }} {% raw %}",
    "sql": "x*/; DROP TABLE customers; --",
}


def save(client: TestClient, **fields: str) -> Any:
    return post(client, f"{BASE}/edit", {name.replace("_", "-"): text for name, text in fields.items()})


def names(client: TestClient) -> list[str]:
    return [card["name"] for card in model(client, BASE)["segments"]]


def test_a_new_name_a_note_and_a_play_show_on_the_pages_and_the_study_folder_stays(
    client: TestClient, garden: Path
) -> None:
    before = (garden / "segments.json").read_bytes()
    answer = save(client, name_1="Gold", note_1="Call them.\nBy phone.", title_1="Send a card")
    assert answer.status_code == 303
    cards = model(client, BASE)["segments"]
    assert cards[0]["name"] == "Gold"
    assert cards[0]["play"]["title"] == "Send a card"
    assert "Gold" in client.get(BASE).text
    assert model(client, f"{BASE}/edit")["segments"][0]["note"] == "Call them.\nBy phone."
    assert (garden / "segments.json").read_bytes() == before


def test_the_reason_of_a_customer_names_segments_as_their_owner_does_and_nothing_but_quoted_names(
    settings: AppSettings, garden: Path
) -> None:
    app = make_app(settings, clock=lambda: 1_000_000.0)
    folder = copy_study(app, garden, STUDY)
    first, second = (segment.name for segment in Study.load(folder, customers=False).profiled[:2])
    told = f"Orders often: between '{first}' and '{second}', as all {first} do."
    customers = pd.read_parquet(folder / "customers.parquet").assign(reason=told)
    customers.to_parquet(folder / "customers.parquet", index=False)
    client = sign_in(app)
    save(client, name_1=second, name_2=first)
    one = model(client, f"{BASE}/customers?q={customers['customer_id'][0]}")["one"]
    assert one["reason"] == f"Orders often: between '{second}' and '{first}', as all {first} do."


def test_no_page_calls_a_renamed_segment_by_its_old_name(client: TestClient) -> None:
    old = names(client)
    assert save(client, **{f"name_{number}": f"Kind {number}" for number in range(1, 6)}).status_code == 303
    ends = (
        "",
        "/segments/1",
        "/compare?a=1&b=2",
        "/map",
        "/stages",
        "/worth",
        "/customers?q=C00012",
        "/audiences",
        "/plan",
    )
    for end in ends:
        page = client.get(f"{BASE}{end}").text
        assert "Kind 2" in page, end
        assert not [name for name in old if name in page], end


def test_a_colour_is_one_that_can_be_told_apart_and_no_other_segment_has_it(client: TestClient) -> None:
    free = list(COLOUR_NAMES)[10]
    assert save(client, colour_2=free).status_code == 303
    assert model(client, BASE)["segments"][1]["colour"] == free
    taken = model(client, BASE)["segments"][0]["colour"]
    assert "the same colour" in save(client, colour_2=taken).text
    assert save(client, colour_2="#123456").status_code == 422
    assert model(client, BASE)["segments"][1]["colour"] == free


def test_two_segments_can_change_names_at_once_but_not_share_one(client: TestClient) -> None:
    first, second = names(client)[:2]
    assert save(client, name_1=second, name_2=first).status_code == 303
    assert names(client)[:2] == [second, first]
    answer = save(client, name_1="Same", name_2=" same ")
    assert answer.status_code == 422
    assert "would have the same name" in answer.text
    assert names(client)[:2] == [second, first]


def test_what_was_typed_is_still_there_when_it_cannot_be_kept(client: TestClient) -> None:
    answer = save(client, name_1="x" * 10_000, note_2="a note worth keeping")
    assert answer.status_code == 422
    assert "10,000 characters" in answer.text
    assert "a note worth keeping" in answer.text
    assert save(client, note_1="y" * 10_000).status_code == 422
    assert save(client, name_1="17").status_code == 422


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_and_note_are_shown_as_they_are_and_nothing_else(client: TestClient, text: str) -> None:
    assert save(client, name_1=text, note_1=text, goal_1=text).status_code == 303
    for path in (BASE, f"{BASE}/edit", f"{BASE}/audiences", f"{BASE}/plan", f"{BASE}/segments/1"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "49" not in page.split("<h1>")[1].split("</h1>")[0]


def test_the_last_change_can_be_taken_back_once_for_each_click(client: TestClient) -> None:
    own = names(client)[0]
    save(client, name_1="First")
    save(client, name_1="Second")
    version = str(model(client, f"{BASE}/edit")["version"])
    for _ in range(3):  # an impatient finger
        assert post(client, f"{BASE}/edit/undo", {"version": version}).status_code == 303
    assert names(client)[0] == "First"
    post(client, f"{BASE}/edit/undo", {"version": str(model(client, f"{BASE}/edit")["version"])})
    assert names(client)[0] == own
    assert not model(client, f"{BASE}/edit")["can_undo"]


def test_the_same_form_sent_again_is_no_new_change(client: TestClient) -> None:
    save(client, name_1="Gold")
    version = model(client, f"{BASE}/edit")["version"]
    save(client, name_1="Gold")
    assert model(client, f"{BASE}/edit")["version"] == version


def test_a_form_from_before_somebody_elses_change_is_refused_rather_than_undoing_it(client: TestClient) -> None:
    version = str(model(client, f"{BASE}/edit")["version"])
    save(client, name_1="Theirs")
    assert save(client, name_1="Mine", version=version).status_code == 409
    assert names(client)[0] == "Theirs"


def test_of_two_changes_in_the_same_moment_the_second_is_not_kept_over_the_first(
    app: Starlette, client: TestClient
) -> None:
    store = app.state.house.store
    version, _ = current_edits(store, STUDY)
    assert keep_edits(store, STUDY, {1: SegmentEdit(name="Gold")}, after=version)
    assert keep_edits(store, STUDY, {1: SegmentEdit(name="Silver")}, after=version) is None
    assert names(client)[0] == "Gold"


def test_an_empty_field_goes_back_to_the_studys_own_name(client: TestClient) -> None:
    own = names(client)[0]
    save(client, name_1="Gold")
    save(client, name_1="  ")
    assert names(client)[0] == own


def test_a_later_study_begins_with_the_names_of_the_one_before_and_then_goes_its_own_way(
    app: Starlette, client: TestClient, garden: Path
) -> None:
    save(client, name_1="Gold")
    copy_study(app, garden, "laterstudy222222", parent=STUDY)
    later = "/studies/laterstudy222222"
    assert model(client, later)["segments"][0]["name"] == "Gold"
    save(client, name_1="Platinum")
    assert model(client, later)["segments"][0]["name"] == "Gold"


def test_a_later_study_can_be_opened_where_a_name_or_colour_of_the_one_before_is_another_segments_own(
    app: Starlette, client: TestClient, garden: Path
) -> None:
    own, (free, _) = names(client), list(COLOUR_NAMES.items())[len(names(client))]
    save(client, name_1=own[1], name_2="Gold", name_3="Silver", colour_3=free)
    copy_study(app, garden, "laterstudy222222", parent=STUDY)
    _, edits = current_edits(app.state.house.store, "laterstudy222222")
    taken = {**edits, 2: SegmentEdit(), 3: replace(edits[3], colour=list(COLOUR_NAMES)[1])}
    keep_edits(app.state.house.store, "laterstudy222222", taken)
    cards = model(client, "/studies/laterstudy222222")["segments"]
    assert [card["name"] for card in cards[:3]] == [own[0], own[1], "Silver"]
    assert len({card["colour"] for card in cards}) == len(cards)
    assert model(client, "/studies/laterstudy222222/edit")["segments"][0]["name"] == own[0]


def test_files_for_download_carry_the_new_words_and_are_made_once(
    client: TestClient, garden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = work_here(monkeypatch)
    assert client.get(f"{BASE}/files/segments.csv").content == (garden / "segments.csv").read_bytes()
    assert asked == []
    save(client, name_1="=Gold", note_1="Call them", offer_1="A free plant")
    for name in ("segments.csv", "customers.csv", "campaigns.csv", "segments.json"):
        answer = client.get(f"{BASE}/files/{name}")
        assert answer.status_code == 200
        assert "=Gold" in answer.text
        assert name.endswith("json") or not {"\n=Gold", ",=Gold"} & {
            answer.text[at - 1 : at + 5] for at in places(answer.text)
        }
        assert answer.headers["cache-control"] == "no-store"
        assert "attachment" in answer.headers["content-disposition"]
    assert "A free plant" in client.get(f"{BASE}/files/campaigns.csv").text
    assert len(asked) == 4
    client.get(f"{BASE}/files/segments.csv")
    assert len(asked) == 4
    save(client, name_1="Silver")
    assert "Silver" in client.get(f"{BASE}/files/segments.csv").text


def places(text: str) -> list[int]:
    """Where the name stands."""
    return [found.start() for found in re.finditer("=Gold", text)]


@pytest.mark.parametrize("name", ["../state.sqlite", "..%2fstate.sqlite", "manifest.json", "oracle.sql", "x", "model"])
def test_no_other_file_can_be_had(client: TestClient, name: str) -> None:
    assert client.get(f"{BASE}/files/{name}").status_code == 404
