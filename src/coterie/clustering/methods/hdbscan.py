"""HDBSCAN at one smallest cluster size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import HDBSCAN as _HDBSCAN

if TYPE_CHECKING:
    import numpy as np


def sensible_sizes(n: int) -> tuple[int, ...]:
    """Smallest cluster sizes worth a trial among n rows: one fixed, two relative."""
    return tuple(sorted({15, *(max(5, int(share * n)) for share in (0.02, 0.05))}))


class HDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Hierarchical density-based clustering (Campello, Moulavi, Sander 2013), noise is -1."""

    def __init__(self, min_cluster_size: int = 15, *, min_samples: int = 5) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002  scikit-learn's signature
        """Find the clusters that persist over the widest range of densities."""
        n = len(X)
        size, samples = min(self.min_cluster_size, max(2, n // 2)), min(self.min_samples, n - 1)
        self.labels_ = _HDBSCAN(min_cluster_size=size, min_samples=samples, copy=True, n_jobs=1).fit_predict(X)
        return self
