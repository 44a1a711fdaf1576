"""Bootstrap pairs and segment level stability, against a literal computation from the same fitted partitions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from coterie.clustering.draws import Draw, Judged
from coterie.clustering.methods.kmeans import KMeans
from coterie.clustering.methods.ward import cut, ward_tree
from coterie.clustering.stability import Bootstraps
from coterie.clustering.table import from_matrix


def literal_adjusted_rand(a: list[int], b: list[int]) -> float:
    """Hubert and Arabie's index by looking at every pair of rows."""
    both = in_a = in_b = pairs = 0
    for i, j in combinations(range(len(a)), 2):
        same_a, same_b = a[i] == a[j], b[i] == b[j]
        both, in_a, in_b, pairs = both + (same_a and same_b), in_a + same_a, in_b + same_b, pairs + 1
    expected = in_a * in_b / pairs
    return (both - expected) / ((in_a + in_b) / 2 - expected)


def literal_agreement(segment: set[int], clusters: list[set[int]]) -> float:
    return max(len(segment & cluster) / len(segment | cluster) for cluster in clusters)


def sets_of(labels: list[int]) -> list[set[int]]:
    return [{i for i, label in enumerate(labels) if label == cluster} for cluster in range(max(labels) + 1)]


def skewed(n: int, seed: int) -> np.ndarray:
    """Money and counts with long tails, on a logarithmic scale."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, n)
    money = rng.lognormal(np.array([2.0, 3.0, 3.5, 5.0])[kind], 0.5)
    orders = 1 + rng.poisson(np.array([0.3, 2.0, 6.0, 9.0])[kind])
    return np.column_stack([np.log(money), np.log(orders), rng.normal(size=n)])


def compare_with_literal(X: np.ndarray, k: int) -> None:
    labels = KMeans(k, random_state=1).fit(X).labels_
    bootstraps = Bootstraps(from_matrix(X), smallest_share=0.0, seed=3)
    found = bootstraps.stability("kmeans", {"k": k}, labels, range(4))
    segments = sets_of(labels[bootstraps.shown].tolist())
    for pair in range(4):
        one, other = (labels.tolist() for labels in bootstraps.fitted("kmeans", {"k": k}, pair))
        assert abs(found.pairs[pair] - literal_adjusted_rand(one, other)) < 1e-12
        for segment, value in zip(segments, found.draws[pair], strict=True):
            literal = (literal_agreement(segment, sets_of(one)) + literal_agreement(segment, sets_of(other))) / 2
            assert abs(value - literal) < 1e-12


def test_round_groups_equal_the_literal_computation(blobs) -> None:
    compare_with_literal(blobs(160, 4, 3, 2.5, seed=4)[0], 4)


def test_skewed_customers_equal_the_literal_computation() -> None:
    compare_with_literal(skewed(150, seed=8), 5)


@pytest.mark.data
def test_visitors_of_a_mall_equal_the_literal_computation(data_folder) -> None:
    file = next(data_folder.rglob("Mall_Customers.csv"))
    table = np.genfromtxt(file, delimiter=",", skip_header=1, usecols=(2, 3, 4))
    compare_with_literal((table - table.mean(axis=0)) / table.std(axis=0), 5)


def test_separate_groups_come_back_and_a_single_cloud_does_not(blobs) -> None:
    apart, truth = blobs(300, 3, 2, 9.0, seed=1)
    cloud = np.random.default_rng(0).normal(size=(300, 4))
    parts = KMeans(4, random_state=0).fit(cloud).labels_
    sure = Bootstraps(from_matrix(apart), smallest_share=0.0, seed=0).stability("kmeans", {"k": 3}, truth, range(4))
    unsure = Bootstraps(from_matrix(cloud), smallest_share=0.0, seed=0).stability("kmeans", {"k": 4}, parts, range(4))
    assert sure.mean > 0.95
    assert sure.segments.min() > 0.95
    assert unsure.mean < 0.7


def test_rounds_can_be_joined_and_the_order_of_questions_changes_nothing(blobs) -> None:
    X, truth = blobs(200, 3, 3, 2.0, seed=2)
    first, second = (Bootstraps(from_matrix(X), smallest_share=0.02, seed=5) for _ in range(2))
    whole = first.stability("kmeans", {"k": 3}, truth, range(4))
    second.stability("kmeans", {"k": 6}, truth, range(2))  # more seeds are asked for before fewer
    second.stability("gaussian_mixture", {"k": 3, "covariance": "full"}, truth, range(1))
    parts = second.stability("kmeans", {"k": 3}, truth, range(2))
    parts = parts.and_more(second.stability("kmeans", {"k": 3}, truth, range(2, 4)))
    np.testing.assert_array_equal(whole.pairs, parts.pairs)
    np.testing.assert_array_equal(whole.draws, parts.draws)


def test_rows_drawn_twice_count_twice_in_k_means_and_once_for_neighbours(blobs) -> None:
    X, _ = blobs(150, 3, 2, 4.0, seed=6)
    rows = from_matrix(X)
    picked = np.random.default_rng(2).integers(0, len(X), len(X))
    draw = Draw(rows, picked, Judged(rows), seed=1)
    centres, labels = draw.kmeans(3)
    copies = np.repeat(labels, draw.times)
    for cluster in range(3):
        np.testing.assert_allclose(centres[cluster], draw.copies[copies == cluster].mean(axis=0), atol=0.02)
    assert len(draw.copies) == len(X)
    assert len(draw.distinct) == len(np.unique(picked))
    of_draw = cut(ward_tree(X[np.unique(picked)]), 3)
    np.testing.assert_array_equal(draw.labels("ward", {"k": 3})[np.unique(picked)], of_draw)


def test_what_was_fitted_to_a_pair_is_not_fitted_again(blobs) -> None:
    rows = from_matrix(blobs(300, 3, 2, 4.0, seed=1)[0])
    bootstraps = Bootstraps(rows, smallest_share=0.02, seed=0)
    first = bootstraps.fitted("gaussian_mixture", {"k": 3, "covariance": "diag"}, 0)
    again = bootstraps.fitted("gaussian_mixture", {"covariance": "diag", "k": 3}, 0)
    assert again[0] is first[0]
    assert again[1] is first[1]
    fresh = Bootstraps(rows, smallest_share=0.02, seed=0)
    fresh.fitted("gaussian_mixture", {"k": 2, "covariance": "diag", "components": 3, "merged": "yes"}, 0)
    once_more = fresh.fitted("gaussian_mixture", {"k": 3, "covariance": "diag"}, 0)
    assert np.array_equal(once_more[0], first[0])
    assert np.array_equal(once_more[1], first[1])
