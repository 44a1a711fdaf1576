"""A basis chosen automatically: few features, each of which a marketer can act on, from every side the data show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.preparation.asked import Decision, why_not
from coterie.preparation.blocks import BEHAVIOUR
from coterie.preparation.quality import Column, rank_correlation, too_poor
from coterie.preparation.telling import listing
from coterie.vocabulary import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.vocabulary import Feature

#: Blocks in the order in which they are served, with the number of features that each adds in a round.
ROUND = {Block.VALUE: 2, Block.RHYTHM: 2, Block.BASKET: 1, Block.INTERESTS: 2, Block.BROWSING: 1, Block.OTHER: 1}
#: Largest number of features of a block.
QUOTA = {Block.VALUE: 3, Block.RHYTHM: 3, Block.BASKET: 3, Block.INTERESTS: 5, Block.BROWSING: 2, Block.OTHER: 2}
#: Fewer usable features of behaviour than this, and the basis takes in who the customers are.
LITTLE_BEHAVIOUR = 3
#: Absolute rank correlation above which two features say nearly the same.
NEAR_DUPLICATE = 0.9
#: Recency, frequency and money: what everybody in the field expects to see; never left out as a repeat of another.
CORE = ("net_revenue", "recency_days", "order_count")
#: Features that many customers lack come in only while their block has fewer than this many others.
COMPLETE_ENOUGH = 2
#: Share of missing values from which that holds: so many equal stand-ins look like a group of their own.
MANY_MISSING = 0.25
#: Features that come first in their block, best first; the others follow in the order of the table.
FIRST = (
    "net_revenue",
    "average_order_value",
    "price_level",
    "recency_days",
    "order_count",
    "median_gap_days",
    "discount_share",
    "units_per_order",
    "return_rate",
    "visits_per_order",
    "visit_count",
)


def choose_features(features: Sequence[Feature], looks: Mapping[str, Column], max_features: int) -> Decision:
    """Choose a small balanced set of features.

    Parameters
    ----------
    features : sequence of Feature
    looks : mapping of str to Column
        What was seen of each feature's values.
    max_features : int

    Returns
    -------
    chosen : list of Feature
    left_out : dict of str to str
        Feature -> why.
    sentences : list of str
    """
    left_out = {f.name: why for f in features if (why := _unfit(f, looks[f.name]))}
    usable = [feature for feature in features if feature.name not in left_out]
    actionable = [feature for feature in usable if feature.actionable and feature.block is not Block.DEMOGRAPHICS]
    behaviour = [feature for feature in actionable if feature.block in BEHAVIOUR]
    who = len(behaviour) < LITTLE_BEHAVIOUR
    candidates, repeated = _without_repeats(_ranked(usable if who else actionable, looks), looks)
    chosen = candidates[:max_features] if who else _balanced(candidates, looks, max_features)
    left_out |= repeated
    for feature in usable:
        if feature not in chosen:
            left_out.setdefault(feature.name, _why_only_describes(feature, max_features, full=feature in candidates))
    return chosen, left_out, _tell(chosen, repeated, who=who, others=len(usable) > len(chosen))


def _unfit(feature: Feature, look: Column) -> str:
    if feature.barred:
        return why_not(feature)
    if feature.block is Block.RHYTHM and feature.kind is Kind.SHARE:
        return "describes the segments: over a few orders a habit is mostly chance"
    return too_poor(feature, look)


def _ranked(features: Sequence[Feature], looks: Mapping[str, Column]) -> list[Feature]:
    """Order by block, then by the fixed list, then (category shares) by spread, then as in the table."""
    blocks = list(Block)
    place = {name: number for number, name in enumerate(FIRST)}

    def key(numbered: tuple[int, Feature]) -> tuple[float, ...]:
        position, feature = numbered
        spread = _spread(looks[feature.name]) if _is_interest_share(feature) else 0.0
        return (blocks.index(feature.block), place.get(feature.name, len(FIRST)), -spread, position)

    return [feature for _, feature in sorted(enumerate(features), key=key)]


def _is_interest_share(feature: Feature) -> bool:
    return feature.block is Block.INTERESTS and feature.kind is Kind.SHARE


def _spread(look: Column) -> float:
    """Give the standard deviation of the roots of shares, rounded so that the order of the rows does not matter."""
    known = np.sort(look.values[np.isfinite(look.values)])
    return round(float(np.std(np.sqrt(np.maximum(known, 0.0)))), 9) if len(known) else 0.0


def _without_repeats(
    ranked: Sequence[Feature], looks: Mapping[str, Column]
) -> tuple[list[Feature], dict[str, str]]:  # fmt: skip
    """Drop each feature that says nearly the same as one before it."""
    kept: list[Feature] = []
    repeated: dict[str, str] = {}
    for feature in ranked:
        for better in () if feature.name in CORE else kept:
            r = rank_correlation(looks[feature.name], looks[better.name])
            if abs(r) > NEAR_DUPLICATE:
                repeated[feature.name] = f"says nearly the same as {better.label} (rank correlation {r:.2f})"
                break
        else:
            kept.append(feature)
    return kept, repeated


def _balanced(ranked: Sequence[Feature], looks: Mapping[str, Column], max_features: int) -> list[Feature]:
    """Serve the blocks in rounds, so that a block with many features takes no more places than another."""
    waiting = {block: _places([f for f in ranked if f.block is block], looks)[:quota] for block, quota in QUOTA.items()}
    chosen: list[Feature] = []
    while any(waiting.values()) and len(chosen) < max_features:
        for block, number in ROUND.items():
            chosen += waiting[block][:number]
            waiting[block] = waiting[block][number:]
    kept = set(chosen[:max_features])
    return [feature for feature in ranked if feature in kept]


def _places(ranked: Sequence[Feature], looks: Mapping[str, Column]) -> list[Feature]:
    """Give the features of a block without those that many customers lack, as far as there are others."""
    complete = [feature for feature in ranked if looks[feature.name].missing_share <= MANY_MISSING]
    return complete if len(complete) >= COMPLETE_ENOUGH else [*complete, *(f for f in ranked if f not in complete)]


def _why_only_describes(feature: Feature, max_features: int, *, full: bool) -> str:
    if full:
        return f"describes the segments; the basis holds at most {max_features} features, balanced over the blocks"
    if feature.block is Block.DEMOGRAPHICS:
        return "describes the segments: who customers are, where what they do is known"
    return "describes the segments"


def _tell(chosen: Sequence[Feature], repeated: Mapping[str, str], *, who: bool, others: bool) -> list[str]:
    blocks = list(dict.fromkeys(feature.block for feature in chosen))
    told = []
    if who and chosen:
        told.append("The table says little about what customers do, so who they are counts too.")
    elif len(blocks) > 1:
        told.append(f"They show {len(blocks)} sides of a customer ({listing(blocks)}), balanced against each other.")
    if repeated:
        count = len(repeated)
        told.append(
            f"{count} feature{'s' if count > 1 else ''} left out because another one says nearly the same: "
            f"{listing(sorted(repeated))}."
        )
    if chosen and others:
        told.append("All other features describe the segments once they are found.")
    return told
