"""The search as a scikit-learn estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from coterie.clustering.segment_search import Search
from coterie.clustering.table import from_matrix
from coterie.config import SearchSettings

if TYPE_CHECKING:
    from coterie.clustering.choice import Choice


class AutoSegmenter(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Find out how many segments a matrix holds, by which method, and how real they are.

    Columns should be comparable in scale (standardised), skewed ones transformed.

    Parameters
    ----------
    method : str, default="auto"
        "auto" tries all; else one of kmeans, gaussian_mixture, ward, genie, dbscan, hdbscan, latent_class,
        kamila.
    min_segments, max_segments : int, default=2 and 50
        Beyond 15, only about as many are tried as there are clear density modes.
    smallest_share : float, default=0
        Smallest share of rows that a segment may have; rows that a density method leaves out go to the nearest
        segment where it is 0.
    sample : int, default=4000
        Rows on which candidates are tried.
    assess : bool, default=True
        Whether to test for structure and stability; without it `verdict_` says that nothing was tested.
    null_draws, bootstraps : int, default=39 and 20
        Effort of the structure test and of the stability measure.
    random_state : int, default=0

    Attributes
    ----------
    labels_ : int array of shape (n_samples,), 0 … n_clusters_ - 1
    n_clusters_ : int
    verdict_ : Verdict
    candidates_ : tuple of Candidate
    choice_ : Choice

    Notes
    -----
    Rows are sorted by their values before anything random, so that their order does not matter; equal rows get equal
    labels. Labels are numbered by the segments' means, column by column.
    """

    def __init__(  # noqa: PLR0913  scikit-learn keeps every parameter apart
        self,
        *,
        method: str = "auto",
        min_segments: int = 2,
        max_segments: int = 50,
        smallest_share: float = 0.0,
        sample: int = 4_000,
        assess: bool = True,
        null_draws: int = 39,
        bootstraps: int = 20,
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.min_segments = min_segments
        self.max_segments = max_segments
        self.smallest_share = smallest_share
        self.sample = sample
        self.assess = assess
        self.null_draws = null_draws
        self.bootstraps = bootstraps
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002  scikit-learn's signature
        """Find the segments.

        Parameters
        ----------
        X : array of shape (n_samples, n_features), finite
        y : ignored
        """
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        ordered = X[np.lexsort(X.T[::-1])] + 0.0  # adding zero turns -0.0 into 0.0
        self.choice_: Choice = Search(
            from_matrix(ordered), self._settings(), seed=self.random_state, assess=self.assess, rows_per_segment=1
        ).run()
        self.verdict_ = self.choice_.verdict
        self.candidates_ = self.choice_.candidates
        self.n_clusters_ = self.choice_.n_segments
        self.labels_ = self._assign(X)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Segment of each row, int array of shape (n_samples,)."""
        check_is_fitted(self)
        return self._assign(validate_data(self, X, dtype=np.float64, reset=False))

    def _assign(self, X: np.ndarray) -> np.ndarray:
        return self.choice_.assigner.assign(from_matrix(X + 0.0)).labels

    def _settings(self) -> SearchSettings:
        return SearchSettings(
            method=self.method,
            min_segments=self.min_segments,
            max_segments=self.max_segments,
            smallest_share=self.smallest_share,
            sample=self.sample,
            null_draws=self.null_draws,
            bootstraps=self.bootstraps,
        )
