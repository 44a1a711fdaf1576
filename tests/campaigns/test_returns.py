"""What goes back: orders of which nothing is left, and each customer's own part weighed against that of all."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from campaigns.order_histories import AS_OF, simulated_orders
from coterie.campaigns import customer_value, make_forecasts, order_history
from coterie.campaigns.value.forecast import fit_value
from coterie.campaigns.value.history import Buyers
from coterie.campaigns.value.returns import Returned, ReturnModel, fit_returns
from coterie.config import Config
from coterie.sources import Input, open_shop

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.campaigns import OrderHistory
    from coterie.engines.duckdb import DuckDBEngine

COLUMNS = ["customer_id", "order_id", "order_date", "product", "quantity", "amount"]
WITHOUT_PRODUCT = ["customer_id", "order_id", "order_date", "quantity", "amount"]
IDS = [f"c{number:04d}" for number in range(400)]


def read(engine: DuckDBEngine, rows: list[tuple[object, ...]], columns: list[str] = COLUMNS) -> OrderHistory:
    shop = open_shop(
        [Input(pd.DataFrame(rows, columns=columns))], engine, Config().sources, as_of=AS_OF, min_customers=1
    )
    history = order_history(shop)
    assert history is not None
    return history


def test_an_order_cancelled_on_its_day_is_none(engine: DuckDBEngine) -> None:
    history = read(engine, [
        ("a", "1", "2023-11-01", "cup", 3, 30.0), ("a", "2", "2023-12-01", "pot", 9, 900.0),
        ("a", "C3", "2023-12-01", "pot", -9, -900.0), ("b", "4", "2023-12-02", "jar", 2, 20.0),
        ("b", "C5", "2023-12-02", "jar", -2, -20.0), ("c", "6", "2023-12-03", "jar", 1, 10.0),
    ])  # fmt: skip
    assert list(history.frame.index) == ["a", "c"]
    a = history.frame.loc["a"]
    assert (a["order_days"], a["first_days"], a["last_days"], a["sold"], a["net"]) == (1, 61, 61, 30, 30)
    assert history.buyers().returned is None
    assert history.days["orders"].to_dict() == {dt.date(2023, 11, 1): 1.0, dt.date(2023, 12, 3): 1.0}


def test_an_order_of_which_something_stays_is_one(engine: DuckDBEngine) -> None:
    history = read(engine, [
        ("a", "1", "2023-12-01", "cup", 3, 30.0), ("a", "C2", "2023-12-01", "cup", -2, -20.0),
        ("b", "3", "2023-12-01", "cup", 1, 10.0), ("b", "3", "2023-12-01", "pot", 1, 90.0),
        ("b", "C4", "2023-12-01", "pot", -1, -90.0),
    ])  # fmt: skip
    assert history.frame["order_days"].tolist() == [1, 1]
    returned = history.buyers().returned
    assert returned is not None
    np.testing.assert_allclose(returned.share, [2 / 3, 0.9])


def test_paying_for_something_else_on_the_day_of_a_return_is_no_cancellation(engine: DuckDBEngine) -> None:
    history = read(engine, [
        ("a", "1", "2023-11-01", "shirt", 2, 80.0), ("a", "C2", "2023-12-01", "shirt", -2, -80.0),
        ("a", "3", "2023-12-01", "hat", 1, 80.0),
    ])  # fmt: skip
    assert history.frame.loc["a", "order_days"] == 2
    assert history.frame.loc["a", "last_days"] == 31


def test_a_return_under_the_number_of_its_order_undoes_that_order_from_then_on(engine: DuckDBEngine) -> None:
    rows = [("a", str(day), f"2023-{day:02d}-05", "cup", 1, 10.0) for day in range(1, 13)]
    rows += [("a", "12", "2023-12-20", "cup", -1, -10.0), ("b", "20", "2023-02-01", "pot", 1, 50.0)]
    rows += [("b", "20", "2023-12-20", "pot", -1, -50.0)]
    history = read(engine, rows)
    assert list(history.frame.index) == ["a"]
    assert history.frame.loc["a", ["order_days", "sold", "net"]].tolist() == [11, 110, 110]
    assert history.split_on is not None
    assert history.then.loc["b", ["order_days", "sold", "net"]].tolist() == [1, 50, 50]
    assert history.then.loc["b", ["since_order_days", "since_net"]].tolist() == [0, -50]


def test_a_swap_of_one_product_leaves_one_of_its_two_orders(engine: DuckDBEngine) -> None:
    history = read(engine, [
        ("a", "1", "2023-11-01", "shirt", 1, 40.0), ("a", "1", "2023-12-01", "shirt", -1, -40.0),
        ("a", "2", "2023-12-01", "shirt", 1, 40.0),
    ])  # fmt: skip
    assert history.frame.loc["a", ["order_days", "first_days"]].tolist() == [1, 31]


def test_without_products_only_the_same_money_undoes_a_day(engine: DuckDBEngine) -> None:
    rows = [
        ("a", "1", "2023-12-01", 1, 30.0), ("a", "C2", "2023-12-01", -1, -30.0),
        ("b", "3", "2023-12-01", 1, 30.0), ("b", "C4", "2023-12-01", -1, -45.0),
    ]  # fmt: skip
    assert list(read(engine, rows, WITHOUT_PRODUCT).frame.index) == ["b"]


def test_the_history_is_the_same_whatever_the_order_of_lines(engine: DuckDBEngine) -> None:
    orders = simulated_orders(IDS[:80], seed=3)
    orders["order_id"] = [f"o{number}" for number in range(len(orders))]
    orders["product"] = [f"p{number % 7}" for number in range(len(orders))]
    orders["quantity"] = 1
    orders = orders[orders["ordered_on"] < AS_OF]
    back = orders[::5].assign(quantity=-1, amount=-orders["amount"][::5])
    lines = pd.concat([orders, back]).rename(columns={"ordered_on": "order_date"})
    first, again = (
        order_history(open_shop([Input(each)], engine, Config().sources, as_of=AS_OF, min_customers=1))
        for each in (lines, lines.sample(frac=1.0, random_state=2))
    )
    assert first is not None
    assert again is not None
    assert first.frame["order_days"].sum() == len(
        orders[orders["ordered_on"] < AS_OF].drop(back.index, errors="ignore")
    )
    pd.testing.assert_frame_equal(first.frame, again.frame, check_exact=True)
    pd.testing.assert_frame_equal(first.then, again.then, check_exact=True)


def sendbacks(n: int, seed: int, alpha: float, beta: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, Returned]:
    """Customers whose orders, all of one price, go back wholly or not, with own chances of Beta(alpha, beta)."""
    rng = np.random.default_rng(seed)
    orders = rng.integers(1, 30, n).astype(float)
    chance = rng.beta(alpha, beta, n)
    back = rng.binomial(orders.astype(int), chance)
    return orders, chance, back, Returned(back / orders, back / orders**2)


def test_the_weight_of_the_own_part_is_that_of_the_beta_law_behind_it() -> None:
    orders, _, back, returned = sendbacks(40_000, 1, 1.0, 9.0)
    model = fit_returns(orders, orders, returned)
    assert model.share == pytest.approx(0.1, abs=0.005)
    assert model.within / model.between == pytest.approx(10.0, rel=0.1)
    kept = model.kept(orders, returned)
    np.testing.assert_allclose(kept.mean, 1.0 - (1.0 + back) / (10.0 + orders), atol=0.01)


def test_what_is_expected_to_go_back_is_nearer_to_the_truth_than_the_own_part_or_that_of_all() -> None:
    orders, chance, _, returned = sendbacks(2_000, 2, 1.0, 9.0)
    expected = 1.0 - fit_returns(orders, orders, returned).kept(orders, returned).mean
    ours, own, common = (((part - chance) ** 2).mean() for part in (expected, returned.share, chance.mean()))
    assert ours < 0.8 * common
    assert ours < 0.8 * own


def test_customers_who_differ_no_more_than_by_chance_are_taken_as_alike() -> None:
    orders, _, _, returned = sendbacks(2_000, 3, 1e6, 9e6)
    model = fit_returns(orders, orders, returned)
    kept = model.kept(orders, returned)
    assert np.ptp(kept.mean) < 0.05
    assert kept.mean.mean() == pytest.approx(0.9, abs=0.01)


def test_what_all_are_expected_to_send_back_of_past_orders_is_what_they_sent_back() -> None:
    orders, _, _, returned = sendbacks(500, 4, 0.5, 3.0)
    money = orders * np.random.default_rng(1).gamma(2.0, 50.0, 500)
    model = fit_returns(orders, money, returned)
    back = 1.0 - model.kept(orders, returned).mean
    assert (back * money).sum() == pytest.approx((returned.share * money).sum())


def test_the_estimate_does_not_depend_on_the_order_of_customers() -> None:
    orders, _, _, returned = sendbacks(300, 5, 1.0, 4.0)
    turned = np.random.default_rng(0).permutation(300)
    other = Returned(returned.share[turned], returned.squares[turned])
    assert fit_returns(orders, 10.0 * orders, returned) == fit_returns(orders[turned], 10.0 * orders[turned], other)


@pytest.mark.parametrize("orders", [np.ones(5), np.full(5, 3.0), np.array([1.0, 1.0, 1.0, 1.0, 90.0])])
@pytest.mark.parametrize("share", [0.0, 1.0, 0.3])
def test_odd_shops_get_parts_between_nothing_and_all(orders: np.ndarray, share: float) -> None:
    returned = Returned(np.full(5, share), np.full(5, share**2))
    kept = fit_returns(orders, orders, returned).kept(orders, returned)
    assert ((kept.mean >= 0) & (kept.mean <= 1)).all()
    assert np.isfinite(np.stack(kept)).all()
    assert (kept.variance >= 0).all()


def test_more_than_was_paid_cannot_go_back() -> None:
    returned = Returned.of(np.array([10.0, 0.0, 10.0]), np.array([-5.0, -3.0, 12.0]), np.array([225.0, 9.0, 0.0]))
    assert returned is not None
    assert returned.share.tolist() == [1.0, 0.0, 0.0]
    assert returned.squares.tolist() == [1.0, 0.0, 0.0]


def buyers_who_return() -> Buyers:
    orders, _, _, returned = sendbacks(2_000, 6, 0.6, 3.0)
    rng = np.random.default_rng(2)
    age = rng.uniform(100.0, 500.0, 2_000)
    last = np.where(orders > 1, np.floor(age * rng.uniform(0.3, 1.0, 2_000)), 0.0)
    return Buyers(orders, last, np.floor(age), rng.gamma(3.0, 20.0, 2_000), returned)


def test_who_sends_more_back_is_worth_less_and_less_surely_so() -> None:
    buyers = buyers_who_return()
    model = fit_value(buyers)
    (year,) = model.forecast(buyers, [365])
    (plain,) = fit_value(buyers, returns=0.0).forecast(buyers, [365])
    kept = model.returns.kept(buyers.order_days, buyers.returned)
    np.testing.assert_allclose(year.value, plain.value * kept.mean)
    assert np.corrcoef(kept.mean, buyers.returned.share)[0, 1] < -0.9  # type: ignore[union-attr]
    some = plain.value > 0
    spread = np.sqrt(year.value_variance[some]) / year.value[some]
    assert (spread >= np.sqrt(plain.value_variance[some]) / plain.value[some]).all()


def test_net_money_is_spread_as_in_a_simulation() -> None:
    """One customer's known laws drawn out: orders, order values around an own mean, and the part of each kept."""
    rng = np.random.default_rng(8)
    n = 400_000
    model = ReturnModel(share=0.3, between=0.02, within=0.05)
    kept = model.kept(np.array([4.0]), Returned(np.array([0.3]), np.array([0.05])))
    own = kept_part(rng, kept.mean[0], kept.variance[0], n)
    first, second = (np.clip(own + rng.normal(0.0, np.sqrt(kept.within[0]), n), -5, 5) for _ in range(2))
    mean = rng.gamma(9.0, 5.0, n)
    values = [rng.gamma(4.0, mean / 4.0) for _ in range(2)]
    total = values[0] * first + values[1] * second
    square, within = (mean**2).mean(), (mean**2 / 4.0).mean()
    kept_square = kept.mean[0] ** 2 + kept.variance[0]
    spread = 2.0 * (kept_square * within + kept.within[0] * (square + within)) + 4.0 * kept_square * square
    assert total.var() == pytest.approx(spread - (2.0 * mean.mean() * kept.mean[0]) ** 2, rel=0.02)


def kept_part(rng: np.random.Generator, mean: float, variance: float, n: int) -> np.ndarray:
    size = mean * (1.0 - mean) / variance - 1.0
    return rng.beta(mean * size, (1.0 - mean) * size, n)


@pytest.mark.data
def test_who_cancelled_all_that_they_ordered_has_no_forecast(data_folder: Path, engine: DuckDBEngine) -> None:
    """Customer 12346 of Online Retail bought for 77,183.60 and cancelled it within the hour."""
    shop = open_shop([Input(data_folder / "online_retail" / "OnlineRetail.csv")], engine, Config().sources)
    history = order_history(shop)
    assert history is not None
    assert "12346" not in history.frame.index
    worth = customer_value(make_forecasts(history, Config()), pd.Series(1, index=history.frame.index), Config())
    # Customer 16446 cancelled 168,469.60; what is left of the other day is 2.90.
    assert worth.customers.loc["16446", "expected_value_12m"] < 1_000
