"""Ranks of many customers' values, and what is made of them, each column sorted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

#: Share of the values that are zero, and none below it, from which on only the others are sorted.
_MANY_ZEROS = 0.2


@dataclass(frozen=True)
class Ranks:
    """Ranks 1 … n of the known values of a column; equal values share the mean of their ranks.

    Attributes
    ----------
    column : float array of shape (n,), NaN = unknown
    known : bool array of shape (n,)
    order : int array, one a known value: their places among the known values, by rising value
    rising : float array, the known values by rising value
    times : int array, how often each different value occurs, by rising value
    """

    column: np.ndarray
    known: np.ndarray
    order: np.ndarray
    rising: np.ndarray
    times: np.ndarray

    @property
    def rising_ranks(self) -> np.ndarray:
        """Ranks of the known values by rising value."""
        return np.repeat(_rank_of_each(self.times), self.times)

    def scores(self) -> np.ndarray:
        """Normal quantiles of the ranks, standardised: mean 0 and standard deviation 1 over the known values.

        Returns
        -------
        float array of shape (n,)
            0 where unknown, all 0 for a constant.
        """
        n = len(self.rising)
        if not n:
            return np.zeros(len(self.column))
        quantiles = np.empty(n)
        quantiles[self.order] = np.repeat(ndtri((_rank_of_each(self.times) - 0.5) / n), self.times)
        spread = quantiles.std()
        if not spread > 1e-9:
            return np.zeros(len(self.column))
        standard = (quantiles - quantiles.mean()) / spread
        if n == len(self.column):
            return np.asarray(standard)
        scores = np.zeros(len(self.column))
        scores[self.known] = standard
        return scores

    def by_group(self, groups: np.ndarray, n_groups: int) -> list[np.ndarray]:
        """Part the known values by groups, each part by rising value; `groups` are int codes, one a known value."""
        of_rising = groups[self.order].astype(np.int16)  # so few bits are sorted in one pass
        parted = self.rising[np.argsort(of_rising, kind="stable")]
        return np.split(parted, np.cumsum(np.bincount(groups, minlength=n_groups))[:-1])


def ranks_of(values: np.ndarray) -> Ranks:
    """Rank the finite values of a column, float array of shape (n,). O(n log n) time, one sort."""
    known = np.isfinite(values)
    return Ranks(values, known, *_sorted(values if known.all() else values[known]))


def _sorted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the places of values by rising value, the values in that order, and how often each different one occurs.

    Notes
    -----
    The order among equal values does not matter, so the fastest sort will do.
    """
    order = _rising_order(values)
    rising = values[order]
    different = np.ones(len(values), dtype=bool)
    np.not_equal(rising[1:], rising[:-1], out=different[1:])
    return order, rising, np.diff(np.flatnonzero(different), append=len(values))


def _rising_order(values: np.ndarray) -> np.ndarray:
    """Places of values by rising value; where many are zero, as of shares and sums, these need no sorting."""
    zero = values == 0
    if np.count_nonzero(zero) < max(_MANY_ZEROS * len(values), 1) or values.min() < 0:
        return np.argsort(values)
    others = np.flatnonzero(~zero)
    return np.concatenate([np.flatnonzero(zero), others[np.argsort(values[others])]])


def _rank_of_each(times: np.ndarray) -> np.ndarray:
    """Mean rank of each different value, by rising value."""
    return np.asarray(np.cumsum(times) - times + (times + 1) / 2)
