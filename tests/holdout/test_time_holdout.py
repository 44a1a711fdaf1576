from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie import features
from coterie.config import Config, HoldoutSettings, override
from coterie.errors import NotEnoughDataError
from coterie.holdout import TimeHoldout
from coterie.holdout.earlier import look_back
from coterie.holdout.split import Split
from coterie.sources.shop import GivenColumn
from coterie.vocabulary import Kind
from features.shops import line, shop_of
from holdout.shops import FIRST, SPLIT, UNTIL, later_changed, order_lines

if TYPE_CHECKING:
    from coterie.vocabulary import CustomerTable

YEAR = Split(FIRST, SPLIT, UNTIL)


@dataclasses.dataclass
class _Named:
    segment_id: int
    name: str


@dataclasses.dataclass
class _Found:
    segments: tuple[_Named, ...]
    membership: pd.DataFrame


def by_rhythm(customers: CustomerTable, _: Config) -> _Found:
    """Segments as an analyst might draw them: how often somebody ordered."""
    ids = 1 + np.digitize(customers.frame["order_count"], [2, 6])
    names = tuple(_Named(number, name) for number, name in enumerate(("once", "sometimes", "often"), start=1))
    return _Found(names, pd.DataFrame({"segment_id": ids}, index=customers.frame.index))


def examined(shop, **settings):
    holdout = TimeHoldout(override(Config(), {f"holdout.{name}": value for name, value in settings.items()}))
    holdout.look_back(shop)
    return holdout.examine(by_rhythm), holdout.findings


def changes():
    def dearer(row):
        return row | {"amount": "9999.00"}

    def another_product(row):
        return row | {"product": "later-thing", "category": "later", "channel": "later", "is_return": True}

    return {"dearer": dearer, "another product": another_product, "none at all": lambda _: None}


@pytest.mark.parametrize("change", changes().values(), ids=changes())
def test_whatever_happens_after_the_split_no_earlier_feature_changes(engine, change) -> None:
    rows = order_lines()
    before = look_back(shop_of(engine, rows), YEAR, Config()).customers
    changed = look_back(shop_of(engine, later_changed(rows, change)), YEAR, Config()).customers
    pd.testing.assert_frame_equal(changed.frame, before.frame)
    assert changed.families == before.families
    assert changed.as_of == SPLIT


def test_the_earlier_table_is_that_of_a_shop_that_closed_on_the_day(engine) -> None:
    rows = order_lines()
    earlier = look_back(shop_of(engine, rows), YEAR, Config()).customers
    closed = shop_of(engine, later_changed(rows, lambda _: None), as_of=SPLIT.isoformat())
    pd.testing.assert_frame_equal(earlier.frame, features.build(closed, Config().features).frame)


def test_the_shop_is_left_as_it_was(engine) -> None:
    shop = shop_of(engine, order_lines(), events=[{"customer_id": "c000", "happened_at": "2023-11-01"}])
    before = features.build(shop, Config().features).frame
    look_back(shop, YEAR, Config())
    assert engine.rows("SELECT table_name FROM duckdb_tables() WHERE temporary") == [("customer_days",)]
    pd.testing.assert_frame_equal(features.build(shop, Config().features).frame, before)


def test_outcomes_and_newcomers_are_counted_as_by_hand(engine) -> None:
    rows = [
        line("a", "1", "2023-03-01", "10.00"),
        line("a", "2", "2023-10-02", "20.00"),  # on the day itself: held back
        line("a", "2", "2023-10-02", "5.00"),
        line("a", "3", "2023-12-31", "7.00"),
        line("a", "4", "2024-01-01", "900.00"),  # beyond the last day seen
        line("b", "5", "2023-10-01", "10.00"),
        line("b", "5", "2023-11-01", "-4.00", is_return=True),  # brings money back, is no order
        line("c", "6", "2023-11-05", "64.00"),  # new
        line("d", "7", "2023-02-01", "8.00"),
        line("d", "8", "2023-11-01", "3.00", is_charge=True),  # postage is money, but no order
    ]
    earlier = look_back(shop_of(engine, rows, as_of="2024-01-01"), YEAR, Config())
    assert earlier.outcomes[["spend", "orders", "silence"]].T.to_dict("list") == {
        "a": [32.0, 2.0, 0.0], "b": [-4.0, 0.0, 1.0], "d": [3.0, 0.0, 1.0],
    }  # fmt: skip
    assert (earlier.n_known, earlier.n_new) == (3, 1)
    assert earlier.new_spend_share == pytest.approx(64 / 95)
    assert earlier.customers.frame.loc["a", "net_revenue"] == 10.0


