"""Density modes on a neighbour graph and how far each stands out, inside the clusters of any partition (ToMATo)."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


class Merge(NamedTuple):
    """A mode that is swallowed by a denser one.

    `ratio` = density at the saddle / density at the mode's peak, in [0, 1]; `size` = rows of the mode denser than the
    saddle; `label` = the cluster in which it happens.
    """

    label: int
    ratio: float
    size: int


class Slopes:
    """Rows by falling density and the ways up from each to its neighbours, shared by all partitions of the rows.

    Parameters
    ----------
    neighbours : int array of shape (n, m), the nearest rows of each row
    density : float array of shape (n,)
    """

    def __init__(self, neighbours: np.ndarray, density: np.ndarray) -> None:
        self.density = density
        self.falling = np.argsort(-density, kind="stable")
        self.rank = np.empty(len(density), dtype=np.int64)
        self.rank[self.falling] = np.arange(len(density))
        self._neighbours = neighbours
        self._ranks = self.rank[neighbours]

    @cached_property
    def _ways_up(self) -> tuple[np.ndarray, np.ndarray]:
        """Neighbours of each row, the densest first, and which of them are denser than the row."""
        steepest = np.argsort(self._ranks, axis=1)
        denser = np.take_along_axis(self._ranks, steepest, axis=1) < self.rank[:, None]
        return np.take_along_axis(self._neighbours, steepest, axis=1), denser

    @cached_property
    def _edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Both ends of each edge from a row up to a neighbour, the highest lower end first."""
        rows, places = np.nonzero((self._ranks < self.rank[:, None])[self.falling])
        low = self.falling[rows]
        return low, self._neighbours[low, places]

    def basins(self, labels: np.ndarray) -> np.ndarray:
        """The row at the top of each row's ascent inside its cluster."""
        rows = np.arange(len(labels))
        if labels.min() == labels.max():
            best = self._ranks.argmin(axis=1)
            top = np.where(self._ranks[rows, best] < self.rank, self._neighbours[rows, best], rows)
        else:
            up, denser = self._ways_up
            open_ways = denser & (labels[up] == labels[:, None])
            best = open_ways.argmax(axis=1)
            top = np.where(open_ways[rows, best], up[rows, best], rows)
        while True:
            higher = top[top]
            if np.array_equal(higher, top):
                return np.asarray(top)
            top = higher

    def saddles(self, labels: np.ndarray, basin: np.ndarray) -> np.ndarray:
        """Highest edge between two basins of a cluster: rows of (rank of lower end, basin, basin), highest first."""
        low, high = self._edges
        ends = basin[low], basin[high]
        label = labels[low]
        used = np.flatnonzero((ends[0] != ends[1]) & (label == labels[high]) & (label >= 0))
        first, second = np.minimum(ends[0][used], ends[1][used]), np.maximum(ends[0][used], ends[1][used])
        at = np.sort(np.unique(first * len(basin) + second, return_index=True)[1])
        return np.column_stack([self.rank[low[used[at]]], first[at], second[at]])

    def pieces(self, labels: np.ndarray) -> np.ndarray:
        """Connected piece of each row when only edges inside a cluster count, either way; int array of shape (n,)."""
        tops, at = np.unique(self.basins(labels), return_inverse=True)
        end = at[self._neighbours]
        apart = (end != at[:, None]) & (labels[self._neighbours] == labels[:, None])
        rows, places = np.nonzero(apart)
        links = csr_array((np.ones(len(rows), dtype=np.int8), (at[rows], end[rows, places])), shape=(len(tops),) * 2)
        return np.asarray(connected_components(links, directed=False)[1][at])

    def merges(self, labels: np.ndarray, smallest: int) -> list[Merge]:
        """Merges of density modes inside each cluster, see `mode_merges`."""
        basin = self.basins(labels)
        return _merge(self.saddles(labels, basin), basin, self, labels, smallest)


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
    return Slopes(neighbours, density).merges(labels, smallest)


def _merge(saddles: np.ndarray, basin: np.ndarray, slopes: Slopes, labels: np.ndarray, smallest: int) -> list[Merge]:
    """Join basins along the saddles; the lower peak's side is the one swallowed."""
    rank, row_at, density = slopes.rank, slopes.falling, slopes.density
    order = row_at[np.argsort(basin[row_at], kind="stable")]
    tops, starts = np.unique(basin[order], return_index=True)
    ranks = dict(zip(tops.tolist(), np.split(rank[order], starts[1:]), strict=True))
    sorted_ranks = {top: part.tolist() for top, part in ranks.items()}
    parent = {top: top for top in sorted_ranks}
    parts = {top: [top] for top in sorted_ranks}
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
