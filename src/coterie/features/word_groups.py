"""Grouping words by who buys them and what stands beside them: tf-idf, truncated SVD, weighted K-Means.

Written here rather than taken from scikit-learn, which takes longer to load than the groups take to be found; the
tests hold both against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lu, qr, svd

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Directions beyond those wanted, and rounds of refinement, of the randomised SVD.
_OVERSAMPLED, _ROUNDS = 10, 5
#: Starts of K-Means, its most iterations, and the share of the mean variance below which its centres stand still.
_STARTS, _MOST_ITERATIONS, _STILL = 10, 300, 1e-4


def word_counts(texts: Sequence[Sequence[str]]) -> sp.csr_matrix:
    """Count the words of each text; columns are the different words, sorted."""
    vocabulary = {word: place for place, word in enumerate(sorted({word for text in texts for word in text}))}
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    columns = [vocabulary[word] for text in texts for word in text]
    counts = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(vocabulary)))
    counts.sum_duplicates()
    return counts


def tf_idf(counts: sp.csr_matrix, *, damped: bool = False) -> sp.csr_matrix:
    """Weigh counts by how rare their column is, each row of length 1 (Salton and Buckley 1988).

    Parameters
    ----------
    counts : sparse matrix of shape (n_rows, n_columns)
    damped : bool
        Count 1 + log of the times, not the times themselves.
    """
    weighed = sp.csr_matrix(counts, dtype=np.float64, copy=True)
    rows_with = np.bincount(weighed.indices, minlength=weighed.shape[1])
    rarity = np.log((weighed.shape[0] + 1) / (rows_with + 1)) + 1
    times = 1 + np.log(weighed.data) if damped else weighed.data
    weighed.data = times * rarity[weighed.indices]
    return of_length_one(weighed)


def of_length_one(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Rows divided by their Euclidean length; rows of zeros stay."""
    scaled = sp.csr_matrix(matrix, copy=True)
    lengths = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    scaled.data = scaled.data / np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(scaled.indptr))
    return scaled


def embedded(matrix: sp.csr_matrix, size: int) -> np.ndarray:
    """Rows in the directions of the largest singular values, found at random with a fixed seed.

    Parameters
    ----------
    matrix : sparse matrix of shape (n, d)
    size : int, directions wanted

    Returns
    -------
    float array of shape (n, size)

    Notes
    -----
    The subspace iteration of Halko, Martinsson and Tropp (2011, SIAM Review 53, algorithm 4.4). O(nnz · size) time.
    """
    flat = matrix.shape[0] < matrix.shape[1]
    tall = matrix.T.tocsr() if flat else matrix
    basis = np.random.RandomState(0).normal(size=(tall.shape[1], size + _OVERSAMPLED))
    for _ in range(_ROUNDS):
        basis = lu(tall @ basis, permute_l=True)[0]
        basis = lu(tall.T @ basis, permute_l=True)[0]
    span = qr(tall @ basis, mode="economic")[0]
    left, _, right = svd(span.T @ tall, full_matrices=False)
    directions = (span @ left).T[:size] if flat else right[:size]
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return np.asarray(matrix @ (directions * signs[:, None]).T)


class _Run(NamedTuple):
    """Where K-Means came to rest."""

    labels: np.ndarray
    inertia: float


def grouped(points: np.ndarray, weight: np.ndarray, n_groups: int) -> np.ndarray:
    """Label each point by K-Means: the best of ten starts, the same each time.

    Parameters
    ----------
    points : float array of shape (n, d)
    weight : float array of shape (n,), how much each point counts, not below 0
    n_groups : int, at most n

    Returns
    -------
    int array of shape (n,), 0 to n_groups - 1

    Notes
    -----
    Lloyd's algorithm (1982) from the greedy starts of Arthur and Vassilvitskii (2007). O(n n_groups d) per iteration.
    """
    rng = np.random.RandomState(0)
    centred = points - points.mean(axis=0)
    still = _STILL * float(centred.var(axis=0).mean())
    runs = (_run(centred, weight, _start(centred, weight, n_groups, rng), still) for _ in range(_STARTS))
    return min(runs, key=lambda run: run.inertia).labels


def _start(points: np.ndarray, weight: np.ndarray, n_groups: int, rng: np.random.RandomState) -> np.ndarray:
    """Centres drawn far apart: of a few candidates, the one that leaves least distance."""
    chosen = [int(rng.choice(len(points), p=weight / weight.sum()))]
    nearest = _apart(points[chosen], points)[0]
    candidates = 2 + int(np.log(n_groups))
    for _ in range(1, n_groups):
        total = np.cumsum(weight * nearest)
        drawn = rng.uniform(size=candidates) * float(nearest @ weight)
        tried = np.minimum(np.searchsorted(total, drawn), len(points) - 1)
        left = np.minimum(nearest, _apart(points[tried], points))
        best = int((left @ weight).argmin())
        chosen.append(int(tried[best]))
        nearest = left[best]
    return points[chosen]


def _run(points: np.ndarray, weight: np.ndarray, centres: np.ndarray, still: float) -> _Run:
    before = np.full(len(points), -1)
    for _ in range(_MOST_ITERATIONS):
        apart = _apart(centres, points)
        labels = apart.argmin(axis=0)
        moved = _means(points, weight, labels, apart)
        shift, centres = float(((moved - centres) ** 2).sum()), moved
        if np.array_equal(labels, before) or shift <= still:
            break
        before = labels
    apart = _apart(centres, points)
    return _Run(apart.argmin(axis=0), float(apart.min(axis=0) @ weight))


def _means(points: np.ndarray, weight: np.ndarray, labels: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Weighted mean of each group; a group that has lost its points takes those that lie farthest from theirs."""
    part = np.zeros((len(apart), len(points)))
    part[labels, np.arange(len(points))] = weight
    empty = np.flatnonzero(part.sum(axis=1) == 0)
    if empty.size:
        far = np.argsort(-apart.min(axis=0), kind="stable")[: empty.size]
        part[:, far] = 0.0
        part[empty, far] = np.where(weight[far] > 0, weight[far], 1.0)
    whole = part.sum(axis=1, keepdims=True)
    return np.asarray(part @ points / np.where(whole > 0, whole, 1.0))


def _apart(centres: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Squared distances, shape (n_centres, n_points)."""
    squares = (centres**2).sum(axis=1)[:, None] + (points**2).sum(axis=1) - 2 * centres @ points.T
    return np.asarray(np.maximum(squares, 0.0))
