"""K-Means by Lloyd's iterations on one thread, with the greedy spread-out start of Arthur and Vassilvitskii (2007)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


def squared_distances(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances of shape (n, k), never negative. O(n k d) time."""
    found = (X**2).sum(axis=1)[:, None] - 2 * (X @ centres.T) + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(found, 0.0))


def spread_seeds(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Pick k rows far from each other, with probability growing with the squared distance to those already picked.

    Each pick is the best of 2 + log k trials. Where fewer than k rows differ, fewer seeds come back.

    Parameters
    ----------
    X : float array of shape (n, d)
    k : int
    rng : Generator

    Returns
    -------
    float array of shape (k, d)
    """
    return np.asarray(X[np.array(list(islice(spreading_rows(X, rng, 2 + int(np.log(k))), k)))])


def spreading_rows(
    X: np.ndarray, rng: np.random.Generator, trials: int, *, weights: np.ndarray | None = None
) -> Iterator[int]:
    """Go on picking rows far from those already picked, each the best of so many trials, while any row differs.

    The first k rows are a start for k clusters, whatever k. With `weights` of shape (n,) a row counts so often.
    O(n d trials) time a row.
    """
    squares = (X**2).sum(axis=1)[:, None]

    def apart(rows: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(squares - 2 * (X @ X[rows].T) + squares[rows].T, 0.0))

    heavy = None if weights is None else weights[:, None]
    first = int(rng.integers(len(X))) if weights is None else int(rng.choice(len(X), p=weights / weights.sum()))
    yield first
    closest = apart(np.array([first]))[:, 0] if heavy is None else (apart(np.array([first])) * heavy)[:, 0]
    while (total := closest.sum()) > 0:
        tried = np.searchsorted(np.cumsum(closest), rng.random(trials) * total)
        tried = np.minimum(tried, len(X) - 1)
        reached = np.minimum(closest[:, None], apart(tried) if heavy is None else apart(tried) * heavy)
        best = int(reached.sum(axis=0).argmin())
        yield int(tried[best])
        closest = reached[:, best]


def lloyd(
    X: np.ndarray,
    centres: np.ndarray,
    max_iter: int = 100,
    tol: float = 1e-4,
    *,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Alternate between assigning rows to their nearest centre and moving centres to their mean.

    An empty cluster takes the row that lies farthest from its centre, so that k clusters stay wherever k rows differ.

    Parameters
    ----------
    X : float array of shape (n, d)
    centres : float array of shape (k, d)
    max_iter : int
    tol : float
        Stops when the centres' squared shift falls below `tol` times the mean variance of the columns.
    weights : float array of shape (n,), how often each row counts; once each where it is None

    Returns
    -------
    centres : float array of shape (k, d)
    labels : int array of shape (n,)
    inertia : float, weighted sum of squared distances to the nearest centre
    """
    # With a column of ones, |c|² and the sizes of the clusters come out of the same products as the rest.
    wide = np.column_stack([X, np.ones(len(X))])
    heavy = wide if weights is None else wide * weights[:, None]
    columns = np.ascontiguousarray(wide.T)
    moments = heavy.T @ wide
    squares = float(np.trace(moments[:-1, :-1]))
    limit = tol * _mean_variance(moments)
    for _ in range(max_iter):
        moved = _means(wide, heavy, _scores(columns, centres))
        shift = ((moved - centres) ** 2).sum()
        centres = moved
        if shift <= limit:
            break
    scores = _scores(columns, centres)
    labels = scores.argmin(axis=0)
    reached = scores.min(axis=0) @ heavy[:, -1]
    return centres, labels, float(max(reached + squares, 0.0))


def _mean_variance(moments: np.ndarray) -> float:
    total = moments[-1, -1]
    each = np.diag(moments)[:-1] / total - (moments[-1, :-1] / total) ** 2
    return max(float(each.mean()), 0.0)


def _scores(columns: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances in the linear form |c|² - 2 c·x, which leaves |x|² out; shape (k, n)."""
    return np.asarray(np.column_stack([-2 * centres, (centres**2).sum(axis=1)]) @ columns)


def _means(wide: np.ndarray, heavy: np.ndarray, scores: np.ndarray) -> np.ndarray:
    least = scores.min(axis=0)  # the least of each row is found faster than its place
    member = scores == least
    if np.count_nonzero(member) != len(least):  # a row between two centres belongs to the first
        member = scores.argmin(axis=0) == np.arange(len(scores))[:, None]
    sums = member.astype(float) @ heavy
    empty = np.flatnonzero(sums[:, -1] == 0)
    if empty.size:
        apart = least + (wide[:, :-1] ** 2).sum(axis=1)
        sums[empty] = wide[np.argsort(-apart, kind="stable")[: len(empty)]]
    return np.asarray(sums[:, :-1] / sums[:, -1:])
