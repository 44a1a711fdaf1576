"""Names, notes, colours and plays: typed on a page, shown everywhere, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.conftest import STUDY, csrf_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

BASE = f"/studies/{STUDY}"


def save(client: TestClient, **fields: str):
    return client.post(f"{BASE}/edit", data={"csrf": csrf_of(client), **fields})


def test_a_new_name_shows_on_the_page_of_the_study(client: TestClient) -> None:
    answer = save(client, **{"name-1": "Gold", "note-1": "Call them by phone."})
    assert answer.status_code == 303, answer.text
    names = [card["name"] for card in client.get(f"/api{BASE}").json()["segments"]]
    assert names[0] == "Gold"
    assert "Gold" in client.get(BASE).text
