"""The search as a scikit-learn estimator."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from coterie.clustering import AutoSegmenter

#: No check is expected to fail.
EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks(
    [AutoSegmenter(assess=False, max_segments=4)], expected_failed_checks=lambda _: EXPECTED_FAILURES
)
def test_scikit_learns_checks_pass(estimator, check) -> None:
    check(estimator)


def test_the_order_of_rows_changes_no_label(blobs) -> None:
    X, _ = blobs(300, 3, 3, 2.5, seed=0)
    order = np.random.default_rng(1).permutation(300)
    model = AutoSegmenter(null_draws=19, bootstraps=2, max_segments=5)
    straight, shuffled = clone(model).fit(X), clone(model).fit(X[order])
    assert np.array_equal(straight.labels_[order], shuffled.labels_)
    assert straight.verdict_ == shuffled.verdict_


def test_prediction_of_the_fitted_rows_gives_their_labels(moons) -> None:
    X, _ = moons(300, seed=1)
    model = AutoSegmenter(assess=False, max_segments=5).fit(X)
    assert np.array_equal(model.predict(X), model.labels_)
    assert model.n_clusters_ == len(set(model.labels_))


def test_copies_of_a_row_share_its_label(blobs) -> None:
    X, _ = blobs(120, 2, 2, 2.0, seed=3)
    X = np.repeat(X, 3, axis=0)
    labels = AutoSegmenter(assess=False, max_segments=5).fit_predict(X)
    assert (labels.reshape(-1, 3) == labels[::3, None]).all()


@pytest.mark.parametrize("assess", [True, False])
def test_without_assessment_nothing_is_claimed(assess: bool, blobs) -> None:
    X, _ = blobs(200, 2, 2, 8.0, seed=3)
    verdict = AutoSegmenter(assess=assess, null_draws=19, bootstraps=2, max_segments=3).fit(X).verdict_
    assert np.isnan(verdict.p_value) is not assess
    assert (verdict.word == "natural") is assess
