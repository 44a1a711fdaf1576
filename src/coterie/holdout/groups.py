"""The ways of grouping customers that segments are compared with, all from what was known before the split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie import campaigns
from coterie.holdout.results import EQUAL_PARTS, QUINTILES, RFM, SEGMENTS
from coterie.profiles import numeric_values

if TYPE_CHECKING:
    import pandas as pd

    from coterie.vocabulary import CustomerTable

_FIFTHS = 5


def groupings(customers: CustomerTable, segment_ids: pd.Series) -> dict[str, np.ndarray]:
    """Group number of every customer by each way.

    Parameters
    ----------
    customers : CustomerTable
        As of the day of the split.
    segment_ids : Series
        Indexed by customer id.

    Returns
    -------
    dict of int arrays of shape (n_customers,)
        The segments; the boxes of recency, frequency and money; fifths of past spend; and as many equal parts of past
        spend as there are segments, where that is not five.
    """
    ids = segment_ids.reindex(customers.frame.index).to_numpy()
    found = {SEGMENTS: _numbered(ids)}
    stages = campaigns.lifecycle_stages(customers)
    if "stage" in stages:
        found[RFM] = _numbered(stages["stage"].to_numpy())
    if "net_revenue" in customers.frame:
        spent = np.nan_to_num(numeric_values(customers, "net_revenue"))
        found[QUINTILES] = equal_parts(spent, _FIFTHS)
        n_segments = len(np.unique(ids))
        if n_segments not in (1, _FIFTHS):
            found[EQUAL_PARTS] = equal_parts(spent, n_segments)
    return found


def equal_parts(values: np.ndarray, parts: int) -> np.ndarray:
    """Cut customers into equally large parts by rank; customers with the same value stay together.

    >>> equal_parts(np.array([5.0, 1.0, 2.0, 2.0]), 2)
    array([1, 0, 0, 0])
    """
    ranks = np.searchsorted(np.sort(values), values)
    return _numbered(np.minimum((parts * ranks // len(values)).astype(np.int64), parts - 1))


def _numbered(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)
