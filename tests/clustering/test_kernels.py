"""Each kernel against a slow twin written straight from its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from coterie.clustering.kernels.dip import concave_majorant, convex_minorant, dip
from coterie.clustering.kernels.lloyd import lloyd, spread_seeds, squared_distances
from coterie.clustering.kernels.modes import mode_merges
from coterie.clustering.kernels.rand_index import adjusted_rand, all_pairs
from coterie.clustering.kernels.silhouette import silhouette_widths
from coterie.clustering.kernels.spanning_tree import minimum_spanning_tree


def slow_dip(sample: np.ndarray) -> float:  # noqa: C901  every constraint of the definition in turn
    """Smallest t for which a unimodal distribution function stays within t of the empirical one, by linear programs."""
    x, counts = np.unique(sample, return_counts=True)
    upper = np.cumsum(counts) / len(sample)
    lower = upper - counts / len(sample)
    m = len(x)
    best = 1.0
    for mode in range(m):  # convex up to just below x[mode], concave from it on; a jump at the mode is allowed
        # variables: F(x-) left of and at the mode, F(x) from the mode on, t
        left, right = mode + 1, m - mode
        size = left + right + 1
        rows, bounds = [], []

        def at_most(pairs: dict[int, float], limit: float, rows=rows, bounds=bounds, size=size) -> None:
            row = np.zeros(size)
            for place, factor in pairs.items():
                row[place] += factor
            rows.append(row)
            bounds.append(limit)

        t = size - 1
        for i in range(left):
            at_most({i: 1, t: -1}, lower[i])
            at_most({i: -1, t: -1}, -lower[i])
            if i < mode:
                at_most({i: -1, t: -1}, -upper[i])
        for i in range(right):
            at_most({left + i: 1, t: -1}, upper[mode + i])
            at_most({left + i: -1, t: -1}, -upper[mode + i])
            if i > 0:
                at_most({left + i: 1, t: -1}, lower[mode + i])
        for first, count, sign, start in ((0, left, 1.0, 0), (left, right, -1.0, mode)):
            for i in range(count - 2):
                a, b, c = x[start + i], x[start + i + 1], x[start + i + 2]
                slopes = {
                    first + i: -1 / (b - a),
                    first + i + 1: 1 / (b - a) + 1 / (c - b),
                    first + i + 2: -1 / (c - b),
                }
                at_most({place: sign * factor for place, factor in slopes.items()}, 0.0)
            for i in range(count - 1):
                at_most({first + i: 1, first + i + 1: -1}, 0.0)
        at_most({left - 1: 1, left: -1}, 0.0)
        objective = np.zeros(size)
        objective[-1] = 1
        solved = linprog(objective, A_ub=np.array(rows), b_ub=bounds, bounds=[(0, 1)] * size)
        best = min(best, solved.fun)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_dip_equals_the_smallest_distance_to_a_unimodal_distribution(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sample = np.concatenate([rng.normal(size=6), rng.normal(loc=rng.uniform(0, 6), size=5)])
    if seed % 3 == 0:
        sample = np.round(sample)
    assert dip(sample) == pytest.approx(slow_dip(sample), abs=1e-7)


def test_dip_of_an_even_grid_is_the_smallest_possible() -> None:
    assert dip(np.arange(50.0)) == pytest.approx(1 / 100)


def test_dip_of_two_equal_masses_is_a_quarter() -> None:
    assert dip(np.repeat([0.0, 1.0], 30)) == pytest.approx(0.25)


def test_dip_of_equal_values_is_zero() -> None:
    assert dip(np.ones(10)) == 0


def test_dip_does_not_depend_on_shift_scale_or_reflection() -> None:
    sample = np.random.default_rng(3).normal(size=200)
    assert dip(7 - 3 * sample) == pytest.approx(dip(sample))


def test_hulls_lie_on_their_side_of_the_points() -> None:
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.random(40)), rng.random(40)
    below, above = convex_minorant(x, y), concave_majorant(x, y)
    assert (np.interp(x, x[below], y[below]) <= y + 1e-12).all()
    assert (np.interp(x, x[above], y[above]) >= y - 1e-12).all()
    assert (np.diff(np.diff(y[below]) / np.diff(x[below])) > 0).all()


def slow_tree_length(distances: np.ndarray) -> float:
    """Total length by Kruskal's algorithm."""
    n = len(distances)
    group = list(range(n))
    total = 0.0
    for i, j in sorted(zip(*np.tril_indices(n, -1), strict=True), key=lambda pair: distances[pair]):
        if group[i] != group[j]:
            total += distances[i, j]
            old = group[i]
            group = [group[j] if g == old else g for g in group]
    return total


