"""Density methods on a shared matrix of distances find what their plain twins find; so do the other fast kernels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import cluster as plain
from sklearn.neighbors import NearestNeighbors

from coterie.clustering.graph import neighbour_graph
from coterie.clustering.kernels.dip import convex_minorant
from coterie.clustering.kernels.neighbours import nearest_rows
from coterie.clustering.kernels.rand_index import adjusted_rand, all_pairs
from coterie.clustering.methods.dbscan import DBSCAN
from coterie.clustering.methods.hdbscan import DenseAreas
from coterie.clustering.validity import valley


def lattice_groups(seed: int, decimals: int) -> np.ndarray:
    """Three groups of uneven size in three columns; rounding makes copies and ties."""
    rng = np.random.default_rng(seed)
    where = rng.choice(3, 400, p=[0.6, 0.3, 0.1])
    return np.round(rng.normal(size=(3, 3))[where] * 4 + rng.normal(size=(400, 3)), decimals)


@pytest.mark.parametrize(("seed", "decimals"), [(0, 9), (1, 9), (2, 1), (3, 0)])
def test_hdbscan_is_that_of_scikit_learn_even_where_distances_tie(seed, decimals):
    X = lattice_groups(seed, decimals)
    areas = DenseAreas(X)
    for size in (5, 15, 40):
        for samples in (5, 15):
            theirs = plain.HDBSCAN(min_cluster_size=size, min_samples=samples, copy=True).fit_predict(X)
            assert areas.labels(size, samples).tolist() == theirs.tolist()


@pytest.mark.parametrize(("seed", "decimals"), [(0, 9), (1, 9), (2, 1)])
def test_dbscan_is_that_of_scikit_learn(seed, decimals):
    X = lattice_groups(seed, decimals)
    found = DBSCAN().fit(X)
    assert found.labels_.max() >= 0
    theirs = plain.DBSCAN(eps=found.eps_ * (1 + 1e-12), min_samples=found.min_samples_).fit_predict(X)
    assert found.labels_.tolist() == theirs.tolist()


@pytest.mark.parametrize("n", [30, 700])
def test_nearest_rows_are_those_of_an_exhaustive_search(n):
    X = np.random.default_rng(0).normal(size=(n, 9)) + 50
    found, distances = nearest_rows(X, 20)
    theirs, places = NearestNeighbors(n_neighbors=20, algorithm="brute").fit(X - 50).kneighbors()
    assert np.array_equal(found, places)
    assert np.allclose(distances, theirs)


def test_copies_of_a_row_are_its_nearest_rows():
    X = np.repeat(np.random.default_rng(1).normal(size=(50, 8)), 6, axis=0)
    found, distances = nearest_rows(X, 5)
    assert (distances == 0).all()
    assert (found // 6 == np.arange(300)[:, None] // 6).all()


def test_the_agreement_of_all_pairs_is_that_of_each_pair():
    rng = np.random.default_rng(2)
    parts = [rng.integers(0, k, 200) for k in (1, 2, 3, 7)] + [np.zeros(200, dtype=int)]
    slow = [[adjusted_rand(a, b) for b in parts] for a in parts]
    assert np.array_equal(all_pairs(parts), np.array(slow))


def test_the_minorant_lies_below_the_points_and_bends_upwards_only():
    rng = np.random.default_rng(3)
    x, y = np.sort(rng.random(200)), np.sort(rng.random(200))
    corners = convex_minorant(x, y)
    assert (np.interp(x, x[corners], y[corners]) <= y + 1e-12).all()
    assert (np.diff(np.diff(y[corners]) / np.diff(x[corners])) > -1e-9).all()
    assert (corners[0], corners[-1]) == (0, 199)


def slow_valley(graph, labels):
    """Pair by pair: a low quantile of the crossing edges' density over the less dense upper quartile."""
    pairs = {}
    for i, row in enumerate(graph.neighbours[:, :10]):
        for j in row:
            a, b = sorted((labels[i], labels[j]))
            if a >= 0 and a != b:
                pairs.setdefault((a, b), []).append(min(graph.density[i], graph.density[j]))
    inside = {c: np.quantile(graph.density[labels == c], 0.75) for c in set(labels.tolist()) - {-1}}
    worst = dict.fromkeys(inside, 0.0)
    for (a, b), found in pairs.items():
        found.sort()
        level = 0.3 * found[len(found) // 2] if len(found) < 4 else found[int(0.9 * (len(found) - 1))]
        for c in (a, b):
            worst[c] = max(worst[c], level / min(inside[a], inside[b]))
    sizes = np.array([(labels == c).sum() for c in sorted(worst)])
    levels = np.array([worst[c] for c in sorted(worst)])
    return float(levels @ sizes / sizes.sum()), float(levels.max())


def test_the_density_on_borders_is_that_of_a_walk_along_every_edge():
    X = lattice_groups(4, 9)
    graph = neighbour_graph(X)
    for labels in (np.arange(400) % 3, np.where(X[:, 0] > 0, 1, 0), np.where(X[:, 1] > 2, -1, (X[:, 0] > 0) * 1)):
        counts = np.bincount(labels[labels >= 0]).astype(float)
        assert valley(graph, labels, counts) == pytest.approx(slow_valley(graph, labels), rel=1e-12)
