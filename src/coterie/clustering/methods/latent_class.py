"""Latent-class mixture for numbers and categories together, with missing cells left out of the likelihood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import gammaln

from coterie.clustering.kernels.lloyd import lloyd, spread_seeds

#: Smallest variance of a numeric column inside a class, in units of the column's overall variance.
VARIANCE_FLOOR = 0.01
#: Rows' worth of the overall shares that are added to the category counts of each class.
SMOOTHING = 0.5
#: Degrees of freedom that the numbers may have: from heavy tails to the normal distribution.
FREEDOMS = (3.0, 5.0, 8.0, 15.0, 40.0, np.inf)
#: Steps of EM between two looks at the degrees of freedom.
FREEDOM_EVERY = 3


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

    @cached_property
    def moments(self) -> np.ndarray:
        """Squares, values and mask of the numbers side by side, shape (n, 3 p)."""
        return np.hstack([self.numbers**2, self.numbers, self.seen])

    @cached_property
    def counted(self) -> np.ndarray:
        """Mask of the numbers beside the indicators, shape (n, p + total number of levels)."""
        return np.hstack([self.seen, self.indicators])

    @cached_property
    def seen_count(self) -> np.ndarray:
        """How many numbers a row has, shape (n, 1)."""
        return np.asarray(self.seen.sum(axis=1, keepdims=True))

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
    """Parameters of k classes: shares (k,), means (k, p), variances (k, p), level probabilities (k, total levels).

    With finite `freedom` the numbers follow Student's t with so many degrees of freedom, and `variances` are its
    squared scales; infinite stands for the normal distribution.
    """

    shares: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    levels: np.ndarray
    freedom: float = np.inf


def scaled_squares(table: Cells, classes: Classes) -> np.ndarray:
    """Squared distance of each row's numbers to each class in units of its variances, shape (n, k)."""
    precision = 1 / classes.variances
    weights = np.hstack([precision, -2 * classes.means * precision, classes.means**2 * precision])
    return np.asarray(np.maximum(table.moments @ weights.T, 0.0))


def radial_part(squares: np.ndarray, seen: np.ndarray, freedom: float) -> np.ndarray:
    """Log-density of `seen` numbers, shape (n, 1), at squared distances (n, k), for variances of one."""
    if np.isinf(freedom):
        return np.asarray(-0.5 * (squares + seen * np.log(2 * np.pi)))
    half = 0.5 * (freedom + seen)
    constant = gammaln(half) - gammaln(0.5 * freedom) - 0.5 * seen * np.log(freedom * np.pi)
    return np.asarray(constant - half * np.log1p(squares / freedom))


def log_densities(table: Cells, classes: Classes, squares: np.ndarray | None = None) -> np.ndarray:
    """Log of share times density of each row in each class, shape (n, k); missing cells contribute nothing."""
    if squares is None:
        squares = scaled_squares(table, classes)
    weights = np.hstack([-0.5 * np.log(classes.variances), np.log(classes.levels)])
    numeric = radial_part(squares, table.seen_count, classes.freedom)
    return np.asarray(np.log(classes.shares) + table.counted @ weights.T + numeric)


def normalised(joint: np.ndarray) -> tuple[np.ndarray, float]:
    """Posteriors from log-densities, both of shape (n, k), and the log-likelihood."""
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, float((top + np.log(total)).sum())


def e_step(table: Cells, classes: Classes) -> tuple[np.ndarray, float]:
    """Posterior of each class for each row, shape (n, k), and the log-likelihood."""
    return normalised(log_densities(table, classes))


