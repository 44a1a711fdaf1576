"""Genie: single linkage that refuses to let cluster sizes become too unequal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from coterie.clustering.kernels.spanning_tree import minimum_spanning_tree

if TYPE_CHECKING:
    from collections.abc import Iterable


#: Edges that are looked at together.
_LOOK = 128


class _Sizes:
    """The sizes of all clusters and their Gini index, kept up to date merge by merge."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.clusters = n
        self.count = {1: n}
        self.differences = 0  # sum of |c_i - c_j| over pairs

    def merge(self, a: int, b: int) -> None:
        """Replace clusters of sizes a and b, a the larger one, by one of size a + b."""
        self._drop(a)
        self._drop(b)
        both, change = a + b, b - a
        for size, times in self.count.items():
            # |a + b - s| - |a - s| - |b - s|, for each of the others
            if size <= b:
                change += size * times
            elif size <= a:
                change += (2 * b - size) * times
            elif size <= both:
                change += (2 * both - 3 * size) * times
            else:
                change -= size * times
        self.differences += change
        self.count[both] = self.count.get(both, 0) + 1
        self.clusters -= 1

    def gini(self) -> float:
        """Normalised Gini index, 0 = all equal, 1 = one has everything; formula (2) of the paper."""
        return self.differences / ((self.clusters - 1) * self.n) if self.clusters > 1 else 0.0

    def smallest(self) -> int:
        """Size of the smallest cluster."""
        return min(self.count)

    def _drop(self, size: int) -> None:
        self.count[size] -= 1
        if not self.count[size]:
            del self.count[size]


def genie_cuts(edges: np.ndarray, wanted: Iterable[int], gini_threshold: float = 0.3) -> dict[int, np.ndarray]:
    """Partitions of one Genie run at several numbers of clusters.

    While the Gini index of the cluster sizes is at most the threshold, the clusters at the ends of the shortest unused
    edge of the spanning tree are merged; above it, the shortest unused edge that touches a smallest cluster is taken
    (Gagolewski, Bartoszuk, Cena 2016, Information Sciences 363).

    Parameters
    ----------
    edges : int array of shape (n - 1, 2)
        Edges of a minimum spanning tree, shortest first.
    wanted : numbers of clusters
    gini_threshold : float in [0, 1]

    Returns
    -------
    dict of number of clusters to int array of shape (n,)

    Notes
    -----
    O(n) steps for each size that the smallest cluster takes on the way.
    """
    n = len(edges) + 1
    needed = {k for k in wanted if 1 <= k <= n}
    cluster = np.arange(n)
    members = [[i] for i in range(n)]
    size = np.ones(n, dtype=np.int64)
    sizes = _Sizes(n)
    left = _Edges(edges)
    found = {n: cluster.copy()} if n in needed else {}
    while sizes.clusters > min(needed, default=n):
        fair = sizes.gini() <= gini_threshold
        i, j = left.take_first() if fair else left.take_touching(cluster, size, sizes.smallest())
        a, b = cluster[i], cluster[j]
        if size[a] < size[b]:
            a, b = b, a
        sizes.merge(int(size[a]), int(size[b]))
        cluster[members[b]] = a
        members[a] += members[b]
        size[a] += size[b]
        if sizes.clusters in needed:
            found[sizes.clusters] = np.unique(cluster, return_inverse=True)[1]
    return found


class _Edges:
    """Edges of the tree that are not used yet, shortest first."""

    def __init__(self, edges: np.ndarray) -> None:
        self.edges = edges
        self.unused = np.ones(len(edges), dtype=bool)
        self.first = 0
        self.touching = 0
        self.smallest = 0

    def take_first(self) -> tuple[int, int]:
        """The shortest."""
        while not self.unused[self.first]:
            self.first += 1
        return self._take(self.first)

    def take_touching(self, cluster: np.ndarray, size: np.ndarray, smallest: int) -> tuple[int, int]:
        """The shortest of those that touch a cluster of the smallest size.

        While the smallest size stays, no cluster of that size comes into being: edges once passed over stay so.
        """
        if smallest != self.smallest:
            self.smallest, self.touching = smallest, 0
        while True:
            some = slice(self.touching, self.touching + _LOOK)
            suits = (size[cluster[self.edges[some]]] == smallest).any(axis=1) & self.unused[some]
            at = int(suits.argmax())
            if suits[at]:
                self.touching += at
                return self._take(self.touching)
            self.touching += _LOOK

    def _take(self, at: int) -> tuple[int, int]:
        self.unused[at] = False
        i, j = self.edges[at]
        return int(i), int(j)


class Genie:
    """Genie at one number of clusters.

    Parameters
    ----------
    n_clusters : int
    gini_threshold : float in [0, 1]
        0.3 is the paper's recommendation; 1 gives single linkage.
    """

    def __init__(self, n_clusters: int = 2, *, gini_threshold: float = 0.3) -> None:
        self.n_clusters = n_clusters
        self.gini_threshold = gini_threshold

    def fit(self, X: np.ndarray) -> Self:
        """Build the spanning tree and merge along it. O(n² d) time."""
        edges, _ = minimum_spanning_tree(X)
        k = min(self.n_clusters, len(X))
        self.labels_ = genie_cuts(edges, [k], self.gini_threshold)[k]
        return self
