"""Cells that a table does not show: of fewer than ten customers, dominated by one or two, or given away by a total."""

from __future__ import annotations

import numpy as np

from coterie.profiles.wording import SMALLEST_CELL

#: A sum is not told when its largest part, or its two largest together, are more than these shares of it.
LARGEST, TWO_LARGEST = 0.5, 0.75


def is_dominated(amounts: np.ndarray) -> bool:
    """Whether one customer makes up more than half of a sum, or two more than three quarters, returns counted too.

    Parameters
    ----------
    amounts : float array of shape (n_customers,); unknown ones (NaN) count as nothing

    Examples
    --------
    >>> is_dominated(np.array([60.0, 10.0, 10.0, 10.0])), is_dominated(np.full(10, 5.0))
    (True, False)
    """
    sizes = np.abs(np.nan_to_num(np.asarray(amounts, dtype=float)))
    total = float(sizes.sum())
    if total == 0:
        return False
    largest = np.sort(np.partition(sizes, -2)[-2:])[::-1] if len(sizes) > 2 else np.sort(sizes)[::-1]
    return bool(largest[0] > LARGEST * total or largest[:2].sum() > TWO_LARGEST * total)


def hidden_cells(counts: np.ndarray, fewest: int = SMALLEST_CELL) -> np.ndarray:
    """Say which cells of a table of counts to hide where the sums of its rows and columns are known.

    Cells of 1 to `fewest` - 1 are hidden, and as many others as it takes that no hidden one follows from the sums.

    Parameters
    ----------
    counts : int array of shape (n_rows, n_columns), none negative
    fewest : int

    Returns
    -------
    bool array of the same shape
        Empty cells are shown but where nothing else can protect a hidden one; where that does not help either, the
        whole table is hidden. O(cells²) where many are hidden.

    Notes
    -----
    Complementary suppression (Willenborg and de Waal 2001, Elements of Statistical Disclosure Control, chapter 6). Take
    rows and columns as points and hidden cells as lines between them: a cell follows from the sums if and only if its
    line is on no circle, because only along circles can amounts be moved without changing a sum. As long as there is
    such a line, the cheapest way around it is hidden too.
    """
    table = np.asarray(counts)
    hidden: np.ndarray = (table > 0) & (table < fewest)
    for _ in range(table.size):
        bare = _unprotected(table, hidden)
        if bare is None:
            return hidden
        around = _cheapest_way(table, hidden, bare)
        if around is None:  # too few cells to hide one behind others
            return np.ones(table.shape, dtype=bool)
        for cell in around:
            hidden[cell] = True
    return hidden


def hidden_parts(weights: np.ndarray, unsafe: np.ndarray) -> np.ndarray:
    """Say which parts of a sum to hide where the sum itself is known: the unsafe ones, and never one alone.

    Parameters
    ----------
    weights : float array of shape (n_parts,)
        How much is lost where a part is not told: its customers, or the part itself.
    unsafe : bool array of shape (n_parts,)

    Returns
    -------
    bool array of shape (n_parts,)
        With one unsafe part, the lightest of the others is hidden with it.

    Examples
    --------
    >>> hidden_parts(np.array([5, 80, 40]), np.array([True, False, False])).tolist()
    [True, False, True]
    """
    hidden = np.array(unsafe, dtype=bool)
    if hidden.sum() == 1 and len(hidden) > 1:
        others = np.where(hidden, np.inf, np.abs(np.asarray(weights, dtype=float)))
        hidden[int(np.argmin(others))] = True
    return hidden


def _unprotected(table: np.ndarray, hidden: np.ndarray) -> tuple[int, int] | None:
    """Give a hidden cell that follows from the sums: one on no circle of hidden cells, of which one may be empty.

    Amounts can be moved along a circle with one empty cell in the direction that fills it; two may block each other.
    """
    empty = np.where(hidden, (table == 0).astype(float), np.inf)
    for row, column in zip(*np.nonzero(hidden & (table > 0)), strict=True):
        costs = empty.copy()
        costs[row, column] = np.inf
        way = _cheapest(costs, int(row), int(column))
        if way is None or sum(table[cell] == 0 for cell in way) > 1:
            return int(row), int(column)
    return None


def _cheapest_way(table: np.ndarray, hidden: np.ndarray, cell: tuple[int, int]) -> list[tuple[int, int]] | None:
    """Cells that join a cell's row and column by the way that hides the fewest customers besides what is hidden."""
    dear = float(table.sum()) + 1  # empty cells come last
    costs = np.where(table > 0, np.where(hidden, 0.0, table.astype(float)), dear)
    costs[cell] = np.inf
    way = _cheapest(costs, *cell)
    if way is None or sum(table[step] == 0 for step in way) > 1:
        return None
    return [step for step in way if not hidden[step]]


def _cheapest(costs: np.ndarray, row: int, column: int) -> list[tuple[int, int]] | None:
    """Cheapest way from a row to a column over cells (Dijkstra 1959); None where there is none of finite cost."""
    n_rows, n_columns = costs.shape
    distance = np.full(n_rows + n_columns, np.inf)
    distance[row] = 0.0
    came = np.full(n_rows + n_columns, -1)
    open_ = np.ones(n_rows + n_columns, dtype=bool)
    while True:
        here = int(np.argmin(np.where(open_, distance, np.inf)))
        if not open_[here] or not np.isfinite(distance[here]):
            return None
        if here == n_rows + column:
            break
        open_[here] = False
        is_row = here < n_rows
        steps = costs[here] if is_row else costs[:, here - n_rows]
        there = np.arange(n_columns) + n_rows if is_row else np.arange(n_rows)
        better = open_[there] & (distance[here] + steps < distance[there])
        distance[there[better]] = distance[here] + steps[better]
        came[there[better]] = here
    way, point = [], n_rows + column
    while point != row:
        before = int(came[point])
        way.append((min(point, before), max(point, before) - n_rows))
        point = before
    return way
