"""K-Means by Lloyd's iterations on one thread, with the greedy spread-out start of Arthur and Vassilvitskii (2007)."""

from __future__ import annotations

import numpy as np


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
    trials = 2 + int(np.log(k))
    picked = [int(rng.integers(len(X)))]
    closest = squared_distances(X, X[picked])[:, 0]
    for _ in range(k - 1):
        total = closest.sum()
        if total <= 0:
            break
        tried = np.searchsorted(np.cumsum(closest), rng.random(trials) * total)
        tried = np.minimum(tried, len(X) - 1)
        reached = np.minimum(closest[:, None], squared_distances(X, X[tried]))
        best = int(reached.sum(axis=0).argmin())
        picked.append(int(tried[best]))
        closest = reached[:, best]
    return np.asarray(X[np.array(picked)])


def lloyd(
    X: np.ndarray, centres: np.ndarray, max_iter: int = 100, tol: float = 1e-4
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

    Returns
    -------
    centres : float array of shape (k, d)
    labels : int array of shape (n,)
    inertia : float, sum of squared distances to the nearest centre
    """
    centres = centres.copy()
    limit = tol * X.var(axis=0).mean()
    squares = (X**2).sum()
    for _ in range(max_iter):
        labels, reached = _nearest(X, centres)
        moved = _means(X, labels, centres, reached)
        shift = ((moved - centres) ** 2).sum()
        centres = moved
        if shift <= limit:
            break
    labels, reached = _nearest(X, centres)
    return centres, labels, float(max(reached.sum() + squares, 0.0))


def _nearest(X: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest centre in the linear form |c|² - 2 c·x, which leaves |x|² out."""
    scores = (centres**2).sum(axis=1) - 2 * (X @ centres.T)
    labels = scores.argmin(axis=1)
    return labels, scores[np.arange(len(X)), labels]


def _means(X: np.ndarray, labels: np.ndarray, centres: np.ndarray, reached: np.ndarray) -> np.ndarray:
    k = len(centres)
    member = np.zeros((len(X), k))
    member[np.arange(len(X)), labels] = 1
    counts = member.sum(axis=0)
    sums = member.T @ X
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        far = np.argsort(-(reached + (X**2).sum(axis=1)), kind="stable")[: len(empty)]
        sums[empty] = X[far]
        counts[empty] = 1
    return np.asarray(sums / counts[:, None])
