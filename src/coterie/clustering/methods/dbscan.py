"""DBSCAN with the radius read from the knee of the k-distance curve."""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import DBSCAN as _DBSCAN
from sklearn.neighbors import NearestNeighbors


def knee_radius(X: np.ndarray, min_samples: int) -> float:
    """Radius at the knee of the sorted distances to the `min_samples`-th neighbour (Ester, Kriegel, Sander, Xu 1996).

    The knee is the point that lies farthest below the line from the first to the last distance.
    """
    neighbours = min(min_samples + 1, len(X))
    reached = np.sort(NearestNeighbors(n_neighbors=neighbours).fit(X).kneighbors(X)[0][:, -1])
    rise = (reached - reached[0]) / max(reached[-1] - reached[0], 1e-12)
    return float(max(reached[(np.linspace(0, 1, len(X)) - rise).argmax()], 1e-9))


class DBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Density-based clustering; rows in thin areas are noise (-1).

    Attributes
    ----------
    eps_ : float, the radius used
    min_samples_ : int, twice the number of columns, at least 4
    labels_ : int array of shape (n,), -1 = noise
    """

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002  scikit-learn's signature
        """Find the dense areas."""
        self.min_samples_ = max(4, 2 * X.shape[1])
        self.eps_ = knee_radius(X, self.min_samples_)
        self.labels_ = _DBSCAN(eps=self.eps_, min_samples=self.min_samples_).fit_predict(X)
        return self
