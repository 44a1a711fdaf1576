"""A table of an open connection is handed over like a file, whatever the driver gives."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

import coterie
from coterie import features
from coterie.config import Config
from coterie.engines.duckdb import DuckDBEngine
from coterie.errors import ConfigError, InputError
from coterie.sources import Input, open_shop
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from coterie.sources import Shop
    from engines.servers import PostgresServer

_COLUMNS = "customer_id text, order_id text, ordered_at timestamp, amount numeric(12, 2), quantity integer"


def _rows(n: int = 400) -> list[tuple[Any, ...]]:
    """Order lines; the quantity is unknown at first, and an amount is missing now and then."""
    rng = np.random.default_rng(4)
    return [
        (
            f"c{rng.integers(60):02d}",
            f"o{i // 2:04d}",
            dt.datetime(2024, 1, 1, 9) + dt.timedelta(hours=int(i // 2 * 31)),  # noqa: DTZ001  no zone
            None if i % 97 == 5 else Decimal(int(rng.integers(100, 9_000))) / 100,
            int(rng.integers(1, 5)) if i >= 150 else None,
        )
        for i in range(n)
    ]


@pytest.fixture
def of_sqlite() -> Iterator[Any]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE TABLE "my lines" ({_COLUMNS})')
        written = [(c, o, str(at), None if a is None else float(a), q) for c, o, at, a, q in _rows()]
        connection.executemany('INSERT INTO "my lines" VALUES (?, ?, ?, ?, ?)', written)
        yield coterie.table(connection, "my lines")


@pytest.fixture
def of_duckdb() -> Iterator[Any]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA sales")
        connection.execute(f"CREATE TABLE sales.lines ({_COLUMNS})")
        connection.executemany("INSERT INTO sales.lines VALUES (?, ?, ?, ?, ?)", _rows())
        yield coterie.table(connection, "sales.lines")


@pytest.fixture
def of_psycopg(postgres: PostgresServer) -> Iterator[Any]:
    import psycopg

    with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE lines_of_ours ({_COLUMNS})")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO lines_of_ours VALUES (%s, %s, %s, %s, %s)", _rows())
        yield coterie.table(connection, "lines_of_ours")
        connection.execute("DROP TABLE lines_of_ours")


class _OtherDriver:
    """A connection of which only PEP 249 is known: the cursor has no more than execute, fetchmany and close."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def cursor(self) -> Any:
        real = self._connection.cursor()

        class Cursor:
            description = property(lambda _: real.description)
            execute, fetchmany, close = real.execute, real.fetchmany, real.close

        return Cursor()


def _open(data: Any) -> tuple[Shop, pd.DataFrame]:
    config = Config()
    with DuckDBEngine("500MB", 1) as engine:
        shop = open_shop([Input(data, TableKind.ORDERS)], engine, config.sources, min_customers=0)
        return shop, features.build(shop, config.features).frame


@pytest.mark.parametrize("part", [50_000, 64])
def test_every_driver_gives_the_same_customers(
    of_sqlite: Any, of_duckdb: Any, of_psycopg: Any, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setattr("coterie.sources.connect.handed._CHUNK", part)
    plain = coterie.table(_OtherDriver(of_psycopg.connection), "lines_of_ours", dialect="postgres")
    assert isinstance(of_psycopg.connection, psycopg.Connection)
    told, frames = {}, {}
    for name, data in {"duckdb": of_duckdb, "sqlite": of_sqlite, "psycopg": of_psycopg, "other": plain}.items():
        shop, frames[name] = _open(data)
        assert shop.tables[0].rows_read == len(_rows())
        told[name] = [finding.count for finding in shop.findings if finding.code == "rows-brought-here"]
        assert shop.engine.dialect.name == ("postgres" if name == "psycopg" else "duckdb")
    assert told == {"duckdb": [400], "sqlite": [400], "psycopg": [], "other": [400]}
    assert len(frames["duckdb"].columns) >= 15
    for frame in frames.values():
        assert frame.equals(frames["duckdb"])


def test_a_query_brings_only_what_it_selects(of_sqlite: Any) -> None:
    query = 'SELECT customer_id, ordered_at, amount FROM "my lines" WHERE quantity > 1'
    shop, _ = _open(coterie.table(of_sqlite.connection, query))
    assert shop.tables[0].rows_read == sum(1 for row in _rows() if (row[4] or 0) > 1)
    assert "order_id" not in {guess.column for guess in shop.tables[0].guesses}


def test_values_of_several_kinds_become_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coterie.sources.connect.handed._CHUNK", 2)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE lines (customer_id, ordered_at, amount)")
        rows = [(1, "2024-01-01", 5), (2, "2024-01-02", 2.5), ("x", "2024-01-03", 7), (None, "2024-01-04", 1)]
        connection.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
        shop, frame = _open(coterie.table(connection, "lines"))
    assert list(frame.index) == ["1", "2", "x"]
    assert shop.tables[0].rows_left_out == {"no customer id": 1}


def test_a_connection_is_neither_closed_nor_changed(of_sqlite: Any) -> None:
    _open(of_sqlite)
    assert of_sqlite.connection.execute('SELECT COUNT(*) FROM "my lines"').fetchone() == (400,)
    assert not of_sqlite.connection.in_transaction or of_sqlite.connection.total_changes == 400


@pytest.mark.parametrize("name", ["nowhere", "SELECT secret FROM nowhere"])
def test_a_refusal_of_the_driver_is_told_without_its_words(of_sqlite: Any, name: str) -> None:
    with pytest.raises(InputError, match="The connection refused to read") as told:
        _open(coterie.table(of_sqlite.connection, name))
    assert "OperationalError" in told.value.found
    assert told.value.__cause__ is None


def test_more_than_a_select_is_refused(of_sqlite: Any) -> None:
    with pytest.raises(ConfigError, match="more than one SELECT"):
        _open(coterie.table(of_sqlite.connection, 'SELECT 1; DROP TABLE "my lines"'))


def test_what_is_no_connection_is_refused() -> None:
    with pytest.raises(ConfigError, match="no database connection"):
        coterie.table("orders.csv", "orders")
