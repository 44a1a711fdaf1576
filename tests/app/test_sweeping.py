"""What nobody needs any more goes by itself, and nothing that is in use goes with it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from app.acts_here import copy_study, model, post, work_here
from app.conftest import BASE, sign_in
from coterie.app import application, make_app, removing
from coterie.app.acts import ask
from coterie.app.made import kept_file
from coterie.app.store import plans, uploads
from coterie.app.sweeping import sweep_home
from coterie.outputs import Study, forget

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

    from coterie.app import AppSettings

STUDY = "ownstudy22222222"
NOW = 1_000_000.0
HOUR = 3600.0


@pytest.fixture
def own(settings: AppSettings, garden: Path) -> Starlette:
    """The app with a study of its own; a fresh one with people's files in preview."""
    app = make_app(settings, clock=lambda: NOW)
    copy_study(app, garden, STUDY)
    return app


def preview(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> str:
    work_here(monkeypatch)
    people = "customer_id,email,newsletter\n" + "".join(f"C{n:05d},p{n}@shop.example,yes\n" for n in range(300))
    files = [("customers", ("people.csv", people.encode(), "text/csv"))]
    answer = post(sign_in(app), f"/studies/{STUDY}/audiences", {"tool": "klaviyo", "segment": ["1"]}, files)
    return str(answer.headers["location"]).rpartition("/")[2]


def test_a_customer_file_goes_an_hour_after_its_preview_also_when_nobody_makes_another(
    own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = own.state.house
    folder = house.settings.home / "lists" / preview(own, monkeypatch)
    sweep_home(house, NOW + 0.9 * HOUR)
    assert list(folder.rglob("*.csv"))
    sweep_home(house, NOW + 1.1 * HOUR)
    assert not folder.exists()


def test_lists_that_are_being_written_are_not_swept_away_however_old_their_preview_is(
    own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = own.state.house
    token = preview(own, monkeypatch)
    assert plans.begin_writing(house.store, token, NOW + 0.99 * HOUR)
    sweep_home(house, NOW + 1.1 * HOUR)
    assert (house.settings.home / "lists" / token).exists()


def test_lists_that_were_removed_while_they_were_written_leave_no_file(
    own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = own.state.house
    token = preview(own, monkeypatch)

    def removed_meanwhile(settings: AppSettings, task: dict[str, Any]) -> dict[str, Any]:
        plans.remove_all_of(house.store, STUDY)
        return ask(settings, task)

    monkeypatch.setattr("coterie.app.pages.audiences.ask", removed_meanwhile)
    answer = post(sign_in(own), f"/studies/{STUDY}/audiences/write", {"token": token})
    assert answer.status_code == 404
    assert not (house.settings.home / "lists" / token).exists()


def test_what_a_killed_server_left_behind_goes_and_what_the_store_knows_stays(
    own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = own.state.house
    known = house.settings.home / "lists" / preview(own, monkeypatch)
    left = [house.settings.home / "lists" / "leftover22222222", house.settings.plans / "leftover22222222"]
    young = house.settings.plans / "leftover33333333"
    for folder in (*left, young):
        (folder / "in").mkdir(parents=True)
        (folder / "in" / "results.csv").write_text("C00001,yes\n")
    for folder in (known, *left):
        os.utime(folder, (NOW - 7 * HOUR, NOW - 7 * HOUR))
    os.utime(young, (NOW, NOW))
    sweep_home(house, NOW)
    assert known.exists()
    assert young.exists()
    assert not any(folder.exists() for folder in left)


def test_a_study_whose_removal_was_cut_off_is_gone_after_the_next_start(
    own: Starlette, monkeypatch: pytest.MonkeyPatch, settings: AppSettings
) -> None:
    house, client = own.state.house, sign_in(own)
    token = preview(own, monkeypatch)
    draft = uploads.add_draft(house.store, NOW, "Orders", [{"shown": "o.csv", "stored": "ownupload2222222/o.csv"}],
                              draft="ownupload2222222")  # fmt: skip
    (settings.uploads / draft).mkdir()
    (settings.uploads / draft / "o.csv").write_text("id\n")
    house.store.write("UPDATE studies SET draft = ? WHERE id = ?", (draft, STUDY))

    def killed(*_told: object, **_more: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(removing.shutil, "rmtree", killed)
        assert post(client, f"/studies/{STUDY}/delete", {"sure": "yes"}).status_code == 500
    assert client.get(f"/studies/{STUDY}").status_code == 404
    assert (settings.studies / STUDY).exists()
    sweep_home(make_app(settings, clock=lambda: NOW).state.house, NOW)
    assert not (settings.studies / STUDY).exists()
    assert not (settings.home / "lists" / token).exists()
    assert not (settings.uploads / draft).exists()
    assert plans.all_ids(house.store) == frozenset()
    assert house.store.rows("SELECT * FROM going") == house.store.rows("SELECT * FROM inputs") == []


def test_trouble_with_one_sweep_does_not_end_all_later_ones(
    settings: AppSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[float] = []

    def fail(_house: object, now: float) -> None:
        calls.append(now)
        raise FileNotFoundError("gone in between")

    monkeypatch.setattr(application, "sweep_home", fail)
    monkeypatch.setattr(application, "_SWEPT_EVERY", 0.01)
    with TestClient(make_app(settings), base_url=BASE):
        until = time.monotonic() + 5
        while len(calls) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    assert len(calls) >= 3


def test_a_customer_who_was_erased_from_the_study_is_in_no_file_that_is_handed_out_or_kept(
    own: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = own.state.house
    work_here(monkeypatch)
    client = sign_in(own)
    folder = house.settings.studies / STUDY
    erased = str(Study.load(folder).customers.index[0])
    post(client, f"/studies/{STUDY}/edit", {"name-1": "Gold"})
    address = f"/studies/{STUDY}/files/customers.csv"
    assert erased in client.get(address).text
    version = model(client, f"/studies/{STUDY}/edit")["version"]

    def write(path: Path) -> None:
        path.write_text(erased)

    unasked = kept_file(house.settings, STUDY, version, "segments.xlsx", write)
    forget(folder, [erased])
    found = client.get(address)
    assert found.status_code == 200
    assert erased not in found.text
    sweep_home(house, NOW)
    assert not unasked.exists()
