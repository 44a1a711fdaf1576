"""Sizes, intervals and verdicts of campaigns: published figures, simulated campaigns, and a real one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coterie.campaigns.experiments.across_segments import heterogeneity, holm, shrunken
from coterie.campaigns.experiments.assignment import (
    CONTROL,
    TREATED,
    hash_fractions,
    left_out,
    share_mismatch,
    value_bands,
)
from coterie.campaigns.experiments.measuring import KEEP, STOP, UNSURE, Measured, Rules, measure
from coterie.campaigns.experiments.money import Costs, break_even_lift, incremental_profit
from coterie.campaigns.experiments.proportions import (
    lift,
    needed,
    pooled_p_value,
    power_of,
    relative_lift,
    smallest_lift,
    wilson,
)
from coterie.campaigns.experiments.revenue import adjusted, needed_for_revenue, smallest_revenue_lift, welch
from coterie.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

FREE = Rules(Costs(margin=0.4), {})


@pytest.mark.parametrize(
    ("p0", "p1", "ratio", "size"),
    [(0.02, 0.024, 1, 21_109), (0.02, 0.024, 1 / 9, 108_417), (0.05, 0.06, 1, 8_158), (0.05, 0.06, 0.25, 20_799)],
)
def test_sizes_are_those_of_the_pooled_formula(p0: float, p1: float, ratio: float, size: int) -> None:
    assert needed(p0, p1, ratio) == size


def test_the_sizes_have_the_power_that_they_promise() -> None:
    rng = np.random.default_rng(3)
    treated, control = 108_417, 12_047
    x1, x0 = rng.binomial(treated, 0.024, 20_000), rng.binomial(control, 0.02, 20_000)
    pooled = (x1 + x0) / (treated + control)
    z = (x1 / treated - x0 / control) / np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
    assert np.mean(np.abs(z) > stats.norm.ppf(0.975)) == pytest.approx(0.80, abs=0.02)
    assert power_of(0.02, 0.024, treated, control) == pytest.approx(0.80, abs=0.001)


def test_the_smallest_lift_is_the_one_that_the_size_was_made_for() -> None:
    assert smallest_lift(0.02, 108_417, 12_047) == pytest.approx(0.004, abs=1e-6)
    assert math.isnan(smallest_lift(0.5, 3, 1))


def test_the_interval_of_a_lift_is_newcombes() -> None:
    found = lift(270, 9000, 20, 1000)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.01, -0.0012, 0.0179), abs=5e-5)
    assert pooled_p_value(270, 9000, 20, 1000) == pytest.approx(0.0738, abs=5e-5)
    ratio = relative_lift(270, 9000, 20, 1000)
    assert (ratio.estimate, ratio.low, ratio.high) == pytest.approx((0.5, -0.043, 1.351), abs=5e-4)


def test_the_score_interval_of_a_share_agrees_with_scipy() -> None:
    for x, n in ((0, 10), (3, 10), (10, 10), (20, 1000)):
        theirs = stats.binomtest(x, n).proportion_ci(method="wilson")
        assert wilson(x, n, float(stats.norm.ppf(0.975))) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_welch_agrees_with_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.exponential(3, 400), rng.exponential(2, 90)
    found, p_value = welch(a, b)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    interval = theirs.confidence_interval()
    assert p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-10)


def test_earlier_spend_takes_noise_out_and_leaves_the_mean() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(size=50_000)
    outcome = 0.5 * before + math.sqrt(0.75) * rng.normal(size=50_000)
    found, explained = adjusted(outcome, before)
    assert found.mean() == pytest.approx(outcome.mean())
    assert explained == pytest.approx(0.25, abs=0.01)
    assert found.var() == pytest.approx((1 - explained) * outcome.var())
    assert adjusted(outcome, np.ones(50_000))[1] == 0


def test_sizes_for_revenue() -> None:
    assert needed_for_revenue(60, 3, 1) == 6_280
    assert needed_for_revenue(60, 3, 1 / 9) == 31_396
    assert smallest_revenue_lift(60, 6_280, 6_280) == pytest.approx(3, abs=1e-3)


def test_profit_counts_only_what_would_not_have_come_anyway() -> None:
    costs = Costs(margin=0.4, contact=0.1)
    assert incremental_profit(costs, 9_000, 0.6 * 9_000, 2.1 * 9_000) == pytest.approx(1_260)
    assert break_even_lift(costs, 50, 0.02, 9_000) == pytest.approx(0.1 / 20)
    assert break_even_lift(Costs(0.4, discount=0.1), 50, 0.02, 9_000) == pytest.approx(0.1 * 50 * 0.02 / 15)
    assert break_even_lift(Costs(0.1, discount=0.2), 50, 0.02, 9_000) == math.inf


def test_holm_and_heterogeneity() -> None:
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    effects, errors = np.array([0.0, 0.01, 0.02]), np.array([0.005, 0.005, 0.005])
    found = heterogeneity(effects, errors)
    assert found.q == pytest.approx(8.0)
    assert found.p_value == pytest.approx(stats.chi2.sf(8, 2))
    assert found.i_squared == pytest.approx(0.75)
    drawn = shrunken(effects, errors, found)
    assert (np.abs(drawn - 0.01) < np.abs(effects - 0.01) + 1e-12).all()
    assert drawn[0] > 0


def test_a_customer_is_left_out_whatever_the_order_of_rows() -> None:
    ids = [f"C{i}" for i in range(2_000)]
    strata = np.arange(2_000) % 3
    share = np.array([0.1, 0.5, 0.0])
    out = left_out(ids, strata, share, "spring")
    turned = left_out(ids[::-1], strata[::-1], share, "spring")
    assert (out == turned[::-1]).all()
    assert [int(out[strata == s].sum()) for s in range(3)] == [67, 334, 0]
    assert (out != left_out(ids, strata, share, "autumn")).any()


def test_hashes_of_ids_are_spread_evenly_and_stay_what_they_are() -> None:
    fractions = hash_fractions([str(i) for i in range(20_000)], "salt")
    assert stats.kstest(fractions, "uniform").pvalue > 0.001
    assert hash_fractions(["42"], "spring-2026")[0] == pytest.approx(0.13263522975288938, abs=1e-12)


def test_equal_values_share_a_band() -> None:
    bands = value_bands(np.array([1.0, 1.0, 2.0, 3.0, 4.0, np.nan]))
    assert bands[0] == bands[1]
    assert bands[5] == bands.min()
    assert value_bands(np.full(4, np.nan)).tolist() == [0, 0, 0, 0]


def test_groups_of_another_size_than_planned_are_told() -> None:
    assert share_mismatch((9_000, 1_000), (0.9, 0.1)) == 1.0
    assert share_mismatch((9_000, 800), (0.9, 0.1)) < 0.001


def campaign(rng: np.random.Generator, rates: list[tuple[float, float]], n: int = 3_000) -> pd.DataFrame:
    """Customers of some segments, a third of each left out, who buy with the rates given (control, treated)."""
    parts = []
    for number, (p0, p1) in enumerate(rates):
        treated = np.arange(n) % 3 > 0
        bought = rng.random(n) < np.where(treated, p1, p0)
        before = rng.gamma(2, 20, n)
        spent = np.where(bought, rng.gamma(4, 10, n) + 0.3 * before, 0.0)
        arm = np.where(treated, TREATED, CONTROL)
        parts.append({"segment": f"S{number}", "arm": arm, "converted": bought, "revenue": spent, "before": before})
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


@pytest.fixture(scope="module")
def simulated() -> tuple[list[tuple[float, float]], list[Measured]]:
    rng = np.random.default_rng(11)
    rates = [(0.05, 0.05), (0.05, 0.08), (0.02, 0.03), (0.10, 0.09)]
    return rates, [measure(campaign(rng, rates), FREE) for _ in range(400)]


def test_intervals_cover_the_true_effect(simulated: tuple[list[tuple[float, float]], list[Measured]]) -> None:
    rates, runs = simulated
    covered = [
        uplift.lift.low <= p1 - p0 <= uplift.lift.high
        for run in runs
        for uplift, (p0, p1) in zip(run.segments, rates, strict=True)
    ]
    assert 0.93 <= np.mean(covered) <= 0.97
    order = 40 + 0.3 * 40  # what an order brings on average
    spent = [
        uplift.money.revenue.low <= (p1 - p0) * order <= uplift.money.revenue.high
        for run in runs
        for uplift, (p0, p1) in zip(run.segments, rates, strict=True)
    ]
    assert 0.93 <= np.mean(spent) <= 0.97


def test_a_campaign_without_effect_is_hardly_ever_kept() -> None:
    rng = np.random.default_rng(5)
    runs = [measure(campaign(rng, [(0.05, 0.05)] * 4, n=1_500), FREE) for _ in range(400)]
    assert np.mean([any(uplift.verdict == KEEP for uplift in run.segments) for run in runs]) <= 0.05
    differ = [run.differ.p_value < 0.05 for run in runs if run.differ]
    assert np.mean(differ) <= 0.08


def test_verdicts_follow_sales_and_money() -> None:
    rng = np.random.default_rng(2)
    results = campaign(rng, [(0.05, 0.12), (0.10, 0.05), (0.05, 0.055)], n=6_000)
    found = measure(results, FREE)
    assert [uplift.verdict for uplift in found.segments] == [KEEP, STOP, UNSURE]
    assert found.segments[2].more_needed > 1_000
    assert found.segments[0].more_needed == 0
    assert found.differ is not None
    assert found.differ.p_value < 0.001
    dear = measure(results, Rules(Costs(margin=0.4, contact=30.0), {}))
    assert dear.segments[0].verdict == STOP
    assert dear.segments[0].money.profit.high < 0


def test_the_total_and_its_money_add_up() -> None:
    results = campaign(np.random.default_rng(4), [(0.05, 0.08), (0.02, 0.03)])
    found = measure(results.drop(columns=["before"]), Rules(Costs(0.4, contact=0.5, fixed=100), {}))
    total = found.total
    treated = results[results["arm"] == TREATED]
    assert total.n_treated == len(treated) == sum(uplift.n_treated for uplift in found.segments)
    assert total.money.cost == pytest.approx(0.5 * len(treated) + 100)
    expected = 0.4 * total.money.revenue.estimate * len(treated) - total.money.cost
    assert total.money.profit.estimate == pytest.approx(expected)
    assert total.roi == pytest.approx(expected / total.money.cost)


def test_without_revenue_the_value_of_an_order_gives_the_money() -> None:
    results = campaign(np.random.default_rng(4), [(0.05, 0.09)]).drop(columns=["revenue", "before"])
    assert measure(results, FREE).total.money is None
    with_value = measure(results, Rules(Costs(0.4, contact=0.1), {}, order_value=50.0)).total
    assert with_value.money.revenue is None
    assert with_value.money.break_even == pytest.approx(0.1 / 20)
    expected = 0.4 * 50 * with_value.lift.estimate * with_value.n_treated - with_value.money.cost
    assert with_value.money.profit.estimate == pytest.approx(expected)


def test_lost_customers_and_missing_groups_are_told() -> None:
    results = campaign(np.random.default_rng(4), [(0.05, 0.05), (0.05, 0.05)])
    planned = {"S0": (2 / 3, 1 / 3), "S1": (0.9, 0.1)}
    assert set(measure(results, Rules(Costs(0.4), planned)).mismatched) == {"S1"}
    with pytest.raises(InputError, match="nobody of it is in the control group"):
        measure(results[(results["segment"] != "S1") | (results["arm"] == TREATED)], FREE)


def test_a_giant_order_counts_up_to_the_cap() -> None:
    results = campaign(np.random.default_rng(4), [(0.05, 0.05)])
    results.loc[results.index[results["arm"] == TREATED][0], "revenue"] = 1e6
    wild, tame = measure(results, FREE).total, measure(results, Rules(Costs(0.4), {}, cap=200.0)).total
    assert wild.money.revenue.estimate > 300
    assert abs(tame.money.revenue.estimate) < 2


@pytest.mark.data
def test_the_two_mailings_of_hillstrom_have_the_known_effects(data_folder: Path) -> None:
    table = pd.read_csv(next((data_folder / "hillstrom").glob("*.csv")))
    for mailing, visits, spend in (("Mens E-Mail", 0.0766, 0.77), ("Womens E-Mail", 0.0452, 0.42)):
        part = table[table["segment"].isin([mailing, "No E-Mail"])]
        arm = np.where(part["segment"] == mailing, TREATED, CONTROL)
        results = pd.DataFrame({"segment": part["channel"].to_numpy(), "arm": arm, "revenue": part["spend"].to_numpy()})
        total = measure(results.assign(converted=part["visit"].to_numpy() == 1), FREE).total
        assert total.lift.estimate == pytest.approx(visits, abs=5e-5)
        assert total.money.revenue.estimate == pytest.approx(spend, abs=5e-3)
        assert total.lift.low > 0
