"""Columns with a type are cast by expression and read where they lie, and say the same as text does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.config import SourcesSettings
from coterie.engines import duckdb as duckdb_engine
from coterie.engines.duckdb import DuckDBEngine
from coterie.errors import InputError
from coterie.sources import Input, checks, looking, open_raw, open_shop, order_keys
from coterie.sources.reading import parquet, read_input
from coterie.sources.shop import ORDER_LINE_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

_AMOUNTS = [2.675, 0.005, -3.5, 0.1 + 0.2, 123456789.675, 1e-7, 19.999999, 0.0, 1234.0, 7.045]
_N = 240


def _table() -> pa.Table:
    start = dt.datetime.fromisoformat("2024-01-01T09:30:00")
    return pa.table(
        {
            "customer_id": [f"C{i % 60:03d}" for i in range(_N)],
            "order_id": pa.array([i // 2 for i in range(_N)], pa.int64()),
            "order_date": pa.array([start + dt.timedelta(hours=5 * i) for i in range(_N)], pa.timestamp("us")),
            "amount": pa.array([_AMOUNTS[i % len(_AMOUNTS)] for i in range(_N)], pa.float64()),
            "quantity": pa.array([i % 3 + 1 for i in range(_N)], pa.int32()),
            "category": [("Garden", "Kitchen", None)[i % 3] for i in range(_N)],
        }
    )


def _lines(path: Path, **settings) -> list[tuple]:
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        open_shop([Input(str(path))], engine, SourcesSettings(**settings), min_customers=0)
        return engine.rows("SELECT * FROM order_lines ORDER BY ALL")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.parquet"
    pq.write_table(_table(), path, row_group_size=50)
    return path


def test_numbers_and_times_with_a_type_become_what_their_text_becomes(file, tmp_path):
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        engine.run(f"COPY (FROM '{file}') TO '{tmp_path / 'orders.csv'}' (HEADER)")
    typed = _lines(file)
    assert typed == _lines(tmp_path / "orders.csv")
    assert {line[9] for line in typed} >= {Decimal("2.68"), Decimal("0.30"), Decimal("123456789.68"), Decimal("7.05")}


def test_keyed_lines_say_the_same_as_the_lines_in_the_shops_own_words(file):
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        shop = open_shop([Input(str(file))], engine, SourcesSettings(), min_customers=0)
        assert shop.coded
        keyed = engine.rows(
            "SELECT ids.customer_id, CAST(t.order_id AS VARCHAR), t.ordered_at, t.amount, CAST(t.category AS VARCHAR) "
            "FROM coded_lines AS t JOIN customer_ids AS ids ON ids.customer = t.customer_id ORDER BY ALL"
        )
        plain = engine.rows("SELECT customer_id, order_id, ordered_at, amount, category FROM order_lines ORDER BY ALL")
        assert keyed == plain
        assert len(plain) == _N


def test_a_long_table_is_understood_from_a_part_of_its_values_and_read_no_differently(file, monkeypatch):
    whole = _lines(file)
    monkeypatch.setattr(looking, "FEW_ROWS", 100)
    monkeypatch.setattr(looking, "FEW_VALUES", 1)
    monkeypatch.setattr(looking, "PARTS", 4)
    monkeypatch.setattr(parquet, "FEW_ROWS", 100)
    monkeypatch.setattr(parquet, "MANY_VALUES", 0.001)
    monkeypatch.setattr(checks, "COMPARED_LINES", 100)
    assert _lines(file) == whole


def test_unreadable_and_empty_cells_with_a_type_are_counted_as_those_of_text_are(tmp_path):
    table = _table().slice(0, 100)
    amounts = [float("inf"), float("nan"), None, *table["amount"].to_pylist()[3:]]
    days = table["order_date"].to_pylist()
    days[5] = dt.datetime.fromisoformat("1970-01-01T00:00:00")
    table = table.set_column(3, "amount", pa.array(amounts, pa.float64()))
    pq.write_table(table.set_column(2, "order_date", pa.array(days, pa.timestamp("us"))), tmp_path / "o.parquet")
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        shop = open_shop(
            [Input(str(tmp_path / "o.parquet"))], engine, SourcesSettings(max_rejected=0.5), min_customers=0
        )
        (report,) = shop.tables
        assert report.rows_left_out == {"amount cannot be read": 1, "no amount": 2, "no order date": 1}
        assert report.rows_kept + 4 == report.rows_read == 100
        assert engine.rows("SELECT source_row, reason FROM left_out ORDER BY ALL") == [
            (1, "amount cannot be read"), (2, "no amount"), (3, "no amount"), (6, "no order date")]  # fmt: skip


def test_a_file_that_changes_after_it_was_looked_at_is_refused(file):
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        raw = read_input(Input(str(file)), engine, SourcesSettings(), number=0)
        pq.write_table(_table().slice(0, 200), file)
        with pytest.raises(InputError, match=r"orders\.parquet"):
            open_raw([raw], engine, SourcesSettings(), min_customers=0)


def test_customers_whose_hashes_meet_are_numbered_apart_and_keep_their_own_lines(file, monkeypatch):
    expected = _lines(file)
    monkeypatch.setattr(order_keys, "_number_of", lambda x: f"CAST(hash({x}) % 7 AS BIGINT)")
    assert _lines(file) == expected


def test_empty_texts_and_what_is_no_number_in_a_file_count_as_missing(tmp_path):
    cells = _table().to_pydict()
    cells["category"][3], cells["customer_id"][7], cells["customer_id"][9] = "", "", None
    cells["amount"][5] = float("nan")
    holed = tmp_path / "holed.parquet"
    pq.write_table(pa.table(cells), holed)
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        shop = open_shop([Input(str(holed))], engine, SourcesSettings(), min_customers=0)
        assert shop.tables[0].rows_left_out == {"no amount": 1, "no customer id": 2}
        assert (
            engine.value("SELECT count(*) FROM order_lines WHERE category = '' OR isnan(CAST(amount AS DOUBLE))") == 0
        )


@pytest.mark.parametrize("whole", [True, False])
def test_ids_that_are_whole_numbers_give_the_same_lines_as_their_texts(tmp_path, whole):
    table = _table().to_pandas()
    table["customer_id"] = table["customer_id"].str[1:].astype(int)
    if not whole:
        table.loc[0, "customer_id"] = 3_000_000_000
    number, text = tmp_path / "number.parquet", tmp_path / "text.parquet"
    table.to_parquet(number)
    table.assign(customer_id=table["customer_id"].astype(str)).to_parquet(text)
    assert _lines(number) == _lines(text)


def test_numbers_too_large_for_money_are_still_refused_where_the_others_are_small(tmp_path):
    table = _table().to_pandas()
    table.loc[3, "amount"] = 2e15
    huge = tmp_path / "huge.parquet"
    table.to_parquet(huge)
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        shop = open_shop([Input(str(huge))], engine, SourcesSettings(), min_customers=0)
        assert shop.tables[0].rows_left_out == {"amount cannot be read": 1}


def test_a_long_table_laid_down_in_a_file_holds_the_same_lines_and_leaves_nothing(file, monkeypatch):
    expected = _lines(file)
    monkeypatch.setattr(duckdb_engine, "LONG", 100)
    with DuckDBEngine(memory="300MB", threads=1) as engine:
        for _ in range(2):  # a second shop in the same engine takes the place of the first
            open_shop([Input(str(file))], engine, SourcesSettings(), min_customers=0)
            assert engine.rows("SELECT * FROM order_lines ORDER BY ALL") == expected
        folder = engine.folder
        assert (folder / "lasting.duckdb").exists()
    assert not folder.exists()


def test_the_smallest_number_and_decimals_of_many_places_are_read_or_counted(tmp_path):
    table = _table()
    quantities = pa.array([-(2**63) if i == 3 else 1 for i in range(_N)], pa.int64())
    amounts = pa.array([Decimal(i).scaleb(-2) for i in range(_N)], pa.decimal128(38, 30))
    table = table.set_column(table.schema.get_field_index("quantity"), "quantity", quantities)
    pq.write_table(table.set_column(table.schema.get_field_index("amount"), "amount", amounts), tmp_path / "o.parquet")
    lines = _lines(tmp_path / "o.parquet")
    assert sorted(line[9] for line in lines) == [Decimal(i).scaleb(-2) for i in range(_N)]
    place = list(ORDER_LINE_COLUMNS).index("quantity")
    assert [line[9] for line in lines if line[place] is None] == [Decimal("0.03")]
