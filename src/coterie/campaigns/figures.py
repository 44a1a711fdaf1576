"""The numbers of a segment on which its play rests."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from coterie.campaigns.featured import Featured, featured_categories
from coterie.profiles import is_interest, plain, topic_of
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from coterie.profiles import Profiles
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
    mean_order_value: float = math.nan
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
    featured: tuple[Featured, ...] = ()  # categories that set the segment apart, the strongest first


def figures_by_segment(profiles: Profiles, customers: CustomerTable, stages: pd.DataFrame) -> dict[int, Figures]:
    """Gather the numbers of every segment, by id.

    Typical values are read from the profile table; counts of categories, channels and stages walk through the
    customers once, for all segments together.

    Parameters
    ----------
    profiles : Profiles
    customers : CustomerTable
    stages : DataFrame
        From `lifecycle_stages`; may have no columns.
    """
    ids = profiles.membership["segment_id"].to_numpy(dtype=np.int64)
    sizes = {segment.segment_id: segment.size for segment in profiles.segments}
    n_ids = max(sizes, default=0) + 1
    cores = np.bincount(ids, profiles.membership["is_core"].to_numpy(dtype=float), n_ids)
    typical = _Typical.of(profiles.table, sizes)
    levels = {
        name: _Levels.of(customers.frame[name], ids, n_ids)
        for name in ("favourite_category", "favourite_channel")
        if name in customers.frame.columns
    }
    featured = featured_categories(customers, ids, n_ids - 1)
    found = {}
    for segment_id in sizes:
        topic, topic_share = _topic(customers, typical, levels.get("favourite_category"), segment_id)
        channel, channel_share, shop_channel = _main_level(levels.get("favourite_channel"), segment_id)
        found[segment_id] = replace(
            _typical_figures(typical, segment_id),
            core=round(float(cores[segment_id])),
            consent=_consent(customers, typical, segment_id),
            topic=topic,
            topic_share=topic_share,
            channel=channel,
            channel_share=channel_share,
            shop_channel=shop_channel,
            featured=featured.get(segment_id, ()),
        )
    return _with_lifecycle(found, stages.reindex(customers.frame.index), ids, n_ids)


class _Row(NamedTuple):
    """What the profile table says of a feature in one segment."""

    typical: float
    mean: float
    known: int


@dataclass(frozen=True)
class _Typical:
    """Typical values of numeric features by segment, and of all customers as segment 0."""

    rows: dict[tuple[int, str], _Row]
    sizes: dict[int, int]

    @classmethod
    def of(cls, table: pd.DataFrame, sizes: dict[int, int]) -> _Typical:
        numeric = table[table["kind"] != str(Kind.CATEGORY)]
        names = ["segment_id", "feature", "segment_value", "segment_mean", "overall_value", "overall_mean", "known"]
        rows: dict[tuple[int, str], _Row] = {}
        for segment_id, feature, here, mean, there, overall, known in numeric[names].itertuples(index=False):
            rows[int(segment_id), feature] = _Row(float(here), float(mean), int(known))
            before = rows[0, feature].known if (0, feature) in rows else 0
            rows[0, feature] = _Row(float(there), float(overall), before + int(known))
        return cls(rows, {0: sum(sizes.values()), **sizes})

    def __call__(self, segment_id: int, name: str, *, mean: bool = False, share: float = _SMALLEST_SHARE) -> float:
        row, size = self.rows.get((segment_id, name)), self.sizes[segment_id]
        if row is None or not row.known or row.known < max(min(_SMALLEST_KNOWN, size), share * size):
            return math.nan
        return row.mean if mean else row.typical


def _typical_figures(typical: _Typical, here: int) -> Figures:
    return Figures(
        size=typical.sizes[here],
        core=0,
        recency=typical(here, "recency_days"),
        orders=typical(here, "order_count"),
        mean_orders=typical(here, "order_count", mean=True),
        gap=typical(here, "median_gap_days"),
        shop_gap=typical(0, "median_gap_days", share=0.0),
        overdue=typical(here, "overdue_ratio"),
        burst=typical(here, "gap_variation"),
        looks=typical(here, "visits_per_order"),
        shop_looks=typical(0, "visits_per_order"),
        order_value=typical(here, "average_order_value"),
        mean_order_value=typical(here, "average_order_value", mean=True),
        discount=typical(here, "discount_share", mean=True),
        shop_discount=typical(0, "discount_share", mean=True),
        weekend=typical(here, "weekend_share", mean=True),
        shop_weekend=typical(0, "weekend_share", mean=True),
        evening=typical(here, "evening_share", mean=True),
        shop_evening=typical(0, "evening_share", mean=True),
        returns=typical(here, "return_rate", mean=True),
        shop_returns=typical(0, "return_rate", mean=True),
    )


@dataclass(frozen=True)
class _Levels:
    """How many customers of each segment have each value of a category."""

    names: tuple[str, ...]
    counts: np.ndarray  # int (n_ids, n_levels)

    @classmethod
    def of(cls, column: pd.Series, ids: np.ndarray, n_ids: int) -> _Levels:
        # Texts are numbered where they lie; of other values pandas takes some for equal whose texts differ.
        codes, values = pd.factorize(column if column.dtype == "str" else column.astype(object))
        names = sorted({str(value) for value in values})
        place = {name: number for number, name in enumerate(names)}
        codes = np.append([place[str(value)] for value in values], -1)[codes].astype(np.int64)
        flat = np.bincount((ids * len(names) + codes)[codes >= 0], minlength=n_ids * len(names))
        return cls(tuple(names), flat.reshape(n_ids, len(names)))


def _topic(
    customers: CustomerTable, typical: _Typical, favourites: _Levels | None, segment_id: int
) -> tuple[str, float]:
    """Find the category that most of the segment's money goes to; else the one that most of its customers prefer."""
    shares = {name: typical(segment_id, name, mean=True) for name in customers.features if is_interest(name)}
    known = {name: value for name, value in shares.items() if math.isfinite(value)}
    if known:
        best = max(sorted(known), key=lambda name: round(known[name], 9))
        if known[best] >= _TOPIC_SHARE:
            return topic_of(customers.features[best]), known[best]
    return _main_level(favourites, segment_id)[0], math.nan


