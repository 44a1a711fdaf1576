"""Silhouette widths from a ready matrix of distances (Rousseeuw 1987)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    return _widths(distances @ _members(labels), labels)


def mean_silhouettes(distances: np.ndarray, labelings: Sequence[np.ndarray]) -> list[float]:
    """Mean silhouette width of several labelings of the same rows.

    The matrix of distances is read once for all of them: the product is bound by memory, not by arithmetic.
    """
    members = [_members(labels) for labels in labelings]
    sums = distances @ np.concatenate(members, axis=1)
    ends = np.cumsum([member.shape[1] for member in members])[:-1]
    parts = np.split(sums, ends, axis=1)
    return [float(_widths(part, labels).mean()) for part, labels in zip(parts, labelings, strict=True)]


def silhouettes(distances: np.ndarray, labelings: Sequence[np.ndarray]) -> list[tuple[float, float, float]]:
    """Mean width, mean width of the worst cluster, and share of rows with a negative width, of several labelings."""
    found = []
    for begin in range(0, len(labelings), _AT_ONCE):
        some = labelings[begin : begin + _AT_ONCE]
        members = [_members(labels) for labels in some]
        sums = distances @ np.concatenate(members, axis=1)
        parts = np.split(sums, np.cumsum([member.shape[1] for member in members])[:-1], axis=1)
        for part, labels in zip(parts, some, strict=True):
            widths = _widths(part, labels)
            worst = (np.bincount(labels, widths) / np.bincount(labels)).min()
            found.append((float(widths.mean()), float(worst), float((widths < 0).mean())))
    return found


#: Labelings whose sums of distances are made by one product.
_AT_ONCE = 24


def _members(labels: np.ndarray) -> np.ndarray:
    member = np.zeros((len(labels), int(labels.max()) + 1))
    member[np.arange(len(labels)), labels] = 1
    return member


def _widths(sums: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Widths from each row's sum of distances to each cluster."""
    n, k = sums.shape
    if k < 2:
        return np.zeros(n)
    rows = np.arange(n)
    counts = np.bincount(labels, minlength=k)
    own = sums[rows, labels] / np.maximum(counts[labels] - 1, 1)
    means = sums / counts
    means[rows, labels] = np.inf
    other = means.min(axis=1)
    widths = (other - own) / np.maximum(np.maximum(own, other), 1e-12)
    widths[counts[labels] <= 1] = 0
    return np.asarray(widths)
