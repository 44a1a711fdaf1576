"""What is done before the first visitor comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.conftest import STUDY
from coterie.app import warming
from coterie.app.answers import environment
from coterie.app.warming import begin_to_warm, warm

if TYPE_CHECKING:
    import pytest
    from starlette.applications import Starlette


def test_the_first_visitor_finds_templates_and_the_newest_study_ready(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "chart_library", lambda _home: b"")
    house = app.state.house
    warm(house)
    assert {name for _, name in environment().cache} >= set(environment().list_templates())  # type: ignore[union-attr]
    assert house.shelf.open(house.settings.studies / STUDY, version=0)._kept


def test_trouble_with_it_is_noted_and_ends_nothing(
    app: Starlette, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_home: object) -> bytes:
        raise FileNotFoundError("full")

    monkeypatch.setattr(warming, "chart_library", fail)
    begin_to_warm(app.state.house).join(30)
    assert "FileNotFoundError while preparing the pages" in caplog.text