def _main_level(levels: _Levels | None, segment_id: int) -> tuple[str, float, float]:
    """Give the commonest level of a segment, its share there, and its share among all customers."""
    counts = levels.counts[segment_id] if levels is not None else np.zeros(0, dtype=np.int64)
    most = int(counts.max(initial=0))
    if levels is None or most < _SMALLEST_KNOWN or most < _LEVEL_SHARE * counts.sum():
        return "", math.nan, math.nan
    shown = plain(levels.names[int(np.argmax(counts))])  # the first by name where several are equally common
    if shown == "not given":
        return "", math.nan, math.nan
    same = [place for place, name in enumerate(levels.names) if plain(name) == shown]
    return shown, most / float(counts.sum()), float(levels.counts[:, same].sum() / levels.counts.sum())


def _consent(customers: CustomerTable, typical: _Typical, segment_id: int) -> float:
    for name, feature in customers.features.items():
        if feature.kind is Kind.FLAG and _CONSENT.fullmatch(name.lower()) and name in customers.frame.columns:
            return typical(segment_id, name, mean=True)
    return math.nan


def _with_lifecycle(found: dict[int, Figures], stages: pd.DataFrame, ids: np.ndarray, n_ids: int) -> dict[int, Figures]:
    if "rfm_code" not in stages.columns:
        return found
    bought = (stages["r"] > 0).to_numpy()
    sums = [np.bincount(ids[bought], stages[name].to_numpy(dtype=float)[bought], n_ids) for name in ("r", "f", "m")]
    levels = _Levels.of(stages["stage"].where(bought), ids, n_ids)
    buyers = levels.counts.sum(axis=1)
    return {
        segment_id: replace(
            figures,
            scores=(
                float(sums[0][segment_id] / buyers[segment_id]),
                float(sums[1][segment_id] / buyers[segment_id]),
                float(sums[2][segment_id] / buyers[segment_id]),
            ),
            scored=float(buyers[segment_id] / figures.size),
            stage_shares=_falling(levels, segment_id),
        )
        if buyers[segment_id]
        else figures
        for segment_id, figures in found.items()
    }


def _falling(levels: _Levels, segment_id: int) -> tuple[tuple[str, float], ...]:
    counts = levels.counts[segment_id]
    shares = [(name, float(n / counts.sum())) for name, n in zip(levels.names, counts, strict=True) if n]
    return tuple(sorted(shares, key=lambda one: (-round(one[1], 9), one[0])))
