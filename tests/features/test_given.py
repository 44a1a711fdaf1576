"""Columns of a customer table become features."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from coterie.config import FeaturesSettings
from coterie.features import build
from coterie.sources.shop import GivenColumn
from coterie.vocabulary import Barred, Block, Kind
from features.shops import line, shop_of

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine


def column(name: str, role: str = "", kind: Kind = Kind.NUMBER, **more: Any) -> GivenColumn:
    return GivenColumn(name, name.title(), name.replace("_", " "), role, kind, **more)


SPEND = [
    column("mnt_wines", "spend_in_category", Kind.MONEY, detail="Wines"),
    column("mnt_fish", "spend_in_category", Kind.MONEY, detail="Fish"),
    column("num_web", "orders_in_channel", Kind.COUNT, detail="Web"),
    column("num_store", "orders_in_channel", Kind.COUNT, detail="Store"),
    column("recency", "recency_days", Kind.DAYS),
]
ROWS = [
    {"customer_id": "ann", "mnt_wines": 75, "mnt_fish": 25, "num_web": 1, "num_store": 3, "recency": 12},
    {"customer_id": "bob", "mnt_wines": 0, "mnt_fish": 0, "num_web": 0, "num_store": 0, "recency": 40},
    {"customer_id": "cid", "num_web": 2, "num_store": 2},
]


def test_ready_made_behaviour_takes_our_names(engine: DuckDBEngine) -> None:
    table = build(shop_of(engine, given=ROWS, columns=SPEND, as_of=None), FeaturesSettings())
    ann = table.frame.loc["ann"]
    assert table.value == "net_revenue"
    assert (ann["net_revenue"], ann["order_count"], ann["average_order_value"]) == (100, 4, 25)
    assert (ann["share_wines"], ann["share_fish"], ann["channel_share_store"]) == (0.75, 0.25, 0.75)
    assert (ann["favourite_category"], ann["favourite_channel"]) == ("Wines", "Store")
    assert ann["category_entropy"] == pytest.approx((0.75 * math.log(4 / 3) + 0.25 * math.log(4)) / math.log(2))
    assert ann["recency_days"] == 12
    assert "recency" not in table.frame


def test_no_spend_gives_no_shares_and_no_known_spend_no_revenue(engine: DuckDBEngine) -> None:
    frame = build(shop_of(engine, given=ROWS, columns=SPEND, as_of=None), FeaturesSettings()).frame
    assert frame.loc["bob", "net_revenue"] == 0
    assert math.isnan(frame.loc["bob", "share_wines"])
    assert math.isnan(frame.loc["bob", "average_order_value"])
    assert frame.loc["bob", "favourite_category"] is None
    assert math.isnan(frame.loc["cid", "net_revenue"])


def test_the_columns_behind_a_sum_stay_to_describe(engine: DuckDBEngine) -> None:
    table = build(shop_of(engine, given=ROWS, columns=SPEND, as_of=None), FeaturesSettings())
    assert not table.features["mnt_wines"].actionable
    assert table.features["recency_days"].origin == "Recency"
    assert table.features["net_revenue"].origin == "Mnt_Fish, Mnt_Wines"


def test_beside_orders_a_column_of_unknown_meaning_only_describes(engine: DuckDBEngine) -> None:
    columns = [column("shoe_size"), column("age", "age")]
    rows = [{"customer_id": "ann", "shoe_size": 40, "age": 30}]
    alone = build(shop_of(engine, given=rows, columns=columns), FeaturesSettings()).features
    beside = build(shop_of(engine, [line("ann", "1", "2023-12-22")], given=rows, columns=columns), FeaturesSettings())
    assert alone["shoe_size"].actionable
    assert not beside.features["shoe_size"].actionable
    assert beside.features["age"].actionable


def test_orders_outweigh_what_a_customer_table_says(engine: DuckDBEngine) -> None:
    columns = [column("recency", "recency_days", Kind.DAYS), column("net_revenue", "total_spend", Kind.MONEY)]
    rows = [{"customer_id": "ann", "recency": 99, "net_revenue": 5}, {"customer_id": "bob", "recency": 7}]
    table = build(shop_of(engine, [line("ann", "1", "2023-12-22")], given=rows, columns=columns), FeaturesSettings())
    ann = table.frame.loc["ann"]
    assert (ann["recency_days"], ann["net_revenue"]) == (10, 10)
    assert (ann["recency"], ann["given_net_revenue"]) == (99, 5)
    bob = table.frame.loc["bob"]  # never ordered
    assert (bob["order_count"], bob["net_revenue"]) == (0, 0)
    assert math.isnan(bob["recency_days"])


def test_age_is_that_of_the_last_day_seen(engine: DuckDBEngine) -> None:
    columns = [column("born", "birth_date", Kind.DATE)]
    days = {"a": "1990-12-31", "b": "1991-01-01", "c": "1890-05-05", "d": "2030-01-01"}
    rows = [{"customer_id": name, "born": day} for name, day in days.items()]
    table = build(shop_of(engine, given=[*rows, {"customer_id": "e"}], columns=columns), FeaturesSettings())
    ages = table.frame["age"]
    assert (ages["a"], ages["b"]) == (33, 32)
    assert ages[["c", "d", "e"]].isna().all()
    assert "born" not in table.frame
    assert [(note.code, note.count) for note in table.notes] == [("implausible-age", 2)]
    assert "1890" not in table.notes[0].message


def test_a_birth_year_needs_a_date_and_takes_the_last_sign_up(engine: DuckDBEngine) -> None:
    born, joined = column("year", "birth_year"), column("joined", "signed_up_on", Kind.DATE)
    rows = [
        {"customer_id": "ann", "year": 1980, "joined": "2014-06-20"},
        {"customer_id": "bob", "year": 1990, "joined": "2014-06-29"},
    ]
    table = build(shop_of(engine, given=rows, columns=[born, joined], as_of=None), FeaturesSettings())
    assert str(table.as_of) == "2014-06-30"
    assert list(table.frame["age"]) == [34, 24]
    assert list(table.frame["tenure_days"]) == [10, 1]
    undated = build(shop_of(engine, given=rows, columns=[born], as_of=None), FeaturesSettings())
    assert "age" not in undated.frame
    assert "year" in undated.frame
    assert [note.code for note in undated.notes] == ["age-needs-a-date"]


def test_personal_columns_never_enter_and_outcomes_only_describe(engine: DuckDBEngine) -> None:
    columns = [
        column("mail", "email", Kind.CATEGORY, barred=Barred.PERSONAL),
        column("card", "", Kind.CATEGORY, barred=Barred.IDENTIFIER),
        column("response", "", Kind.FLAG, barred=Barred.OUTCOME),
        column("score"),
    ]
    rows = [{"customer_id": "ann", "mail": "a@example.org", "card": "1", "response": 1, "score": 3}]
    table = build(shop_of(engine, given=rows, columns=columns), FeaturesSettings())
    assert list(table.frame.columns) == ["response", "score"]
    assert table.features["response"].barred is Barred.OUTCOME
    assert not table.features["response"].actionable
    assert table.features["score"].actionable


@pytest.mark.parametrize(
    ("name", "role", "block"),
    [
        ("income", "income", Block.DEMOGRAPHICS),
        ("marital_status", "", Block.DEMOGRAPHICS),
        ("web_visits", "", Block.BROWSING),
        ("num_deals_purchases", "", Block.BASKET),
        ("spending_score", "", Block.VALUE),
        ("shoe_size", "", Block.OTHER),
    ],
)
def test_a_column_shows_the_side_that_its_name_says(engine: DuckDBEngine, name: str, role: str, block: Block) -> None:
    table = build(
        shop_of(engine, given=[{"customer_id": "ann", name: 1}], columns=[column(name, role)]), FeaturesSettings()
    )
    assert table.features[name].block is block


def test_bands_keep_their_levels_and_categories_their_gaps(engine: DuckDBEngine) -> None:
    columns = [
        column("age", "age", Kind.ORDERED, levels=("18-24", "25-34")),
        column("gender", "gender", Kind.CATEGORY),
    ]
    rows = [{"customer_id": "ann", "age": 1, "gender": "f"}, {"customer_id": "bob", "age": 0}]
    table = build(shop_of(engine, given=rows, columns=columns), FeaturesSettings())
    assert table.features["age"].levels == ("18-24", "25-34")
    assert list(table.frame["gender"]) == ["f", None]
    assert list(table.frame["age"]) == [1, 0]


def test_a_recency_told_in_months_becomes_days(engine: DuckDBEngine) -> None:
    columns = [column("recency", "recency_days", Kind.NUMBER, unit="months")]
    table = build(shop_of(engine, given=[{"customer_id": "ann", "recency": 2}], columns=columns), FeaturesSettings())
    assert table.frame.loc["ann", "recency_days"] == pytest.approx(60.875)
    assert "months" in table.features["recency_days"].meaning


def test_an_ignored_column_is_not_even_summed(engine: DuckDBEngine) -> None:
    table = build(shop_of(engine, given=ROWS, columns=SPEND, as_of=None), FeaturesSettings(ignore=("Mnt_Fish",)))
    assert table.frame.loc["ann", "net_revenue"] == 75
