"""Fixtures for every room."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coterie.engines.duckdb import DuckDBEngine
from engines import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from pyspark.sql import SparkSession

#: Fixtures that start a server: tests that need the same one run in the same worker.
_SERVERS = ("spark", "postgres")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a server together, so that it is started once where tests run in several workers."""
    for item in items:
        needed = [name for name in _SERVERS if name in getattr(item, "fixturenames", ())]
        if needed:
            item.add_marker(pytest.mark.xdist_group(needed[0]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.PostgresServer]:
    """A private PostgreSQL server; skipped with the reason where there is none."""
    with servers.postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The local Spark session of this run; skipped with the reason where there is none."""
    with servers.spark_session() as session:
        yield session


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; skipped with the reason where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


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