def m_step(
    table: Cells,
    posterior: np.ndarray,
    pull: np.ndarray | None = None,
    smoothing: float = SMOOTHING,
    floor: float = VARIANCE_FLOOR,
) -> Classes:
    """Most likely parameters given the posteriors, category shares smoothed by the overall ones.

    `pull` of shape (n, k) is how much a row counts for the numbers of a class, less the farther away it is; None, for
    normal numbers, counts all rows in full.
    """
    weight = posterior.sum(axis=0) + 1e-9
    p = table.numbers.shape[1]
    counted = posterior.T @ table.counted
    moments = (posterior if pull is None else posterior * pull).T @ table.moments
    squares, sums, pulled = moments[:, :p], moments[:, p : 2 * p], moments[:, 2 * p :] + 1e-9
    means = sums / pulled
    variances = (squares - means * sums) / (counted[:, :p] + 1e-9)
    levels = level_shares(table, counted[:, p:], smoothing)
    return Classes(weight / weight.sum(), means, np.maximum(variances, floor), levels)


def level_shares(table: Cells, counts: np.ndarray, smoothing: float = SMOOTHING) -> np.ndarray:
    """Share of each level in each class from counts of shape (k, total number of levels)."""
    counts = counts + smoothing * table.shares
    ends = np.flatnonzero(np.diff(table.blocks, append=-1))
    if not ends.size:
        return counts
    known = np.diff(np.cumsum(counts, axis=1)[:, ends], axis=1, prepend=0.0)
    return np.asarray(np.maximum(counts / np.maximum(known[:, table.blocks], 1e-12), 1e-9))


def likeliest_freedom(table: Cells, posterior: np.ndarray, squares: np.ndarray, now: float) -> float:
    """Of the degrees of freedom in `FREEDOMS`, those that suit the rows best, climbing from where they stand."""

    def suits(at: int) -> float:
        return float((posterior * radial_part(squares, table.seen_count, FREEDOMS[at])).sum())

    known = {at: suits(at) for at in (FREEDOMS.index(now),)}
    while True:
        best = max(known, key=lambda at: known[at])
        beside = [at for at in (best - 1, best + 1) if 0 <= at < len(FREEDOMS) and at not in known]
        if not beside:
            return FREEDOMS[best]
        known |= {at: suits(at) for at in beside}


def objective(table: Cells, classes: Classes, likelihood: float, smoothing: float = SMOOTHING) -> float:
    """Return what EM climbs: the log-likelihood plus the smoothing's log-prior (Dirichlet, up to a constant)."""
    return likelihood + float(smoothing * (np.log(classes.levels) @ table.shares).sum())


@dataclass(frozen=True)
class Climb:
    """How EM is run.

    Attributes
    ----------
    freedom : degrees of freedom of the numbers; infinite for normal numbers, None to estimate them
    smoothing : rows' worth of the overall shares added to the category counts of each class
    max_iter : int
    tol : gain of the objective per row below which EM stops
    floor : smallest variance of a number inside a class
    """

    freedom: float | None = None
    smoothing: float = SMOOTHING
    max_iter: int = 150
    tol: float = 1e-5
    floor: float = VARIANCE_FLOOR


def expectation_maximisation(
    table: Cells, posterior: np.ndarray, climb: Climb = Climb()
) -> tuple[Classes, np.ndarray, list[float]]:
    """Climb from given posteriors.

    Parameters
    ----------
    table : Cells
    posterior : float array of shape (n, k)
    climb : Climb

    Returns
    -------
    classes : Classes
    posterior : float array of shape (n, k)
    path : list of the objective, which never falls

    Notes
    -----
    For numbers that follow t, rows far from a class pull less at its mean and variance (Peel and McLachlan 2000,
    Statistics and Computing 10); the degrees of freedom are looked for every few steps, given the posteriors. Each of
    the steps can only raise the objective.
    """
    path: list[float] = []
    pull = None
    freedom = np.inf if climb.freedom is None else climb.freedom
    for turn in range(climb.max_iter):
        classes = m_step(table, posterior, pull, climb.smoothing, climb.floor)
        squares = scaled_squares(table, classes)
        if climb.freedom is None and turn % FREEDOM_EVERY == 0:
            freedom = likeliest_freedom(table, posterior, squares, freedom)
        classes = replace(classes, freedom=freedom)
        posterior, likelihood = normalised(log_densities(table, classes, squares))
        pull = None if np.isinf(freedom) else (freedom + table.seen_count) / (freedom + squares)
        path.append(objective(table, classes, likelihood, climb.smoothing))
        if len(path) > FREEDOM_EVERY and path[-1] - path[-2] < climb.tol * len(posterior):
            break
    return classes, posterior, path


