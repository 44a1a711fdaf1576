"""Every feature of the order lines against its slow twin, and what must not change it."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.config import FeaturesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.features import CATALOG, build
from features.shops import line, shop_of
from features.twin import twin

AS_OF = dt.date(2024, 1, 1)
LIGHT = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 10_000)
MONEY = {"net_revenue", "average_order_value"}


def random_lines(seed: int, size: int = 70) -> list[dict[str, Any]]:
    """Lines of a dozen customers with returns, charges, free goods, discounts, and orders after `AS_OF`."""
    draw = random.Random(seed)  # noqa: S311  a test's rows
    lines: list[dict[str, Any]] = []
    for number in range(size):
        customer = f"c{draw.randint(1, 12)}"
        day = dt.datetime.fromisoformat("2023-01-01") + dt.timedelta(
            days=draw.randint(0, 380), hours=draw.randint(0, 23)
        )
        order = f"o{draw.randint(1, 25)}"
        kind = draw.choice(["sale"] * 8 + ["return", "charge"])
        units = draw.randint(1, 9)
        amount = draw.choice([0, draw.randint(1, 5_000), draw.randint(1, 5_000)])
        product = draw.choice("pqrstuv")
        more = {
            "product": product,
            "category": {"p": "a", "q": "a", "r": "b", "s": "b", "t": "c", "u": "c"}.get(product),
            "quantity": str(-units if kind == "return" else units),
            "discount": str(Decimal(draw.choice([0, 0, 150])) / 100),
            "is_return": kind == "return",
            "is_charge": kind == "charge",
        }
        cents = Decimal(-amount if kind == "return" else amount) / 100
        lines.append(dict(line(customer, order, day.isoformat(sep=" "), str(cents), **more), source_row=number))
    return lines


def table(lines: list[dict[str, Any]]) -> pd.DataFrame:
    with DuckDBEngine(memory="500MB", threads=2) as engine:
        return build(shop_of(engine, lines, as_of=AS_OF.isoformat()), FeaturesSettings()).frame


@pytest.mark.parametrize("seed", range(6))
def test_every_order_feature_equals_its_slow_twin(seed: int) -> None:
    lines = random_lines(seed)
    frame, expected = table(lines), twin(lines, AS_OF)
    assert list(frame.index) == list(expected)
    for customer, features in expected.items():
        for name, value in features.items():
            found = frame.loc[customer, name]
            if name == "peak_weekday":
                found = None if found is None else found[0]
            if value is None or isinstance(value, str):
                assert found == value, (customer, name)
            else:
                np.testing.assert_allclose(found, value, rtol=1e-8, atol=1e-9, err_msg=f"{customer} {name}")


def test_the_twins_cover_every_numeric_feature_of_the_order_lines() -> None:
    lines = random_lines(0)
    covered = {name for features in twin(lines, AS_OF).values() for name in features}
    made = set(table(lines).columns)
    assert made - covered == {"first_order_month", "peak_daypart"}
    assert covered <= made


@LIGHT
@given(SEEDS)
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    lines = random_lines(seed, 50)
    shuffled = random.Random(seed + 1).sample(lines, len(lines))  # noqa: S311  a test's rows
    pd.testing.assert_frame_equal(table(lines), table(shuffled), check_exact=True)


@LIGHT
@given(SEEDS)
def test_orders_on_or_after_as_of_change_nothing(seed: int) -> None:
    lines = random_lines(seed, 50)
    past = [each for each in lines if each["ordered_at"] < "2024"]
    on_the_day = dict(line("c1", "o-new", "2024-01-01 00:00:00", "99.00", product="p", category="a", quantity="1"))
    pd.testing.assert_frame_equal(table(past), table([*lines, on_the_day]), check_exact=True)


@LIGHT
@given(SEEDS)
def test_a_line_split_in_two_changes_no_money_and_no_rhythm(seed: int) -> None:
    lines = random_lines(seed, 40)
    halves = [
        {**each, "amount": str(part), "quantity": str(Decimal(each["quantity"]) / 2), "discount": str(off)}
        for each in lines
        for part, off in zip(_halves(each["amount"]), _halves(each["discount"]), strict=True)
    ]
    counts_lines = {"lines_per_order", "new_product_share"}
    before, after = table(lines), table(halves)
    pd.testing.assert_frame_equal(
        before.drop(columns=counts_lines), after.drop(columns=counts_lines), check_exact=False, rtol=1e-6
    )


def _halves(amount: str) -> tuple[Decimal, Decimal]:
    half = (Decimal(amount) / 2).quantize(Decimal("0.01"))
    return half, Decimal(amount) - half


@LIGHT
@given(SEEDS)
def test_another_currency_moves_money_features_and_nothing_else(seed: int) -> None:
    lines = random_lines(seed, 50)
    factor = 100
    dear = [
        {**each, "amount": str(Decimal(each["amount"]) * factor), "discount": str(Decimal(each["discount"]) * factor)}
        for each in lines
    ]
    before, after = table(lines), table(dear)
    for name in before:
        if name in MONEY:
            np.testing.assert_allclose(after[name], before[name] * factor, rtol=1e-9)
        else:
            pd.testing.assert_series_equal(after[name], before[name], check_exact=False, rtol=1e-6)


def test_one_thread_and_two_give_the_same_bytes() -> None:
    lines = random_lines(3, 200)
    frames = []
    for threads in (1, 2):
        with DuckDBEngine(memory="500MB", threads=threads) as engine:
            frames.append(build(shop_of(engine, lines, as_of=AS_OF.isoformat()), FeaturesSettings()).frame)
    pd.testing.assert_frame_equal(*frames, check_exact=True)


def test_only_currency_features_are_money_in_the_catalogue() -> None:
    assert {name for name, entry in CATALOG.items() if entry.feature.unit == "currency"} == MONEY
