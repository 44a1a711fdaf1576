"""The spread of each segment's stability, and its course across numbers of segments in words."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from coterie.clustering.across import across_solutions
from coterie.profiles.stability import course, spread
from profiles.factories import chosen


def following(*partitions: list[int], k: int):
    return replace(chosen(k), solutions=across_solutions([np.array(labels) for labels in partitions]))


FEWER = [0] * 40 + [1] * 60
CHOSEN = [0] * 40 + [1] * 30 + [2] * 30
MORE = [0] * 40 + [1] * 30 + [2] * 20 + [3] * 10


def test_a_segment_that_others_leave_alone_is_the_same_with_fewer_and_with_more() -> None:
    stability, sentence = course(following(FEWER, CHOSEN, MORE, k=3), 0)
    assert stability == 1
    assert sentence == "With 2 segments by the same method it would be the same; with 4 it would be the same."


def test_a_segment_that_stands_inside_a_larger_one_and_splits_is_told_so() -> None:
    stability, sentence = course(following(FEWER, CHOSEN, MORE, k=3), 2)
    assert stability == 1
    assert sentence == (
        "With 2 segments by the same method it would be part of a larger one; with 4 it would split (67 %, 33 % of it)."
    )


def test_a_segment_drawn_from_all_others_has_no_stability_across_numbers() -> None:
    after = [0] * 20 + [2] * 20 + [1] * 40 + [2] * 20
    stability, sentence = course(following([0] * 40 + [1] * 60, after, k=3), 2)
    assert stability == pytest.approx(0, abs=1e-12)
    assert sentence == "With 2 segments by the same method it would be spread over others (50 %, 50 % of it)."


def test_without_other_solutions_nothing_is_claimed() -> None:
    stability, sentence = course(chosen(3), 1)
    assert isnan(stability)
    assert sentence == ""
    assert all(isnan(value) for value in spread(np.zeros((0, 0)), 0))


def test_the_spread_leaves_out_a_tenth_of_the_draws_on_either_side() -> None:
    assert spread(np.linspace(0, 1, 11)[:, None], 0) == pytest.approx((0.1, 0.9))


def test_the_coarsest_solution_tells_only_what_comes_after_it() -> None:
    stability, sentence = course(following(FEWER, CHOSEN, k=2), 1)
    assert isnan(stability)
    assert sentence == "With 3 segments by the same method it would split (50 %, 50 % of it)."
