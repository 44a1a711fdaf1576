"""The models of orders and spending: published numbers, derivatives, and customers that have broken other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta as beta_law

from coterie.campaigns.value import orders, spending
from coterie.campaigns.value.intervals import lognormal_range
from coterie.campaigns.value.orders import Histories, OrderModel, fit_orders
from coterie.campaigns.value.outlook import Outlook, outlooks
from coterie.campaigns.value.quadrature import beta_nodes
from coterie.campaigns.value.sorting import in_order
from coterie.campaigns.value.spending import SpendModel, fit_spending

if TYPE_CHECKING:
    from pathlib import Path


def histories(*rows: tuple[float, float, float]) -> Histories:
    return Histories.of(*np.array(rows, dtype=float).T)


def outlook(model: OrderModel, data: Histories, horizon: float) -> Outlook:
    (found,) = outlooks(model, data, [horizon])
    return found


def simulated(seed: int = 1, n: int = 2_000, r: float = 0.5, alpha: float = 40.0, a: float = 0.8, b: float = 2.5):
    """Customers who order as the BG/NBD says."""
    rng = np.random.default_rng(seed)
    age = rng.integers(60, 360, n).astype(float)
    rate, leave = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    count, last, clock, there = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while there.any():
        clock += rng.exponential(1 / np.maximum(rate, 1e-12))
        there &= clock < age
        count[there] += 1
        last[there] = clock[there]
        there &= rng.random(n) >= leave
    return count, last, age


@pytest.fixture(scope="module")
def cdnow(data_folder: Path) -> pd.DataFrame:
    return pd.read_csv(data_folder / "cdnow" / "cdnow_customers_summary.csv")


@pytest.fixture(scope="module")
def cdnow_histories(cdnow: pd.DataFrame) -> Histories:
    return Histories.of(*(cdnow[name].to_numpy() for name in ("frequency", "recency", "T")))


@pytest.mark.data
def test_the_published_parameters_of_cdnow_come_out(cdnow_histories: Histories) -> None:
    """Fader, Hardie and Lee, Marketing Science 24(2), 2005, pages 275-284, the table of estimates."""
    model = fit_orders(cdnow_histories)
    assert model.converged
    assert [round(value, 3) for value in model.parameters] == [0.243, 4.414, 0.793, 2.426]
    assert round(model.log_likelihood, 1) == -9582.4
    assert model.n_customers == 2_357


@pytest.mark.data
def test_the_variant_that_lets_customers_leave_at_once_stays_as_it_was_found(cdnow_histories: Histories) -> None:
    """MBG/NBD on the same sample: our own estimates, kept, and a likelihood a little above that of the BG/NBD."""
    model = fit_orders(cdnow_histories, leaves_at_once=True)
    np.testing.assert_allclose(model.parameters, [0.525, 6.183, 0.891, 1.614], atol=6e-4)
    assert round(model.log_likelihood, 1) == -9582.1


def test_the_published_customer_is_expected_to_order_as_published() -> None:
    """Fader, Hardie and Lee, Implementing the BG/NBD model for customer base analysis in Excel, 2005: 1.226 orders."""
    model = OrderModel(0.243, 4.414, 0.793, 2.426)
    customer = histories((2, 30.43, 38.86))
    assert outlook(model, customer, 39.0).mean[0] == pytest.approx(1.226, abs=5e-4)
    assert model.p_alive(customer)[0] == pytest.approx(0.7266, abs=5e-4)


def sample_in_the_full_file(data_folder: Path, sample: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Repeat counts and mean repeat values of the published sample, found again among all customers.

    The sample keeps the order of the full file within a first day, so its histories are looked for one after the
    other; where a history fits several customers the earliest is taken.
    """
    lines = pd.read_csv(
        data_folder / "cdnow" / "CDNOW_master.txt",
        sep=r"\s+",
        skiprows=1,
        header=None,
        names=["id", "day", "n", "paid"],
    )
    lines["day"] = pd.to_datetime(lines["day"].astype(str))
    known = lines[lines["day"] <= "1997-09-30"].groupby(["id", "day"])["paid"].sum().reset_index()
    begun = known.groupby("id")["day"].transform("min")
    repeats = known[known["day"] > begun].groupby("id")["paid"].agg(["size", "mean"])
    days = known.groupby("id")["day"].agg(["min", "max", "size"])
    age, last = (pd.Timestamp("1997-09-30") - days["min"]).dt.days, (days["max"] - days["min"]).dt.days
    everyone = sorted(zip(-age, days.index, days["size"] - 1, last, strict=True))
    wanted = np.rint(sample[["frequency", "recency", "T"]].to_numpy() * [1, 7, 7]).astype(int)
    found, place = [], 0
    for count, at_last, at_now in wanted:
        while (everyone[place][2], everyone[place][3], -everyone[place][0]) != (count, at_last, at_now):
            place += 1
        found.append(everyone[place][1])
        place += 1
    values = repeats.reindex(found).dropna()
    return values["size"].to_numpy(), values["mean"].to_numpy()


