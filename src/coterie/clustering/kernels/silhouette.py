"""Silhouette widths from a ready matrix of distances (Rousseeuw 1987)."""

from __future__ import annotations

import numpy as np


def silhouette_widths(distances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much nearer each row is to its own cluster than to the next.

    Parameters
    ----------
    distances : float array of shape (n, n)
    labels : int array of shape (n,), every label 0 … k-1 present

    Returns
    -------
    float array of shape (n,), in [-1, 1]; 0 for the only member of a cluster, and everywhere when k = 1

    Notes
    -----
    (b - a) / max(a, b) with a = mean distance to the others of the own cluster, b = smallest mean distance to another
    cluster. O(n² k) time, as one matrix product.
    """
    n = len(labels)
    k = int(labels.max()) + 1
    if k < 2:
        return np.zeros(n)
    member = np.zeros((n, k))
    member[np.arange(n), labels] = 1
    counts = member.sum(axis=0)
    sums = distances @ member
    own = sums[np.arange(n), labels] / np.maximum(counts[labels] - 1, 1)
    means = sums / counts
    means[np.arange(n), labels] = np.inf
    other = means.min(axis=1)
    widths = (other - own) / np.maximum(np.maximum(own, other), 1e-12)
    widths[counts[labels] <= 1] = 0
    return np.asarray(widths)
