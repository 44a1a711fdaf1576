"""Ranks of many customers' values, and what is made of them, each column sorted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri


@dataclass(frozen=True)
class Ranks:
    """Ranks 1 … n of the known values of a column; equal values share the mean of their ranks.

    Attributes
    ----------
    column : float array of shape (n,), NaN = unknown
    known : bool array of shape (n,)
    ranks : float array, one a known value, in the order of the rows
    times : int array, how often each different value occurs, by rising value
    """

    column: np.ndarray
    known: np.ndarray
    ranks: np.ndarray
    times: np.ndarray

    def scores(self) -> np.ndarray:
        """Normal quantiles of the ranks, standardised: mean 0 and standard deviation 1 over the known values.

        Returns
        -------
        float array of shape (n,)
            0 where unknown, all 0 for a constant.
        """
        scores = np.zeros(len(self.column))
        if not len(self.ranks):
            return scores
        quantiles = ndtri((self.ranks - 0.5) / len(self.ranks))
        spread = quantiles.std()
        if spread > 1e-9:
            scores[self.known] = (quantiles - quantiles.mean()) / spread
        return scores


def ranks_of(values: np.ndarray) -> Ranks:
    """Rank the finite values of a column, float array of shape (n,). O(n log n) time, one sort."""
    known = np.isfinite(values)
    ranks, times = mean_ranks(values if known.all() else values[known])
    return Ranks(values, known, ranks, times)


def mean_ranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank values, all known; gives the ranks, and how often each different value occurs, by rising value.

    Notes
    -----
    The order among equal values does not matter, so the fastest sort will do.
    """
    if not len(values):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    order = np.argsort(values)
    rising = values[order]
    first = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]]))
    times = np.diff(np.concatenate([first, [len(values)]]))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(first + (times + 1) / 2, times)
    return ranks, times
