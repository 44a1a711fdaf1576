"""DBSCAN with the radius read from the knee of the k-distance curve."""

from __future__ import annotations

from typing import Self

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from coterie.clustering.kernels.neighbours import kth_distances


def knee_radius(distances: np.ndarray, min_samples: int) -> float:
    """Radius at the knee of the sorted distances to the `min_samples`-th neighbour (Ester, Kriegel, Sander, Xu 1996).

    The knee is the point that lies farthest below the line from the first to the last distance.

    Parameters
    ----------
    distances : float array of shape (n, n)
    min_samples : int
    """
    n = len(distances)
    place = min(min_samples, n - 1)
    reached = np.sort(kth_distances(distances, place))
    rise = (reached - reached[0]) / max(reached[-1] - reached[0], 1e-12)
    return float(max(reached[(np.linspace(0, 1, n) - rise).argmax()], 1e-9))


class DBSCAN:
    """Density-based clustering; rows in thin areas are noise (-1).

    Attributes
    ----------
    eps_ : float, the radius used
    min_samples_ : int, twice the number of columns, at least 4
    labels_ : int array of shape (n,), -1 = noise
    """

    def fit(self, X: np.ndarray, *, distances: np.ndarray | None = None) -> Self:
        """Find the dense areas; `distances` of shape (n, n) between the rows, if they are known already."""
        distances = cdist(X, X) if distances is None else distances
        self.min_samples_ = max(4, 2 * X.shape[1])
        self.eps_ = knee_radius(distances, self.min_samples_)
        self.labels_ = dense_areas(distances <= self.eps_, self.min_samples_)
        return self


def dense_areas(near: np.ndarray, min_samples: int) -> np.ndarray:
    """Connected areas of rows with enough neighbours; rows at their rim go to the first of the areas that they touch.

    Parameters
    ----------
    near : bool array of shape (n, n), which rows are neighbours; each is its own
    min_samples : int, neighbours that a row of a dense area has, itself among them

    Returns
    -------
    int array of shape (n,): 0, 1, … by the first row of each area; -1 where a row touches none
    """
    labels = np.full(len(near), -1, dtype=np.int64)
    dense = np.flatnonzero(near.sum(axis=1) >= min_samples)
    if not dense.size:
        return labels
    number, area = connected_components(csr_array(near[np.ix_(dense, dense)]), directed=False)
    first = np.unique(area, return_index=True)[1]
    labels[dense] = np.argsort(np.argsort(first))[area]
    rim = np.setdiff1d(np.arange(len(near)), dense)
    touched = np.where(near[np.ix_(rim, dense)], labels[dense], number).min(axis=1)
    labels[rim] = np.where(touched < number, touched, -1)
    return labels
