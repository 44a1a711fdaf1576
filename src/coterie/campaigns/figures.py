"""The numbers of a segment on which its play rests."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import is_interest, numeric_values, plain, topic_of
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    import pandas as pd

    from coterie.vocabulary import CustomerTable

#: Smallest number of customers, and part of the segment, of whom a number must be known.
_SMALLEST_KNOWN = 10
_SMALLEST_SHARE = 0.5
#: A category is the segment's topic from this part of its spending on, a channel its own from this part of its
#: customers.
_TOPIC_SHARE = 0.3
_LEVEL_SHARE = 0.4
_CONSENT = re.compile(r".*(consent|opt_?in|newsletter|subscribe|permission|may_contact|marketing_ok).*")


@dataclass(frozen=True)
class Figures:
    """What a play is chosen and worded by; NaN or "" where it is not known of enough customers.

    Medians but for shares and scores, which are means.
    """

    size: int
    core: int
    recency: float = math.nan
    orders: float = math.nan
    mean_orders: float = math.nan
    gap: float = math.nan  # days; the segment's own
    shop_gap: float = math.nan  # days; of all repeat customers
    overdue: float = math.nan
    burst: float = math.nan  # irregularity of the gaps, standard deviation ÷ mean
    looks: float = math.nan  # visits per order
    shop_looks: float = math.nan
    order_value: float = math.nan
    discount: float = math.nan
    shop_discount: float = math.nan
    weekend: float = math.nan
    shop_weekend: float = math.nan
    evening: float = math.nan
    shop_evening: float = math.nan
    returns: float = math.nan
    shop_returns: float = math.nan
    consent: float = math.nan
    topic: str = ""
    topic_share: float = math.nan
    channel: str = ""
    channel_share: float = math.nan
    shop_channel: float = math.nan  # part of all customers with the same channel
    scores: tuple[float, float, float] | None = None  # recency, frequency, money, 1 to 5
    scored: float = 0.0  # part of the segment that has ordered
    stage_shares: tuple[tuple[str, float], ...] = ()


def figures_of(customers: CustomerTable, mine: np.ndarray, is_core: np.ndarray, stages: pd.DataFrame) -> Figures:
    """Gather the numbers of one segment.

    Parameters
    ----------
    customers : CustomerTable
    mine : bool array of shape (n_customers,)
        Who belongs to the segment.
    is_core : bool array of shape (n_customers,)
    stages : DataFrame
        From `lifecycle_stages`, in the order of the customers; may have no columns.
    """
    everybody = np.ones(len(mine), dtype=bool)
    topic, topic_share = _topic(customers, mine)
    channel, channel_share = _main_level(customers, "favourite_channel", mine)
    figures = Figures(
        size=int(mine.sum()),
        core=int((mine & is_core).sum()),
        recency=_typical(customers, "recency_days", mine),
        orders=_typical(customers, "order_count", mine),
        mean_orders=_typical(customers, "order_count", mine, mean=True),
        gap=_typical(customers, "median_gap_days", mine),
        shop_gap=_typical(customers, "median_gap_days", everybody, share=0.0),
        overdue=_typical(customers, "overdue_ratio", mine),
        burst=_typical(customers, "gap_variation", mine),
        looks=_typical(customers, "visits_per_order", mine),
        shop_looks=_typical(customers, "visits_per_order", everybody),
        order_value=_typical(customers, "average_order_value", mine),
        discount=_typical(customers, "discount_share", mine, mean=True),
        shop_discount=_typical(customers, "discount_share", everybody, mean=True),
        weekend=_typical(customers, "weekend_share", mine, mean=True),
        shop_weekend=_typical(customers, "weekend_share", everybody, mean=True),
        evening=_typical(customers, "evening_share", mine, mean=True),
        shop_evening=_typical(customers, "evening_share", everybody, mean=True),
        returns=_typical(customers, "return_rate", mine, mean=True),
        shop_returns=_typical(customers, "return_rate", everybody, mean=True),
        consent=_consent(customers, mine),
        topic=topic,
        topic_share=topic_share,
        channel=channel,
        channel_share=channel_share,
        shop_channel=_level_share(customers, "favourite_channel", channel),
    )
    return _with_lifecycle(figures, stages, mine)


def _typical(
    customers: CustomerTable, name: str, mine: np.ndarray, *, mean: bool = False, share: float = _SMALLEST_SHARE
) -> float:
    if name not in customers.frame.columns or customers.features[name].kind is Kind.CATEGORY:
        return math.nan
    values = numeric_values(customers, name)[mine]
    known = values[np.isfinite(values)]
    if len(known) < max(min(_SMALLEST_KNOWN, int(mine.sum())), share * mine.sum()) or not len(known):
        return math.nan
    return float(known.mean() if mean else np.median(known))


def _topic(customers: CustomerTable, mine: np.ndarray) -> tuple[str, float]:
    """Find the category that most of the segment's money goes to; else the one that most of its customers prefer."""
    shares = {
        name: _typical(customers, name, mine, mean=True)
        for name in customers.features
        if is_interest(name) and name in customers.frame.columns
    }
    known = {name: value for name, value in shares.items() if math.isfinite(value)}
    if known:
        best = max(sorted(known), key=lambda name: round(known[name], 9))
        if known[best] >= _TOPIC_SHARE:
            return topic_of(customers.features[best]), known[best]
    return _main_level(customers, "favourite_category", mine)[0], math.nan


def _main_level(customers: CustomerTable, name: str, mine: np.ndarray) -> tuple[str, float]:
    if name not in customers.frame.columns:
        return "", math.nan
    counts = customers.frame[name].astype(object)[mine].dropna().astype(str).value_counts()
    if counts.empty or counts.iloc[0] < _SMALLEST_KNOWN or counts.iloc[0] < _LEVEL_SHARE * counts.sum():
        return "", math.nan
    best = min(str(level) for level in counts.index[counts == counts.iloc[0]])
    shown = plain(best)
    return ("", math.nan) if shown == "not given" else (shown, float(counts.iloc[0] / counts.sum()))


def _level_share(customers: CustomerTable, name: str, level: str) -> float:
    if not level:
        return math.nan
    counts = customers.frame[name].astype(object).dropna().astype(str).value_counts()
    same = [count for value, count in counts.items() if plain(value) == level]
    return float(sum(same) / counts.sum())


def _consent(customers: CustomerTable, mine: np.ndarray) -> float:
    for name, feature in customers.features.items():
        if feature.kind is Kind.FLAG and _CONSENT.fullmatch(name.lower()) and name in customers.frame.columns:
            return _typical(customers, name, mine, mean=True)
    return math.nan


def _with_lifecycle(figures: Figures, stages: pd.DataFrame, mine: np.ndarray) -> Figures:
    if "rfm_code" not in stages.columns:
        return figures
    here = stages[mine]
    bought = here[here["r"] > 0]
    if bought.empty:
        return figures
    shares = bought["stage"].value_counts(normalize=True)
    ordered = sorted(shares.items(), key=lambda item: (-round(float(item[1]), 9), str(item[0])))
    return replace(
        figures,
        scores=(float(bought["r"].mean()), float(bought["f"].mean()), float(bought["m"].mean())),
        scored=len(bought) / len(here),
        stage_shares=tuple((str(stage), float(part)) for stage, part in ordered),
    )
