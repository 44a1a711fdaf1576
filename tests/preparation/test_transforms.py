from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import yeojohnson, yeojohnson_normmax

from coterie.preparation.rounding import finite_sorted, significant, spread_rows
from coterie.preparation.transforms import fit_power, fit_scale, inverse_yeo_johnson, yeo_johnson


@pytest.mark.parametrize("power", [-1.0, -0.3, 0.0, 0.5, 1.0, 1.7, 2.0])
def test_power_transform_equals_scipys_and_is_undone(power):
    x = np.array([-40.0, -3.0, -0.5, 0.0, 0.5, 3.0, 40.0])
    y = yeo_johnson(x, power)
    np.testing.assert_allclose(y, yeojohnson(x, lmbda=power), rtol=1e-12)
    np.testing.assert_allclose(inverse_yeo_johnson(y, power), x, rtol=1e-9)


def test_estimated_power_is_the_one_scipy_finds_by_maximum_likelihood():
    x = np.sort(np.random.default_rng(0).gamma(2, 3, 800))
    assert fit_power(x) == pytest.approx(yeojohnson_normmax(x), abs=2e-3)


def test_power_stays_within_its_range_on_wild_tails():
    assert fit_power(np.sort(np.exp(np.linspace(0, 30, 500) ** 1.5 / 20))) >= -1.0
    assert fit_power(np.sort(-np.exp(np.linspace(0, 12, 500)))) <= 2.0


def test_power_from_very_many_values_uses_evenly_spaced_ones():
    x = np.sort(np.random.default_rng(1).lognormal(0, 1, 200_000))
    assert fit_power(x) == pytest.approx(fit_power(x[20::40]), abs=1e-2)


def test_values_of_one_two_and_three_on_the_linear_scale_by_hand():
    scale = fit_scale(np.array([1.0, 2.0, 3.0]), "linear")
    step = 1.224744871391589
    np.testing.assert_allclose(scale.forward(np.array([3.0, 1.0, 2.0])), [step, -step, 0.0], rtol=1e-11)


def test_shares_are_compared_by_their_roots():
    scale = fit_scale(np.array([0.0, 0.25, 1.0]), "root")
    z = scale.forward(np.array([0.0, 0.25, 1.0]))
    assert z[1] - z[0] == pytest.approx(z[2] - z[1])


def test_equal_values_are_zero_throughout_and_come_back():
    scale = fit_scale(np.array([7.0, 7.0]), "power")
    np.testing.assert_array_equal(scale.forward(np.array([7.0, 900.0])), [0.0, 0.0])
    np.testing.assert_array_equal(scale.backward(np.array([0.0, 1.0])), [7.0, 7.0])


def test_far_values_are_limited_to_four_deviations():
    scale = fit_scale(np.sort(np.random.default_rng(0).normal(10, 1, 500)), "power")
    np.testing.assert_array_equal(scale.forward(np.array([1e300, -1e300])), [4.0, -4.0])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0.01, 1e6), min_size=5, max_size=60, unique=True), st.sampled_from([0.01, 100.0, 7.3]))
def test_another_currency_changes_nothing(values, rate):
    ordered = finite_sorted(np.array(values))
    once, other = fit_scale(ordered, "power"), fit_scale(ordered * rate, "power")
    # the search for the power stops at a tolerance, so the scales agree to what storing twelve digits leaves
    np.testing.assert_allclose(other.forward(ordered * rate), once.forward(ordered), atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6), min_size=2, max_size=60))
def test_values_within_the_limit_come_back(values):
    x = np.array(values)
    scale = fit_scale(finite_sorted(x), "power")
    z = scale.forward(x)
    inside = np.abs(z) < scale.bound
    if scale.deviation > 0:
        span = np.abs(x).max()
        np.testing.assert_allclose(scale.backward(z)[inside], x[inside], rtol=1e-6, atol=1e-9 * span)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=40), st.integers(0, 1000))
def test_larger_values_never_lie_lower(values, seed):
    scale = fit_scale(finite_sorted(np.array(values)), "power")
    z = scale.forward(np.sort(np.random.default_rng(seed).uniform(-2e4, 2e4, 50)))
    assert (np.diff(z) >= 0).all()


def test_numbers_are_rounded_to_twelve_significant_digits():
    assert significant(1.23456789012345) == 1.23456789012
    assert significant(-0.0) == 0.0
    assert significant(1 / 3 * 1e-20) == 3.33333333333e-21


def test_rows_are_picked_evenly():
    np.testing.assert_array_equal(spread_rows(10, 5), [0, 2, 4, 6, 8])
    np.testing.assert_array_equal(spread_rows(3, 5), [0, 1, 2])
