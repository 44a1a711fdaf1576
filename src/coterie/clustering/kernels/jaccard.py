"""How well each segment of a partition is found again in another: the largest Jaccard similarity."""

from __future__ import annotations

import numpy as np


def largest_jaccard(truth: np.ndarray, found: np.ndarray, k: int) -> np.ndarray:
    """Similarity of each segment with the cluster that resembles it most (Hennig 2007).

    The Jaccard similarity of two sets of rows is the number of rows in both divided by the number in at least one.

    Parameters
    ----------
    truth : int array of shape (n,), labels 0 … k-1
    found : int array of shape (n,), labels 0, 1, …
    k : int, number of segments of `truth`

    Returns
    -------
    float array of shape (k,), each in [0, 1]; 0 for a label that no row has. O(n + k m) time for m clusters.

    Examples
    --------
    >>> largest_jaccard(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), 2).tolist()
    [1.0, 1.0]
    >>> largest_jaccard(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0]), 2).tolist()
    [0.5, 0.5]
    """
    width = int(found.max()) + 1
    joint = np.bincount(truth * width + found, minlength=k * width).reshape(k, width)
    union = joint.sum(axis=1)[:, None] + joint.sum(axis=0)[None, :] - joint
    return np.asarray((joint / np.maximum(union, 1)).max(axis=1))
