"""Each column is sorted once: what is made of its ranks is what other ways would give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, rankdata

from coterie.profiles import contrasts, describe, describe_briefly, description
from coterie.profiles.descriptors import adjusted_together
from coterie.profiles.ranks import ranks_of
from profiles.factories import assigned, basis_of, chosen, shop


def mean_ranks(values):
    ranks = ranks_of(values)
    found = np.empty(len(values))
    found[ranks.order] = ranks.rising_ranks
    return found, ranks.times


@pytest.mark.parametrize("values", [[3.0], [2.0, 2, 2], [5.0, -0.0, 0.0, 1e300, 5, -4]])
def test_equal_values_share_the_mean_of_their_ranks(values):
    ranks, times = mean_ranks(np.array(values))
    assert np.array_equal(ranks, rankdata(values))
    assert np.array_equal(times, np.unique(values, return_counts=True)[1])


def test_ranks_of_many_values_are_those_of_scipy():
    values = np.random.default_rng(0).poisson(40, 5_000) / 7
    assert np.array_equal(mean_ranks(values)[0], rankdata(values))


@pytest.mark.parametrize("lowest", [0.0, -1.0])
def test_values_that_are_often_zero_are_ranked_as_all_others(lowest):
    values = np.maximum(np.random.default_rng(2).normal(size=3_000), lowest)
    values[::3] = -0.0
    ranks, times = mean_ranks(values)
    assert np.array_equal(ranks, rankdata(values))
    assert np.array_equal(times, np.unique(values, return_counts=True)[1])


def test_parts_of_a_column_by_group_are_the_known_values_of_each_in_rising_order():
    rng = np.random.default_rng(3)
    values, groups = rng.poisson(3, 500).astype(float), rng.integers(0, 4, 500)
    values[rng.random(500) < 0.2] = np.nan
    groups[groups == 2] = 1
    known = np.isfinite(values)
    parts = ranks_of(values).by_group(groups[known], 4)
    expected = [np.sort(values[known & (groups == group)]) for group in range(4)]
    assert all(np.array_equal(part, own) for part, own in zip(parts, expected, strict=True))


def test_scores_have_no_mean_one_deviation_and_nothing_where_nothing_is_known():
    values = np.array([1.0, np.nan, 2.0, 2.0, 9.0])
    scores = ranks_of(values).scores()
    assert scores[1] == 0
    assert scores[[0, 2, 3, 4]].mean() == pytest.approx(0)
    assert scores[[0, 2, 3, 4]].std() == pytest.approx(1)
    assert not ranks_of(np.array([4.0, 4.0, np.nan])).scores().any()


def test_p_values_are_adjusted_as_scipy_does():
    p_values = np.random.default_rng(1).random(40) ** 3
    assert np.array_equal(adjusted_together(p_values), false_discovery_control(p_values))


def test_segments_are_named_in_brief_as_they_are_at_length():
    customers, labels = shop()
    given = customers, assigned(labels), chosen(5), basis_of(customers)
    brief, full = describe_briefly(*given), describe(*given)
    assert list(brief.segments) == [(segment.segment_id, segment.name) for segment in full.segments]
    pd.testing.assert_series_equal(brief.membership["segment_id"], full.membership["segment_id"])


def test_neither_threads_nor_the_memory_for_scores_change_what_is_told(monkeypatch):
    customers, labels = shop()
    given = customers, assigned(labels), chosen(5), basis_of(customers)
    before = describe(*given)
    monkeypatch.setattr(contrasts, "MANY", 1)
    monkeypatch.setattr(description, "_MOST_BYTES", 0)
    after = describe(*given)
    assert repr(after.segments) == repr(before.segments)  # some numbers are unknown, and not equal to themselves
    pd.testing.assert_frame_equal(after.membership, before.membership)
    pd.testing.assert_frame_equal(after.table, before.table)
    pd.testing.assert_frame_equal(after.descriptors, before.descriptors)