@pytest.mark.data
def test_the_published_spending_of_cdnow_comes_out(data_folder: Path, cdnow: pd.DataFrame) -> None:
    """Fader and Hardie, The Gamma-Gamma model of monetary value, 2013: p 6.25, q 3.74, gamma 15.44.

    The file of the sample holds no money; of the 946 repeat customers 30 could be one of several in the full file,
    which moves p by 2 %.
    """
    counts, values = sample_in_the_full_file(data_folder, cdnow)
    model = fit_spending(counts, values)
    assert len(counts) == 946
    assert round(float(np.corrcoef(counts, values)[0, 1]), 2) in (0.11, 0.12)
    assert model.converged
    np.testing.assert_allclose([model.p, model.q, model.gamma], [6.25, 3.74, 15.44], rtol=0.01)
    assert model.mean == pytest.approx(6.25 * 15.44 / 2.74, rel=0.002)


def test_spending_to_expect_lies_between_the_own_mean_and_that_of_all() -> None:
    """The first customers of the sample, with the published parameters (same note, equation 5)."""
    model = SpendModel(6.25, 3.74, 15.44)
    expected = model.expected_order_value(np.array([2, 1, 0, 7]), np.array([22.35, 11.77, 0.0, 73.74]))
    np.testing.assert_allclose(expected, [24.66, 18.91, 35.22, 71.47], atol=0.01)


@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_the_likelihood_s_slopes_and_curvatures_are_those_of_its_values(leaves_at_once: bool) -> None:
    data = Histories.of(*simulated(n=200))
    likelihood = orders._Likelihood(data, 100.0, leaves_at_once=leaves_at_once)
    agree(likelihood, np.array([-0.7, -0.3, -0.9, 0.8]))


def test_the_slopes_and_curvatures_of_spending_are_those_of_its_values() -> None:
    rng = np.random.default_rng(3)
    likelihood = spending._Likelihood(rng.integers(1, 6, 200).astype(float), rng.gamma(3, 0.4, 200))
    agree(likelihood, np.array([0.8, 0.4, 0.1]))


def agree(function, at: np.ndarray) -> None:
    _, gradient, hessian = function(at)
    step = 1e-5
    for place, move in enumerate(np.eye(len(at)) * step):
        (up, up_slope, _), (down, down_slope, _) = function(at + move), function(at - move)
        assert gradient[place] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-8)
        np.testing.assert_allclose(hessian[place], (up_slope - down_slope) / (2 * step), rtol=1e-5, atol=1e-7)


def test_parameters_of_simulated_customers_lie_in_their_intervals() -> None:
    truth = {"r": 0.5, "alpha": 40.0, "a": 0.8, "b": 2.5}
    found = fit_orders(Histories.of(*simulated(seed=5, n=5_000))).estimates()
    assert all(found[name].low < value < found[name].high for name, value in truth.items())
    assert found["r"].high / found["r"].low < 1.5


def test_expected_orders_are_those_of_the_closed_form() -> None:
    """Fader, Hardie and Lee 2005, equation 10, with Gauss's hypergeometric function."""
    model = OrderModel(0.243, 4.414, 0.793, 2.426)
    data = histories((0, 0, 38.86), (2, 30.43, 38.86), (29, 38.0, 38.86), (1, 0.14, 27.0))
    x, age, horizon = data.repeat_count, data.age, 39.0
    r, alpha, a, b = model.parameters
    series = hyp2f1(r + x, b + x, a + b + x - 1, horizon / (alpha + age + horizon))
    closed = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + horizon)) ** (r + x) * series)
    np.testing.assert_allclose(outlook(model, data, horizon).if_there, closed, rtol=1e-9)


