"""One neighbour graph of the sample, shared by every criterion of every candidate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from coterie.clustering.kernels.modes import Slopes
from coterie.clustering.kernels.neighbours import MANY_COLUMNS, nearest_rows, without_itself
from coterie.clustering.methods.mode_seeking import Modes

#: Neighbours of each row in the graph.
NEIGHBOURS = 15
#: Neighbours along which clusters count as touching.
TOUCHING = 10
#: Most rows that are all compared with each other, where there are many columns.
MOST_ROWS = 20_000
#: Rows on which silhouettes and agreements are measured.
PROBE = 1_500


@dataclass(frozen=True)
class NeighbourGraph:
    """Nearest neighbours, density, and distances among a probe of rows.

    Attributes
    ----------
    X : float array of shape (n, d)
    neighbours : int array of shape (n, K), nearest first
    density : float array of shape (n,): 1 / (half the own radius + half the mean radius of the neighbours), where the
        radius is the distance to the K-th neighbour
    probe : int array, rows for the criteria that need all pairs
    distances : float array of shape (len(probe), len(probe))
    """

    X: np.ndarray
    neighbours: np.ndarray
    density: np.ndarray
    probe: np.ndarray
    distances: np.ndarray

    @cached_property
    def modes(self) -> Modes:
        """The density modes of the rows."""
        return Modes(self.neighbours, self.density)

    @cached_property
    def slopes(self) -> Slopes:
        """The ways up from each row to denser neighbours."""
        return Slopes(self.neighbours, self.density)

    @cached_property
    def near_slopes(self) -> Slopes:
        """The same among the neighbours along which clusters count as touching."""
        return Slopes(self.neighbours[:, :TOUCHING], self.density)

    @cached_property
    def by_density(self) -> np.ndarray:
        """Rows by rising density."""
        return np.argsort(self.density, kind="stable")

    @cached_property
    def touching(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Both ends and the lower density of each edge between near neighbours, by rising density."""
        width = self.neighbours[:, :TOUCHING].shape[1]
        start, end = np.repeat(np.arange(self.n), width), self.neighbours[:, :TOUCHING].ravel()
        lower = np.minimum(self.density[start], self.density[end])
        order = np.argsort(lower, kind="stable")
        return start[order], end[order], lower[order]

    @cached_property
    def distinct(self) -> int:
        """Different rows."""
        return len(np.unique(self.X, axis=0))

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.X)


def neighbour_graph(X: np.ndarray, *, seed: int = 0, neighbours: int = NEIGHBOURS) -> NeighbourGraph:
    """Build the graph. O(n K log n) time in few dimensions, O(n²) in many."""
    n = len(X)
    found, radii = nearest(X, min(neighbours, n - 1))
    rng = np.random.default_rng(seed)
    probe = np.sort(rng.choice(n, min(PROBE, n), replace=False))
    return NeighbourGraph(X, found, smooth_density(found, radii), probe, cdist(X[probe], X[probe]))


def nearest(X: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearest other rows of each row, shape (n, neighbours), and the distance to the last of them, shape (n,)."""
    if X.shape[1] >= MANY_COLUMNS and len(X) <= MOST_ROWS:
        found, distances = nearest_rows(X, neighbours)
    else:
        distances, found = cKDTree(X).query(X, neighbours + 1, workers=-1)
        found, distances = without_itself(found, distances)
    return found, distances[:, -1]


def smooth_density(neighbours: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Density from radii, smoothed over the neighbours; where several rows coincide, the smallest radius stands in."""
    positive = radii[radii > 0]
    core = np.maximum(radii, positive.min() if positive.size else 1.0)
    return np.asarray(1 / (0.5 * core + 0.5 * core[neighbours].mean(axis=1)))
