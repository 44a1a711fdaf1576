"""Density modes on a neighbour graph and how far each stands out, inside the clusters of any partition (ToMATo)."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np


class Merge(NamedTuple):
    """A mode that is swallowed by a denser one.

    `ratio` = density at the saddle / density at the mode's peak, in [0, 1]; `size` = rows of the mode denser than the
    saddle; `label` = the cluster in which it happens.
    """

    label: int
    ratio: float
    size: int


def mode_merges(neighbours: np.ndarray, density: np.ndarray, labels: np.ndarray, smallest: int) -> list[Merge]:
    """Merges of density modes inside each cluster, from the highest saddle down (Chazal, Guibas, Oudot, Skraba 2013).

    Parameters
    ----------
    neighbours : int array of shape (n, m), the nearest rows of each row
    density : float array of shape (n,)
    labels : int array of shape (n,); rows with a negative label take no part
    smallest : int
        Modes with fewer rows above the saddle are not reported.

    Notes
    -----
    Each row points to its densest neighbour in the same cluster; the basins of these pointers are joined along the
    highest edges between them. Rows are handled as arrays, so that Python only walks through the basins.
    O(n m) time.
    """
    rank = np.empty(len(density), dtype=np.int64)
    rank[np.argsort(-density, kind="stable")] = np.arange(len(density))
    basin = basins_of(neighbours, rank, labels)
    saddles = saddles_between(neighbours, rank, labels, basin)
    return _merge(saddles, basin, density, labels, rank, smallest)


def basins_of(neighbours: np.ndarray, rank: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The row at the top of each row's ascent."""
    rows = np.arange(len(rank))
    ranks = np.where(labels[neighbours] == labels[:, None], rank[neighbours], len(rank))
    best = ranks.argmin(axis=1)
    top = np.where(ranks[rows, best] < rank, neighbours[rows, best], rows)
    while True:
        higher = top[top]
        if np.array_equal(higher, top):
            return np.asarray(top)
        top = higher


def saddles_between(neighbours: np.ndarray, rank: np.ndarray, labels: np.ndarray, basin: np.ndarray) -> np.ndarray:
    """Highest edge between two basins of a cluster: rows of (rank of its lower end, basin, basin), highest first."""
    low = np.repeat(np.arange(len(rank)), neighbours.shape[1])
    high = neighbours.ravel()
    used = (labels[low] >= 0) & (labels[low] == labels[high]) & (rank[high] < rank[low]) & (basin[low] != basin[high])
    low, high = low[used], high[used]
    first, second = np.minimum(basin[low], basin[high]), np.maximum(basin[low], basin[high])
    order = np.argsort(rank[low], kind="stable")
    pairs = first[order] * len(rank) + second[order]
    _, at = np.unique(pairs, return_index=True)
    kept = order[np.sort(at)]
    return np.column_stack([rank[low[kept]], first[kept], second[kept]])


def _merge(
    saddles: np.ndarray, basin: np.ndarray, density: np.ndarray, labels: np.ndarray, rank: np.ndarray, smallest: int
) -> list[Merge]:
    """Join basins along the saddles; the lower peak's side is the one swallowed."""
    order = np.lexsort((rank, basin))
    tops, starts = np.unique(basin[order], return_index=True)
    ranks = dict(zip(tops.tolist(), np.split(rank[order], starts[1:]), strict=True))
    sorted_ranks = {top: part.tolist() for top, part in ranks.items()}
    parent = {top: top for top in sorted_ranks}
    parts = {top: [top] for top in sorted_ranks}
    row_at = np.argsort(rank)
    found = []

    def root(top: int) -> int:
        while parent[top] != top:
            parent[top] = parent[parent[top]]
            top = parent[top]
        return top

    for level, first, second in saddles.tolist():
        a, b = root(first), root(second)
        if a == b:
            continue
        high, low = (a, b) if rank[a] < rank[b] else (b, a)
        size = sum(bisect_left(sorted_ranks[part], level) for part in parts[low])
        if size >= smallest:
            ratio = density[row_at[level]] / density[low]
            found.append(Merge(int(labels[low]), float(ratio), size))
        parent[low] = high
        parts[high] += parts.pop(low)
    return found
