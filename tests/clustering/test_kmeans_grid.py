"""K-Means for many numbers of clusters at once finds what single fits find."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from coterie.clustering.kernels.kmeans_grid import cells_of, gathered, kmeans_grid, lloyd_together


@pytest.fixture(scope="module", name="fits")
def _fits(blobs):
    X, truth = blobs(3_000, 5, 6, 4.0, seed=1)
    return X, truth, kmeans_grid(X, [2, 5, 8], n_init=4, bootstraps=4, seed=0)


def test_the_inertia_is_that_of_separate_fits_or_better(fits):
    X, _, found = fits
    for k, fit in found.items():
        alone = KMeans(k, n_init=10, random_state=0).fit(X)
        assert fit.inertia <= 1.001 * alone.inertia_
        assert fit.inertia == pytest.approx(((X - fit.centres[fit.labels]) ** 2).sum())


def test_true_groups_come_back_in_bootstrap_samples_and_other_numbers_less_so(fits):
    _, truth, found = fits
    assert adjusted_rand_score(truth, found[5].labels) > 0.9
    assert found[5].stability.shape == (4,)
    assert found[5].stability.mean() > 0.95 > found[8].stability.mean()


def test_a_bootstrap_of_data_without_groups_does_not_come_back():
    X = np.random.default_rng(0).normal(size=(1_500, 4))
    assert kmeans_grid(X, [6], n_init=2, bootstraps=4)[6].stability.mean() < 0.7


def test_the_same_seed_gives_the_same_fits(fits):
    X, _, found = fits
    again = kmeans_grid(X, [2, 5, 8], n_init=4, bootstraps=4, seed=0)
    assert all(np.array_equal(again[k].centres, fit.centres) for k, fit in found.items())
    assert all(np.array_equal(again[k].stability, fit.stability) for k, fit in found.items())


def test_more_clusters_than_different_rows_are_not_made_up():
    X = np.repeat(np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]]), 20, axis=0)
    fit = kmeans_grid(X, [5], n_init=2, bootstraps=1)[5]
    assert fit.inertia == pytest.approx(0.0, abs=1e-9)
    assert sorted(np.bincount(fit.labels)) == [20, 20, 20]
    assert len(fit.centres) == 3


def test_a_weight_counts_like_so_many_copies():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3))
    times = rng.integers(1, 4, 200)
    start = X[None, :4]
    wide = np.column_stack([X, np.ones(200)])
    copies = np.repeat(wide, times, axis=0)
    weighted, _ = lloyd_together(wide, start, times[None].astype(float), 50, 1e-12)
    repeated, _ = lloyd_together(copies, start, np.ones((1, len(copies))), 50, 1e-12)
    assert np.allclose(weighted, repeated)


def test_cells_hold_every_row_once():
    wide = np.column_stack([np.random.default_rng(4).normal(size=(500, 2)), np.ones(500)])
    cell_of = cells_of(wide, 40, np.random.default_rng(0))
    sums, counts = gathered(wide, cell_of)
    assert counts.sum() == 500
    assert np.allclose(sums[:, -1], counts)
    assert np.allclose(sums.sum(axis=0), wide.sum(axis=0))
