"""Parquet, JSON lines and dataframes: types, nesting, damage, and the same table whatever the library."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.config import SourcesSettings
from coterie.errors import CoterieError
from coterie.sources.raw import Input
from coterie.sources.reading import read_input

TABLE = pa.table(
    {
        "id": pa.array(["007", "", None], pa.string()),
        "day": pa.array([dt.date(2024, 1, 5), None, dt.date(2024, 1, 7)]),
        "amount": pa.array([Decimal("9.50"), Decimal("3.00"), None], pa.decimal128(12, 2)),
        "share": pa.array([0.5, float("nan"), None]),
    }
)
CELLS = [
    ("007", dt.date(2024, 1, 5), Decimal("9.50"), 0.5),
    (None, None, Decimal("3.00"), None),
    (None, dt.date(2024, 1, 7), None, None),
]


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def test_parquet_keeps_its_types_and_missing_is_null(read):
    reading = read(parquet(TABLE), "orders.parquet")
    assert reading.cells == CELLS
    assert [row[0] for row in reading.rows] == [1, 2, 3]
    assert dict(reading.table.types) == {"id": "VARCHAR", "day": "DATE", "amount": "DECIMAL(12,2)", "share": "DOUBLE"}
    assert dict(reading.table.formats) == {"format": "Parquet"}


SCALARS = {
    "decimal": (pa.array([Decimal(10) ** 30], pa.decimal128(38, 2)), Decimal(10) ** 30),
    "ns": (
        pa.array([1_704_440_096_123_456_789], pa.timestamp("ns")),
        dt.datetime.fromisoformat("2024-01-05 07:34:56.123457"),
    ),
    "uint64": (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
    "dictionary": (pa.array(["a"]).dictionary_encode(), "a"),
    "large_string": (pa.array(["a"], pa.large_string()), "a"),
    "bytes": (pa.array([b"a"], pa.binary()), "a"),
    "null": (pa.nulls(1), None),
}


@pytest.mark.parametrize("kind", SCALARS)
def test_scalar_types_of_parquet_are_read(read, kind):
    array, expected = SCALARS[kind]
    table = pa.table({"id": pa.array(["1"]), "x": array})
    assert read(parquet(table), "orders.parquet").cells == [("1", expected)]


NESTED = (
    "'orders.parquet' has columns whose cells are lists or records: 'items', 'who'.\n"
    "Export them as plain columns, or leave them out."
)


def test_nested_columns_of_parquet_are_refused_by_name(refusal):
    table = pa.table({"id": [1], "items": [[1, 2]], "who": [{"name": "x"}]})
    assert refusal(parquet(table), "orders.parquet") == NESTED


def test_parquet_without_rows_is_refused(refusal):
    assert refusal(parquet(TABLE.slice(0, 0)), "orders.parquet") == (
        "'orders.parquet' has columns but no rows.\nExport it again with its rows."
    )


def test_parquet_under_another_name_is_refused(refusal):
    assert refusal(parquet(TABLE), "orders.csv") == (
        "'orders.csv' is really a Parquet file.\nGive it the ending .parquet."
    )


@pytest.mark.parametrize("cut", [10, 100, 500])
def test_cut_parquet_is_refused(refusal, cut):
    assert refusal(parquet(TABLE)[:-cut], "orders.parquet") == (
        "'orders.parquet' is a damaged Parquet file.\nExport or copy it again."
    )


def test_flipped_bytes_of_parquet_are_refused_or_read_never_a_crash(engine, tmp_path):
    data = parquet(TABLE)
    refused = 0
    for at in range(0, len(data), 40):
        path = tmp_path / "orders.parquet"
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            read_input(Input(path), engine, SourcesSettings(), number=1)
        except CoterieError as error:
            assert "orders.parquet" in str(error)  # noqa: PT017  some flips go unseen
            refused += 1
    assert refused > 5


def test_parquet_files_of_a_folder_are_one_table(read, tmp_path):
    for i in range(3):
        (tmp_path / f"part-{i}.parquet").write_bytes(parquet(TABLE.slice(i, 1)))
    reading = read(tmp_path)
    assert reading.cells == CELLS
    assert [row[0] for row in reading.rows] == [1, 2, 3]


RECORDS = [
    {"id": "007", "amount": 9.5, "paid": True},
    {"id": "008", "amount": 12345678901234567890123, "note": "a\u0000b"},
    {"id": "", "amount": None, "odd/~key\"'": "x"},
]
JSON_CELLS = [
    ("007", "9.5", "true", None, None),
    ("008", "12345678901234567890123", None, "ab", None),
    (None, None, None, None, "x"),
]


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.ndjson", "orders.json"])
def test_json_lines_are_read_as_text(read, name):
    reading = read("\n".join(map(json.dumps, RECORDS)).encode(), name)
    assert reading.table.columns == ("id", "amount", "paid", "note", "odd/~key\"'")
    assert reading.cells == JSON_CELLS


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_of_records_is_read(read, indent):
    data = b"\xef\xbb\xbf" + json.dumps(RECORDS, indent=indent).encode()
    assert read(data, "orders.json").cells == JSON_CELLS


def test_nested_json_is_refused_by_name(refusal):
    data = b'{"id": 1, "items": [1]}\n{"id": 2, "items": null, "who": {"name": "x"}}\n'
    assert refusal(data, "orders.jsonl") == NESTED.replace("parquet", "jsonl")


def test_broken_json_is_refused(refusal):
    assert refusal(b'{"id": 1}\n{"id": \n', "orders.jsonl") == (
        "'orders.jsonl' is not valid JSON.\nWrite one record a line, or one array of records; export it again."
    )


def test_json_values_that_are_no_records_are_refused(refusal):
    assert refusal(b'{"id": 1}\n[1, 2]\n', "orders.jsonl") == (
        "'orders.jsonl' does not hold records.\nThe first of 1 others is value 2.\n"
        'Write one record a line: {"customer_id": …}.'
    )


def frames():
    connection = duckdb.connect()
    connection.register("source", TABLE)
    return {
        "arrow": TABLE,
        "pandas": TABLE.to_pandas(),
        "pandas with Arrow types": TABLE.to_pandas(types_mapper=pd.ArrowDtype),
        "polars": pl.from_arrow(TABLE),
        "lazy polars": pl.from_arrow(TABLE).lazy(),
        "relation": connection.sql("SELECT * FROM source"),
        "record batches": TABLE.to_batches()[0],
    }


@pytest.mark.parametrize("kind", frames())
def test_dataframes_of_every_library_are_the_same_table(read, kind):
    reading = read(frames()[kind])
    assert reading.cells == CELLS
    assert reading.table.name == "table 1"
    assert [row[0] for row in reading.rows] == [1, 2, 3]


def test_the_fingerprint_of_a_dataframe_is_that_of_its_values(read):
    one = read(TABLE).table.fingerprint
    chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    assert read(chunked).table.fingerprint == one
    assert read(TABLE.slice(0, 2)).table.fingerprint != one
    assert read(TABLE.take([1, 0, 2])).table.fingerprint != one
    assert read(pl.from_arrow(TABLE)).table.fingerprint == one


def test_a_named_index_is_a_column_and_another_is_not(read):
    frame = pd.DataFrame({"amount": [1, 2]}, index=pd.Index(["a", "b"], name="customer"))
    assert read(frame).cells == [("a", 1), ("b", 2)]
    assert read(frame.rename_axis(None)).cells == [(1,), (2,)]


def test_mixed_objects_of_pandas_become_text(read):
    frame = pd.DataFrame({"id": pd.Series([1, "A2", None], dtype=object), 5: [1.5, 2.5, None]})
    reading = read(frame)
    assert reading.table.columns == ("id", "5")
    assert reading.cells == [("1", 1.5), ("A2", 2.5), (None, None)][:2] + reading.cells[2:]
    assert len(reading.rows) + sum(reading.table.left_out.values()) == 3


def test_control_characters_in_a_dataframe_are_removed_and_counted(read):
    reading = read(pa.table({"id": ["a\x00b", "c", "\x1f"]}))
    assert [row[0] for row in reading.cells] == ["ab", "c"]
    assert reading.messages["control-characters"] == (
        "Removed control characters from 2 cells of column 'id' in 'table 1'."
    )


def test_nested_dataframes_are_refused_by_column(refusal):
    assert refusal(pa.table({"id": [1], "items": [[1, 2]]})) == (
        "'table 1' has columns whose cells are lists or records: 'items'.\n"
        "Unnest them into plain columns, or leave them out."
    )


def test_a_dataframe_without_rows_is_refused(refusal):
    assert refusal(TABLE.slice(0, 0)) == "'table 1' has columns but no rows.\nHand over a table with rows."


def test_what_is_no_table_is_refused(refusal):
    assert refusal(42) == (
        "Something of type 'int' is no table.\nHand over a path, or a dataframe of pandas, Polars, Arrow or DuckDB."
    )


def test_the_frame_that_was_handed_over_is_not_changed(read):
    frame = pd.DataFrame({"id": ["a", ""], "x": [1, 2]})
    before = frame.copy()
    read(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_column_without_a_name_or_a_value_is_left_in_its_file(engine, tmp_path):
    path = tmp_path / "orders.parquet"
    cells = [["17", "18"], [9.5, 3.0], pa.array([None, None], pa.float64())]
    pq.write_table(pa.table(cells, names=["id", "amount", ""]), path)
    table = read_input(Input(path), engine, SourcesSettings(), number=1)
    assert table.columns == ("id", "amount")
    assert table.types == {"id": "VARCHAR", "amount": "DOUBLE"}
