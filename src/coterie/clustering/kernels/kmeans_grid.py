"""K-Means for many numbers of clusters, starts and bootstrap samples at once, which share almost all of their work."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.kernels.lloyd import lloyd, spreading_rows
from coterie.clustering.kernels.rand_index import adjusted_rand

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Cells that stand for all rows while starts are compared.
CELLS = 1_500
#: Rows that are looked at together: their scores against all centres stay in the cache.
_TOGETHER = 2_000
#: Rows that each next seed is the best of.
_TRIALS = 4
#: Steps on the cells, and steps of bootstrap fits on the rows themselves.
CELL_STEPS, ROW_STEPS = 40, 3
#: Starts that are run to the end on all rows, and the most steps that they may take.
FINISHED, MOST_STEPS = 4, 100
#: Starts of each bootstrap fit, and further starts that add a cell to the best centres of the number before.
DRAW_STARTS, GROWN = 2, 8


@dataclass(frozen=True)
class KMeansFit:
    """The best K-Means for one number of clusters.

    Attributes
    ----------
    centres : float array of shape (k, d)
    labels : int array of shape (n,)
    inertia : float, sum of squared distances to the nearest centre
    stability : float array of shape (bootstraps,), adjusted Rand index of each bootstrap fit with `labels`
    """

    centres: np.ndarray
    labels: np.ndarray
    inertia: float
    stability: np.ndarray


def kmeans_grid(
    X: np.ndarray, ks: Sequence[int], *, n_init: int = 10, bootstraps: int = 0, seed: int = 0
) -> dict[int, KMeansFit]:
    """Fit K-Means for every number of clusters, each from several starts, and again to bootstrap samples.

    Parameters
    ----------
    X : float array of shape (n, d)
    ks : numbers of clusters, each at least 1
    n_init : int
        Starts for each number of clusters.
    bootstraps : int
        Samples of n rows drawn with replacement, the same for every number of clusters; each is fitted from a start
        of its own, because a start from the fit to all rows finds its segments again more often than the data do.
    seed : int

    Returns
    -------
    dict of k to KMeansFit, by rising k; with fewer centres where fewer rows differ

    Notes
    -----
    Rows are gathered into at most 1,000 cells; all starts run on the weighted means of the cells (a coreset in the
    manner of Har-Peled and Mazumdar 2004), in one pair of matrix products a step for all starts and all bootstrap
    samples, in single precision. Bootstrap samples are weights, not copies. The best four starts of each number of
    clusters are run to the end on all rows, the last steps in double precision, bootstrap fits three steps. Seeds for
    k clusters are the first k rows of a series, the same series for every k (Arthur and Vassilvitskii 2007); further
    starts add a row to the best k - 1 centres (as in Likas, Vlassis and Verbeek 2003).
    O(n d (CELLS + (K bootstraps) + K steps)) time, with K = sum of `ks`.
    """
    grid = _Grid(np.ascontiguousarray(X, dtype=np.float64), max(ks), seed)
    starts = [grid.seeds(np.random.default_rng([seed, 1, s])) for s in range(n_init)]
    drawn = [_Draw(grid, np.random.default_rng([seed, 2, b])) for b in range(bootstraps)]
    return {k: grid.fit(k, starts, drawn) for k in sorted(ks)}


class _Grid:
    """The rows, their cells, and the fits to them."""

    def __init__(self, X: np.ndarray, most: int, seed: int) -> None:
        self.X = X
        self.most = most
        self.seed = seed
        self.before = np.zeros((0, X.shape[1]), dtype=np.float32)
        self.centre = X.mean(axis=0)
        self.wide = np.column_stack([X - self.centre, np.ones(len(X))]).astype(np.float32)
        self.cell_of = cells_of(self.wide, min(CELLS, len(X)), np.random.default_rng([seed, 0]))
        sums, self.counts = gathered(self.wide, self.cell_of)
        self.cells = sums / self.counts[:, None].astype(np.float32)

    def seeds(self, rng: np.random.Generator, weights: np.ndarray | None = None) -> np.ndarray:
        """A series of cells far from each other, float array of shape (at most `most`, d)."""
        weights = self.counts if weights is None else weights
        rows = list(islice(spreading_rows(self.cells[:, :-1], rng, _TRIALS, weights=weights), self.most))
        return np.asarray(self.cells[rows, :-1])

    def fit(self, k: int, starts: Sequence[np.ndarray], drawn: Sequence[_Draw]) -> KMeansFit:
        """The best of all starts, and what the bootstrap samples say of it."""
        begun = _alike([start[:k] for start in starts] + self._grown(k))
        whole = np.repeat(self.counts[None].astype(np.float32), len(begun), axis=0)
        centres, inertias = lloyd_together(self.cells, begun, whole, CELL_STEPS)
        best = np.argsort(inertias, kind="stable")[:FINISHED]
        ones = np.ones((len(best), len(self.X)), dtype=np.float32)
        finished, reached = lloyd_together(self.wide, centres[best], ones, MOST_STEPS, 1e-4)
        self.before = finished[reached.argmin()]
        centre, labels, inertia = lloyd(self.X, self.before.astype(float) + self.centre)
        stability = [adjusted_rand(labels, found) for found in self._again(k, drawn)]
        return KMeansFit(centre, labels, inertia, np.array(stability))

    def _grown(self, k: int) -> list[np.ndarray]:
        """The best centres of one cluster fewer and one cell each, drawn among those far from them."""
        if len(self.before) != k - 1:
            return []
        far = _scores(self.cells, self.before[None])[0].min(axis=0) + (self.cells[:, :-1] ** 2).sum(axis=1)
        reach = np.cumsum(np.maximum(far, 0.0) * self.counts)
        rows = np.searchsorted(reach, np.random.default_rng([self.seed, 3, k]).random(GROWN) * reach[-1])
        return [np.vstack([self.before, self.cells[row, :-1]]) for row in np.minimum(rows, len(reach) - 1)]

    def _again(self, k: int, drawn: Sequence[_Draw]) -> np.ndarray:
        """Labels of all rows by the fits to the bootstrap samples, int array of shape (bootstraps, n)."""
        if not drawn:
            return np.zeros((0, len(self.X)), dtype=np.int64)
        begun = _alike([series[:k] for draw in drawn for series in draw.seeds])
        weights = np.repeat(np.array([draw.cells for draw in drawn], dtype=np.float32), DRAW_STARTS, axis=0)
        centres, inertias = lloyd_together(self.cells, begun, weights, CELL_STEPS)
        best = inertias.reshape(-1, DRAW_STARTS).argmin(axis=1) + DRAW_STARTS * np.arange(len(drawn))
        centres, rows = centres[best], np.array([draw.rows for draw in drawn])
        for _ in range(ROW_STEPS):
            centres = _step(self.wide, centres, rows)[0]
        return nearest_centres(self.wide, centres)


class _Draw:
    """A bootstrap sample: how often each row and each cell counts, and seeds of its own."""

    def __init__(self, grid: _Grid, rng: np.random.Generator) -> None:
        n = len(grid.X)
        self.rows = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float32)
        self.cells = np.bincount(grid.cell_of, weights=self.rows, minlength=len(grid.cells))
        self.seeds = [grid.seeds(rng, self.cells) for _ in range(DRAW_STARTS)]


def _alike(starts: Sequence[np.ndarray]) -> np.ndarray:
    """Starts with as many centres as the shortest of them has: where few rows differ, a series ends early."""
    least = min(len(start) for start in starts)
    return np.array([start[:least] for start in starts])


def cells_of(wide: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Cell of each row: the nearest of so many rows drawn at random; int array of shape (n,), 0 … without gaps."""
    points = wide[np.sort(rng.choice(len(wide), size, replace=False)), :-1]
    scores = np.column_stack([-2 * points, (points**2).sum(axis=1)]).T
    parts = [(wide[i : i + _TOGETHER] @ scores).argmin(axis=1) for i in range(0, len(wide), _TOGETHER)]
    return np.asarray(np.unique(np.concatenate(parts), return_inverse=True)[1])


