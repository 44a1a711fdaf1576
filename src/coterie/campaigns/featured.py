"""Categories that a segment buys more often than customers overall: what its messages should show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import is_interest, number, numeric_values, share, topic_of

if TYPE_CHECKING:
    from coterie.vocabulary import CustomerTable

#: Fewest buyers in the segment, and smallest lift, of a category worth showing.
_FEWEST = 10
_SMALLEST_LIFT = 1.15
_MOST = 3
_Z95 = 1.959964


@dataclass(frozen=True)
class Featured:
    """A category in a segment against the whole shop.

    Attributes
    ----------
    name : str
    buyers, customers : int, of the segment: those who have bought it, and all
    shop_share : float in (0, 1], buyers among all customers
    lift : float > 0, share of buyers in the segment ÷ `shop_share`
    low : float > 0, lower end of its 95 % interval
    """

    name: str
    buyers: int
    customers: int
    shop_share: float
    lift: float
    low: float

    @property
    def sentence(self) -> str:
        """Tell the lift with the counts behind it."""
        part = share(self.buyers / self.customers)
        return (
            f"{self.name}: {self.buyers:,} of {self.customers:,} customers have bought it ({part}), "
            f"{number(round(self.lift, 1))} times as often as customers overall ({share(self.shop_share)})"
        )


def featured_categories(customers: CustomerTable, ids: np.ndarray, n_segments: int) -> dict[int, tuple[Featured, ...]]:
    """Find what each segment buys more often than all customers, surely more than by chance.

    Parameters
    ----------
    customers : CustomerTable
        Its shares of spending by category (or derived product group) say who has bought what.
    ids : int array of shape (n_customers,)
        Segment of each customer, 1 and up.
    n_segments : int

    Returns
    -------
    mapping of int to tuple of Featured
        By segment id, at most three, by falling lower end of the lift's 95 % interval. One pass over each category.

    Notes
    -----
    Lift is the share of buyers in the segment over that of all customers (Brin, Motwani, Ullman and Tsur 1997). Its
    interval is that of a ratio of two shares on the logarithmic scale (Katz and others 1978), the two taken as
    independent although the segment is a part of the shop: that makes it a little too wide.
    """
    found: dict[int, list[Featured]] = {}
    for name, feature in customers.features.items():
        if not is_interest(name) or name not in customers.frame.columns:
            continue
        values = numeric_values(customers, name)
        known = np.bincount(ids[np.isfinite(values)], minlength=n_segments + 1)
        bought = np.bincount(ids[values > 0], minlength=n_segments + 1)
        for segment_id in range(1, n_segments + 1):
            here = _compared(topic_of(feature), bought, known, segment_id)
            if here is not None:
                found.setdefault(segment_id, []).append(here)
    return {
        segment_id: tuple(sorted(several, key=lambda one: (-round(one.low, 9), one.name))[:_MOST])
        for segment_id, several in found.items()
    }


def _compared(name: str, bought: np.ndarray, known: np.ndarray, segment_id: int) -> Featured | None:
    buyers, size = int(bought[segment_id]), int(known[segment_id])
    everyone, of_all = int(bought.sum()), int(known.sum())
    if buyers < _FEWEST or name in ("", "not given"):
        return None
    lift = (buyers / size) / (everyone / of_all)
    spread = math.sqrt(max(1 / buyers - 1 / size + 1 / everyone - 1 / of_all, 0.0))
    low = lift * math.exp(-_Z95 * spread)
    return Featured(name, buyers, size, everyone / of_all, lift, low) if low > 1 and lift >= _SMALLEST_LIFT else None
