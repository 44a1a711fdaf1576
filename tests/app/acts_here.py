"""Helpers for pages that have work done by a process of its own: here it is done in this one, which is quicker."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.conftest import csrf_of
from coterie.app import acts
from coterie.app.acting import perform
from coterie.app.store import studies
from coterie.errors import CoterieError

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from starlette.applications import Starlette
    from starlette.testclient import TestClient


def work_here(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Do tasks in this process; give the list of those that were asked."""
    asked: list[dict[str, Any]] = []

    def run(told: str, _seconds: float) -> str:
        task = json.loads(told)
        asked.append(task)
        try:
            return json.dumps({"answer": perform(task)})
        except CoterieError as error:
            return json.dumps({"error": {"what": error.what, "found": error.found, "remedy": error.remedy}})

    monkeypatch.setattr(acts, "_run", run)
    return asked


def copy_study(app: Starlette, folder: Path, study: str, parent: str | None = None) -> Path:
    """Put a copy of a study into the app's home, which tests may change."""
    house = app.state.house
    place = house.settings.studies / study
    shutil.copytree(folder, place)
    studies.add_study(house.store, study, json.loads((place / "manifest.json").read_text()), parent=parent)
    return place


def post(client: TestClient, path: str, data: dict[str, Any] | None = None, files: Any = None) -> Any:
    """Send a form as a page of the app does."""
    return client.post(path, data={"csrf": csrf_of(client), **(data or {})}, files=files)


def model(client: TestClient, path: str) -> Any:
    """The model of a page."""
    answer = client.get(f"/api{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def score_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the made-up study, whose model places nobody, place customers by a rule of thumb."""
    from coterie.outputs import comparing

    def placed(_study: Any, customers: Any) -> Any:
        ids = 1 + (customers.frame["order_count"] > 5).to_numpy().astype(int)
        return pd.DataFrame({"segment_id": ids, "confidence": 0.9}, index=customers.frame.index)

    monkeypatch.setattr(comparing, "score", placed)
