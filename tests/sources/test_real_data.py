"""The known numbers of public data sets."""
# ruff: noqa: E501  messages and rows stay in one line

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from coterie.config import SourcesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.sources import Input, open_shop
from coterie.vocabulary import Barred, Kind
from sources.conftest import finding

pytestmark = pytest.mark.data


def given_rows(path, **settings):
    """Open a customer table; gives the shop's columns and all its values."""
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        shop = open_shop([Input(path)], engine, SourcesSettings(**settings))
        return shop, engine.rows("SELECT * FROM given_customers ORDER BY customer_id")


def test_online_retail_has_its_known_numbers(data_folder, engine):
    shop = open_shop([Input(data_folder / "online_retail" / "OnlineRetail.csv")], engine, SourcesSettings())
    (report,) = shop.tables
    assert (report.rows_read, report.rows_kept, report.rows_left_out) == (541_909, 406_829, {"no customer id": 135_080})
    assert shop.as_of == dt.date(2011, 12, 10)
    lines = engine.row(
        "SELECT count(DISTINCT customer_id), count(DISTINCT order_id), sum(amount), count(*) FILTER (WHERE is_return), "
        "count(DISTINCT country) FROM order_lines"
    )
    assert lines == (4_372, 22_190, Decimal("8300065.81"), 8_905, 37)
    bought = "SELECT count(*), count(DISTINCT customer_id), sum(quantity * unit_price) FROM order_lines WHERE NOT is_return AND unit_price > 0"
    rows, customers, revenue = engine.row(bought)
    assert (rows, customers, round(revenue, 2)) == (397_884, 4_338, Decimal("8911407.90"))
    charges = [row[0] for row in engine.rows("SELECT DISTINCT product FROM order_lines WHERE is_charge ORDER BY 1")]
    assert charges == ["BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "POST"]
    assert finding(shop, "duplicate-lines").count == 5_225


def test_cdnow_is_read_with_the_options_that_its_form_needs(data_folder, engine):
    names = ("customer_id", "date", "number_of_cds", "dollar_value")
    settings = SourcesSettings(delimiter="whitespace", header=False, column_names=names, skip_rows=1)
    shop = open_shop([Input(data_folder / "cdnow" / "CDNOW_master.txt")], engine, settings)
    assert shop.tables[0].rows_kept == 69_659
    assert engine.row("SELECT count(DISTINCT customer_id), sum(amount), min(customer_id) FROM order_lines") == (
        23_570, Decimal("2500315.63"), "00001")  # fmt: skip
    assert finding(shop, "free-lines").count == 80


def test_the_same_customers_in_two_dialects_give_the_same_cells(data_folder):
    folder = data_folder / "marketing_campaign"
    one, rows = given_rows(folder / "marketing_campaign.csv")
    other, same_rows = given_rows(folder / "marketing_campaign_comma_ddmmyyyy.csv")
    assert rows == same_rows
    assert one.given == other.given
    assert finding(one, "equal-but-for-id").count == 182
    outcomes = [given.source for given in one.given if given.barred is Barred.OUTCOME]
    assert outcomes == ["AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "AcceptedCmp1", "AcceptedCmp2", "Response"]
    assert [given.source for given in one.given if given.barred is Barred.CONSTANT] == ["Z_CostContact", "Z_Revenue"]


def test_incomes_with_dollars_and_dates_with_two_digit_years_are_read(data_folder):
    shop, rows = given_rows(data_folder / "marketing_campaign" / "marketing_data.csv")
    names = [given.name for given in shop.given]
    first = next(row for row in rows if row[0] == "1826")
    assert first[1 + names.index("income")] == 84_835.0
    assert first[1 + names.index("dt_customer")] == dt.date(2014, 6, 16)
    assert shop.currency == "$"
    assert sum(row[1 + names.index("income")] is None for row in rows) == 24


def test_the_dirty_mall_customers_are_handled_and_told(data_folder):
    shop, rows = given_rows(data_folder / "mall" / "Mall_Customers_modified_812.csv")
    assert len(rows) == 800
    assert shop.tables[0].rows_left_out == {"customer listed more than once": 12}
    missing = {given.source: shop.tables[0].casts[given.source] for given in shop.given}
    assert "60 cells with a word for 'missing'" in missing["Spending Score (1-100)"]
    assert not any(given.barred for given in shop.given)


def test_hillstrom_knows_its_treatment_and_its_outcomes(data_folder):
    shop, rows = given_rows(data_folder / "hillstrom" / "hillstrom.csv")
    assert len(rows) == 64_000
    assert rows[0][0] == "row-000001"
    barred = {given.source: given.barred for given in shop.given if given.barred}
    assert barred == {
        "segment": Barred.TREATMENT, "visit": Barred.OUTCOME, "conversion": Barred.OUTCOME, "spend": Barred.OUTCOME}  # fmt: skip
    (history,) = [given for given in shop.given if given.source == "history_segment"]
    assert history.kind is Kind.ORDERED
    assert history.levels[0] == "1) $0 - $100"
    assert finding(shop, "recency-in-months").column == "recency"
