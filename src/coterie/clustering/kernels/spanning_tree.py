"""Minimum spanning tree of all pairs by Prim's algorithm, a whole row of distances at a time."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist


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
    points = np.ascontiguousarray(X[1:])
    squared_core = None if core is None else core**2
    reached, taken = np.full(n - 1, np.inf), np.zeros(n - 1)  # `taken` is infinite for rows that are in the tree
    origin = np.zeros(n - 1, dtype=np.int64)
    edges = np.empty((n - 1, 2), dtype=np.int64)
    lengths = np.empty(n - 1)
    current = 0
    for step in range(n - 1):
        # Sums of squared differences, not the expanded square: equal points must be exactly 0 apart.
        length = cdist(X[current : current + 1], points, "sqeuclidean")[0]
        if squared_core is not None:
            np.maximum(length, np.maximum(squared_core[left], squared_core[current]), out=length)
        length += taken
        closer = length < reached
        np.copyto(reached, length, where=closer)
        origin[closer] = current
        at = int(reached.argmin())
        current = int(left[at])
        edges[step] = origin[at], current
        lengths[step] = reached[at]
        reached[at] = taken[at] = np.inf
        if step % 64 == 63:
            kept = taken == 0
            left, reached, origin, points, taken = left[kept], reached[kept], origin[kept], points[kept], taken[kept]
    edges.sort(axis=1)
    order = np.lexsort((edges[:, 1], edges[:, 0], lengths))
    return edges[order], np.sqrt(lengths[order])
