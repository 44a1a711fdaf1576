"""Hartigan's dip: the distance of a sample from the nearest unimodal distribution (Hartigan and Hartigan 1985)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import isotonic_regression

#: Two points are a straight line.
_FEW = 2


def convex_minorant(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Positions of the corners of the greatest convex function below the points (x rising). O(n) time.

    Its slopes are the rising sequence nearest to those between the points, weighted by their width (Barlow,
    Bartholomew, Bremner and Brunk 1972).
    """
    if len(x) <= _FEW:
        return np.arange(len(x))
    run = np.diff(x)
    return np.asarray(isotonic_regression(np.diff(y) / run, weights=run).blocks, dtype=np.int64)


def concave_majorant(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Positions of the corners of the least concave function above the points (x rising). O(n) time."""
    return convex_minorant(x, -y)


def dip(sample: np.ndarray) -> float:
    """Largest difference between the sample's distribution function and the closest unimodal one.

    Parameters
    ----------
    sample : float array of shape (n,)

    Returns
    -------
    float in [1 / (2 n), 0.25]; 0 where all values are equal

    Notes
    -----
    The algorithm of section 5 of the paper: within a modal interval that shrinks, the convex minorant and the concave
    majorant of the distribution function are drawn; where they lie farthest apart, the interval is cut. O(n) per round
    in practice.

    Examples
    --------
    >>> dip(np.array([0.0, 0.0, 1.0, 1.0]))
    0.25
    """
    values, counts = np.unique(sample, return_counts=True)
    if len(values) < 2:
        return 0.0
    upper = np.cumsum(counts) / len(sample)
    lower = upper - counts / len(sample)
    low, high = 0, len(values) - 1
    found = 1.0 / len(sample)
    while True:
        x, under, over = values[low : high + 1], lower[low : high + 1], upper[low : high + 1]
        convex, concave = convex_minorant(x, under), concave_majorant(x, over)
        below, above = np.interp(x, x[convex], under[convex]), np.interp(x, x[concave], over[concave])
        left, right, gap = _widest(convex, concave, below, above)
        if gap <= found:
            return float(found / 2)
        # The ends of the next interval wait for their round: one of them may be the mode, where F may jump.
        cut = np.concatenate([(over - below)[:left], (above - under)[right + 1 :]])
        found = max(found, cut.max(initial=0.0))
        if (left == 0 and right == len(x) - 1) or left >= right:
            return float(found / 2)
        low, high = low + left, low + right


def _widest(convex: np.ndarray, concave: np.ndarray, below: np.ndarray, above: np.ndarray) -> tuple[int, int, float]:
    """Where the two hulls lie farthest apart, as the next modal interval: a corner of each, around that point."""
    gap = above - below
    at_convex = convex[gap[convex].argmax()]
    at_concave = concave[gap[concave].argmax()]
    if gap[at_convex] > gap[at_concave]:
        left = int(at_convex)
        right = int(concave[np.searchsorted(concave, left)])
    else:
        right = int(at_concave)
        left = int(convex[np.searchsorted(convex, right, side="right") - 1])
    return left, right, float(max(gap[at_convex], gap[at_concave]))
