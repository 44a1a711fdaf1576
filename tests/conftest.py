"""Fixtures for every room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coterie.engines.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real data sets, which are never part of the project."""
    folder = Path(os.environ.get("COTERIE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real data sets are not here; name their folder in COTERIE_DATA")
    return folder


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    """An empty embedded engine."""
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        yield engine
