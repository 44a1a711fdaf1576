"""Each column is sorted once: what is made of its ranks is what other ways would give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, rankdata

from coterie.profiles import contrasts, describe, describe_briefly, description
from coterie.profiles.descriptors import adjusted_together
from coterie.profiles.ranks import mean_ranks
from profiles.factories import assigned, basis_of, chosen, shop


@pytest.mark.parametrize("values", [[3.0], [2.0, 2, 2], [5.0, -0.0, 0.0, 1e300, 5, -4]])
def test_equal_values_share_the_mean_of_their_ranks(values):
    ranks, times = mean_ranks(np.array(values))
    assert np.array_equal(ranks, rankdata(values))
    assert np.array_equal(times, np.unique(values, return_counts=True)[1])


def test_ranks_of_many_values_are_those_of_scipy():
    values = np.random.default_rng(0).poisson(40, 5_000) / 7
    assert np.array_equal(mean_ranks(values)[0], rankdata(values))


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