def gathered(wide: np.ndarray, cell_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the rows of each cell, shape (m, d + 1), and their number, shape (m,)."""
    order = np.argsort(cell_of, kind="stable")
    counts = np.bincount(cell_of)
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.add.reduceat(wide[order], begins, axis=0), counts.astype(float)


def lloyd_together(
    wide: np.ndarray, centres: np.ndarray, weights: np.ndarray, steps: int, tol: float = 1e-5
) -> tuple[np.ndarray, np.ndarray]:
    """Run Lloyd's iterations from many starts at once; those that stand still are left alone.

    Parameters
    ----------
    wide : float array of shape (n, d + 1), rows with a column of ones
    centres : float array of shape (s, k, d)
    weights : float array of shape (s, n), how often each row counts for each start
    steps : int
    tol : float, a start stands still when its centres move by less than this share of the mean variance

    Returns
    -------
    centres : float array of shape (s, k, d)
    inertia : float array of shape (s,), up to a constant that is the same for equal weights
    """
    centres = centres.copy()
    inertia = np.zeros(len(centres))
    limit = tol * float(wide[:, :-1].var(axis=0).mean())
    moving = np.arange(len(centres))
    for _ in range(steps):
        moved, reached = _step(wide, centres[moving], weights[moving])
        shift = ((moved - centres[moving]) ** 2).sum(axis=(1, 2))
        centres[moving], inertia[moving] = moved, reached
        moving = moving[shift > limit]
        if not moving.size:
            break
    return centres, inertia


def _scores(wide: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances less |x|², shape (s, k, n)."""
    s, k, d = centres.shape
    linear = np.concatenate([-2 * centres, (centres**2).sum(axis=2, keepdims=True)], axis=2)
    return np.asarray((linear.reshape(s * k, d + 1) @ wide.T).reshape(s, k, len(wide)))


def _step(wide: np.ndarray, centres: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One step of every start: the means of the rows nearest to each centre, and the inertia before the step."""
    s, k, d = centres.shape
    sums, inertia = np.zeros((s * k, d + 1)), np.zeros(s)
    for begin in range(0, len(wide), _TOGETHER):
        rows, weight = wide[begin : begin + _TOGETHER], weights[:, begin : begin + _TOGETHER]
        scores = _scores(rows, centres)
        least = scores.min(axis=1)
        member = (scores == least[:, None]) * weight[:, None]
        sums += member.reshape(s * k, len(rows)) @ rows
        inertia += (least * weight).sum(axis=1, dtype=np.float64)
    sums = sums.reshape(s, k, d + 1)
    counts = sums[:, :, -1:]
    moved = np.where(counts > 0, sums[:, :, :-1] / np.maximum(counts, 1e-9), centres)
    return moved.astype(centres.dtype), inertia


def nearest_centres(wide: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Nearest centre of every row by every start, int array of shape (s, n)."""
    labels = np.zeros((len(centres), len(wide)), dtype=np.int64)
    for begin in range(0, len(wide), _TOGETHER):
        scores = _scores(wide[begin : begin + _TOGETHER], centres)
        least, found = scores[:, 0].copy(), labels[:, begin : begin + _TOGETHER]
        for c in range(1, scores.shape[1]):
            found[scores[:, c] < least] = c
            np.minimum(least, scores[:, c], out=least)
    return labels
