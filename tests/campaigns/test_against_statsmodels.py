"""The mathematics of campaign tests agrees with statsmodels on the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats import meta_analysis, multitest, proportion, weightstats

from coterie.campaigns.experiments.across_segments import heterogeneity, holm
from coterie.campaigns.experiments.proportions import lift, needed, pooled_p_value, power_of, relative_lift, wilson
from coterie.campaigns.experiments.revenue import welch
from coterie.campaigns.fairness.offers import selection_ratio

#: Buyers and customers of the treated and of those left out: usual, unequal, rare, none, all.
COUNTS = [(270, 9000, 20, 1000), (55, 400, 12, 390), (3, 5000, 1, 500), (0, 300, 4, 300), (50, 50, 41, 50)]


@pytest.mark.parametrize("counts", COUNTS)
def test_the_interval_of_a_difference_is_newcombes(counts):
    x1, n1, x0, n0 = counts
    ours = lift(*counts)
    theirs = proportion.confint_proportions_2indep(x1, n1, x0, n0, method="newcomb", compare="diff")
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("counts", COUNTS)
def test_the_score_interval_of_a_share_is_wilsons(counts):
    for x, n in (counts[:2], counts[2:]):
        theirs = proportion.proportion_confint(x, n, method="wilson")
        assert wilson(x, n, 1.959963984540054) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("counts", COUNTS)
def test_the_test_of_two_shares_is_the_pooled_z_test(counts):
    x1, n1, x0, n0 = counts
    assert pooled_p_value(*counts) == pytest.approx(proportion.proportions_ztest([x1, x0], [n1, n0])[1])


@pytest.mark.parametrize("counts", COUNTS[:3])
def test_the_interval_of_a_ratio_is_that_of_its_logarithm(counts):
    x1, n1, x0, n0 = counts
    theirs = proportion.confint_proportions_2indep(x1, n1, x0, n0, method="log", compare="ratio", correction=False)
    ours = relative_lift(*counts)
    assert (1 + ours.low, 1 + ours.high) == pytest.approx(theirs, rel=1e-9)
    ratio = selection_ratio(*counts)
    assert (ratio.low, ratio.high) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(
    ("p0", "p1", "ratio"), [(0.02, 0.024, 1), (0.02, 0.024, 1 / 9), (0.05, 0.06, 0.25), (0.3, 0.4, 1)]
)
def test_the_power_of_a_size_is_theirs(p0, p1, ratio):
    treated = needed(p0, p1, ratio)
    theirs = proportion.power_proportions_2indep(p1 - p0, p0, treated, ratio=ratio, alpha=0.05, return_results=False)
    assert power_of(p0, p1, treated, ratio * treated) == pytest.approx(theirs, abs=2e-4)
    assert theirs == pytest.approx(0.8, abs=1e-3)


def test_welchs_interval_and_test_of_revenue_are_theirs():
    rng = np.random.default_rng(4)
    treated, control = rng.lognormal(3, 1, 400), rng.lognormal(2.9, 1.2, 150)
    ours, p_value = welch(treated, control)
    compared = weightstats.CompareMeans.from_data(treated, control)
    assert (ours.low, ours.high) == pytest.approx(compared.tconfint_diff(usevar="unequal"))
    assert p_value == pytest.approx(weightstats.ttest_ind(treated, control, usevar="unequal")[1])


def test_adjusted_p_values_are_those_of_holm():
    p_values = np.random.default_rng(2).random(12) ** 3
    assert holm(p_values) == pytest.approx(multitest.multipletests(p_values, method="holm")[1])


def test_differences_between_segments_are_those_of_a_meta_analysis():
    effects, errors = np.array([0.012, -0.004, 0.03, 0.007]), np.array([0.006, 0.005, 0.011, 0.004])
    ours = heterogeneity(effects, errors)
    theirs = meta_analysis.combine_effects(effects, errors**2, method_re="dl")
    assert (ours.q, ours.tau_squared) == pytest.approx((theirs.q, theirs.tau2))
    assert ours.common == pytest.approx(theirs.mean_effect_fe)
    assert ours.i_squared == pytest.approx(theirs.i2)
