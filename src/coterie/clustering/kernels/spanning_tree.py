"""Minimum spanning tree of all pairs by Prim's algorithm, a whole row of distances at a time."""

from __future__ import annotations

import numpy as np


def minimum_spanning_tree(X: np.ndarray, core: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Join n points by the n - 1 shortest edges without a cycle.

    Parameters
    ----------
    X : float array of shape (n, d)
    core : float array of shape (n,), optional
        Core distances; with them the edge length is the mutual reachability max(core_i, core_j, |x_i - x_j|)
        (Campello, Moulavi, Sander 2013).

    Returns
    -------
    edges : int array of shape (n - 1, 2), shortest first
    lengths : float array of shape (n - 1,)

    Notes
    -----
    O(n² d) time, O(n d) memory. Equal lengths are ordered by the rows' positions, so that the tree depends on the
    order of rows only where lengths are exactly equal.
    """
    n = len(X)
    left = np.arange(1, n)
    points = np.array(X[1:].T, order="C")  # a copy: it is written to
    squared_core = None if core is None else core**2
    reached = np.full(n - 1, np.inf)
    origin = np.zeros(n - 1, dtype=np.int64)
    edges = np.empty((n - 1, 2), dtype=np.int64)
    lengths = np.empty(n - 1)
    current = 0
    for step in range(n - 1):
        length = _from_point(X[current], points)
        if squared_core is not None:
            np.maximum(length, np.maximum(squared_core[left], squared_core[current]), out=length)
        closer = length < reached
        reached[closer] = length[closer]
        origin[closer] = current
        at = int(reached.argmin())
        current = int(left[at])
        edges[step] = origin[at], current
        lengths[step] = reached[at]
        reached[at] = np.inf
        points[:, at] = np.inf
        if step % 64 == 63:
            kept = np.isfinite(points[0])
            left, reached, origin, points = left[kept], reached[kept], origin[kept], points[:, kept]
    edges.sort(axis=1)
    order = np.lexsort((edges[:, 1], edges[:, 0], lengths))
    return edges[order], np.sqrt(lengths[order])


def _from_point(point: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Squared distances by differences, not by the expanded square: equal points must be exactly 0 apart."""
    total = (columns[0] - point[0]) ** 2
    for value, column in zip(point[1:], columns[1:], strict=True):
        total += (column - value) ** 2
    return np.asarray(total)
