"""The same shop in a file, in PostgreSQL and in Spark: the same rows left out, the same features, the same segments."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import coterie
from coterie import features
from coterie.config import Config
from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.postgres import Address, PostgresEngine
from coterie.errors import EngineError, InputError
from coterie.sources import Input, open_shop
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

    from coterie.vocabulary import CustomerTable
    from engines.servers import PostgresServer

_ODD_IDS = ("ä\u00a017", " K 3 ", "１２", "K5\u200b", "guest", "o'Neill; --", "GUEST")


def _orders(n_orders: int = 700) -> pa.Table:
    """Order lines with everything that exports have: odd ids, codes of two spellings, charges, returns, empty dates."""
    rng = np.random.default_rng(8)
    rows: list[dict[str, Any]] = []
    for order in range(n_orders):
        odd = order % 29 == 0
        customer = _ODD_IDS[order // 29 % len(_ODD_IDS)] if odd else f"K{int(rng.gamma(1.2, 40)) + 10}"
        at = dt.datetime(2023, 3, 1) + dt.timedelta(minutes=int(rng.integers(0, 480 * 1440)))  # noqa: DTZ001  no zone
        back = rng.random() < 0.06
        for _ in range(rng.integers(1, 4)):
            product = int(rng.integers(0, 12))
            rows.append({
                "Customer ID": None if order % 37 == 0 else customer,
                "Invoice": f"{'C' if back else ''}{5000 + order}",
                "InvoiceDate": {3: None, 5: dt.datetime(1900, 1, 1), 7: dt.datetime(2031, 1, 1)}.get(order % 233, at),  # noqa: DTZ001
                "StockCode": ["a10", "A10", "POST", None][product] if product < 4 else f"P{product}",
                "Description": f"{['Red', 'Blue', 'Old'][product % 3]} {['lamp', 'bag', 'mug', 'box'][product % 4]}",
                "Quantity": int(rng.integers(1, 9)) * (-1 if back else 1),
                "Price": 1e15 if order == 102 else float(rng.choice([0.1, 2.675, 1.005, 19.99, 4.5])),
                "Discount": float(rng.choice([0.0, 0.05, 0.125])),
                "Country": ["at", "DE", "Ägypten", "n/a", " de "][len(customer) % 5],
                "Status": "cancelled" if rng.random() < 0.03 else "paid",
            })  # fmt: skip
    types = {"InvoiceDate": pa.timestamp("us"), "Quantity": pa.int32(), "Price": pa.float64(), "Discount": pa.float64()}
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name, pa.string())) for name in rows[0]})


def _customers() -> pa.Table:
    ids = [f"K{number}" for number in range(10, 160)] + ["K 3", "never bought"]
    return pa.table(
        {
            "Customer ID": ids,
            "Gender": [["f", "m", None][len(name) % 3] for name in ids],
            "Born": [dt.date(1950 + place % 50, 1 + place % 12, 5) for place in range(len(ids))],
        }
    )


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return {"orders": _orders(), "customers": _customers()}


@pytest.fixture
def in_postgres(postgres: PostgresServer, tables: dict[str, pa.Table]) -> Iterator[str]:
    """The tables in a database, and the address of both."""
    import psycopg

    address = Address(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
    with PostgresEngine(address) as engine:
        for name, table in tables.items():
            engine.upload(f"shop_{name}", table)
            engine.run(f"CREATE TABLE public.shop_{name} AS SELECT * FROM pg_temp.shop_{name}")
        engine.connection.commit()
    yield f"{postgres.url}?orders=shop_orders&customers=shop_customers"
    with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
        for name in tables:
            connection.execute(f"DROP TABLE IF EXISTS shop_{name}")


@pytest.fixture
def in_spark(spark: SparkSession, tables: dict[str, pa.Table]) -> dict[str, Any]:
    """The tables as DataFrames of a session that has views of our names already."""
    spark.createDataFrame(pa.table({"theirs": [1]})).createOrReplaceTempView("orders")
    return {name: spark.createDataFrame(table) for name, table in tables.items()}


#: Findings that only a file or only a database has: there, cells of typed columns are counted with the rows left out.
_OF_FILES = {"rows-not-listed", "empty-dates", "unreadable-cells"}


def _built(inputs: list[Input]) -> tuple[CustomerTable, dict[str, Any]]:
    """The customer table, and what became of the rows of the orders."""
    config = Config()
    with DuckDBEngine("500MB", 1) as engine:
        shop = open_shop(inputs, engine, config.sources)
        report = next(table for table in shop.tables if table.kind is TableKind.ORDERS)
        told = {(finding.code, finding.count) for finding in shop.findings if finding.code not in _OF_FILES}
        account = {"kept": report.rows_kept, **report.rows_left_out, "as_of": shop.as_of, "told": told}
        return features.build(shop, config.features), account


@pytest.fixture(scope="module")
def of_file(tables: dict[str, pa.Table]) -> tuple[CustomerTable, dict[str, Any]]:
    return _built([Input(table, TableKind(name)) for name, table in tables.items()])


def _assert_same(one: CustomerTable, other: CustomerTable) -> None:
    assert list(one.features) == list(other.features)
    pd.testing.assert_frame_equal(one.frame, other.frame, rtol=1e-9, atol=0)


def test_the_shop_of_these_tests_has_every_trouble(of_file: tuple[CustomerTable, dict[str, Any]]) -> None:
    table, account = of_file
    assert {"no customer id", "placeholder customer id", "no order date", "dated far in the future",
            "amount cannot be read"} <= set(account)  # fmt: skip
    assert {"return_rate", "discount_share", "order_country", "gender", "category_entropy"} <= set(table.features)


def test_postgres_gives_what_the_file_gives(of_file: tuple[CustomerTable, dict[str, Any]], in_postgres: str) -> None:
    table, account = _built([Input(in_postgres)])
    assert account["told"] ^ of_file[1]["told"] == set()
    assert account == of_file[1]
    _assert_same(of_file[0], table)


def test_spark_gives_what_the_file_gives(
    of_file: tuple[CustomerTable, dict[str, Any]], in_spark: dict[str, Any], spark: SparkSession
) -> None:
    table, account = _built([Input(frame, TableKind(name)) for name, frame in in_spark.items()])
    assert account == of_file[1]
    _assert_same(of_file[0], table)
    assert spark.table("orders").columns == ["theirs"]
    assert [view.name for view in spark.catalog.listTables("global_temp") if view.name.startswith("coterie")] == []


def test_a_study_of_a_database_has_the_segments_of_the_files(tables: dict[str, pa.Table], in_postgres: str) -> None:
    options: dict[str, Any] = {"segments": 3, "method": "kmeans", "threads": 1, "memory": "500MB"}
    here = coterie.segment(orders=tables["orders"], customers=tables["customers"], **options)
    there = coterie.segment(in_postgres, **options)
    pd.testing.assert_frame_equal(here.customers, there.customers, check_exact=True)
    assert "merchant:" not in str(there.manifest)


def test_a_query_is_as_good_as_a_table(in_postgres: str, of_file: tuple[CustomerTable, dict[str, Any]]) -> None:
    address = in_postgres.partition("?")[0]
    table, _ = _built([Input(f"{address}?query=SELECT * FROM shop_orders&customers=shop_customers")])
    _assert_same(of_file[0], table)


def test_times_with_a_zone_are_told_in_the_zone_that_is_set(in_postgres: str) -> None:
    address = in_postgres.partition("?")[0]
    query = 'SELECT "Customer ID", "InvoiceDate" AT TIME ZONE \'UTC\' AS ordered_at, "Price" AS amount FROM shop_orders'
    days = {}
    for zone in (None, "Pacific/Auckland"):
        config = Config()
        with DuckDBEngine("500MB", 1) as engine:
            settings = config.sources.model_copy(update={"timezone": zone})
            shop = open_shop([Input(f"{address}?orders={query}")], engine, settings)
            days[zone] = shop.engine.value("SELECT MIN(ordered_at) FROM order_lines")
    assert (days["Pacific/Auckland"] - days[None]) == dt.timedelta(hours=13)


def test_a_table_that_is_not_there_is_told_with_the_nearest_name(in_postgres: str) -> None:
    address = in_postgres.partition("?")[0]
    with DuckDBEngine("500MB", 1) as engine, pytest.raises(InputError, match=r"Did you mean 'shop_orders'\?"):
        open_shop([Input(f"{address}?table=shop_order")], engine, Config().sources)


def test_an_error_leaves_no_study_and_no_connection(
    in_postgres: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    def killed(*_: object) -> None:
        with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coterie'"
            )

    monkeypatch.setattr("coterie.features.table.learn", _before(killed))
    with pytest.raises(EngineError, match="was lost"):
        coterie.segment(in_postgres, threads=1, memory="500MB")


def _before(act: Callable[..., None]) -> Callable[..., Any]:
    from coterie.features.facts import learn

    def then(shop: Any) -> Any:
        act()
        return learn(shop)

    return then


@pytest.mark.parametrize("engine_of_file", ["duckdb", "sqlite"])
def test_a_database_file_is_read_by_its_address(
    engine_of_file: str, tmp_path: Any, tables: dict[str, pa.Table]
) -> None:
    path = tmp_path / "shop.db"
    _write(engine_of_file, path, tables["orders"])
    with DuckDBEngine("500MB", 1) as engine:
        shop = open_shop([Input(f"{engine_of_file}://{path}?table=lines")], engine, Config().sources)
        assert shop.tables[0].name == "lines"
        assert shop.tables[0].rows_read == tables["orders"].num_rows
        with pytest.raises(InputError, match="Did you mean 'lines'"):
            open_shop([Input(f"{engine_of_file}://{path}?table=line")], engine, Config().sources)


def _write(kind: str, path: Any, table: pa.Table) -> None:
    if kind == "duckdb":
        import duckdb

        with duckdb.connect(str(path)) as connection:
            connection.register("given", table)
            connection.execute("CREATE TABLE lines AS SELECT * FROM given")
        return
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE lines (" + ", ".join(f'"{name}"' for name in table.column_names) + ")")
        rows = [tuple(str(v) if isinstance(v, dt.datetime) else v for v in row.values()) for row in table.to_pylist()]
        connection.executemany(f"INSERT INTO lines VALUES ({', '.join('?' * table.num_columns)})", rows)
        connection.commit()