@pytest.mark.parametrize("a", [0.02, 1.0, 30.0])
def test_moments_of_the_orders_are_those_of_a_long_integration(a: float) -> None:
    model = OrderModel(0.4, 3.0, a, 2.0)
    data, horizon = histories((3, 20.0, 30.0)), 52.0
    shape, rate = 3.4, 33.0

    def survives(p: float) -> float:
        return -np.expm1(-shape * np.log1p(p * horizon / rate)) / p

    expected = quad(lambda p: survives(p) * beta_law.pdf(p, a, 5.0), 0, 1, points=[1e-6, 1e-3], limit=200)[0]
    assert outlook(model, data, horizon).if_there[0] == pytest.approx(expected, rel=1e-6)


def test_orders_to_come_are_spread_as_in_simulated_futures() -> None:
    model, horizon = OrderModel(2.0, 30.0, 1.2, 6.0), 90.0
    rng = np.random.default_rng(8)
    n = 40_000
    rate, leave = rng.gamma(2.0 + 3, 1 / (30.0 + 100), n), rng.beta(1.2, 6.0 + 3, n)
    count, clock, there = np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while there.any():
        clock += rng.exponential(1 / rate)
        there &= clock < horizon
        count += there
        there &= rng.random(n) >= leave
    found = outlook(model, histories((3, 100.0, 100.0)), horizon)
    alive = model.p_alive(histories((3, 100.0, 100.0)))[0]
    assert found.mean[0] == pytest.approx(alive * count.mean(), rel=0.02)
    assert found.second[0] == pytest.approx(alive * (count**2).mean(), rel=0.03)
    assert 1 - found.none[0] == pytest.approx(alive * (count > 0).mean(), rel=0.02)


