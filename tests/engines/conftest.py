"""An engine of each kind that runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.postgres import Address, PostgresEngine
from coterie.engines.spark import SparkEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from coterie.engines.base import Engine
    from engines.servers import PostgresServer


@pytest.fixture(scope="session")
def duckdb_engine() -> Iterator[DuckDBEngine]:
    """The embedded engine, shared: tests leave nothing behind."""
    with DuckDBEngine(memory="500MB", threads=1) as engine:
        yield engine


@pytest.fixture
def postgres_engine(postgres: PostgresServer) -> Iterator[PostgresEngine]:
    """A transaction of its own, rolled back."""
    address = Address(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
    with PostgresEngine(address) as engine:
        yield engine


@pytest.fixture
def spark_engine(spark: SparkSession) -> Iterator[SparkEngine]:
    """A session of its own."""
    with SparkEngine(spark) as engine:
        yield engine


@pytest.fixture(params=["duckdb", "postgres", "spark"])
def any_engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    return request.getfixturevalue(f"{request.param}_engine")
