"""Real exports, dirt included."""

from __future__ import annotations

import csv
import shlex

import pytest

from coterie.config import SourcesSettings
from coterie.errors import UnsafeGuessError
from coterie.sources.raw import Input
from coterie.sources.reading import read_input

pytestmark = pytest.mark.data


def test_online_retail_is_read_row_by_row_as_the_csv_module_reads_it(engine, data_folder):
    path = data_folder / "online_retail" / "OnlineRetail.csv"
    raw = read_input(Input(path), engine, SourcesSettings(), number=1)
    assert raw.rows_read == 541_909
    assert raw.left_out == {}
    assert raw.formats["encoding"] == "cp1252"
    names = ", ".join(f'"{name}"' for name in raw.columns)
    rows = iter(engine.connection.execute(f"SELECT source_row, {names} FROM raw_1 ORDER BY source_row").fetchall())
    with path.open(encoding="cp1252", newline="") as stream:
        reader = csv.reader(stream)
        assert tuple(next(reader)) == raw.columns
        for cells in reader:
            assert next(rows) == (reader.line_num, *(cell or None for cell in cells))


def test_cdnow_is_read_with_the_options_that_the_message_suggests(engine, data_folder):
    item = Input(data_folder / "cdnow" / "CDNOW_master.txt")
    with pytest.raises(UnsafeGuessError) as caught:
        read_input(item, engine, SourcesSettings(), number=1)
    assert caught.value.remedy == (
        "Read it with --delimiter whitespace --no-header --columns customer_id,date,quantity,amount"
    )
    names = tuple(shlex.split(caught.value.remedy)[-1].split(","))
    settings = SourcesSettings(delimiter="whitespace", header=False, column_names=names)
    raw = read_input(item, engine, settings, number=1)
    assert raw.rows_read == 69_660
    assert raw.left_out == {"header row": 1}
    assert engine.row(
        "SELECT count(DISTINCT customer_id), sum(CAST(amount AS DECIMAL(18, 2)))::VARCHAR FROM raw_1"
    ) == (
        23_570,
        "2500315.63",
    )


def test_two_dialects_of_one_table_hold_the_same_cells(engine, data_folder):
    folder = data_folder / "marketing_campaign"
    one = read_input(Input(folder / "marketing_campaign.csv"), engine, SourcesSettings(), number=1)
    two = read_input(Input(folder / "marketing_campaign_comma_ddmmyyyy.csv"), engine, SourcesSettings(), number=2)
    assert one.columns == two.columns
    same = ", ".join(f'"{name}"' for name in one.columns if name not in ("Dt_Customer", "Income"))
    difference = f"SELECT source_row, {same} FROM raw_1 EXCEPT SELECT source_row, {same} FROM raw_2"
    assert engine.value(f"SELECT count(*) FROM ({difference})") == 0


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("mall/Mall_Customers.csv", 200),
        ("mall/Mall_Customers_modified_812.csv", 812),
        ("marketing_campaign/marketing_data.csv", 2_240),
        ("hillstrom/hillstrom.csv", 64_000),
        ("cdnow/cdnow_customers_summary.csv", 2_357),
    ],
)
def test_the_other_sets_are_read_whole(engine, data_folder, name, rows):
    raw = read_input(Input(data_folder / name), engine, SourcesSettings(), number=1)
    assert raw.rows_read == rows == engine.value("SELECT count(*) FROM raw_1")
