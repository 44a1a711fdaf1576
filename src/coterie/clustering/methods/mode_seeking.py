"""Mode seeking on the neighbour graph: one cluster around each density mode that stands out (ToMATo)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.kernels.modes import Slopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Modes with a smaller share of rows (and under ten rows) never count.
SMALLEST = 0.01
#: Depth of the saddle, as a share of the peak, from which a mode counts as clear.
CLEAR = 0.2


class Modes:
    """The density modes of some rows, and how far each stands out (Chazal, Guibas, Oudot, Skraba 2013).

    Parameters
    ----------
    neighbours : int array of shape (n, K), the nearest rows of each row
    density : float array of shape (n,)

    Notes
    -----
    O(n K) time in arrays; Python walks through the modes only.
    """

    def __init__(self, neighbours: np.ndarray, density: np.ndarray) -> None:
        n = len(density)
        slopes = Slopes(neighbours, density)
        whole = np.zeros(n, dtype=np.int64)
        basin = slopes.basins(whole)
        tops, at = np.unique(basin, return_inverse=True)
        self._tree = _Tree(tops, at, slopes.rank, density)
        for level, first, second in slopes.saddles(whole, basin).tolist():
            self._tree.join(level, first, second)
        self._standing = self._tree.standing()

    def count(self, depth: float = CLEAR) -> int:
        """Modes whose saddle is at least so much lower than their peak, as a share of the peak."""
        return int((self._tree.depth[self._standing] >= depth).sum())

    def cuts(self, wanted: Iterable[int]) -> Iterator[tuple[int, np.ndarray]]:
        """Partitions around the k modes that stand out most.

        A mode stands out by (1 - density at its saddle / density at its peak) times the root of its share of rows.

        Yields
        ------
        k, int array of shape (n,) : number of clusters, and labels; -1 where a small piece is connected with no mode
        """
        for k in sorted(set(wanted)):
            if k > len(self._standing):
                return
            yield k, self._tree.cut(self._standing[:k])


class _Tree:
    """Which mode is swallowed by which, and how far each stands out."""

    def __init__(self, tops: np.ndarray, at: np.ndarray, rank: np.ndarray, density: np.ndarray) -> None:
        self.at = at
        self.tops = tops
        self.place = {int(top): i for i, top in enumerate(tops)}
        self.rank_of_top = rank[tops]
        self.peak = density[tops]
        self.density_at = density[np.argsort(rank)]
        order = np.lexsort((rank, at))
        starts = np.searchsorted(at[order], np.arange(len(tops)))
        self.ranks = np.split(rank[order], starts[1:])
        self.parent = np.arange(len(tops))
        self.members: list[list[int]] = [[i] for i in range(len(tops))]
        self.swallowed_by = np.full(len(tops), -1)
        self.prominence = np.zeros(len(tops))
        self.depth = np.zeros(len(tops))
        self.n = len(rank)
        self.smallest = max(10, int(SMALLEST * self.n))

    def _root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = int(self.parent[i])
        return i

    def join(self, level: int, first: int, second: int) -> None:
        """Let the denser of two modes that meet at a saddle swallow the other."""
        a, b = self._root(self.place[first]), self._root(self.place[second])
        if a == b:
            return
        high, low = (a, b) if self.rank_of_top[a] < self.rank_of_top[b] else (b, a)
        size = sum(int(np.searchsorted(self.ranks[m], level)) for m in self.members[low])
        if size >= self.smallest:
            self.depth[low] = 1 - min(self.density_at[level] / self.peak[low], 1.0)
            self.prominence[low] = self.depth[low] * np.sqrt(size / self.n)
        self.swallowed_by[low] = high
        self.parent[low] = high
        self.members[high] += self.members[low]
        self.members[low] = []

    def standing(self) -> np.ndarray:
        """Modes worth a cluster, the most prominent first; one that was never swallowed stands out by its size."""
        free = np.flatnonzero(self.swallowed_by < 0)
        for i in free:
            size = sum(len(self.ranks[m]) for m in self.members[i])
            if size >= self.smallest:
                self.depth[i], self.prominence[i] = 1.0, 1 + size / self.n
        order = np.lexsort((self.rank_of_top, -self.prominence))
        return order[self.prominence[order] > 0]

    def cut(self, kept: np.ndarray) -> np.ndarray:
        """Labels when only some modes stay: every other one goes to the mode that swallowed it."""
        label = np.full(len(self.tops), -1, dtype=np.int64)
        label[kept] = np.arange(len(kept))
        for i in np.argsort(self.rank_of_top):  # the one that swallows is always denser, so it is settled before
            if label[i] < 0 and self.swallowed_by[i] >= 0:
                label[i] = label[self.swallowed_by[i]]
        return np.asarray(label[self.at])
