from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def test_the_first_page_is_shown_to_who_is_signed_in(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200, answer.text
    assert client.get("/api/").json()["ok"]


def test_an_unknown_page_is_told_in_the_one_shape_of_errors(client: TestClient) -> None:
    assert client.get("/api/nothing").json()["error"]["what"] == "There is no such page."
    assert client.get("/nothing").status_code == 404
