from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_tweedie_deviance

from coterie.holdout.explained import Resamples, cross_fitted, deviances, interval, ranking
from coterie.holdout.groups import equal_parts
from coterie.holdout.measuring import compare, wilson


def test_a_tiny_table_gives_the_numbers_worked_out_by_hand() -> None:
    # Two groups, two folds. For customer 0 its group holds 4 in the other fold; all customers there have
    # 4 and 0, mean 2, which joins with the weight of one customer: (4 + 2) / 2 = 3.
    values = np.array([2.0, 4.0, 6.0, 0.0])
    groups = np.array([0, 0, 1, 1])
    folds = np.array([0, 1, 0, 1])
    predicted = cross_fitted(values, groups, folds)
    np.testing.assert_allclose(predicted, [(4 + 2) / 2, (2 + 4) / 2, (0 + 2) / 2, (6 + 4) / 2])
    without = cross_fitted(values, np.zeros(4, dtype=int), folds)
    np.testing.assert_allclose(without, [(4 + 0 + 2) / 3, (2 + 6 + 4) / 3, 2, 4])


def test_no_customer_is_predicted_from_itself_or_its_fold() -> None:
    rng = np.random.default_rng(0)
    values, groups, folds = rng.exponential(5, 60), rng.integers(0, 3, 60), rng.integers(0, 5, 60)
    before = cross_fitted(values, groups, folds)
    values[folds == 2] *= 100
    after = cross_fitted(values, groups, folds)
    np.testing.assert_allclose(before[folds == 2], after[folds == 2], rtol=1e-9)
    assert (after[folds != 2] > 1.5 * before[folds != 2]).all()


def test_deviances_are_those_of_the_literature() -> None:
    rng = np.random.default_rng(1)
    values, predicted = rng.exponential(3, 50) * (rng.random(50) < 0.6), rng.uniform(0.5, 4, 50)
    spend = mean_tweedie_deviance(values, predicted, power=1.5)
    assert deviances(values, predicted, "spend").mean() == pytest.approx(spend, rel=1e-12)
    counts = np.floor(values)
    orders = mean_poisson_deviance(counts, predicted)
    assert deviances(counts, predicted, "orders").mean() == pytest.approx(orders, rel=1e-12)
    silent, chance = (values == 0).astype(float), predicted / 5
    assert deviances(silent, chance, "silence").mean() == pytest.approx(2 * log_loss(silent, chance), rel=1e-12)


def test_the_perfect_ranking_scores_one_and_no_ranking_zero() -> None:
    values = np.array([0.0, 0.0, 0.0, 1.0, 9.0])
    assert ranking(values, values) == pytest.approx((1.0, 0.9))
    assert ranking(values, np.ones(5)) == pytest.approx((0.0, 0.2))
    assert ranking(values, -values)[0] < -0.3


def test_groups_that_say_nothing_explain_nothing_and_those_that_say_it_all_explain_it() -> None:
    rng = np.random.default_rng(2)
    kinds, chance = rng.integers(0, 3, 900), rng.integers(0, 3, 900)
    orders = rng.poisson(np.array([0.2, 2.0, 8.0])[kinds]).astype(float)
    outcomes = pd.DataFrame({"spend": 10 * orders, "orders": orders, "silence": (orders == 0) * 1.0})
    outcomes["fold"] = rng.integers(0, 5, 900)
    explained, differences = compare({"segments": kinds, "rfm_boxes": chance}, outcomes, seed=0)
    share = {(each.outcome, each.grouping): each for each in explained}
    assert share["orders", "segments"].explained > 0.7
    assert abs(share["orders", "rfm_boxes"].explained) < 0.02
    beside = {(each.outcome, each.against): each for each in differences}
    assert beside["spend", "rfm_boxes"].low > 0.3
    assert beside["orders", "segments_and_rfm"].low > 0.3  # what the segments add to the boxes


def test_more_groups_of_noise_gain_nothing() -> None:
    rng = np.random.default_rng(4)
    orders = rng.poisson(1.5, 600).astype(float)
    outcomes = pd.DataFrame({"spend": orders, "orders": orders, "silence": (orders == 0) * 1.0})
    outcomes["fold"] = rng.integers(0, 5, 600)
    explained, _ = compare({"segments": rng.integers(0, 60, 600)}, outcomes, seed=0)
    assert all(each.explained < 0 for each in explained)


def test_an_outcome_that_is_the_same_for_all_is_left_out() -> None:
    outcomes = pd.DataFrame({"spend": [5.0] * 20, "orders": [1.0, 2.0] * 10, "silence": [0.0] * 20})
    outcomes["fold"] = np.arange(20) % 5
    explained, _ = compare({"segments": np.arange(20) % 2}, outcomes, seed=0)
    assert {each.outcome for each in explained} == {"orders"}


def test_intervals_hold_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for seed in range(200):
        values = rng.exponential(2.0, 80)
        resamples = Resamples.make(80, seed)
        low, high = interval(resamples.sums(values) / resamples.sums(np.ones(80)))
        inside += low <= 2.0 <= high
    assert 176 <= inside <= 198  # percentile intervals of skewed values fall a little short of 95 %


def test_drawing_customers_in_units_gives_the_same_spread_as_drawing_them_singly() -> None:
    values = np.random.default_rng(6).exponential(3.0, 10_000)
    resamples = Resamples.make(10_000, 0)
    assert resamples.drawn.shape[1] == 2_000
    spread = (resamples.sums(values) / 10_000).std()
    assert spread == pytest.approx(values.std() / math.sqrt(10_000), rel=0.1)


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 and 1 of 29.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_equal_parts_keep_equal_customers_together() -> None:
    np.testing.assert_array_equal(equal_parts(np.array([3.0, 1.0, 2.0, 4.0]), 4), [2, 0, 1, 3])
    parts = equal_parts(np.array([7.0] * 8 + [9.0, 11.0]), 5)
    np.testing.assert_array_equal(parts, [0] * 8 + [1] * 2)
