"""A table that stays is written whole or not at all, takes the place of an earlier one of ours, and of no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.postgres import Address, PostgresEngine
from coterie.engines.published import Target, publish
from coterie.engines.spark import SparkEngine
from coterie.errors import ConfigError, EngineError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

    from coterie.engines.base import Engine
    from engines.servers import PostgresServer


class _Place:
    """A database with the schema `crm`: `publish` opens an engine of ours, `ask` is somebody else."""

    def __init__(self, engine: Callable[[], Engine], ask: Callable[[str], list[Any]], file: str = "") -> None:
        self.engine, self.ask, self.file = engine, ask, file

    def tables(self) -> set[str]:
        listed = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'crm'"
        return {row[0] for row in self.ask(listed)}

    def publish(self, select: str, table: str = "crm.segments") -> None:
        with self.engine() as engine:  # type: ignore[attr-defined]
            engine.keep("ours", select)
            publish(engine, "SELECT * FROM ours", Target.parse(table, self.file))


class _SparkPlace(_Place):
    def tables(self) -> set[str]:
        return {row[1] for row in self.ask("SHOW TABLES IN crm")}


@pytest.fixture
def duckdb_place(tmp_path: Path) -> _Place:
    path = str(tmp_path / "shop.duckdb")

    def ask(sql: str) -> list[Any]:
        with duckdb.connect(path) as connection:
            return connection.execute(sql).fetchall()

    ask("CREATE SCHEMA crm")
    return _Place(lambda: DuckDBEngine("200MB", 1), ask, path)


@pytest.fixture
def postgres_place(postgres: PostgresServer) -> Iterator[_Place]:
    import psycopg

    def ask(sql: str) -> list[Any]:
        with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    address = Address(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
    ask("CREATE SCHEMA crm")
    yield _Place(lambda: PostgresEngine(address, schema="crm"), ask)
    ask("DROP SCHEMA crm CASCADE")


@pytest.fixture
def spark_place(spark: SparkSession) -> Iterator[_Place]:
    spark.sql("CREATE DATABASE crm")
    yield _SparkPlace(lambda: SparkEngine(spark), lambda sql: [tuple(row) for row in spark.sql(sql).collect()])
    spark.sql("DROP DATABASE crm CASCADE")


@pytest.fixture(params=["duckdb", "postgres", "spark"])
def place(request: pytest.FixtureRequest) -> _Place:
    return request.getfixturevalue(f"{request.param}_place")


def test_a_table_stays_and_is_replaced_by_the_next(place: _Place) -> None:
    for number in (1, 2):
        place.publish(f"SELECT 'a' AS customer_id, {number} AS segment_id")
        assert place.ask("SELECT * FROM crm.segments") == [("a", number)]
    assert place.tables() == {"segments"}


def test_a_table_that_is_not_ours_is_left_as_it_is(place: _Place) -> None:
    place.ask("CREATE TABLE crm.segments AS SELECT 7 AS theirs")
    with pytest.raises(InputError, match="Coterie did not write it"):
        place.publish("SELECT 1 AS x")
    assert place.ask("SELECT theirs FROM crm.segments") == [(7,)]
    assert place.tables() == {"segments"}


def test_an_error_on_the_way_leaves_the_table_of_before(place: _Place) -> None:
    place.publish("SELECT 1 AS x")
    with place.engine() as engine, pytest.raises(EngineError):  # type: ignore[attr-defined]
        publish(engine, "SELECT 1 / nothing AS x FROM nowhere", Target.parse("crm.segments", place.file))
    assert place.ask("SELECT x FROM crm.segments") == [(1,)]
    assert place.tables() == {"segments"}


def test_a_schema_is_never_made(place: _Place) -> None:
    with pytest.raises(InputError, match="There is no schema 'elsewhere'"):
        place.publish("SELECT 1 AS x", "elsewhere.segments")


@pytest.mark.parametrize("text", ["segments", "a.b.c", ".x", "crm."])
def test_a_target_is_a_schema_and_a_table(text: str) -> None:
    with pytest.raises(ConfigError, match="has no meaning"):
        Target.parse(text)


def test_without_a_database_there_is_nowhere_to_write(duckdb_engine: DuckDBEngine) -> None:
    with pytest.raises(ConfigError, match="no database to write the table to"):
        publish(duckdb_engine, "SELECT 1 AS x", Target("crm", "segments"))