BREAKERS = {
    "all customers alike": np.tile([3.0, 200.0, 300.0], (50, 1)),
    "one-time buyers only": np.column_stack([np.zeros(50), np.zeros(50), np.arange(50.0, 100.0)]),
    "one customer": np.array([[4.0, 30.0, 31.0]]),
    "everybody came on the last day": np.zeros((30, 3)),
    "nobody leaves": np.column_stack([np.full(60, 20.0), np.full(60, 299.9), np.full(60, 300.0)]),
    "everybody leaves after the second order": np.column_stack([np.ones(60), np.full(60, 1.0), np.full(60, 3000.0)]),
    "huge ages": np.column_stack([np.arange(60.0), np.arange(60.0) * 1e6, np.full(60, 1e9)]),
    "ages in years": np.column_stack([np.arange(60.0) % 4, (np.arange(60.0) % 4) * 0.01, np.full(60, 0.05)]),
    "one buyer of ten thousand orders": np.array([[0.0, 0.0, 300.0]] * 80 + [[10_000.0, 299.0, 300.0]]),
    "heavy tail": np.column_stack([
        np.floor(1 / np.linspace(0.001, 1, 200)) - 1, np.where(np.linspace(0.001, 1, 200) > 0.5, 0.0, 90.0),
        np.full(200, 100.0),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("leaves_at_once", [False, True])
@pytest.mark.parametrize("name", BREAKERS)
def test_the_fit_ends_and_forecasts_stay_sane_on_odd_customers(name: str, leaves_at_once: bool) -> None:
    data = Histories.of(*BREAKERS[name].T)
    model = fit_orders(data, leaves_at_once=leaves_at_once)
    assert model.converged
    assert np.isfinite(model.log_likelihood)
    span = max(float(data.age.max()), 1.0)
    moments = outlook(model, data, span)
    alive = model.p_alive(data)
    assert ((alive >= 0) & (alive <= 1)).all()
    for values in (moments.mean, moments.second, moments.none, moments.variance):
        assert np.isfinite(values).all()
        assert (values >= -1e-12).all()
    if name == "one-time buyers only":
        assert moments.mean.max() < 1e-3
    if name == "nobody leaves":
        np.testing.assert_allclose(moments.mean, 20.0, rtol=0.02)


def test_no_other_start_climbs_higher() -> None:
    rng = np.random.default_rng(0)
    data = Histories.of(*simulated(n=800))
    unit = float(np.average(data.age, weights=data.customers))
    likelihood = orders._Likelihood(data, unit, leaves_at_once=False)
    best = fit_orders(data).log_likelihood
    repeats = float((data.customers * data.repeat_count).sum())
    for _ in range(8):
        start = rng.uniform([-3, -3, -3, -3], [3, 3, 3, 4])
        found = orders.maximise(likelihood, start, orders._LOW, orders._HIGH)
        assert 800 * found.value - repeats * np.log(unit) < best + 1e-5


def test_the_order_of_customers_and_the_unit_of_time_change_nothing() -> None:
    count, last, age = simulated(n=500)
    turned = np.random.default_rng(2).permutation(500)
    first, again = (
        fit_orders(Histories.of(count, last, age)),
        fit_orders(Histories.of(count[turned], last[turned], age[turned])),
    )
    assert first.parameters.tolist() == again.parameters.tolist()
    weeks = fit_orders(Histories.of(count, last / 7, age / 7))
    np.testing.assert_allclose(weeks.parameters, first.parameters / [1, 7, 1, 1], rtol=1e-5)


def test_orders_all_of_one_price_are_expected_at_that_price() -> None:
    model = fit_spending(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 25.0))
    assert model.converged
    assert model.bounded
    np.testing.assert_allclose(model.expected_order_value(np.array([0, 1, 5]), np.full(3, 25.0)), 25.0, rtol=2e-3)


def test_orders_of_nearly_one_price_over_a_lifetime_are_fitted_in_a_few_steps() -> None:
    rng = np.random.default_rng(6)
    counts = rng.integers(1, 9, 200).astype(float)
    model = fit_spending(counts, 5.5 + rng.normal(0, 0.1, 200) / np.sqrt(counts))
    assert model.converged
    np.testing.assert_allclose(model.mean, 5.5, rtol=0.01)


def test_a_few_enormous_orders_leave_the_others_as_they_are() -> None:
    rng = np.random.default_rng(4)
    counts, means = rng.integers(1, 5, 400).astype(float), rng.gamma(4, 10, 400)
    means[:2] = 1e6
    model = fit_spending(counts, means)
    assert model.converged
    assert model.q > 1
    assert np.median(model.expected_order_value(counts, means) / means) == pytest.approx(1.0, abs=0.25)


def test_a_rule_of_few_points_has_the_moments_of_the_beta_law() -> None:
    points, weights = beta_nodes(0.3, np.array([0.5, 2.0, 5_000.0]), 24)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    for row, b in enumerate((0.5, 2.0, 5_000.0)):
        law = beta_law(0.3, b)
        assert (weights[row] * points[row]).sum() == pytest.approx(law.mean(), rel=1e-9)
        assert (weights[row] * points[row] ** 2).sum() == pytest.approx(law.moment(2), rel=1e-8)


def test_a_range_of_an_amount_is_never_below_zero_and_symmetric_where_it_is_narrow() -> None:
    low, high = lognormal_range(np.array([100.0, 10.0, 0.0]), np.array([1.0, 30.0, 5.0]))
    assert low[0] == pytest.approx(98.05, abs=0.05)
    assert high[0] == pytest.approx(101.97, abs=0.05)
    assert 0 < low[1] < 10 < high[1]
    assert (low[2], high[2]) == (0.0, 0.0)


@pytest.mark.parametrize("counts", [[3.0, 1, 2, 1, 3, 1], [0.5, 2, 0.5, 1, 2, 9], [40_000.0, 1, 1, 2, 2, 7]])
def test_rows_are_sorted_by_count_and_then_by_amount(counts):
    count, amount = np.array(counts), np.array([5.0, 2.5, 2.5, 7.0, 1.0, -1.0])
    order = in_order(count, amount)
    expected = np.lexsort((amount, count))
    assert count[order].tolist() == count[expected].tolist()
    assert amount[order].tolist() == amount[expected].tolist()


@pytest.mark.parametrize("ages", [[0.0, 30, 30, 700], [0.25, 30, 30, 2e6], [-1.0, 5, 5, 5]])
def test_equal_histories_are_gathered_whether_or_not_ages_are_whole_days(ages):
    age, count = np.array(ages), np.array([0.0, 2, 2, 1])
    found = Histories.of(count, age / 2, age)
    assert np.array_equal(found.age[found.row_of], age)
    assert np.array_equal(found.age_at_last[found.row_of], age / 2)
    assert np.array_equal(found.repeat_count[found.row_of], count)
    assert found.customers.sum() == 4
    assert len(found) == 3
