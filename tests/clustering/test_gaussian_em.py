"""EM for Gaussian mixtures against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture as Reference

from coterie.clustering.kernels.gaussian_draws import climb_together
from coterie.clustering.kernels.gaussian_em import climb, quadratic
from coterie.clustering.kernels.lloyd import lloyd
from coterie.clustering.methods import gaussian_mixture
from coterie.clustering.methods.gaussian_mixture import GaussianMixture


@pytest.mark.parametrize("kind", ["full", "diag"])
@pytest.mark.parametrize(("k", "d"), [(1, 3), (3, 1), (4, 5)])
def test_the_mixture_is_the_one_that_scikit_learn_reaches_from_the_same_start(kind: str, k: int, d: int, blobs) -> None:
    X = blobs(300, 4, d, 2.0, seed=d)[0] + 7.0  # off the origin, where squares would lose digits
    start = np.random.default_rng(0).integers(0, k, len(X))
    ours = GaussianMixture(covariance_type=kind).fit(X, start=start)
    tables = ours.laid_out(X)
    first = ours.first(tables, start)
    theirs = Reference(
        k, covariance_type=kind, weights_init=first.weights, means_init=first.means, precisions_init=first.precisions,
        reg_covar=1e-4, max_iter=80, random_state=0,
    ).fit(X)  # fmt: skip
    np.testing.assert_allclose(ours.means_, theirs.means_, rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.precisions_, theirs.precisions_, rtol=1e-8)
    joint = ours.log_joint(tables)
    np.testing.assert_array_equal(joint.argmax(axis=0), theirs.predict(X))
    assert ours.bic(joint) == pytest.approx(theirs.bic(X))


def test_a_table_too_wide_for_products_is_fitted_alike(blobs, monkeypatch) -> None:
    X, truth = blobs(300, 3, 4, 3.0, seed=2)
    one = GaussianMixture().fit(X, start=truth)
    monkeypatch.setattr(gaussian_mixture, "_MOST_PRODUCTS", 900)
    two = GaussianMixture().fit(X, start=truth)
    assert len(list(two.laid_out(X))) > 10
    np.testing.assert_allclose(one.log_joint(one.laid_out(X)), two.log_joint(two.laid_out(X)), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["full", "diag"])
def test_a_weight_counts_as_so_many_copies_in_a_mixture(kind: str, blobs) -> None:
    X, truth = blobs(150, 3, 3, 2.0, seed=4)
    times = np.random.default_rng(1).integers(1, 4, len(X))
    weighted = GaussianMixture(covariance_type=kind)
    weighted.fit_table((quadratic(X, full=kind == "full", times=times.astype(float)),), truth)
    copied = GaussianMixture(covariance_type=kind).fit(np.repeat(X, times, axis=0), start=np.repeat(truth, times))
    np.testing.assert_allclose(weighted.means_, copied.means_, rtol=0, atol=1e-9)
    np.testing.assert_allclose(weighted.precisions_, copied.precisions_, rtol=1e-7)


def test_a_weight_counts_as_so_many_copies_in_k_means(blobs) -> None:
    X, _ = blobs(120, 3, 2, 3.0, seed=5)
    times = np.random.default_rng(1).integers(1, 4, len(X))
    centres, labels, inertia = lloyd(X, X[:3], weights=times.astype(float))
    copied, labels_of_copies, inertia_of_copies = lloyd(np.repeat(X, times, axis=0), X[:3])
    np.testing.assert_allclose(centres, copied, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(np.repeat(labels, times), labels_of_copies)
    assert inertia == pytest.approx(inertia_of_copies)


@pytest.mark.parametrize("full", [True, False])
def test_samples_that_climb_together_arrive_where_each_arrives_alone(full: bool) -> None:
    tables, starts = [], []
    for seed, n in enumerate((180, 200, 150, 90, 200, 60, 140, 150, 130, 170, 160, 75)):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 3, n)
        X = rng.normal(size=(n, 4)) + (seed % 4) * labels[:, None]
        table = quadratic(X, full=full, times=rng.integers(1, 4, n))
        tables.append(table)
        starts.append(GaussianMixture(covariance_type="full" if full else "diag").first((table,), labels))
    floors = [1e-3 * (1 + seed % 3) for seed in range(len(tables))]
    together = climb_together(tables, starts, floors, 30)
    for table, start, floor, found in zip(tables, starts, floors, together, strict=True):
        alone = climb((table,), start, floor, 30)
        assert np.allclose(found.weights, alone.weights, rtol=1e-9)
        assert np.allclose(found.means, alone.means, rtol=1e-9)
        assert np.allclose(found.precisions, alone.precisions, rtol=1e-7)


def test_samples_stop_after_the_most_steps_wherever_they_stand() -> None:
    X = np.random.default_rng(0).normal(size=(80, 2))
    table = quadratic(X, full=True)
    start = GaussianMixture().first((table,), np.arange(80) % 3)
    (found,) = climb_together([table], [start], [1e-3], 2)
    assert np.allclose(found.means, climb((table,), start, 1e-3, 2).means, rtol=1e-9)
