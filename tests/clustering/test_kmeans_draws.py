"""K-Means of many bootstrap samples at once, held against one at a time."""

from __future__ import annotations

import numpy as np

from coterie.clustering.kernels.kmeans_draws import Sample, kmeans_draws
from coterie.clustering.kernels.lloyd import lloyd
from coterie.clustering.kernels.rand_index import adjusted_rand


def _samples(blobs, number: int) -> tuple[list[Sample], np.ndarray]:
    """Samples of different lengths, and two starts of four centres for each."""
    rng = np.random.default_rng(0)
    X, _ = blobs(400, 4, 3, 3.0, seed=8)
    samples, starts = [], []
    for size in rng.integers(200, 400, number):
        rows, times = np.unique(rng.integers(0, len(X), size), return_counts=True)
        samples.append(Sample(X[rows], times))
        starts.append([X[rng.choice(rows, 4, replace=False)] for _ in range(2)])
    return samples, np.array(starts)


def test_samples_that_are_fitted_together_are_fitted_as_each_alone(blobs) -> None:
    samples, starts = _samples(blobs, 23)
    for (X, times), begun, (centres, labels) in zip(samples, starts, kmeans_draws(samples, starts), strict=True):
        alone = min((lloyd(X, start, weights=times.astype(float)) for start in begun), key=lambda run: run[2])
        np.testing.assert_allclose(centres, alone[0], rtol=0, atol=1e-3)
        assert adjusted_rand(labels, alone[1]) > 0.98


def test_a_sample_is_fitted_alike_whichever_others_are_beside_it(blobs) -> None:
    samples, starts = _samples(blobs, 12)
    together, apart = kmeans_draws(samples, starts), kmeans_draws(samples[:3], starts[:3])
    for one, other in zip(together, apart, strict=False):
        np.testing.assert_allclose(one[0], other[0], rtol=0, atol=1e-5)
        np.testing.assert_array_equal(one[1], other[1])


def test_no_cluster_stays_empty() -> None:
    X = np.array([[0.0, 0.0], [0.1, 0.0], [9.0, 9.0], [9.1, 9.0], [50.0, 0.0]])
    start = np.array([[[[0.0, 0.0], [9.0, 9.0], [-500.0, -500.0]]]])
    centres, labels = kmeans_draws([Sample(X, np.ones(5))], start)[0]
    assert len(np.unique(labels)) == 3
    assert np.isfinite(centres).all()
