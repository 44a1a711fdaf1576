from __future__ import annotations

import datetime as dt

import pytest

from coterie.config import HoldoutSettings
from coterie.errors import NotEnoughDataError
from coterie.holdout.split import choose_split, place
from features.shops import line, shop_of
from holdout.shops import SPLIT, order_lines

NEW_YEAR = dt.date(2024, 1, 1)


@pytest.mark.parametrize(("length", "held_back"), [(90, 30), (119, 30), (400, 100), (4_000, 365)])
def test_a_quarter_is_held_back_within_bounds(length: int, held_back: int) -> None:
    split = place(NEW_YEAR - dt.timedelta(days=length), NEW_YEAR)
    assert (split.days, split.history_days) == (held_back, length - held_back)


def test_a_history_of_less_than_three_times_the_days_held_back_is_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="It has 89 days; at least 90 are needed"):
        place(NEW_YEAR - dt.timedelta(days=89), NEW_YEAR)
    with pytest.raises(NotEnoughDataError, match="against 200 later days"):
        place(NEW_YEAR - dt.timedelta(days=365), NEW_YEAR, days=200)


def test_a_stray_early_date_does_not_stretch_the_history(engine) -> None:
    stray = line("c000", "o-stray", "1970-01-01")
    shop = shop_of(engine, [*order_lines(), stray])
    assert abs((choose_split(shop, HoldoutSettings()).split_on - SPLIT).days) <= 2


def test_too_few_customers_are_refused_with_their_number(engine) -> None:
    shop = shop_of(engine, order_lines(150))
    with pytest.raises(NotEnoughDataError, match="Of 150 customers"):
        choose_split(shop, HoldoutSettings())


def test_customers_who_all_fell_silent_are_refused(engine) -> None:
    early = [row for row in order_lines() if row["ordered_at"] < SPLIT.isoformat()]
    with pytest.raises(NotEnoughDataError, match=" 0 ordered again"):
        choose_split(shop_of(engine, early), HoldoutSettings())


def test_orders_without_amounts_are_refused(engine) -> None:
    rows = [dict(row) | {"amount": None} for row in order_lines()]
    with pytest.raises(NotEnoughDataError, match="a date and an amount"):
        choose_split(shop_of(engine, rows), HoldoutSettings())
