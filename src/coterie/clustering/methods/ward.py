"""Agglomerative clustering with Ward's criterion."""

from __future__ import annotations

from typing import Self

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage


def ward_tree(X: np.ndarray) -> np.ndarray:
    """Merge the pair of clusters that adds least to the squared error, again and again (Ward 1963).

    Returns scipy's linkage matrix of shape (n - 1, 4). O(n²) time and memory.
    """
    return np.asarray(linkage(X, "ward"))


def cut(tree: np.ndarray, n_clusters: int) -> np.ndarray:
    """Labels 0, 1, … of at most `n_clusters` clusters."""
    return np.asarray(fcluster(tree, n_clusters, "maxclust") - 1, dtype=np.int64)


class Ward:
    """Ward's hierarchical clustering, cut at a number of clusters."""

    def __init__(self, n_clusters: int = 2) -> None:
        self.n_clusters = n_clusters

    def fit(self, X: np.ndarray) -> Self:
        """Build the tree and cut it."""
        self.labels_ = cut(ward_tree(X), self.n_clusters)
        return self
