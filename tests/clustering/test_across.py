"""Segments through solutions with more or fewer of them, against a literal computation."""

from __future__ import annotations

from itertools import permutations
from math import isnan, log

import numpy as np
import pytest

from coterie.clustering.across import across_solutions, crossed, follow, recruited_from_one
from coterie.clustering.kernels.jaccard import largest_jaccard
from coterie.clustering.methods.kmeans import KMeans


def literal_overlap(a: list[int], b: list[int]) -> list[list[int]]:
    return [
        [sum(1 for i in range(len(a)) if a[i] == row and b[i] == column) for column in range(max(b) + 1)]
        for row in range(max(a) + 1)
    ]


def literal_order(table: list[list[int]]) -> list[int]:
    """Best assignment by trying all, then the clusters left over one by one beside their largest source."""
    rows, columns = len(table), len(table[0])
    best = max(permutations(range(columns), rows), key=lambda p: sum(table[i][p[i]] for i in range(rows)))
    order = list(best)
    rest = [column for column in range(columns) if column not in best]
    largest = [max(table[row][column] for row in range(rows)) for column in rest]
    while rest:
        at = largest.index(max(largest))
        column = rest.pop(at)
        largest.pop(at)
        column_values = [table[row][column] for row in range(rows)]
        target = column_values.index(max(column_values)) + 1  # counted from one
        before = target if target < len(order) else len(order) - 1
        order = [*order[:before], column, *order[before:]]
    return order


def literal_stability(before: list[int], after: list[int]) -> list[float]:
    """One minus entropy / log(number of clusters before), for each cluster of `after`."""
    values = []
    for cluster in range(max(after) + 1):
        inside = [before[i] for i in range(len(after)) if after[i] == cluster]
        entropy = 0.0
        for source in range(max(before) + 1):
            p = inside.count(source) / len(inside)
            if p > 0:
                entropy -= p * log(p)
        values.append(1 - entropy / log(max(before) + 1))
    return values


def skewed(n: int, seed: int) -> np.ndarray:
    """Money and counts with long tails, on a logarithmic scale."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, n)
    money = rng.lognormal(np.array([2.0, 3.0, 3.5, 5.0])[kind], 0.5)
    orders = 1 + rng.poisson(np.array([0.3, 2.0, 6.0, 9.0])[kind])
    return np.column_stack([np.log(money), np.log(orders), rng.normal(size=n)])


def mall(folder) -> np.ndarray:
    table = np.genfromtxt(next(folder.rglob("Mall_Customers.csv")), delimiter=",", skip_header=1, usecols=(2, 3, 4))
    return (table - table.mean(axis=0)) / table.std(axis=0)


def compare_with_literal(X: np.ndarray) -> None:
    partitions = [KMeans(k, random_state=k).fit(X).labels_ for k in range(2, 7)]
    solutions = across_solutions(partitions)
    before = partitions[0].tolist()
    for labels, solution in zip(partitions[1:], solutions[1:], strict=True):
        order = literal_order(literal_overlap(before, labels.tolist()))
        assert solution.label.tolist() == order
        renumbered = [order.index(label) for label in labels.tolist()]
        np.testing.assert_allclose(solution.stability, literal_stability(before, renumbered), rtol=0, atol=1e-12)
        flows = np.array(literal_overlap(before, renumbered)) / len(X)
        np.testing.assert_allclose(solution.flows, flows, rtol=0, atol=1e-12)
        before = renumbered


def test_round_groups_equal_the_literal_computation(blobs) -> None:
    compare_with_literal(blobs(240, 5, 3, 3.0, seed=4)[0])


def test_skewed_customers_equal_the_literal_computation() -> None:
    compare_with_literal(skewed(300, seed=8))


@pytest.mark.data
def test_visitors_of_a_mall_equal_the_literal_computation(data_folder) -> None:
    compare_with_literal(mall(data_folder))


def test_several_clusters_left_over_stand_beside_their_sources() -> None:
    table = [[0, 30, 0, 25, 0], [40, 0, 0, 5, 9]]  # clusters 1 and 0 are matched; 3, 4 and 2 are left
    assert follow(np.array(table, dtype=float)).tolist() == literal_order(table) == [1, 2, 3, 4, 0]


def test_a_segment_that_stays_whole_is_stable_and_one_drawn_from_all_is_not() -> None:
    before = np.repeat([0, 1, 2], 8)
    after = before.copy()
    after[[0, 1, 8, 9, 16, 17]] = 3  # two from each
    solution = across_solutions([before, after])[1]
    assert sorted(np.round(solution.stability, 12)) == [0, 1, 1, 1]
    assert solution.shares.sum() == pytest.approx(1)


def test_the_first_solution_and_one_after_a_single_segment_have_no_stability() -> None:
    first, second = across_solutions([np.zeros(6, dtype=int), np.array([0, 0, 0, 1, 1, 1])])
    assert all(isnan(value) for value in (*first.stability, *second.stability))
    assert second.flows.tolist() == [[0.5, 0.5]]


def test_the_order_of_customers_changes_nothing(blobs) -> None:
    X, truth = blobs(200, 4, 2, 3.0, seed=1)
    other = KMeans(5, random_state=0).fit(X).labels_
    shuffle = np.random.default_rng(0).permutation(len(X))
    one, two = across_solutions([truth, other]), across_solutions([truth[shuffle], other[shuffle]])
    assert one[1].label.tolist() == two[1].label.tolist()
    assert np.array_equal(one[1].stability, two[1].stability)


def test_small_kernels_agree_with_counting() -> None:
    a, b = np.array([0, 0, 1, 1, 2]), np.array([1, 1, 1, 0, 0])
    assert crossed(a, b).tolist() == [[0, 2], [1, 1], [1, 0]]
    assert largest_jaccard(a, b, 3).tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 2])
    assert recruited_from_one(np.array([[0.2, 0.0], [0.2, 0.6]])).tolist() == pytest.approx([0, 1])
