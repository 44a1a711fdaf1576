"""Nearest points by matrix products against the plain search through all of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from coterie.clustering.graph import nearest
from coterie.clustering.kernels.nearest_points import NearestPoints
from coterie.clustering.kernels.neighbours import kth_distances, nearest_point, nearest_rows, without_itself
from coterie.clustering.limits import absorb_small
from coterie.clustering.portfolio import compact
from coterie.clustering.rules import PrototypeRule
from coterie.clustering.table import from_matrix, take


def _by_all_distances(points: np.ndarray, X: np.ndarray, count: int) -> np.ndarray:
    square = ((X[:, None] - points) ** 2).sum(axis=2)
    return np.argsort(square, axis=1, kind="stable")[:, :count]


@pytest.mark.parametrize(("m", "count"), [(1, 1), (5, 5), (7, 3), (41, 15), (130, 15), (999, 15), (2_000, 5)])
def test_the_nearest_are_those_of_all_distances(m: int, count: int) -> None:
    rng = np.random.default_rng(m)
    points, X = rng.normal(size=(m, 7)), rng.normal(size=(300, 7))
    assert np.array_equal(NearestPoints(points).query(X, count), _by_all_distances(points, X, count))


@pytest.mark.parametrize("far", [1e-9, 1.0, 1e6, 1e12])
def test_points_nearer_to_each_other_than_single_precision_tells_are_told_apart(far: float) -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(400, 3))
    points[200:] = points[:200] + 1e-9 * rng.normal(size=(200, 3))
    X = far * rng.normal(size=(50, 3))
    assert np.array_equal(NearestPoints(points).query(X, 15), _by_all_distances(points, X, 15))


def test_equally_near_points_come_by_their_number() -> None:
    grid = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    X = grid[::7] + 0.5
    assert np.array_equal(NearestPoints(grid).query(X, 9), _by_all_distances(grid, X, 9))


def test_columns_of_very_different_size_and_place_change_nothing() -> None:
    rng = np.random.default_rng(2)
    stretch, place = np.array([1e-3, 1.0, 1e4]), np.array([1e3, 0.0, -1e6])
    points, X = rng.normal(size=(600, 3)) * stretch + place, rng.normal(size=(80, 3)) * stretch + place
    assert np.array_equal(NearestPoints(points).query(X, 15), _by_all_distances(points, X, 15))


def test_a_row_without_end_in_single_precision_still_gets_points() -> None:
    points = np.random.default_rng(3).normal(size=(500, 2))
    found = NearestPoints(points).query(np.array([[1e100, 0.0], [0.0, 0.0]]), 15)
    assert np.array_equal(found[1], _by_all_distances(points, np.zeros((1, 2)), 15)[0])
    assert len(set(found[0].tolist())) == 15


def test_a_row_alone_gets_what_it_gets_among_others() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(600, 5))
    rule = PrototypeRule(rng.normal(size=(700, 5)), np.arange(700) % 4)
    together = rule.scores(from_matrix(X))
    alone = [rule.scores(take(from_matrix(X), slice(i, i + 1)))[:, 0] for i in range(0, 600, 97)]
    assert np.array_equal(together[:, ::97], np.stack(alone, axis=1))


@pytest.mark.parametrize("d", [2, 5, 6, 11])
def test_both_ways_of_searching_give_the_same_neighbours(d: int) -> None:
    X = np.random.default_rng(d).normal(size=(500, d))
    distances, found = cKDTree(X).query(X, 16)
    others, radii = nearest(X, 15)
    assert np.array_equal(others, found[:, 1:])
    assert np.allclose(radii, distances[:, -1], rtol=1e-12)
    assert np.array_equal(nearest_point(X[:100], X), cKDTree(X[:100]).query(X, 1)[1])


def test_no_row_is_its_own_neighbour_however_many_copies_it_has() -> None:
    X = np.repeat(np.random.default_rng(5).normal(size=(8, 7)), 40, axis=0)
    others, radii = nearest(X, 15)
    assert others.shape == (320, 15)
    assert not (others == np.arange(320)[:, None]).any()
    assert (others // 40 == np.arange(320)[:, None] // 40).all()
    assert (radii == 0).all()


def test_labels_are_renumbered_by_size_of_the_label_and_noise_stays() -> None:
    assert compact(np.array([7, -3, 2, 2, -1, 9])).tolist() == [1, -1, 0, 0, -1, 2]
    assert compact(np.array([-1, -1])).tolist() == [-1, -1]
    assert compact(np.array([], dtype=np.int64)).tolist() == []


def test_clusters_that_are_large_enough_stay_as_they_are() -> None:
    labels = np.array([0, 0, 1, 1, -1, 2, 2, 2])
    found, group = absorb_small(np.zeros((8, 1)), labels, 0.25)
    assert found.tolist() == labels.tolist()
    assert group.tolist() == [0, 1, 2]


@pytest.mark.parametrize("n", [1, 63, 64, 150])
def test_a_few_rows_at_a_time_give_the_same_reach(n: int) -> None:
    distances = np.random.default_rng(n).random((n, 90))
    before = distances.copy()
    for place in (0, 4, 89):
        assert np.array_equal(kth_distances(distances, place), np.sort(distances, axis=1)[:, place])
    assert np.array_equal(distances, before)


@pytest.mark.parametrize("copies", [2, 16, 17, 250])
def test_copies_of_a_row_change_no_neighbour(copies: int) -> None:
    rng = np.random.default_rng(copies)
    X = rng.permutation(np.concatenate([np.repeat(rng.normal(size=(2, 7)), copies, axis=0), rng.normal(size=(60, 7))]))
    found, distances = nearest_rows(X, 15)
    expected, far = without_itself(*NearestPoints(X).search(X, 16))
    assert np.array_equal(found, expected)
    assert np.array_equal(distances, far)


def test_the_nearest_of_equal_points_is_the_first() -> None:
    points = np.repeat(np.eye(8), 3, axis=0)
    assert nearest_point(points, np.eye(8)).tolist() == list(range(0, 24, 3))
