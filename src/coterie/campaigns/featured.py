"""Categories that a segment buys more often than customers overall: what its messages should show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import is_interest, number, numeric_values, share, topic_of

if TYPE_CHECKING:
    from coterie.vocabulary import CustomerTable

#: Fewest buyers in the segment, smallest lift, and smallest part of their spending, of a category worth showing.
_FEWEST = 10
_SMALLEST_LIFT = 1.15
_SMALLEST_SHARE = 0.02
_MOST = 3
_Z95 = 1.959964


@dataclass(frozen=True)
class Featured:
    """A category in a segment against the whole shop.

    Attributes
    ----------
    name : str
    buyers, customers : int, of the segment: those who have bought it, and all
    spending : float in [0, 1], mean part of their spending that goes there
    lift : float > 0, `spending` ÷ the same mean over all customers
    low : float > 0, lower end of the lift's 95 % interval
    """

    name: str
    buyers: int
    customers: int
    spending: float
    lift: float
    low: float

    @property
    def sentence(self) -> str:
        """Tell the lift with the counts behind it."""
        return (
            f"{self.name}: {share(self.spending)} of their spending, {number(round(self.lift, 1))} times as much as "
            f"among all customers; {self.buyers:,} of {self.customers:,} have bought it"
        )


def featured_categories(customers: CustomerTable, ids: np.ndarray, n_segments: int) -> dict[int, tuple[Featured, ...]]:
    """Find where more of each segment's spending goes than of all customers', surely more than by chance.

    Parameters
    ----------
    customers : CustomerTable
        Its shares of spending by category (or derived product group).
    ids : int array of shape (n_customers,)
        Segment of each customer, 1 and up.
    n_segments : int

    Returns
    -------
    mapping of int to tuple of Featured
        By segment id, at most three, by falling lower end of the lift's 95 % interval. One pass over each category.

    Notes
    -----
    Lift compares mean shares of spending, not whether something was ever bought: customers with many orders have bought
    most things once. Its interval follows from the two means' standard errors on the logarithmic scale, the two taken
    as independent although the segment is a part of the shop: that makes it a little too wide.
    """
    found: dict[int, list[Featured]] = {}
    for name, feature in customers.features.items():
        if not is_interest(name) or name not in customers.frame.columns:
            continue
        topic = topic_of(feature)
        tallies = _Tallies.of(numeric_values(customers, name), ids, n_segments + 1)
        for segment_id in range(1, n_segments + 1) if topic not in ("", "not given") else ():
            here = tallies.compared(topic, segment_id)
            if here is not None:
                found.setdefault(segment_id, []).append(here)
    return {
        segment_id: tuple(sorted(several, key=lambda one: (-round(one.low, 9), one.name))[:_MOST])
        for segment_id, several in found.items()
    }


@dataclass(frozen=True)
class _Tallies:
    """Counts and sums of one category by segment, and of all customers as segment 0; arrays of shape (n_ids,)."""

    known: np.ndarray
    bought: np.ndarray
    total: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, ids: np.ndarray, n_ids: int) -> _Tallies:
        here = np.isfinite(values)
        group, shares = ids[here], values[here]
        sums = [
            np.bincount(group, weights, n_ids).astype(float)
            for weights in (np.ones(len(shares)), (shares > 0).astype(float), shares, shares**2)
        ]
        for each in sums:
            each[0] = each[1:].sum()
        return cls(*sums)

    def compared(self, name: str, segment_id: int) -> Featured | None:
        """Compare a segment with all; None where too few have bought it or chance may explain the difference."""
        if self.bought[segment_id] < _FEWEST or self.total[segment_id] <= 0:
            return None
        means = [self.total[one] / self.known[one] for one in (segment_id, 0)]
        errors = [
            max(self.squares[one] / self.known[one] - mean**2, 0.0) / (self.known[one] * mean**2)
            for one, mean in zip((segment_id, 0), means, strict=True)
        ]
        lift = float(means[0] / means[1])
        low = lift * math.exp(-_Z95 * math.sqrt(sum(errors)))
        if low <= 1 or lift < _SMALLEST_LIFT or means[0] < _SMALLEST_SHARE:
            return None
        buyers, size = round(float(self.bought[segment_id])), round(float(self.known[segment_id]))
        return Featured(name, buyers, size, float(means[0]), lift, low)
