"""Latent-class mixture for numbers and categories together, with missing cells left out of the likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin

from coterie.clustering.kernels.lloyd import lloyd, spread_seeds

#: Smallest variance of a numeric column inside a class, in units of the column's overall variance.
VARIANCE_FLOOR = 0.01
#: Rows' worth of the overall shares that are added to the category counts of each class.
SMOOTHING = 0.5
#: Two classes are one segment where the posterior of one inside the rows of the other reaches this.
MERGE_AT = 0.10


@dataclass(frozen=True)
class Cells:
    """The table as the EM steps want it: numbers with a mask, categories as stacked indicators.

    Attributes
    ----------
    numbers : float array of shape (n, p), 0 where missing
    seen : float array of shape (n, p), 1 where there is a value
    indicators : float array of shape (n, total number of levels), a block of columns per category, all 0 where missing
    shares : float array of shape (total number of levels,), overall share of each level
    blocks : int array of shape (total number of levels,), the category of each indicator
    """

    numbers: np.ndarray
    seen: np.ndarray
    indicators: np.ndarray
    shares: np.ndarray
    blocks: np.ndarray

    @property
    def n_levels(self) -> int:
        """Free category probabilities of one class."""
        return len(self.blocks) - len(np.unique(self.blocks))


def cells(numeric: np.ndarray, codes: np.ndarray, n_levels: tuple[int, ...]) -> Cells:
    """Lay the table out for EM.

    Parameters
    ----------
    numeric : float array of shape (n, p), NaN where missing
    codes : int array of shape (n, c), -1 where missing
    n_levels : number of levels of each category
    """
    seen = np.isfinite(numeric)
    blocks = np.repeat(np.arange(len(n_levels)), n_levels)
    levels = np.concatenate([np.arange(size) for size in n_levels]) if n_levels else np.zeros(0, dtype=np.int64)
    indicators = (codes[:, blocks] == levels).astype(float)
    known = np.maximum((codes >= 0).sum(axis=0), 1)
    shares = (indicators.sum(axis=0) + 0.5 / np.maximum(np.asarray(n_levels, dtype=float)[blocks], 1)) / (
        known[blocks] + 0.5
    )
    return Cells(np.where(seen, numeric, 0.0), seen.astype(float), indicators, shares, blocks)


@dataclass(frozen=True)
class Classes:
    """Parameters of k classes: shares (k,), means (k, p), variances (k, p), level probabilities (k, total levels)."""

    shares: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    levels: np.ndarray


def log_densities(table: Cells, classes: Classes) -> np.ndarray:
    """Log of share times density of each row in each class, shape (n, k); missing cells contribute nothing."""
    precision = 1 / classes.variances
    constant = -0.5 * np.log(2 * np.pi * classes.variances) - 0.5 * classes.means**2 * precision
    numeric = table.seen @ constant.T - 0.5 * (table.numbers**2) @ precision.T
    numeric += table.numbers @ (classes.means * precision).T
    return np.asarray(np.log(classes.shares) + numeric + table.indicators @ np.log(classes.levels).T)


def e_step(table: Cells, classes: Classes) -> tuple[np.ndarray, float]:
    """Posterior of each class for each row, shape (n, k), and the log-likelihood."""
    joint = log_densities(table, classes)
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, float((top + np.log(total)).sum())


def m_step(table: Cells, posterior: np.ndarray) -> Classes:
    """Most likely parameters given the posteriors, category shares smoothed by the overall ones."""
    weight = posterior.sum(axis=0) + 1e-9
    seen = posterior.T @ table.seen + 1e-9
    means = posterior.T @ table.numbers / seen
    variances = np.maximum(posterior.T @ table.numbers**2 / seen - means**2, VARIANCE_FLOOR)
    counts = posterior.T @ table.indicators + SMOOTHING * table.shares
    known = np.zeros((len(weight), len(np.unique(table.blocks))))
    for block in range(known.shape[1]):
        known[:, block] = counts[:, table.blocks == block].sum(axis=1)
    levels = np.maximum(counts / known[:, table.blocks], 1e-9) if table.blocks.size else counts
    return Classes(weight / weight.sum(), means, variances, levels)


def objective(table: Cells, classes: Classes, likelihood: float) -> float:
    """Return what EM climbs: the log-likelihood plus the smoothing's log-prior (Dirichlet, up to a constant)."""
    return likelihood + float(SMOOTHING * (np.log(classes.levels) @ table.shares).sum())


