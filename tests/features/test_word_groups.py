"""The grouping of words, held against scikit-learn."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.preprocessing import normalize

from coterie.features.word_groups import embedded, grouped, of_length_one, tf_idf, word_counts

TEXTS = [["red", "bag"], ["bag"], [], ["blue", "bag", "blue"], ["tin"], ["tin", "red", "box"], ["box"]]


def bought(rows: int, columns: int) -> sp.csr_matrix:
    """Purchases with several tastes in them."""
    rng = np.random.default_rng(3)
    taste = rng.integers(4, size=rows)[:, None] == rng.integers(4, size=columns)
    return sp.csr_matrix((rng.random((rows, columns)) < np.where(taste, 0.3, 0.03)) * rng.integers(1, 5, columns))


def test_words_are_counted_and_weighed_as_by_scikit_learn() -> None:
    theirs = TfidfVectorizer(analyzer=list).fit_transform(TEXTS)
    np.testing.assert_allclose(tf_idf(word_counts(TEXTS)).toarray(), theirs.toarray(), atol=1e-14)


def test_damped_weights_are_those_of_scikit_learn() -> None:
    counts = bought(40, 25)
    theirs = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    np.testing.assert_allclose(tf_idf(counts, damped=True).toarray(), theirs.toarray(), atol=1e-14)


@pytest.mark.parametrize("shape", [(60, 200), (200, 60)])
def test_rows_are_embedded_as_by_scikit_learn(shape: tuple[int, int]) -> None:
    matrix = of_length_one(bought(*shape))
    np.testing.assert_allclose(matrix.toarray(), normalize(bought(*shape)).toarray(), atol=1e-14)
    theirs = TruncatedSVD(12, random_state=0).fit_transform(matrix)
    np.testing.assert_allclose(embedded(matrix, 12), theirs, atol=1e-9)


@pytest.mark.parametrize("n_groups", [2, 7, 12])
def test_points_are_grouped_as_well_as_by_scikit_learn(n_groups: int) -> None:
    points = embedded(of_length_one(bought(150, 90)), 10)
    weight = np.random.default_rng(1).exponential(size=150)
    theirs = KMeans(n_groups, n_init=10, random_state=0).fit(points, sample_weight=weight)
    labels = grouped(points, weight, n_groups)
    means = [np.average(points[labels == g], axis=0, weights=weight[labels == g]) for g in range(n_groups)]
    spread = sum(weight[i] * ((points[i] - means[label]) ** 2).sum() for i, label in enumerate(labels))
    assert spread <= theirs.inertia_ * 1.0001


def test_more_groups_than_different_points_leave_no_group_without_sense() -> None:
    points = np.repeat(np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]]), 4, axis=0)
    labels = grouped(points, np.ones(12), 5)
    assert labels.max() < 5
    for label in np.unique(labels):
        assert len(np.unique(points[labels == label], axis=0)) == 1


def test_product_groups_load_no_scikit_learn() -> None:
    loaded = "'sklearn' in sys.modules or 'scipy.stats' in sys.modules"
    code = f"import sys, coterie.features.product_groups; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
