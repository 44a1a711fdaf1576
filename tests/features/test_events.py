"""Features of the events on the site."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coterie.config import FeaturesSettings
from coterie.features import build
from features.shops import line, shop_of

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine

_COLUMNS = ("customer_id", "happened_at", "session_id", "category", "device")
EVENTS = [
    dict(zip(_COLUMNS, row, strict=True))
    for row in (
        ("ann", "2023-12-30 10:00:00", "s1", "hats", "phone"),
        ("ann", "2023-12-30 10:05:00", "s1", "hats", "phone"),
        ("ann", "2023-12-20 10:00:00", "s2", "ties", "desktop"),
        ("ann", "2024-01-01 00:00:00", "s3", "ties", "desktop"),
        ("cid", "2023-12-31 10:00:00", "s4", None, "phone"),
    )
]
ORDERS = [line("ann", "1", "2023-12-01"), line("bob", "2", "2023-12-02")]


def test_visits_before_the_day_are_counted_per_session(engine: DuckDBEngine) -> None:
    ann = build(shop_of(engine, ORDERS, events=EVENTS), FeaturesSettings()).frame.loc["ann"]
    assert ann["visit_count"] == 2
    assert ann["days_since_visit"] == 2
    assert ann["events_per_visit"] == 1.5
    assert ann["visits_per_order"] == 2
    assert ann["favourite_browsed_category"] == "hats"
    assert math.isclose(ann["browse_share_hats"], 2 / 3, rel_tol=1e-9)
    assert ann["main_device"] == "phone"


def test_customers_without_visits_have_none_and_visitors_without_orders_are_no_customers(engine: DuckDBEngine) -> None:
    frame = build(shop_of(engine, ORDERS, events=EVENTS), FeaturesSettings()).frame
    assert list(frame.index) == ["ann", "bob"]
    assert frame.loc["bob", "visit_count"] == frame.loc["bob", "visits_per_order"] == 0
    assert math.isnan(frame.loc["bob", "days_since_visit"])


def test_events_alone_make_a_table_of_visitors(engine: DuckDBEngine) -> None:
    table = build(shop_of(engine, events=EVENTS, as_of=None), FeaturesSettings())
    assert list(table.frame.index) == ["ann", "cid"]
    assert table.value is None
    assert table.frame.loc["ann", "visit_count"] == 3
    assert "visits_per_order" not in table.features


def test_without_sessions_a_day_is_a_visit_and_durations_add_up(engine: DuckDBEngine) -> None:
    events = [
        {"customer_id": "ann", "happened_at": f"2023-12-{day} 10:00:00", "duration_seconds": "90.0005"}
        for day in (10, 10, 11)
    ]
    ann = build(shop_of(engine, ORDERS, events=events), FeaturesSettings()).frame.loc["ann"]
    assert ann["visit_count"] == 2
    assert math.isclose(ann["visit_minutes"], 2.25, rel_tol=1e-4)


def test_events_on_or_after_the_day_choose_no_category(engine: DuckDBEngine) -> None:
    later = [{"customer_id": "ann", "happened_at": "2024-01-05 10:00:00", "category": "socks"}] * 5
    table = build(shop_of(engine, ORDERS, events=[*EVENTS, *later]), FeaturesSettings())
    assert {name for name in table.features if name.startswith("browse_")} == {"browse_share_hats", "browse_share_ties"}