class LatentClass:
    """Mixture of classes inside which columns are independent (Lazarsfeld; Goodman 1974; Vermunt and Magidson 2002).

    Categories are multinomial; numbers follow Student's t around the mean of the class, with a variance for each column
    (Peel and McLachlan 2000), or the normal distribution where that suits them better.

    Parameters
    ----------
    n_classes : int
    n_init : int
        K-Means starts, half on the numbers beside plain indicators, half beside indicators divided by the square root
        of their share (as in factor analysis of mixed data).
    freedom : float or None
        Degrees of freedom of the numbers; infinite for the normal distribution, None to estimate them.
    smoothing : float
        Rows' worth of the overall shares that are added to the category counts of each class.
    random_state : int

    Attributes
    ----------
    classes_ : Classes
    posterior_ : float array of shape (n, n_classes)
    labels_ : int array of shape (n,)
    likelihood_ : float, log-likelihood
    bic_ : float, smaller is better
    path_ : list of float, the objective after each step of the last climb
    """

    def __init__(
        self,
        n_classes: int = 2,
        *,
        n_init: int = 4,
        freedom: float | None = None,
        smoothing: float = SMOOTHING,
        random_state: int = 0,
    ) -> None:
        self.n_classes = n_classes
        self.n_init = n_init
        self.freedom = freedom
        self.smoothing = smoothing
        self.random_state = random_state

    def fit(self, table: Cells, *, starts: list[np.ndarray] | None = None) -> Self:
        """Run EM from each start for ten steps, then the best to the end.

        `starts` are labels of shape (n,), by default drawn.
        """
        labels = starts or spread_starts(table, self.n_classes, self.n_init, self.random_state)
        short = Climb(self.freedom, self.smoothing, max_iter=10)
        runs = [expectation_maximisation(table, softened(start, self.n_classes), short) for start in labels]
        return self.fit_from(table, max(runs, key=lambda run: run[2][-1])[1])

    def fit_from(self, table: Cells, posterior: np.ndarray, max_iter: int = 150) -> Self:
        """Climb from given posteriors of shape (n, n_classes)."""
        climb = Climb(self.freedom, self.smoothing, max_iter)
        self.classes_, self.posterior_, self.path_ = expectation_maximisation(table, posterior, climb)
        self.labels_ = self.posterior_.argmax(axis=1)
        self.likelihood_ = self.path_[-1] - objective(table, self.classes_, 0.0, self.smoothing)
        self.bic_ = float(self._free(table) * np.log(len(posterior)) - 2 * self.likelihood_)
        return self

    def _free(self, table: Cells) -> int:
        """Free parameters."""
        estimated = int(self.freedom is None and table.numbers.shape[1] > 0)
        return int(self.n_classes - 1 + self.n_classes * (2 * table.numbers.shape[1] + table.n_levels) + estimated)


def softened(labels: np.ndarray, k: int) -> np.ndarray:
    """Posteriors of shape (n, k) that trust labels by eight tenths."""
    posterior = np.full((len(labels), k), 0.2 / k)
    posterior[np.arange(len(labels)), labels] += 0.8
    return posterior


def spread_starts(table: Cells, k: int, n_init: int, seed: int) -> list[np.ndarray]:
    """Labels to start from, each of shape (n,): K-Means beside damped and beside plain indicators in turn."""
    rng = np.random.default_rng(seed)
    damped = (table.indicators - table.shares) / np.sqrt(np.maximum(table.shares, 1e-3))
    views = (np.hstack([table.numbers, damped]), np.hstack([table.numbers, table.indicators]))
    starts = []
    for turn in range(n_init if k > 1 else 1):
        view = views[turn % 2]
        starts.append(lloyd(view, spread_seeds(view, k, rng), max_iter=15)[1])
    return starts
