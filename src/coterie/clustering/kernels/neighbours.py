"""Nearest rows in many columns: all pairs by matrix products in single precision, the nearest again in double."""

from __future__ import annotations

import numpy as np

#: Rows whose distances to all others are held at once.
_AT_ONCE = 128
#: Rows that are kept beyond those asked for: single precision may put near neighbours in another order.
_SPARE = 4


def nearest_rows(X: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearest other rows of each row.

    Parameters
    ----------
    X : float array of shape (n, d)
    neighbours : int, at most n - 1

    Returns
    -------
    found : int array of shape (n, neighbours), nearest first; equally near rows by their number
    distances : float array of shape (n, neighbours)

    Notes
    -----
    O(n² d) time, O(n neighbours d) memory. Faster than a search tree from about seven columns on. Of rows whose
    distances agree in all but the last digits of single precision, either may be left out at the end of a list.
    """
    n = len(X)
    kept = min(neighbours + _SPARE, n - 1)
    low = (X - X.mean(axis=0)).astype(np.float32)
    linear = np.vstack([-2 * low.T, (low**2).sum(axis=1)])
    wide = np.column_stack([low, np.ones(n, dtype=np.float32)])
    columns = np.ascontiguousarray(X.T)
    found = np.empty((n, neighbours), dtype=np.int64)
    distances = np.empty((n, neighbours))
    room = np.empty((2, _AT_ONCE, n), dtype=np.float32)  # used again and again: fresh memory costs more than the sums
    for begin in range(0, n, _AT_ONCE):
        rows = np.arange(begin, min(begin + _AT_ONCE, n))
        scores, spare = room[:, : len(rows)]
        np.matmul(wide[begin : begin + _AT_ONCE], linear, out=scores)
        scores[np.arange(len(rows)), rows] = np.inf
        near = _least(scores, kept, spare)
        square = np.zeros(near.shape)
        for column in columns:
            square += (column[near] - column[rows, None]) ** 2
        order = np.argsort(square, axis=1, kind="stable")[:, :neighbours]
        found[rows] = np.take_along_axis(near, order, axis=1)
        distances[rows] = np.sqrt(np.take_along_axis(square, order, axis=1))
    return found, distances


def _least(scores: np.ndarray, count: int, spare: np.ndarray) -> np.ndarray:
    """Columns of the `count` least values of each row; by one threshold a row, which is faster than by their order."""
    spare[:] = scores
    spare.partition(count - 1, axis=1)
    below = scores <= spare[:, count - 1 : count]
    places = np.flatnonzero(below)
    if len(places) != count * len(scores):  # several values equal the threshold
        return np.asarray(np.sort(np.argsort(scores, axis=1, kind="stable")[:, :count], axis=1))
    return np.asarray((places % scores.shape[1]).reshape(-1, count))
