"""Adjusted Rand index, for one pair of partitions and for all pairs of many."""

from __future__ import annotations

import numpy as np


def adjusted_rand(a: np.ndarray, b: np.ndarray) -> float:
    """Agreement of two partitions corrected for chance (Hubert and Arabie 1985).

    Parameters
    ----------
    a, b : int arrays of shape (n,), labels 0, 1, …

    Returns
    -------
    float, at most 1; about 0 for independent partitions; 1 where both have a single cluster

    Examples
    --------
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    -0.5
    """
    width = int(b.max()) + 1
    joint = np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width)
    return _index(joint.astype(float), len(a))


def _index(joint: np.ndarray, n: int) -> float:
    pairs = (joint * (joint - 1)).sum()
    rows = joint.sum(axis=1)
    columns = joint.sum(axis=0)
    row_pairs = (rows * (rows - 1)).sum()
    column_pairs = (columns * (columns - 1)).sum()
    expected = row_pairs * column_pairs / (n * (n - 1)) if n > 1 else 0.0
    largest = (row_pairs + column_pairs) / 2
    return float((pairs - expected) / (largest - expected)) if largest > expected else 1.0


def all_pairs(partitions: list[np.ndarray]) -> np.ndarray:
    """Adjusted Rand index of every pair, shape (m, m).

    The tables of all pairs come out of one product of the indicators of all clusters, whose counts are whole numbers
    and exact in single precision up to 2²⁴ rows. O(n K²) time for K clusters in all.
    """
    sizes = [int(labels.max()) + 1 for labels in partitions]
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    n = len(partitions[0])
    member = np.zeros((n, sum(sizes)), dtype=np.float32)
    for begin, labels in zip(begins, partitions, strict=True):
        member[np.arange(n), begin + labels] = 1
    joint = (member.T @ member).astype(float)
    squares = np.add.reduceat(np.add.reduceat(joint**2, begins, axis=0), begins, axis=1)
    counts = np.diag(joint)
    own = np.add.reduceat(counts * (counts - 1), begins)
    expected = own[:, None] * own / (n * (n - 1)) if n > 1 else np.zeros_like(squares)
    largest = (own[:, None] + own) / 2
    usable = largest > expected
    index = (squares - n - expected) / np.where(usable, largest - expected, 1.0)
    return np.asarray(np.where(usable, index, 1.0))
