"""Gaussian mixtures by EM, started from a given partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from coterie.clustering.kernels.gaussian_em import (
    Components,
    Moments,
    Parts,
    Quadratic,
    climb,
    estimate,
    gathered,
    log_densities,
    moments_of,
    posteriors,
    quadratic,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


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


#: Numbers that are laid out at once; a larger table is gone through in parts.
_MOST_PRODUCTS = 4_000_000
_MANY_COLUMNS = 4
_LUMP = 0.05
_LUMPY_FLOOR = 0.1


class GaussianMixture:
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
    """

    def __init__(self, *, covariance_type: str = "full", max_iter: int = 80, reg_covar: float = 1e-4) -> None:
        self.covariance_type = covariance_type
        self.max_iter = max_iter
        self.reg_covar = reg_covar

    @property
    def full(self) -> bool:
        """Whether a component has a covariance of its own for each pair of columns."""
        return self.covariance_type == "full"

    def fit(self, X: np.ndarray, *, start: np.ndarray | None = None) -> Self:
        """Fit from a partition.

        Parameters
        ----------
        X : float array of shape (n, d)
        start : int array of shape (n,), labels 0 … k-1; without it a single component is fitted
        """
        labels = np.zeros(len(X), dtype=np.int64) if start is None else np.unique(start, return_inverse=True)[1]
        return self.fit_table(self.laid_out(X), labels)

    def fit_table(self, tables: Iterable[Quadratic], labels: np.ndarray) -> Self:
        """Fit from a partition to rows that are laid out already, as several numbers of components share them."""
        return self._climb(tables, self.first(tables, labels))

    def fit_from(self, X: np.ndarray, weights: np.ndarray, means: np.ndarray, precisions: np.ndarray) -> Self:
        """Fit from given parameters, as when a mixture found on a sample is refined on more rows."""
        return self._climb(self.laid_out(X), Components(weights / weights.sum(), means, precisions))

    def first(self, tables: Iterable[Quadratic], labels: np.ndarray) -> Components:
        """Components of a partition, labels 0 … k-1, drawn towards a sphere where they have few rows."""
        ids, begin, sums = np.arange(int(labels.max()) + 1)[:, None], 0, np.zeros(1)
        for table in tables:
            end = begin + table.features.shape[1]
            sums = sums + gathered(table, (labels[begin:end] == ids).astype(table.features.dtype))
            begin = end
        each = moments_of(sums, table.centre, full=self.full)
        pooled = self._variances(moments_of(sums.sum(axis=0, keepdims=True), table.centre, full=self.full)).mean()
        share = each.counts / (each.counts + 2 * len(table.centre))
        sphere = (1 - share) * pooled * 0.2
        if self.full:
            spread = share[:, None, None] * each.spread + sphere[:, None, None] * np.eye(len(table.centre))
        else:
            spread = share[:, None] * each.spread + sphere[:, None]
        return estimate(Moments(each.counts, each.means, spread, each.centre), self.reg_covar)

    def _variances(self, moments: Moments) -> np.ndarray:
        return np.diagonal(moments.spread, axis1=1, axis2=2) if self.full else moments.spread

    def laid_out(self, X: np.ndarray, *, precision: type[np.floating] = np.float64) -> Iterable[Quadratic]:
        """The rows as EM wants them, in parts where all of them would take too much memory."""
        d = X.shape[1]
        width = d * (d + 3) // 2 + 1 if self.full else 2 * d + 1
        if X.size and len(X) * width > _MOST_PRODUCTS:
            return Parts(X, self.full, max(_MOST_PRODUCTS // (4 * width), 1))
        return (quadratic(X, full=self.full, precision=precision),)

    def _climb(self, tables: Iterable[Quadratic], start: Components) -> Self:
        return self.with_components(climb(tables, start, self.reg_covar, self.max_iter))

    def with_components(self, found: Components) -> Self:
        """Take parameters that were fitted elsewhere."""
        self.weights_, self.means_, self.precisions_ = found.weights, found.means, found.precisions
        return self

    @property
    def components(self) -> Components:
        """The parameters."""
        return Components(self.weights_, self.means_, self.precisions_)

    def log_joint(self, tables: Iterable[Quadratic]) -> np.ndarray:
        """Log of weight times density of each row in each component, shape (k, n)."""
        return np.concatenate([log_densities(table, self.components) for table in tables], axis=1)

    def bic(self, joint: np.ndarray) -> float:
        """Bayesian information criterion, smaller is better, from the `log_joint` of the rows that it was fitted to."""
        k, d = self.means_.shape
        n = joint.shape[1]
        free = k * (1 + d + (d * (d + 1) / 2 if self.full else d)) - 1
        return float(free * np.log(n) - 2 * posteriors(joint)[1].sum())
