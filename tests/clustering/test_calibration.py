"""A stated confidence is the share of refits in which such rows keep their segment."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.clustering.calibration import Placed, calibrate, calibration_from, log_of_others, rising, second_share


def refitted(agreement: np.ndarray, labels: np.ndarray, refits: int, seed: int) -> np.ndarray:
    """Clusters of each row by each refit: its own segment with the given probability, else the next one."""
    kept = np.random.default_rng(seed).random((refits, len(labels))) < agreement
    return np.where(kept, labels, (labels + 1) % (labels.max() + 1))


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    return random.uniform(0, 4, 3_000), random.integers(0, 3, 3_000)


def test_the_curve_finds_the_probability_behind_the_refits(rows) -> None:
    margins, labels = rows
    truth = 0.55 + 0.45 * (1 - np.exp(-margins))
    found = refitted(truth, labels, 20, 1)
    curve = calibrate(margins, labels, found, np.ones(found.shape, bool), n_segments=3, tie=0.0)
    assert np.abs(curve.probability(margins, labels) - truth).mean() < 0.02


def test_segments_that_are_lost_more_often_get_less_confidence(rows) -> None:
    margins, labels = rows
    truth = np.where(labels == 2, 0.6, 0.95)
    found = refitted(truth, labels, 20, 2)
    curve = calibrate(margins, labels, found, np.ones(found.shape, bool), n_segments=3, tie=0.0)
    said = curve.probability(margins, labels)
    assert abs(said[labels == 2].mean() - 0.6) < 0.04
    assert abs(said[labels != 2].mean() - 0.95) < 0.04


def test_the_names_that_a_refit_gives_its_clusters_do_not_matter(rows) -> None:
    margins, labels = rows
    found = refitted(np.full(len(labels), 0.9), labels, 6, 3)
    renamed = np.array([np.random.default_rng(seed).permutation(3)[one] for seed, one in enumerate(found)])
    unseen = np.ones(found.shape, bool)
    one = calibrate(margins, labels, found, unseen, n_segments=3, tie=0.0)
    other = calibrate(margins, labels, renamed, unseen, n_segments=3, tie=0.0)
    assert np.array_equal(one.shares, other.shares)


def test_rows_that_a_refit_was_made_from_do_not_count(rows) -> None:
    margins, labels = rows
    found = np.tile(labels, (4, 1))
    found[:2] = refitted(np.full(len(labels), 0.7), labels, 2, 4)
    unseen = np.zeros(found.shape, bool)
    unseen[:2] = True
    curve = calibrate(margins, labels, found, unseen, n_segments=3, tie=0.0)
    assert abs(curve.probability(margins, labels).mean() - 0.7) < 0.03


def test_a_row_at_the_border_is_at_most_half_sure_even_where_nobody_stands_there(rows) -> None:
    margins, labels = rows
    found = np.tile(labels, (4, 1))
    curve = calibrate(margins + 5, labels, found, np.ones(found.shape, bool), n_segments=3, tie=0.0)
    assert curve.probability(np.array([0.0]), np.array([1]))[0] <= 0.5
    assert curve.probability(np.array([9.0]), np.array([1]))[0] == 1.0


def test_firmer_rows_never_get_less_confidence(rows) -> None:
    margins, labels = rows
    found = refitted(np.random.default_rng(5).random(len(labels)), labels, 3, 5)
    curve = calibrate(margins, labels, found, np.ones(found.shape, bool), n_segments=3, tie=0.0)
    assert (np.diff(curve.shares, axis=1) >= 0).all()
    again = calibration_from(curve.arrays())
    assert np.array_equal(again.probability(margins, labels), curve.probability(margins, labels))


def test_one_segment_needs_no_curve(rows) -> None:
    margins, labels = rows
    whole = np.zeros((2, len(labels)), int)
    assert calibrate(margins, labels * 0, whole, whole == 0, n_segments=1, tie=0.0) is None


def test_pooling_gives_the_nearest_rising_sequence() -> None:
    assert rising(np.array([0.2, 0.6, 0.4, 0.9]), np.ones(4)).tolist() == [0.2, 0.5, 0.5, 0.9]
    assert rising(np.array([0.9, 0.3]), np.array([1.0, 2.0])).tolist() == pytest.approx([0.5, 0.5])


def test_the_second_segment_has_its_part_of_the_doubt() -> None:
    scores = np.log(np.array([[0.7], [0.2], [0.1]]))
    first, second = np.array([0]), np.array([1])
    others = log_of_others(scores, first)
    assert second_share(Placed(scores, first, -others, others), second)[0] == pytest.approx(2 / 3)
    votes = np.array([[0.601], [0.4], [0.0]])
    assert second_share(Placed(votes, first, first, None), second)[0] == 1.0
