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
    """Adjusted Rand index of every pair, shape (m, m). O(m² (n + k²)) time."""
    m = len(partitions)
    found = np.eye(m)
    for i in range(m):
        for j in range(i):
            found[i, j] = found[j, i] = adjusted_rand(partitions[i], partitions[j])
    return found
