"""What the features of the order lines say about shops of a few lines."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from coterie.config import FeaturesSettings
from coterie.errors import NotEnoughDataError
from coterie.features import build
from coterie.sources.shop import ColumnGuess, TableReport
from coterie.vocabulary import CustomerTable, Kind, TableKind
from features.shops import line, shop_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from features.shops import Row


def made(engine: DuckDBEngine, lines: Sequence[Row], as_of: str | None = "2024-01-01") -> CustomerTable:
    return build(shop_of(engine, lines, as_of=as_of), FeaturesSettings())


def test_a_one_time_buyer_has_no_gap_and_is_told_by_a_flag(engine: DuckDBEngine) -> None:
    ann = made(engine, [line("ann", "1", "2023-12-22")]).frame.loc["ann"]
    assert ann["recency_days"] == ann["tenure_days"] == 10
    assert ann["order_count"] == 1
    assert ann["is_repeat_buyer"] == 0
    assert all(math.isnan(ann[name]) for name in ("median_gap_days", "gap_variation", "overdue_ratio", "spend_trend"))


def test_two_orders_on_one_day_are_two_orders_but_no_gap(engine: DuckDBEngine) -> None:
    ann = made(engine, [line("ann", "1", "2023-12-22"), line("ann", "2", "2023-12-22")]).frame.loc["ann"]
    assert ann["order_count"] == 2
    assert ann["is_repeat_buyer"] == 0
    assert math.isnan(ann["median_gap_days"])


def test_gaps_overdue_ratio_and_trend_follow_the_customers_own_history(engine: DuckDBEngine) -> None:
    days = ["2023-11-02", "2023-11-12", "2023-12-02"]
    frame = made(engine, [line("ann", day, day, amount) for day, amount in zip(days, ("30", "30", "40"), strict=True)])
    ann = frame.frame.loc["ann"]
    assert ann["median_gap_days"] == 15
    assert ann["overdue_ratio"] == 2  # 30 days since the last order
    assert ann["gap_variation"] == pytest.approx(math.sqrt(50) / 15)
    assert ann["spend_trend"] == pytest.approx((40 - 60) / 100)  # of 60 days, the order after 30 is in the recent half


def test_a_customer_with_only_returns_stays_with_what_is_known(engine: DuckDBEngine) -> None:
    back = line("ann", "C1", "2023-12-22", "-25.00", is_return=True, product="hat", quantity="-1")
    sale = line("bob", "2", "2023-12-22", product="hat", quantity="1")
    table = made(engine, [back, sale])
    ann = table.frame.loc["ann"]
    assert [(note.code, note.count) for note in table.notes] == [("only-returns", 1)]
    assert ann["order_count"] == 0
    assert ann["net_revenue"] == -25
    assert ann["recency_days"] == 10
    assert ann["return_rate"] == ann["cancellation_share"] == 1
    assert ann["product_count"] == 0
    assert ann["peak_weekday"] is None
    assert math.isnan(ann["average_order_value"])


def test_a_return_nets_against_the_customer_and_moves_no_order(engine: DuckDBEngine) -> None:
    lines = [
        line("ann", "1", "2023-12-01", "80.00"),
        line("ann", "1", "2023-12-20", "-20.00", is_return=True),  # the same order, later
    ]
    ann = made(engine, lines).frame.loc["ann"]
    assert ann["net_revenue"] == 60
    assert ann["average_order_value"] == 80
    assert ann["return_rate"] == 0.25
    assert ann["recency_days"] == 31
    assert ann["order_count"] == 1


def test_charges_are_money_but_no_product_and_no_order(engine: DuckDBEngine) -> None:
    lines = [
        line("ann", "1", "2023-12-01", "10.00", product="hat", quantity="2"),
        line("ann", "1", "2023-12-01", "4.00", product="POST", quantity="1", is_charge=True),
        line("ann", "2", "2023-12-02", "7.00", product="FEE", quantity="1", is_charge=True),
    ]
    ann = made(engine, lines).frame.loc["ann"]
    assert ann["net_revenue"] == 21
    assert ann["average_order_value"] == 14
    assert ann["order_count"] == ann["product_count"] == ann["lines_per_order"] == 1
    assert ann["units_per_order"] == 2


def test_equal_orders_vary_by_exactly_nothing(engine: DuckDBEngine) -> None:
    lines = [line("ann", str(number), f"2023-12-{number:02d}", "0.07") for number in range(1, 8)]
    ann = made(engine, lines).frame.loc["ann"]
    assert ann["order_value_variation"] == 0
    assert ann["gap_variation"] == 0


def test_ties_between_favourites_go_to_money_and_then_to_the_name(engine: DuckDBEngine) -> None:
    lines = [
        line("ann", "1", "2023-12-04 09:00:00", "5", channel="web", category="b"),  # a Monday
        line("ann", "2", "2023-12-06 20:00:00", "9", channel="shop", category="a"),
        line("bob", "3", "2023-12-06 20:00:00", "5", channel="web", category="b"),
        line("bob", "4", "2023-12-04 09:00:00", "5", channel="shop", category="a"),
    ]
    frame = made(engine, lines).frame
    favourites = ["peak_weekday", "peak_daypart", "favourite_channel", "favourite_category"]
    assert list(frame.loc["ann", favourites]) == ["Wednesday", "evening", "shop", "a"]
    assert list(frame.loc["bob", favourites]) == ["Monday", "morning", "shop", "a"]


def test_only_the_largest_categories_become_shares_with_names_that_differ(engine: DuckDBEngine) -> None:
    spend = {"Home & Garden": "50", "Home/Garden": "30", "Toys": "15", "Books": "5"}
    lines = [line("ann", "1", "2023-12-01", amount, category=name) for name, amount in spend.items()]
    table = build(shop_of(engine, lines), FeaturesSettings(max_categories=3))
    shares = table.frame.filter(like="share_").loc["ann"]
    assert dict(shares[shares > 0]) == {"share_home_garden": 0.5, "share_home_garden_2": 0.3, "share_toys": 0.15}
    assert table.features["share_home_garden"].label == "share of Home & Garden"
    assert table.frame.loc["ann", "category_count"] == 4


def test_hostile_category_names_stay_data(engine: DuckDBEngine) -> None:
    names = ["x'); DROP TABLE order_lines; --", '"quoted" {{ 7 * 7 }}', "<b>bold</b>"]
    lines = [line("ann", "1", "2023-12-01", category=name) for name in names]
    table = made(engine, lines)
    assert table.frame.filter(like="share_").loc["ann"].sum() == pytest.approx(1)
    assert engine.value("SELECT COUNT(*) FROM order_lines") == 3


def test_features_that_the_tables_do_not_hold_are_left_out(engine: DuckDBEngine) -> None:
    table = made(engine, [line("ann", "1", "2023-12-01"), line("bob", "2", "2023-12-02")])
    absent = {"discount_share", "return_rate", "favourite_channel", "units_per_order", "evening_share", "visit_count"}
    assert absent.isdisjoint(table.features)
    assert list(table.frame.columns) == list(table.features)
    assert table.value == "net_revenue"


def test_without_a_day_the_first_day_not_seen_follows_the_last_order(engine: DuckDBEngine) -> None:
    table = made(engine, [line("ann", "1", "2023-12-05 23:59:00")], as_of=None)
    assert str(table.as_of) == "2023-12-06"
    assert table.frame.loc["ann", "recency_days"] == 1


def test_orders_without_any_date_still_give_money_and_counts(engine: DuckDBEngine) -> None:
    undated = {**line("ann", "1", "2023-12-01"), "ordered_at": None, "ordered_on": None}
    table = made(engine, [undated], as_of=None)
    assert table.as_of is None
    assert table.frame.loc["ann", "net_revenue"] == 10
    assert "recency_days" not in table.features


def test_customers_without_an_order_before_the_day_stop_the_run(engine: DuckDBEngine) -> None:
    with pytest.raises(NotEnoughDataError, match="No order line lies before 2024-01-01") as error:
        made(engine, [line("ann", "1", "2024-01-01")])
    assert "--as-of" in error.value.remedy


def test_the_frame_keeps_its_promises(engine: DuckDBEngine) -> None:
    lines = [line("é", "1", "2023-12-01", country="FR"), line("Z", "2", "2023-12-02", country="DE")]
    table = made(engine, [*lines, line("a", "3", "2023-12-03", country="DE")])
    assert list(table.frame.index) == ["Z", "a", "é"]  # by code point
    assert table.frame.index.name == "customer_id"
    for name, feature in table.features.items():
        dtype = table.frame[name].dtype
        expected = "datetime64[s]" if feature.kind is Kind.DATE else "float64" if feature.is_numeric else "object"
        assert str(dtype) == expected, name
    assert table.frame.loc["a", "first_order_month"] == pd.Timestamp("2023-12-01")


def test_nothing_of_ours_is_left_in_the_engine(engine: DuckDBEngine) -> None:
    made(engine, [line("ann", "1", "2023-12-01", product="hat", category="hats")])
    assert engine.rows("SELECT table_name FROM duckdb_tables()") == [("order_lines",)]


def test_an_ignored_column_of_the_orders_takes_its_features_along(engine: DuckDBEngine) -> None:
    lines = [line("ann", "1", "2023-12-01", country="FR"), line("bob", "2", "2023-12-02", country="DE")]
    guesses = (ColumnGuess("country", "Land", 1.0, "pinned"),)
    report = TableReport("orders.csv", TableKind.ORDERS, "", guesses, (), {}, {}, 2, 2, {}, "")
    shop = dataclasses.replace(shop_of(engine, lines), tables=(report,))
    assert "order_country" in build(shop, FeaturesSettings()).features
    without = build(shop, FeaturesSettings(ignore=("land",)))
    assert "order_country" not in without.features
    assert not without.notes


def test_ignoring_what_is_not_there_is_told_with_the_nearest_name(engine: DuckDBEngine) -> None:
    table = build(shop_of(engine, [line("ann", "1", "2023-12-01")]), FeaturesSettings(ignore=("net_revenues", "rfm")))
    assert [note.message for note in table.notes] == [
        "There is no column or feature 'net_revenues' to ignore.",
        "There is no column or feature 'rfm' to ignore.",
    ]
    assert table.notes[0].remedy == "Did you mean 'net_revenue'?"
    assert "recency_days" in table.features  # a step's name ignores nothing


@pytest.mark.parametrize("ignored", ["net_revenue", "NET_REVENUE"])
def test_what_is_ignored_is_not_there(engine: DuckDBEngine, ignored: str) -> None:
    table = build(shop_of(engine, [line("ann", "1", "2023-12-01")]), FeaturesSettings(ignore=(ignored,)))
    assert "net_revenue" not in table.frame
    assert table.value is None
