"""Customers are placed where their orders lie: ids and segments travel, or stay as a table that the user named."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

import coterie
from coterie.cli.main import main
from coterie.config import Config
from coterie.engines.postgres import Address, PostgresEngine
from coterie.errors import ConfigError, EngineError, InputError
from coterie.features import CATALOG
from coterie.outputs.sql import why_not_there
from coterie.sources.synthetic import write_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from engines.servers import PostgresServer

_QUICK = Config.model_validate(
    {
        "threads": 1,
        "memory": "500MB",
        "holdout": {"enabled": "off"},
        "search": {"method": "kmeans", "min_segments": 3, "max_segments": 3, "null_draws": 19, "bootstraps": 2},
    }
)


_ROOT = Path(__file__).resolve().parents[2]
_COLUMNS = ("customer_id", "order_id", "ordered_at", "product", "category", "quantity", "amount")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("placing")


@pytest.fixture(scope="module")
def orders(folder: Path) -> pa.Table:
    """Order lines of 300 customers, with types."""
    store = write_store(folder / "store", customers=300, seed=5)
    frame = pd.read_csv(store.orders)
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"], format="mixed").astype("datetime64[us]")
    return pa.Table.from_pandas(frame[list(_COLUMNS)])


@pytest.fixture(scope="module")
def study(orders: pa.Table, folder: Path) -> coterie.Study:
    made = coterie.segment(orders=orders, config=_QUICK)
    made.write(folder / "study")
    return coterie.load(folder / "study")


@pytest.fixture(scope="module")
def in_postgres(postgres: PostgresServer, orders: pa.Table) -> Iterator[str]:
    """The address of the orders; the schema `crm` is there to write to."""
    address = Address(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)
    with PostgresEngine(address) as engine:
        engine.upload("sold", orders)
        engine.run("CREATE SCHEMA crm")
        engine.run("CREATE TABLE public.sold AS SELECT * FROM pg_temp.sold")
        engine.connection.commit()
    yield f"{postgres.url}?orders=sold"
    with PostgresEngine(address) as engine:
        engine.run("DROP SCHEMA crm CASCADE")
        engine.run("DROP TABLE public.sold")
        engine.connection.commit()


@pytest.fixture(scope="module")
def in_file(folder: Path, orders: pa.Table) -> str:
    with duckdb.connect(folder / "shop.duckdb") as database:
        database.register("given", orders)
        database.execute("CREATE TABLE sold AS FROM given")
        database.execute("CREATE SCHEMA crm")
    return f"duckdb://{folder}/shop.duckdb?orders=sold"


def _asked(postgres: PostgresServer, sql: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _tables(postgres: PostgresServer) -> list[tuple[Any, ...]]:
    return _asked(postgres, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') ORDER BY 1")


@pytest.mark.parametrize("place", ["in_postgres", "in_file"])
def test_customers_of_a_database_get_the_segments_that_they_get_here(
    study: coterie.Study, place: str, request: pytest.FixtureRequest
) -> None:
    there = study.score(request.getfixturevalue(place))
    assert list(there.columns) == ["segment_id", "segment"]
    known = study.customers["segment_id"]
    assert there["segment_id"].to_dict() == known.to_dict()
    assert list(there.index) == sorted(there.index)
    assert there.attrs["findings"] == ()


def test_customers_of_a_spark_table_get_the_segments_that_they_get_here(
    study: coterie.Study, orders: pa.Table, spark: SparkSession
) -> None:
    """By the line that the page on engines has."""
    (snippet,) = re.findall(r"^study\.score\(spark.*$", (_ROOT / "docs" / "engines.md").read_text(), re.MULTILINE)
    for name in ("sales", "crm"):
        spark.sql(f"CREATE DATABASE {name}")
    try:
        spark.createDataFrame(orders).write.saveAsTable("sales.orders")
        exec(snippet, {"study": study, "spark": spark})  # noqa: S102  our own page
        placed = {row.customer_id: row.segment_id for row in spark.table("crm.segments").collect()}
    finally:
        for name in ("sales", "crm"):
            spark.sql(f"DROP DATABASE {name} CASCADE")
    assert placed == study.customers["segment_id"].to_dict()


def test_derived_groups_of_products_are_as_good_as_categories(
    study: coterie.Study, in_file: str, orders: pa.Table
) -> None:
    groups = dict(zip(orders.column("product").to_pylist(), orders.column("category").to_pylist(), strict=True))
    assert any("categories" in CATALOG[name].needs for name in study.model.features if name in CATALOG) or any(
        name.startswith("share_") for name in study.model.features
    )
    model = replace(study.model, families=replace(study.model.families, product_groups=groups))
    grouped = replace(study, model=model)
    assert not why_not_there(grouped)
    address, _, _ = in_file.partition("?")
    there = grouped.score(f"{address}?orders=SELECT * REPLACE (CAST(NULL AS VARCHAR) AS category) FROM sold")
    assert there["segment_id"].to_dict() == study.customers["segment_id"].to_dict()


def test_how_sure_a_segment_is_can_be_asked_for(study: coterie.Study, in_postgres: str) -> None:
    sure = study.score(in_postgres, confidence=True)
    assert sure["confidence"].between(0, 1).all()
    assert sure["segment_id"].to_dict() == study.customers["segment_id"].to_dict()


def test_what_sql_cannot_say_is_worked_out_here_and_written_there(
    study: coterie.Study, in_postgres: str, in_file: str, postgres: PostgresServer, folder: Path
) -> None:
    for place in (in_postgres, in_file):
        study.score(place, into="crm.sure", confidence=True)
    rows = _asked(postgres, "SELECT customer_id, segment_id FROM crm.sure WHERE confidence BETWEEN 0 AND 1")
    _asked(postgres, "DROP TABLE crm.sure")
    with duckdb.connect(folder / "shop.duckdb") as database:
        of_file = database.execute("SELECT customer_id, segment_id FROM crm.sure").fetchall()
        database.execute("DROP TABLE crm.sure")
    assert dict(rows) == dict(of_file) == study.customers["segment_id"].to_dict()


def test_customers_unlike_those_of_the_study_are_told_from_counts_alone(study: coterie.Study, in_postgres: str) -> None:
    address, _, _ = in_postgres.partition("?")
    query = "SELECT customer_id, order_id, ordered_at, product, category, 90*amount AS amount, quantity FROM sold"
    there = study.score(f"{address}?orders={query}")
    here = study.score(f"{address}?orders={query}", confidence=True)
    assert there.attrs["findings"] == here.attrs["findings"]
    assert "drift-range" in {finding.code for finding in there.attrs["findings"]}


def test_segments_become_a_table_of_the_schema_that_was_named(
    study: coterie.Study, in_postgres: str, postgres: PostgresServer
) -> None:
    before = _tables(postgres)
    for schema in ("", "&schema=crm"):
        counted = study.score(in_postgres + schema, into="crm.segments")
        rows = _asked(postgres, "SELECT customer_id, segment_id FROM crm.segments")
        assert dict(rows) == study.customers["segment_id"].to_dict()
        assert counted["customers"].sum() == len(rows)
    assert _tables(postgres) == sorted([*before, ("segments",)])
    _asked(postgres, "DROP TABLE crm.segments")


def test_segments_become_a_table_of_a_database_file(study: coterie.Study, in_file: str, folder: Path) -> None:
    for _ in range(2):
        study.score(in_file, into="crm.segments")
    with duckdb.connect(folder / "shop.duckdb") as database:
        rows = database.execute("SELECT customer_id, segment_id FROM crm.segments").fetchall()
        tables = database.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        database.execute("DROP TABLE crm.segments")
    assert dict(rows) == study.customers["segment_id"].to_dict()
    assert tables == [("segments",), ("sold",)]


@pytest.mark.parametrize(
    ("place", "into", "told"),
    [
        ("in_postgres", "public.sold", "Coterie did not write it"),
        ("in_file", "main.sold", "Coterie did not write it"),
        ("in_postgres", "nowhere.segments", "no schema 'nowhere'"),
        ("in_file", "nowhere.segments", "no schema 'nowhere'"),
    ],
)
def test_a_table_of_the_users_is_never_replaced_and_no_schema_is_made(
    study: coterie.Study, place: str, into: str, told: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(InputError, match=told):
        study.score(request.getfixturevalue(place), into=into)
    assert len(study.score(request.getfixturevalue(place))) == len(study.customers)


def test_files_have_no_database_to_write_to(study: coterie.Study, orders: pa.Table) -> None:
    with pytest.raises(ConfigError, match="the tables are no database"):
        study.score(orders, into="crm.segments")


def test_without_the_right_to_write_nothing_is_written_and_the_message_says_which(
    study: coterie.Study, in_postgres: str, postgres: PostgresServer
) -> None:
    before = _tables(postgres)
    _asked(postgres, "CREATE ROLE reader LOGIN PASSWORD 'only'")
    _asked(postgres, "GRANT SELECT ON sold TO reader")
    mine = in_postgres.replace(f"{postgres.user}:{postgres.password}", "reader:only")
    try:
        assert len(study.score(mine)) == len(study.customers)
        with pytest.raises(EngineError, match="may not make tables in the schema 'crm'") as told:
            study.score(mine, into="crm.segments")
        assert "GRANT CREATE ON SCHEMA" in told.value.remedy
    finally:
        _asked(postgres, "DROP OWNED BY reader")
        _asked(postgres, "DROP ROLE reader")
    assert _tables(postgres) == before


def test_a_connection_lost_while_a_table_is_written_leaves_the_old_table(
    study: coterie.Study, in_postgres: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.score(in_postgres, into="crm.segments")
    before = _tables(postgres)
    commit = PostgresEngine.commit

    def killed(engine: PostgresEngine, step: str = "") -> None:
        _asked(postgres, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coterie'")
        commit(engine, step)

    monkeypatch.setattr(PostgresEngine, "commit", killed)
    with pytest.raises(EngineError, match="was lost at step 'writing the table'"):
        study.score(in_postgres, into="crm.segments")
    assert _tables(postgres) == before
    assert len(_asked(postgres, "SELECT * FROM crm.segments")) == len(study.customers)
    _asked(postgres, "DROP TABLE crm.segments")


def test_a_connection_lost_while_rows_travel_leaves_no_file(
    study: coterie.Study, in_postgres: str, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("coterie.engines.postgres._PART", 1_000)
    real = PostgresEngine.batches

    def cut(engine: PostgresEngine, sql: str, step: str = "") -> Any:
        for number, batch in enumerate(real(engine, sql, step)):
            if step == "placed customers" and number == 2:
                engine.connection.close()
            yield batch

    monkeypatch.setattr(PostgresEngine, "batches", cut)
    target = folder / "cut.csv"
    result = CliRunner().invoke(main, ["score", str(study.folder), in_postgres, "--out", str(target)])
    assert result.exit_code == 2, result.output
    assert "was lost at step 'placed customers'" in result.output
    assert [path.name for path in folder.iterdir() if "cut" in path.name] == []


def test_the_command_writes_a_file_a_table_or_standard_output(
    study: coterie.Study, in_postgres: str, postgres: PostgresServer, folder: Path
) -> None:
    def run(*arguments: str) -> Any:
        result = CliRunner().invoke(main, ["score", str(study.folder), in_postgres, "--quiet", *arguments])
        assert result.exit_code == 0, result.output
        return result

    known = study.customers["segment_id"].to_dict()
    run("--out", str(folder / "scored.csv"))
    written = pd.read_csv(folder / "scored.csv", index_col="customer_id")
    assert written["segment_id"].to_dict() == known
    assert run().stdout_bytes == (folder / "scored.csv").read_bytes()
    rows = json.loads(run("--json").stdout)["customers"]
    assert {row["customer_id"]: row["segment_id"] for row in rows} == known
    told = json.loads(run("--into", "crm.segments", "--json").stdout)
    assert sum(segment["customers"] for segment in told["segments"]) == len(known)
    assert dict(_asked(postgres, "SELECT customer_id, segment_id FROM crm.segments")) == known
    _asked(postgres, "DROP TABLE crm.segments")


def test_what_is_kept_may_lie_in_a_schema_that_is_named_and_is_gone_after_a_failure(
    study: coterie.Study, in_postgres: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    real = PostgresEngine._keep_in_schema
    monkeypatch.setattr(
        PostgresEngine, "_keep_in_schema", lambda engine, name, *rest: (kept.append(name), real(engine, name, *rest))[1]
    )
    before = _tables(postgres)
    arguments = ["score", str(study.folder), in_postgres, "--schema", "crm", "--quiet"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert {"coterie_staged_lines", "customers", "coterie_placed"} <= set(kept)
    failed = CliRunner().invoke(main, [*arguments, "--into", "nowhere.segments"])
    assert failed.exit_code == 2
    assert _tables(postgres) == before
    missing = CliRunner().invoke(main, ["score", str(study.folder), in_postgres, "--schema", "nowhere", "--quiet"])
    assert missing.exit_code == 2
    assert "nowhere" in missing.output
    assert _tables(postgres) == before


def test_a_column_that_is_dropped_between_two_queries_is_told(
    study: coterie.Study, in_postgres: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another session may not even do that once our transaction has read the table: it has to wait."""
    import psycopg

    from coterie.sources.connect import opening

    real = opening.map_orders

    def altered(*arguments: Any) -> Any:
        with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
            connection.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                connection.execute("ALTER TABLE sold DROP COLUMN amount")
        _asked(postgres, "INSERT INTO sold SELECT * FROM sold LIMIT 1")
        return real(*arguments)

    monkeypatch.setattr(opening, "map_orders", altered)
    assert study.score(in_postgres)["segment_id"].to_dict() == study.customers["segment_id"].to_dict()


def test_a_statement_that_takes_too_long_is_given_up_and_told(study: coterie.Study, in_postgres: str) -> None:
    address, _, _ = in_postgres.partition("?")
    query = "SELECT sold.* FROM sold CROSS JOIN (SELECT pg_sleep(3)) AS slow"
    result = CliRunner().invoke(main, ["score", str(study.folder), f"{address}?orders={query}&timeout=1", "--quiet"])
    assert result.exit_code == 2
    assert "took too long" in result.output
    assert "limit is 1 seconds" in result.output
