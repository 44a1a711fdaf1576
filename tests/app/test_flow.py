"""From the start page to the choices, without a server: what the pages say and what they refuse."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from app.conftest import csrf_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

CUSTOMERS = "id,age,spend,visits\n" + "".join(
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
    assert [column["name"] for column in table["columns"]] == ["id", "age", "spend", "visits"]
    assert table["columns"][0]["samples"] == ["C0", "C1", "C2"]
    page = watched.get(answer.headers["location"])
    assert page.status_code == 200
    assert "customers.csv" in page.text
    chosen = watched.get(answer.headers["location"].replace("check", "choose"))
    assert chosen.status_code == 200, chosen.text
