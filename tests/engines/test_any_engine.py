"""What every engine promises: results kept for a while, small tables sent there, names overlaid for a while."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from coterie.errors import EngineError

if TYPE_CHECKING:
    from coterie.engines.base import Engine

_MONEY = [Decimal("1.50"), None, Decimal("-2.25"), Decimal("0.00"), Decimal("3.00")]
_DAYS = [dt.date(2024, 2, 29), None, dt.date(1970, 1, 1), dt.date(2000, 1, 1), dt.date(2024, 1, 1)]
_TABLE = pa.table(
    {
        "customer_id": pa.array(["b", "A", "ä", None, ""]),
        "spent": pa.array(_MONEY, pa.decimal128(18, 2)),
        "share": pa.array([0.1, None, 1e-300, -0.0, 1 / 3]),
        "lines": pa.array([1, 2, None, 2**53 + 1, 0]),
        "ordered_on": pa.array(_DAYS),
        "is_return": pa.array([True, False, None, True, False]),
    }
)  # fmt: skip


def test_a_table_sent_there_comes_back_as_it_was(any_engine: Engine) -> None:
    any_engine.upload("sent", _TABLE)
    try:
        back = any_engine.arrow("SELECT * FROM sent ORDER BY lines")
        for name in _TABLE.column_names:
            order = sorted(_TABLE.to_pylist(), key=lambda row: (row["lines"] is None, row["lines"] or 0))
            nulls_first = back.column("lines")[0].as_py() is None
            expected = [row[name] for row in order]
            assert back.column(name).to_pylist() == (expected[-1:] + expected[:-1] if nulls_first else expected), name
    finally:
        any_engine.drop("sent")


def test_what_is_kept_can_be_read_replaced_and_dropped(any_engine: Engine) -> None:
    any_engine.keep("kept", "SELECT 1 AS x")
    any_engine.keep("kept", "SELECT 2 AS x")
    any_engine.see("seen", "SELECT x + 1 AS x FROM kept")
    assert any_engine.value("SELECT x FROM seen") == 3
    assert list(any_engine.columns("seen")) == ["x"]
    any_engine.drop("seen")
    any_engine.drop("kept")
    any_engine.drop("kept")
    if any_engine.dialect.name != "postgres":  # there, a failed statement ends the transaction
        with pytest.raises(EngineError):
            any_engine.value("SELECT x FROM kept")


def test_a_name_is_overlaid_for_a_while(any_engine: Engine) -> None:
    any_engine.run("CREATE TABLE days AS SELECT 1 AS x") if any_engine.dialect.name == "duckdb" else any_engine.see(
        "days", "SELECT 1 AS x"
    )
    try:
        with any_engine.overlaid("days", "SELECT x + 10 AS x FROM days"):
            assert any_engine.value("SELECT x FROM days") == 11
        assert any_engine.value("SELECT x FROM days") == 1
    finally:
        any_engine.run("DROP TABLE days") if any_engine.dialect.name == "duckdb" else any_engine.drop("days")


def test_a_result_comes_in_parts_in_its_order(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"duckdb": "_BATCH", "spark": "_BATCH", "postgres": "_PART"}
    name = any_engine.dialect.name
    monkeypatch.setattr(f"coterie.engines.{name}.{sizes[name]}", 2_048)
    any_engine.upload("many", pa.table({"x": range(10_000), "word": ["a\n,'\"", None] * 5_000}))
    try:
        parts = list(any_engine.batches("SELECT x, word FROM many ORDER BY x"))
        assert len(parts) > 3
        whole = pa.Table.from_batches(parts)
        assert whole.column("x").to_pylist() == list(range(10_000))
        assert whole.column("word").to_pylist() == ["a\n,'\"", None] * 5_000
    finally:
        any_engine.drop("many")


def test_an_empty_result_keeps_its_columns(any_engine: Engine) -> None:
    empty = any_engine.arrow("SELECT 'a' AS name, 1 AS n WHERE 1 = 0")
    assert empty.column_names == ["name", "n"]
    assert empty.num_rows == 0
