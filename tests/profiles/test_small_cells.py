"""No hidden cell can be worked out from what is shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from coterie.profiles.small_cells import hidden_cells, hidden_parts, is_dominated


def attacked(counts: np.ndarray, hidden: np.ndarray) -> list[tuple[float, float]]:
    """Give the least and the most that each hidden cell can be, by what an attacker knows: sums and shown cells."""
    cells = np.argwhere(hidden)
    rows = [(hidden[i] * counts[i]).sum() for i in range(len(counts))]
    columns = [(hidden[:, j] * counts[:, j]).sum() for j in range(counts.shape[1])]
    known = np.array([[float(cell[0] == i) for cell in cells] for i in range(len(counts))]
                     + [[float(cell[1] == j) for cell in cells] for j in range(counts.shape[1])])  # fmt: skip
    bounds = []
    for place in range(len(cells)):
        goal = np.eye(len(cells))[place]
        ends = [linprog(sign * goal, A_eq=known, b_eq=[*rows, *columns], bounds=(0, None)).fun for sign in (1, -1)]
        bounds.append((ends[0], -ends[1]))
    return bounds


tables = st.tuples(st.integers(2, 6), st.integers(2, 6), st.integers(0, 2**32 - 1)).map(
    lambda drawn: np.random.default_rng(drawn[2]).poisson(
        np.random.default_rng(drawn[2] + 1).choice([0.5, 4.0, 14.0, 60.0], size=drawn[:2])
    )
)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_no_hidden_cell_follows_from_the_sums_of_rows_and_columns(counts):
    hidden = hidden_cells(counts)
    small = (counts > 0) & (counts < 10)
    assert (hidden | ~small).all(), "every small cell is hidden"
    for (low, high), here in zip(attacked(counts, hidden), counts[hidden], strict=True) if not hidden.all() else []:
        assert here == 0 or high - low > 0.5


def test_hiding_only_the_small_cell_would_give_it_away():
    counts = np.array([[3, 50], [40, 60]])
    naive = (counts > 0) & (counts < 10)
    assert attacked(counts, naive) == [(pytest.approx(3), pytest.approx(3))]
    assert hidden_cells(counts).all()


def test_a_table_of_large_cells_is_shown_whole():
    assert not hidden_cells(np.full((4, 5), 12)).any()
    assert not hidden_cells(np.array([[0, 12], [30, 0]])).any()


def test_as_little_as_possible_is_hidden_with_a_small_cell():
    counts = np.array([[5, 400, 20], [300, 500, 15], [200, 600, 700]])
    assert hidden_cells(counts).tolist() == [[True, False, True], [True, False, True], [False, False, False]]


def test_the_order_of_rows_and_columns_does_not_matter():
    counts = np.array([[5, 400, 20, 31], [300, 500, 15, 8], [200, 600, 700, 90]])
    rows, columns = [2, 0, 1], [3, 1, 0, 2]
    assert (hidden_cells(counts[rows][:, columns]) == hidden_cells(counts)[rows][:, columns]).all()


def test_a_part_of_a_sum_is_never_hidden_alone():
    assert hidden_parts(np.array([5, 80, 40]), np.array([True, False, False])).tolist() == [True, False, True]
    assert hidden_parts(np.array([5, 80, 4]), np.array([True, False, True])).tolist() == [True, False, True]
    assert not hidden_parts(np.array([50, 80]), np.array([False, False])).any()


@pytest.mark.parametrize(
    ("amounts", "dominated"),
    [
        ([51, 10, 10, 10, 10, 9], True),
        ([50, 10, 10, 10, 10, 10], False),
        ([40, 36, 8, 8, 8], True),
        ([38, 37, 13, 12], False),
        ([-90, 20, 20, 20], True),
        ([0, 0, 0], False),
        ([7], True),
        ([], False),
        ([float("nan"), 60, 10, 10], True),
    ],
)
def test_a_sum_is_dominated_by_one_above_half_or_two_above_three_quarters(amounts, dominated):
    assert is_dominated(np.array(amounts, dtype=float)) is dominated