@pytest.mark.parametrize("with_core", [False, True])
def test_spanning_tree_is_as_short_as_kruskals(with_core: bool) -> None:
    X = np.random.default_rng(1).normal(size=(150, 3))
    distances = cdist(X, X)
    core = np.sort(distances, axis=1)[:, 5] if with_core else None
    if core is not None:
        distances = np.maximum(distances, np.maximum(core[:, None], core[None, :]))
    edges, lengths = minimum_spanning_tree(X, core)
    assert len(edges) == 149
    assert (np.diff(lengths) >= 0).all()
    assert lengths.sum() == pytest.approx(slow_tree_length(distances))
    assert lengths == pytest.approx(distances[edges[:, 0], edges[:, 1]])


def test_equal_rows_are_exactly_zero_apart_in_the_tree() -> None:
    X = np.repeat(np.random.default_rng(1).normal(size=(5, 4)) * 1e3, 3, axis=0)
    assert (minimum_spanning_tree(X)[1] == 0).sum() == 10


def test_adjusted_rand_equals_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    partitions = [rng.integers(0, k, 80) for k in (2, 3, 7)]
    partitions = [np.unique(p, return_inverse=True)[1] for p in partitions]
    found = all_pairs(partitions)
    for i, a in enumerate(partitions):
        for j, b in enumerate(partitions):
            assert found[i, j] == pytest.approx(adjusted_rand_score(a, b))


def test_adjusted_rand_of_two_single_clusters_is_one() -> None:
    assert adjusted_rand(np.zeros(5, dtype=int), np.zeros(5, dtype=int)) == 1


def test_silhouettes_equal_scikit_learns() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    labels = np.repeat([0, 1, 2, 3], [1, 20, 20, 19])
    assert silhouette_widths(cdist(X, X), labels) == pytest.approx(silhouette_samples(X, labels))


def test_lloyd_reaches_what_scikit_learn_reaches_from_the_same_start() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    start = spread_seeds(X, 5, rng)
    centres, labels, inertia = lloyd(X, start, max_iter=300, tol=0.0)
    theirs = KMeans(5, init=start, n_init=1, tol=0.0).fit(X)
    assert inertia == pytest.approx(theirs.inertia_)
    assert adjusted_rand(labels, theirs.labels_) == 1
    assert inertia == pytest.approx(squared_distances(X, centres).min(axis=1).sum())


def test_an_emptied_cluster_takes_a_far_row() -> None:
    X = np.array([[0.0], [0.1], [5.0], [9.0]])
    _, labels, _ = lloyd(X, np.array([[0.0], [100.0], [200.0]]))
    assert len(np.unique(labels)) == 3


def test_fewer_different_rows_than_seeds_give_fewer_seeds() -> None:
    X = np.repeat([[0.0, 0.0], [1.0, 1.0]], 10, axis=0)
    assert len(spread_seeds(X, 5, np.random.default_rng(0))) == 2


def slow_merges(neighbours: np.ndarray, density: np.ndarray, labels: np.ndarray, smallest: int) -> list:
    """Row by row from the densest: each joins the modes that its denser neighbours of the same cluster belong to."""
    order = np.argsort(-density, kind="stable")
    rank = np.argsort(order)
    mode = np.full(len(density), -1)
    found = []
    for i in order:
        if labels[i] < 0:
            continue
        near = {mode[j] for j in neighbours[i] if rank[j] < rank[i] and labels[j] == labels[i]}
        near = sorted(near, key=lambda top: rank[top])
        mode[i] = near[0] if near else i
        for lower in near[1:]:
            size = int((mode == lower).sum())
            if size >= smallest:
                found.append((labels[i], density[i] / density[lower], size))
            mode[mode == lower] = near[0]
    return found


@pytest.mark.parametrize("clusters", [1, 3])
def test_mode_merges_equal_those_found_row_by_row(clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    X = np.concatenate(
        [rng.normal(size=(120, 2)), rng.normal(loc=4, size=(80, 2)), rng.normal(loc=(0, 6), size=(60, 2))]
    )
    distances = cdist(X, X)
    neighbours = np.argsort(distances, axis=1)[:, 1:9]
    density = 1 / np.sort(distances, axis=1)[:, 8]
    labels = rng.integers(-1 if clusters > 1 else 0, clusters, len(X))
    fast = sorted((m.label, round(m.ratio, 9), m.size) for m in mode_merges(neighbours, density, labels, 1))
    slow = sorted((int(a), round(b, 9), c) for a, b, c in slow_merges(neighbours, density, labels, 1))
    assert fast
    assert fast == slow


def test_the_tree_leaves_its_input_as_it_was() -> None:
    X = np.arange(6.0)[:, None]
    minimum_spanning_tree(X)
    assert X.ravel().tolist() == [0, 1, 2, 3, 4, 5]
