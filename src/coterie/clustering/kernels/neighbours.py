"""Nearest rows among the rows themselves, in many columns, where a search tree looks at nearly all of them."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from coterie.clustering.kernels.nearest_points import NearestPoints

#: Columns from which on comparing all rows is faster than a search tree.
MANY_COLUMNS = 6
#: Rows of a matrix of distances that are looked at together.
_AT_ONCE = 64


def nearest_rows(X: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearest other rows of each row.

    Parameters
    ----------
    X : float array of shape (n, d)
    neighbours : int, at most n - 1

    Returns
    -------
    found : int array of shape (n, neighbours), nearest first; equally near rows by their number
    distances : float array of shape (n, neighbours)

    Notes
    -----
    O(n² d) time, O(n neighbours) memory. Faster than a search tree from about six columns on.
    """
    kept = _first_copies(X, neighbours + 1)
    found, distances = NearestPoints(X[kept]).search(X, neighbours + 1)
    return without_itself(kept[found], distances)


def nearest_point(points: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Number of the point nearest to each row, by whichever search is faster.

    Parameters
    ----------
    points : float array of shape (m, d), some thousand at most
    X : float array of shape (n, d)

    Returns
    -------
    int array of shape (n,)
    """
    if points.shape[1] < MANY_COLUMNS:
        return np.asarray(cKDTree(points).query(X, 1)[1])
    kept = _first_copies(points, 1)
    return np.asarray(kept[NearestPoints(points[kept]).query(X, 1)[:, 0]])


def _first_copies(points: np.ndarray, count: int) -> np.ndarray:
    """Points but those with `count` equal ones before them: none of these can be among the `count` nearest."""
    group = np.unique(points, axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(group, kind="stable")
    of_group = group[order]
    copies_before = np.arange(len(order)) - np.searchsorted(of_group, of_group)
    return np.sort(order[copies_before < count])


def kth_distances(distances: np.ndarray, place: int) -> np.ndarray:
    """Value at a place of each row once it is sorted, in a few rows at a time: a second matrix would have to be filled.

    Parameters
    ----------
    distances : float array of shape (n, m)
    place : int, 0 … m - 1

    Returns
    -------
    float array of shape (n,)
    """
    found, room = np.empty(len(distances)), np.empty((min(_AT_ONCE, len(distances)), distances.shape[1]))
    for begin in range(0, len(distances), _AT_ONCE):
        some = distances[begin : begin + _AT_ONCE]
        part = room[: len(some)]
        part[:] = some
        part.partition(place, axis=1)
        found[begin : begin + _AT_ONCE] = part[:, place]
    return found


def without_itself(found: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take each row out of its own list of nearest rows; where equal rows crowd it out, the last of them.

    Parameters
    ----------
    found, distances : arrays of shape (n, m + 1), nearest first

    Returns
    -------
    int and float arrays of shape (n, m)
    """
    itself = found == np.arange(len(found))[:, None]
    itself[~itself.any(axis=1), -1] = True
    kept = len(found), found.shape[1] - 1
    return found[~itself].reshape(kept).astype(np.int64, copy=False), distances[~itself].reshape(kept)
