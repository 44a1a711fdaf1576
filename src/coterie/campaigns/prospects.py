"""What a forecast says of each segment's year, where there is one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.alignment import reindexed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from coterie.campaigns.value.worth import CustomerValue
    from coterie.vocabulary import Segment

_YEAR = 12


@dataclass(frozen=True)
class Prospect:
    """The coming year of a segment, or of all customers, without any campaign; NaN where it is not forecast.

    Attributes
    ----------
    alive : float in [0, 1], mean chance that a customer will order again; customers without an order left out
    orders : float >= 0, expected orders of all its customers together
    value, value_low, value_high : float, expected net revenue in currency, with its 95 % interval
    profit : float, of it after goods, messages and offers; may be negative
    """

    alive: float = math.nan
    orders: float = math.nan
    value: float = math.nan
    value_low: float = math.nan
    value_high: float = math.nan
    profit: float = math.nan


def prospects_of(
    worth: CustomerValue | None, ids: np.ndarray, index: pd.Index, segments: Sequence[Segment]
) -> dict[int, Prospect]:
    """Give the prospect of every segment, and of all customers as segment 0.

    Parameters
    ----------
    worth : CustomerValue or None
    ids : int array of shape (n_customers,)
        Segment of each customer.
    index : Index of length n_customers
        `customer_id`.
    segments : sequence of Segment
    """
    wanted = [0, *(segment.segment_id for segment in segments)]
    if worth is None or worth.reason:
        return dict.fromkeys(wanted, Prospect())
    alive = reindexed(worth.customers["p_alive"], index).to_numpy(dtype=float)
    known = np.isfinite(alive)
    n_ids = max(wanted) + 1
    counts = np.bincount(ids[known], minlength=n_ids).astype(float)
    sums = np.bincount(ids[known], alive[known], n_ids)
    counts[0], sums[0] = counts.sum(), sums.sum()
    means = np.divide(sums, counts, out=np.full(n_ids, np.nan), where=counts > 0)
    year = worth.segments[worth.segments["months"] == _YEAR].set_index("segment_id")
    return {one: _prospect(float(means[one]), year, one) for one in wanted}


def _prospect(alive: float, year: pd.DataFrame, segment_id: int) -> Prospect:
    names = ("orders", "value", "value_low", "value_high", "profit")
    row = year.loc[segment_id].to_dict() if segment_id in year.index else {}
    return Prospect(alive, *(float(row.get(name, math.nan)) for name in names))
