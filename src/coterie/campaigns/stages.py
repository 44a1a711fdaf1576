"""The lifecycle stage of every customer: recency, frequency and monetary scores, and the map of their 125 codes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.campaigns.life import LIFE, NO_ORDER, STAGES
from coterie.memory import parked
from coterie.profiles import numeric_values, word_column

if TYPE_CHECKING:
    from coterie.vocabulary import CustomerTable

_COLUMNS = ["stage", "rfm_code", "r", "f", "m"]
_SCORES = 5


def lifecycle_stages(customers: CustomerTable) -> pd.DataFrame:
    """Score recency, frequency and money of every customer, and read the lifecycle stage from the map of codes.

    Scores go by value, so that equal customers get equal scores: the lowest fifth of the customers scores 1, and
    everybody with the same value scores 1 with them; the lowest quarter of those who remain scores 2, and so on.
    Without ties these are quintiles. Where nine customers in ten have ordered once, all nine score 1 and the tenth is
    graded 2 to 5 by what sets apart those who came back; where fewer than five grades arise they are spread over the
    scale, the best scoring 5. Where all customers are equal, they score 3.

    Parameters
    ----------
    customers : CustomerTable
        `recency_days` (fewer is better), `order_count`, and `net_revenue` or the table's value feature.

    Returns
    -------
    DataFrame
        Index `customer_id`; stage, rfm_code ("555" best, "" without an order), r, f, m (1 to 5, 0 without an order). No
        columns where one of the three features is missing.
    """
    money = "net_revenue" if "net_revenue" in customers.frame.columns else customers.value
    needed = ("recency_days", "order_count", money)
    if any(name is None or name not in customers.frame.columns for name in needed):
        return pd.DataFrame(index=customers.frame.index)
    recency, orders, spent = (numeric_values(customers, str(name)) for name in needed)
    bought = np.isfinite(recency) & np.isfinite(orders) & (orders > 0)
    if not bought.any():
        return pd.DataFrame(index=customers.frame.index)
    spent = np.where(np.isfinite(spent), spent, 0.0)
    scores = np.zeros((len(customers), 3), dtype=np.int64)
    for place, values in enumerate((-recency, orders, np.round(spent, 2))):
        scores[bought, place] = scores_by_value(values[bought])
    digits = scores @ np.array([100, 10, 1])
    stages = [_stage_of_digits(code) for code in range(556)]
    codes = [str(code) if code else "" for code in range(556)]
    columns = (
        word_column(stages, digits),
        word_column(codes, digits),
        *(parked(np.ascontiguousarray(each)) for each in scores.T),
    )
    index = customers.frame.index
    held = {name: pd.Series(each, index, copy=False) for name, each in zip(_COLUMNS, columns, strict=True)}
    return pd.DataFrame(held, copy=False)


def scores_by_value(values: np.ndarray) -> np.ndarray:
    """Grade values from 1 to 5, the larger the better, equal values alike.

    Parameters
    ----------
    values : float array of shape (n,), all known

    Returns
    -------
    int array of shape (n,)
        1 to 5; see `lifecycle_stages` for ties. O(n log n) time.
    """
    different, counts = np.unique(values, return_counts=True)
    if len(different) == 1:
        return np.full(len(values), (_SCORES + 1) // 2)
    grades = np.ones(len(different), dtype=np.int64)
    start = 0
    for grade in range(1, _SCORES + 1):
        left = counts[start:]
        # Rounded, so that a fifth of the customers is a fifth of them in spite of binary fractions.
        target = np.round(left.sum() / (_SCORES + 1 - grade), 9)
        size = int(np.searchsorted(np.cumsum(left), target)) + 1
        grades[start : start + size] = grade
        start += size
        if start >= len(different):
            break
    used = int(grades.max())
    if used < _SCORES:
        grades = 1 + np.round((_SCORES - 1) * (grades - 1) / max(used - 1, 1)).astype(np.int64)
    first = np.flatnonzero(np.diff(grades, prepend=grades[0] - 1))  # values are looked up among a few borders only
    return np.asarray(grades[first][np.searchsorted(different[first], values, side="right") - 1])


def place_in_life(stage: object) -> int:
    """Place of a stage in a life, from 0; what is no stage, as rare ones put together, comes last."""
    return LIFE.index(str(stage)) if stage in LIFE else len(LIFE)


def stage_of_code(code: str) -> str:
    """Give the stage of a code such as "543"."""
    return _stage_of_code()[code]


def stage_table(stages: pd.DataFrame, membership: pd.DataFrame) -> pd.DataFrame:
    """Count customers by segment and stage.

    Returns
    -------
    DataFrame
        Index `segment_id`, one column a stage that occurs, best first; integers. Empty where there are no stages.
    """
    if "stage" not in stages.columns:
        return pd.DataFrame(index=pd.Index([], name="segment_id"))
    counts = pd.crosstab(membership["segment_id"], stages["stage"].reindex(membership.index))
    order = [stage for stage in (*STAGES, NO_ORDER) if stage in counts.columns]
    return counts[order].rename_axis(columns=None)


@lru_cache(maxsize=1)
def _stage_of_code() -> dict[str, str]:
    return {code: stage for stage, codes in STAGES.items() for code in codes.split()}


def _stage_of_digits(code: int) -> str:
    return _stage_of_code().get(str(code), NO_ORDER if code == 0 else "")
