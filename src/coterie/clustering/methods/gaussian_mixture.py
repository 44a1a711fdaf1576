"""Gaussian mixtures by EM, started from a given partition."""

from __future__ import annotations

import warnings
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as _Mixture

from coterie.clustering.kernels.gaussian_em import Components, Quadratic, climb, posteriors, quadratic


def variance_floor(X: np.ndarray) -> float:
    """Variance below which no component may shrink, in the units of the columns.

    Tables of customers hold counts, zeros and rounded values. A component that sits on one repeated value would gain
    likelihood without end, and with it the choice: where a twentieth of the rows share a value of some column, the
    floor is a tenth of the mean variance; a hundredth in other tables of four columns and more; else next to nothing.
    """
    spread = float(X.var(axis=0).mean())
    lump = max(np.unique(column, return_counts=True)[1].max() for column in X.T) / len(X)
    if X.shape[1] >= _MANY_COLUMNS:
        return spread * (_LUMPY_FLOOR if lump >= _LUMP else 1e-2)
    return spread * 1e-4


#: Numbers that the table of products of columns may hold; beyond, scikit-learn's EM takes its place, which needs none.
_MOST_PRODUCTS = 4_000_000
_MANY_COLUMNS = 4
_LUMP = 0.05
_LUMPY_FLOOR = 0.1


class GaussianMixture(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Mixture of Gaussians with full or diagonal covariances (Dempster, Laird, Rubin 1977; Fraley and Raftery 2002).

    Parameters
    ----------
    covariance_type : {"full", "diag"}
    max_iter : int
    reg_covar : float
        Added to the variances, in units of the columns (which are standardised).

    Attributes
    ----------
    weights_ : float array of shape (k,)
    means_ : float array of shape (k, d)
    precisions_ : float array of shape (k, d, d) for "full", (k, d) for "diag"; inverses of the covariances
    labels_ : int array of shape (n,)
    bic_ : float, smaller is better
    """

    def __init__(self, *, covariance_type: str = "full", max_iter: int = 80, reg_covar: float = 1e-4) -> None:
        self.covariance_type = covariance_type
        self.max_iter = max_iter
        self.reg_covar = reg_covar

    def fit(
        self,
        X: np.ndarray,
        y: object = None,  # noqa: ARG002  scikit-learn's signature
        *,
        start: np.ndarray | None = None,
        table: Quadratic | None = None,
    ) -> Self:
        """Fit from a partition.

        Parameters
        ----------
        X : float array of shape (n, d)
        y : ignored
        start : int array of shape (n,), labels 0 … k-1; without it a single component is fitted
        table : Quadratic, `X` laid out by `quadratic`, where several numbers of components share it
        """
        labels = np.zeros(len(X), dtype=np.int64) if start is None else np.unique(start, return_inverse=True)[1]
        return self.fit_from(X, *self._moments(X, labels), table=table)

    def fit_from(
        self,
        X: np.ndarray,
        weights: np.ndarray,
        means: np.ndarray,
        precisions: np.ndarray,
        *,
        table: Quadratic | None = None,
    ) -> Self:
        """Fit from given parameters, as when a mixture found on a sample is refined on more rows."""
        n, d = X.shape
        full = self.covariance_type == "full"
        if table is None and n * (d * (d + 3) / 2 if full else 2 * d) > _MOST_PRODUCTS:
            return self._fit_by_parts(X, weights, means, precisions)
        laid_out = quadratic(X, full=full) if table is None else table
        start = Components(weights / weights.sum(), means, precisions)
        found, joint = climb(laid_out, start, self.reg_covar, self.max_iter)
        self.weights_, self.means_, self.precisions_ = found.weights, found.means, found.precisions
        self.labels_ = joint.argmax(axis=1)
        free = len(weights) * (1 + d + (d * (d + 1) / 2 if full else d)) - 1
        self.bic_ = float(free * np.log(n) - 2 * n * posteriors(joint)[1])
        return self

    def _fit_by_parts(self, X: np.ndarray, weights: np.ndarray, means: np.ndarray, precisions: np.ndarray) -> Self:
        mixture = _Mixture(
            len(weights),
            covariance_type=self.covariance_type,
            weights_init=weights / weights.sum(),
            means_init=means,
            precisions_init=precisions,
            reg_covar=self.reg_covar,
            max_iter=self.max_iter,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture.fit(X)
        self.weights_, self.means_, self.precisions_ = mixture.weights_, mixture.means_, mixture.precisions_
        self.labels_ = mixture.predict(X)
        self.bic_ = float(mixture.bic(X))
        return self

    def _moments(self, X: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        k, d = int(labels.max()) + 1, X.shape[1]
        counts = np.bincount(labels, minlength=k).astype(float)
        means = np.array([X[labels == c].mean(axis=0) for c in range(k)])
        pooled = X.var(axis=0).mean()
        covariances = np.array([self._covariance(X[labels == c], pooled, d) for c in range(k)])
        if self.covariance_type == "diag":
            return counts, means, 1 / np.array([np.diag(c) for c in covariances])
        return counts, means, np.linalg.inv(covariances)

    def _covariance(self, rows: np.ndarray, pooled: float, d: int) -> np.ndarray:
        """Shrink towards a sphere, so that a cluster of few rows still has an inverse."""
        share = len(rows) / (len(rows) + 2 * d)
        own = np.atleast_2d(np.cov(rows.T, bias=True)) if len(rows) > 1 else np.zeros((d, d))
        return np.asarray(share * own + ((1 - share) * pooled * 0.2 + self.reg_covar) * np.eye(d))
