"""What a user would write today to let an index choose the number of clusters of one method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import cKDTree
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import calinski_harabasz_score, silhouette_score
from sklearn.mixture import GaussianMixture

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = range(2, 16)
#: Rows of the silhouette, of Ward's tree and of the mixtures.
MOST_ROWS = 4_000
_COVARIANCES = ("full", "tied", "diag", "spherical")


class Baselines:
    """The baselines on one matrix; K-Means is fitted once for its three indices.

    Parameters
    ----------
    X : float array of shape (n, d), standardised
    seed : int
    """

    def __init__(self, X: np.ndarray, seed: int = 0) -> None:
        self.X = X
        self.numbers = [k for k in NUMBERS if k < len(X) // 2]
        rng = np.random.default_rng(seed)
        self.part = np.sort(rng.choice(len(X), min(MOST_ROWS, len(X)), replace=False))
        self._fits = {k: KMeans(k, n_init=5, random_state=seed).fit(X) for k in self.numbers}

    def all(self) -> dict[str, np.ndarray]:
        """Labels of every baseline by its name."""
        ways: dict[str, Callable[[], np.ndarray]] = {
            "K-Means + silhouette": self.kmeans_silhouette,
            "K-Means + elbow": self.kmeans_elbow,
            "K-Means + Calinski-Harabasz": self.kmeans_calinski_harabasz,
            "Gaussian mixture + BIC": self.mixture_bic,
            "HDBSCAN default": self.hdbscan,
            "Ward + silhouette": self.ward_silhouette,
        }
        return {name: way() for name, way in ways.items()}

    def _silhouette(self, labels: np.ndarray) -> float:
        part = labels[self.part]
        return float(silhouette_score(self.X[self.part], part)) if len(np.unique(part)) > 1 else -1.0

    def kmeans_silhouette(self) -> np.ndarray:
        """The number of the best mean silhouette."""
        return np.asarray(max((fit.labels_ for fit in self._fits.values()), key=self._silhouette))

    def kmeans_calinski_harabasz(self) -> np.ndarray:
        """The number of the best index of Calinski and Harabasz."""
        return np.asarray(
            max(
                (fit.labels_ for fit in self._fits.values()), key=lambda labels: calinski_harabasz_score(self.X, labels)
            )
        )

    def kmeans_elbow(self) -> np.ndarray:
        """The point of the inertia curve, from k = 1 on, that lies farthest below its chord."""
        k = np.array([1, *self.numbers])
        single = float(((self.X - self.X.mean(axis=0)) ** 2).sum())
        inertia = np.array([single, *(self._fits[number].inertia_ for number in self.numbers)])
        below = (k[-1] - k) / (k[-1] - k[0]) - (inertia - inertia[-1]) / (inertia[0] - inertia[-1])
        at = int(below.argmax())
        return np.asarray(self._fits[int(k[at])].labels_) if at else np.zeros(len(self.X), dtype=np.int64)

    def mixture_bic(self) -> np.ndarray:
        """The best BIC over numbers and forms of the covariance."""
        fits = [
            GaussianMixture(k, covariance_type=kind, random_state=0, reg_covar=1e-4, max_iter=200).fit(
                self.X[self.part]
            )
            for kind in _COVARIANCES
            for k in (1, *self.numbers)
        ]
        return np.asarray(min(fits, key=lambda fit: fit.bic(self.X[self.part])).predict(self.X))

    def hdbscan(self) -> np.ndarray:
        """All settings as they come."""
        part = self.X if len(self.X) <= 4 * MOST_ROWS else self.X[self.part]
        labels = HDBSCAN(copy=True).fit_predict(part)
        return labels if len(part) == len(self.X) else labels[cKDTree(part).query(self.X, 1)[1]]

    def ward_silhouette(self) -> np.ndarray:
        """The cut of Ward's tree with the best mean silhouette."""
        tree = linkage(self.X[self.part], "ward")
        best = max(
            (fcluster(tree, k, "maxclust") - 1 for k in self.numbers), key=lambda labels: self._among_part(labels)
        )
        if len(self.part) == len(self.X):
            return np.asarray(best)
        return np.asarray(best[cKDTree(self.X[self.part]).query(self.X, 1)[1]])

    def _among_part(self, labels: np.ndarray) -> float:
        return float(silhouette_score(self.X[self.part], labels))