def expectation_maximisation(
    table: Cells, posterior: np.ndarray, max_iter: int = 150, tol: float = 1e-5
) -> tuple[Classes, np.ndarray, list[float]]:
    """Climb from given posteriors until the gain per row is below `tol`.

    Returns
    -------
    classes : Classes
    posterior : float array of shape (n, k)
    path : list of the objective, which never falls
    """
    path: list[float] = []
    for _ in range(max_iter):
        classes = m_step(table, posterior)
        posterior, likelihood = e_step(table, classes)
        path.append(objective(table, classes, likelihood))
        if len(path) > 1 and path[-1] - path[-2] < tol * len(posterior):
            break
    return classes, posterior, path


def merge_overlapping(posterior: np.ndarray, merge_at: float = MERGE_AT) -> np.ndarray:
    """Join classes that the data hardly tell apart.

    The pair with the largest share of one's posterior inside the rows of the other is joined while that share reaches
    `merge_at` (in the manner of Hennig 2010, Advances in Data Analysis and Classification 4).

    Returns
    -------
    int array of shape (k,): the merged class of each class, 0, 1, …
    """
    group = np.arange(posterior.shape[1])
    joint = posterior.copy()
    while joint.shape[1] > 1:
        best = joint.argmax(axis=1)
        member = np.zeros_like(joint)
        member[np.arange(len(best)), best] = 1
        inside = (member.T @ joint) / np.maximum(joint.sum(axis=0), 1e-9)[:, None]
        np.fill_diagonal(inside, 0)
        i, j = np.unravel_index(inside.argmax(), inside.shape)
        if inside[i, j] < merge_at:
            break
        i, j = min(i, j), max(i, j)
        joint[:, i] += joint[:, j]
        joint = np.delete(joint, j, axis=1)
        group[group == j] = i
        group[group > j] -= 1
    return group


class LatentClass(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Mixture of diagonal Gaussians times independent multinomials (Lazarsfeld; Goodman 1974; Vermunt and Magidson).

    Parameters
    ----------
    n_classes : int
    n_init : int
        Random K-Means starts, half on the numbers beside plain indicators, half beside indicators divided by the
        square root of their share (as in factor analysis of mixed data).
    random_state : int

    Attributes
    ----------
    classes_ : Classes
    posterior_ : float array of shape (n, n_classes)
    labels_ : int array of shape (n,)
    bic_ : float, smaller is better
    """

    def __init__(self, n_classes: int = 2, *, n_init: int = 4, random_state: int = 0) -> None:
        self.n_classes = n_classes
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, table: Cells, y: object = None) -> Self:  # noqa: ARG002  scikit-learn's signature
        """Run EM from each start for ten steps, then the best to the end."""
        starts = [expectation_maximisation(table, start, max_iter=10) for start in self._starts(table)]
        _, begun, _ = max(starts, key=lambda run: run[2][-1])
        self.classes_, self.posterior_, path = expectation_maximisation(table, begun)
        self.labels_ = self.posterior_.argmax(axis=1)
        n, p = table.numbers.shape
        free = self.n_classes - 1 + self.n_classes * (2 * p + table.n_levels)
        likelihood = e_step(table, self.classes_)[1]
        self.bic_ = float(free * np.log(n) - 2 * likelihood)
        self.path_ = path
        return self

    def _starts(self, table: Cells) -> list[np.ndarray]:
        rng = np.random.default_rng(self.random_state)
        damped = (table.indicators - table.shares) / np.sqrt(np.maximum(table.shares, 1e-3))
        views = (np.hstack([table.numbers, damped]), np.hstack([table.numbers, table.indicators]))
        starts = []
        for turn in range(self.n_init if self.n_classes > 1 else 1):
            view = views[turn % 2]
            centres = spread_seeds(view, self.n_classes, rng)
            labels = lloyd(view, centres, max_iter=15)[1]
            posterior = np.full((len(view), self.n_classes), 0.2 / self.n_classes)
            posterior[np.arange(len(view)), labels] += 0.8
            starts.append(posterior)
        return starts
