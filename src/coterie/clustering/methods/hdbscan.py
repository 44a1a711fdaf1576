"""HDBSCAN at several smallest cluster sizes, which share distances and trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.spatial.distance import cdist

from coterie.clustering.kernels.density_tree import persistent_clusters, reachability_linkage
from coterie.clustering.kernels.neighbours import kth_distances

if TYPE_CHECKING:
    import numpy as np


def sensible_sizes(n: int) -> tuple[int, ...]:
    """Smallest cluster sizes worth a trial among n rows: one fixed, two relative."""
    return tuple(sorted({15, *(max(5, int(share * n)) for share in (0.02, 0.05))}))


class DenseAreas:
    """Hierarchical density-based clustering of some rows (Campello, Moulavi, Sander 2013).

    Parameters
    ----------
    X : float array of shape (n, d)
    distances : float array of shape (n, n), between the rows, if they are known already

    Notes
    -----
    O(n² d) time for the distances, O(n²) for each number of neighbours, O(n) for each smallest size.
    """

    def __init__(self, X: np.ndarray, distances: np.ndarray | None = None) -> None:
        self.distances = cdist(X, X) if distances is None else distances
        self._trees: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def labels(self, min_cluster_size: int, min_samples: int) -> np.ndarray:
        """The clusters that persist over the widest range of densities, int array of shape (n,); noise is -1.

        Parameters
        ----------
        min_cluster_size : int, fewest rows of a cluster
        min_samples : int, rows, itself among them, within whose reach a row counts as dense
        """
        n = len(self.distances)
        size, samples = min(min_cluster_size, max(2, n // 2)), max(1, min(min_samples, n - 1))
        if samples not in self._trees:
            core = kth_distances(self.distances, samples - 1)
            self._trees[samples] = reachability_linkage(self.distances, core)
        return persistent_clusters(*self._trees[samples], size)
