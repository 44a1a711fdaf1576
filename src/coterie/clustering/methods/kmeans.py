"""K-Means with several starts, of which only the promising ones are run to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from coterie.clustering.kernels.lloyd import lloyd, spread_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence


class KMeans:
    """K-Means (Lloyd 1982; starts by Arthur and Vassilvitskii 2007).

    Parameters
    ----------
    n_clusters : int
    n_init : int
        Random starts. Each is given five iterations; the best two are finished.
    starts : sequence of float arrays of shape (n_clusters, d)
        Further starts, such as the centres of another method's clusters.
    random_state : int

    Attributes
    ----------
    cluster_centers_ : float array of shape (k, d); k is smaller than `n_clusters` where fewer rows differ
    labels_ : int array of shape (n,)
    inertia_ : float
    """

    def __init__(
        self, n_clusters: int = 8, *, n_init: int = 4, starts: Sequence[np.ndarray] = (), random_state: int = 0
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.starts = starts
        self.random_state = random_state

    def fit(self, X: np.ndarray) -> Self:
        """Find the centres. O(n k d) time per iteration."""
        rng = np.random.default_rng(self.random_state)
        starts = [spread_seeds(X, self.n_clusters, rng) for _ in range(self.n_init)] + list(self.starts)
        begun = sorted((lloyd(X, start, max_iter=5) for start in starts), key=lambda run: run[2])
        finished = [lloyd(X, run[0]) for run in begun[:2]]
        self.cluster_centers_, self.labels_, self.inertia_ = min(finished, key=lambda run: run[2])
        return self