def test_a_sample_is_the_same_whatever_the_other_customers(engine) -> None:
    config = override(Config(), {"holdout.sample": 200})
    few = look_back(shop_of(engine, order_lines(240)), YEAR, config)
    assert len(few.customers) < 240 == few.n_known
    assert list(few.outcomes.index) == list(few.customers.frame.index)


def test_the_order_of_the_rows_changes_nothing(engine) -> None:
    rows = order_lines()
    first, _ = examined(shop_of(engine, rows))
    again, _ = examined(shop_of(engine, [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]))
    assert again == first


def test_segments_that_hold_are_told_with_figures_that_agree(engine) -> None:
    found, findings = examined(shop_of(engine, order_lines()))
    assert findings == []
    assert (found.split_on, found.until, found.n_customers) == (SPLIT, UNTIL, 240) or abs(
        (found.split_on - SPLIT).days
    ) < 3
    spend = {segment.name: segment.spend for segment in found.segments}
    assert spend["often"] > 2 * spend["sometimes"]
    for segment in found.segments:
        assert segment.spend_low <= segment.spend <= segment.spend_high
        assert 0 <= segment.silent_low <= segment.silent <= segment.silent_high <= 1
    assert sum(segment.size for segment in found.segments) == found.n_customers
    assert found.of("spend", "segments").explained > 0.2
    assert found.conclusion.startswith(f"Knowing the segment on {found.split_on.day} ")
    assert "recency, frequency and money (RFM)" in found.conclusion
    assert found.against("spend", "rfm_boxes").low <= found.against("spend", "rfm_boxes").difference


def test_the_customer_table_is_set_aside_and_that_is_told(engine) -> None:
    column = GivenColumn("total", "Total", "total", "total_spend", Kind.MONEY)
    given = [{"customer_id": f"c{number:03d}", "total": number} for number in range(300)]
    found, _ = examined(shop_of(engine, order_lines(), given=given, columns=[column]))
    assert found.n_customers == 240
    assert any("table of customers was set aside" in note for note in found.notes)


def test_a_short_history_is_told_and_stops_the_run_only_where_the_test_was_asked_for(engine) -> None:
    shop = shop_of(engine, [row for row in order_lines() if row["ordered_at"] < "2023-03-01"], as_of="2023-03-01")
    found, (finding,) = examined(shop)
    assert found is None
    assert finding.code == "no-time-holdout"
    assert "too short" in finding.message
    with pytest.raises(NotEnoughDataError, match="too short"):
        examined(shop, enabled="on")


def test_nothing_is_done_or_told_where_nobody_wants_the_test(engine) -> None:
    assert examined(shop_of(engine, order_lines()), enabled="off") == (None, [])


def test_segments_that_cannot_be_found_earlier_are_told(engine) -> None:
    def refuse(*_):
        raise NotEnoughDataError("All of them are equal.")

    holdout = TimeHoldout(Config())
    holdout.look_back(shop_of(engine, order_lines()))
    assert holdout.examine(refuse) is None
    assert holdout.findings[0].message.endswith("All of them are equal.")


def test_the_switch_may_be_yes_or_no() -> None:
    assert HoldoutSettings(enabled=True).enabled == "on"
    assert HoldoutSettings(enabled=False).enabled == "off"
