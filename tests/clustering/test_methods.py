"""The estimators against slow twins, by hand, and on data with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import norm

from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.kernels.spanning_tree import minimum_spanning_tree
from coterie.clustering.methods.dbscan import DBSCAN, knee_radius
from coterie.clustering.methods.gaussian_mixture import GaussianMixture
from coterie.clustering.methods.genie import Genie, genie_cuts
from coterie.clustering.methods.hdbscan import DenseAreas
from coterie.clustering.methods.kmeans import KMeans
from coterie.clustering.methods.latent_class import LatentClass, cells
from coterie.clustering.methods.ward import Ward


def slow_genie(X: np.ndarray, k: int, threshold: float) -> np.ndarray:
    """Genie as a single-linkage algorithm over all pairs of points, straight from the paper's description."""
    distances = cdist(X, X)
    clusters = [{i} for i in range(len(X))]
    while len(clusters) > k:
        sizes = np.array([len(c) for c in clusters])
        gini = np.abs(sizes[:, None] - sizes).sum() / 2 / ((len(sizes) - 1) * len(X))
        allowed = range(len(sizes)) if gini <= threshold else np.flatnonzero(sizes == sizes.min())
        pairs = [(distances[np.ix_(list(clusters[a]), list(clusters[b]))].min(), a, b)
                 for a in allowed for b in range(len(clusters)) if a != b]  # fmt: skip
        _, a, b = min(pairs)
        clusters[a] = clusters[a] | clusters[b]
        del clusters[b]
    labels = np.empty(len(X), dtype=int)
    for label, members in enumerate(clusters):
        labels[list(members)] = label
    return labels


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_genie_equals_its_slow_twin(threshold: float, seed: int) -> None:
    X = np.random.default_rng(seed).normal(size=(45, 2))
    edges, _ = minimum_spanning_tree(X)
    found = genie_cuts(edges, [2, 4, 9], threshold)
    for k, labels in found.items():
        assert adjusted_rand(labels, slow_genie(X, k, threshold)) == 1, k


def test_genie_by_hand_refuses_to_leave_an_outlier_alone() -> None:
    # Two runs of four points, gap 3 between them, and one point 5 away from the second run. Single linkage into two
    # would cut off the outlier; sizes 8 and 1 have a Gini index of 7/9 > 0.3, so the outlier must join its neighbour.
    X = np.array([0, 1, 2.1, 3.3, 6.4, 7.5, 8.7, 10.0, 15.0])[:, None]
    assert Genie(2, gini_threshold=0.3).fit(X).labels_.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert Genie(2, gini_threshold=1.0).fit(X).labels_.tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 1]


def _mixture(X: np.ndarray, start: np.ndarray, kind: str) -> np.ndarray:
    model = GaussianMixture(covariance_type=kind).fit(X, start=start)
    return model.log_joint(model.laid_out(X)).argmax(axis=0)


def test_every_method_finds_well_separated_groups(blobs) -> None:
    X, truth = blobs(300, 3, 2, 9.0, seed=1)
    start = KMeans(3).fit(X).labels_
    found = {
        "kmeans": start,
        "gaussian_mixture": _mixture(X, start, "full"),
        "diagonal": _mixture(X, start, "diag"),
        "ward": Ward(3).fit(X).labels_,
        "genie": Genie(3).fit(X).labels_,
        "latent_class": LatentClass(3).fit(cells(X, np.zeros((300, 0), dtype=int), ())).labels_,
    }
    assert {name: adjusted_rand(labels, truth) for name, labels in found.items()} == dict.fromkeys(found, 1.0)
    for density in (DBSCAN().fit(X).labels_, DenseAreas(X).labels(15, 5)):
        assert adjusted_rand(density[density >= 0], truth[density >= 0]) == 1
        assert (density < 0).mean() < 0.2


def test_the_radius_lies_at_the_knee() -> None:
    # 99 points one apart on a line and one far away: the curve of distances is flat at 2, then jumps.
    X = np.append(np.arange(99.0), 500.0)[:, None]
    assert knee_radius(np.abs(X - X.T), 2) == pytest.approx(2.0)


def test_hdbscan_copes_with_fewer_rows_than_it_would_like() -> None:
    assert len(DenseAreas(np.arange(6.0)[:, None]).labels(15, 15)) == 6
    assert DenseAreas(np.zeros((1, 2))).labels(15, 5).tolist() == [-1]


def slow_em_step(numbers, codes, n_levels, posterior):
    """One M step and the E step after it, cell by cell."""
    n, k = posterior.shape
    density = np.empty((n, k))
    for c in range(k):
        weight = posterior[:, c]
        density[:, c] = np.log(weight.sum() / n)
        for j in range(numbers.shape[1]):
            seen = ~np.isnan(numbers[:, j])
            mean = np.average(numbers[seen, j], weights=weight[seen])
            variance = max(np.average((numbers[seen, j] - mean) ** 2, weights=weight[seen]), 0.01)
            for i in np.flatnonzero(seen):
                density[i, c] += norm.logpdf(numbers[i, j], mean, np.sqrt(variance))
        for j, size in enumerate(n_levels):
            seen = codes[:, j] >= 0
            overall = np.array(
                [((codes[:, j] == level).sum() + 0.5 / size) / (seen.sum() + 0.5) for level in range(size)]
            )
            share = np.array([weight[codes[:, j] == level].sum() for level in range(size)]) + 0.5 * overall
            share /= share.sum()
            for i in np.flatnonzero(seen):
                density[i, c] += np.log(share[codes[i, j]])
    likelihood = np.log(np.exp(density).sum(axis=1)).sum()
    return np.exp(density) / np.exp(density).sum(axis=1, keepdims=True), likelihood


def mixed_sample(seed: int, n: int = 60):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    numbers = rng.normal(size=(n, 2)) + 4 * np.array([[0, 0], [1, 0], [0, 1]])[truth]
    codes = np.column_stack([np.where(rng.random(n) < 0.8, truth, rng.integers(0, 3, n)), rng.integers(0, 2, n)])
    numbers[rng.random((n, 2)) < 0.1] = np.nan
    codes[rng.random((n, 2)) < 0.1] = -1
    return numbers, codes, (3, 2), truth


def test_latent_class_steps_equal_their_slow_twin_with_missing_cells() -> None:
    from coterie.clustering.methods.latent_class import e_step, m_step

    numbers, codes, n_levels, _ = mixed_sample(0)
    posterior = np.random.default_rng(1).dirichlet(np.ones(3), size=len(numbers))
    table = cells(numbers, codes, n_levels)
    fast, likelihood = e_step(table, m_step(table, posterior))
    slow, slow_likelihood = slow_em_step(numbers, codes, n_levels, posterior)
    assert likelihood == pytest.approx(slow_likelihood)
    assert fast == pytest.approx(slow, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_latent_class_never_climbs_down(seed: int) -> None:
    numbers, codes, n_levels, _ = mixed_sample(seed, n=200)
    path = LatentClass(4, random_state=seed).fit(cells(numbers, codes, n_levels)).path_
    assert (np.diff(path) >= -1e-7 * np.abs(path[:-1])).all()


def test_latent_class_finds_groups_that_only_categories_show() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 250)
    codes = np.where(rng.random((500, 6)) < 0.85, truth[:, None], 1 - truth[:, None])
    table = cells(rng.normal(size=(500, 1)), codes, (2,) * 6)
    assert adjusted_rand(LatentClass(2).fit(table).labels_, truth) > 0.85
    by_bic = min((LatentClass(k).fit(table) for k in (1, 2, 3)), key=lambda model: model.bic_)
    assert by_bic.n_classes == 2
