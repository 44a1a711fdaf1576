"""Whole studies, made once for all the tests that look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coterie.sources.synthetic import WrittenStore, write_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> WrittenStore:
    """A small synthetic store as CSV files."""
    return write_store(tmp_path_factory.mktemp("store") / "tables", customers=700, seed=3)


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """Where a study may go."""
    return tmp_path / "study"
