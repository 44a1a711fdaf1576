"""Offer audit: which groups of people the plays would give a price reduction, or a campaign at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.experiments.across_segments import holm
from coterie.campaigns.experiments.proportions import Interval, pooled_p_value, relative_lift
from coterie.campaigns.fairness.proxies import ALPHA, crossed
from coterie.profiles import hidden_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coterie.campaigns.fairness.groups import Attribute

#: A group that is chosen less often than this share of the most often chosen one raises the alarm.
FOUR_FIFTHS = 0.80
_ITSELF = Interval(1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Offered:
    """How often a group gets an offer, against the group that gets it most often.

    Attributes
    ----------
    offer : str
        "a price reduction" or "a campaign".
    attribute, label, group : str
    customers, chosen : int
        Of the group, and those of them who get the offer.
    ratio : Interval
        Share of the group who get it over that of the group that gets it most often, with its 95 % interval; 1 for that
        group itself, NaN bounds where nobody of the group gets it.
    p_adjusted : float
        That chance alone makes the two so unlike, over all groups of the attribute (Holm).
    best : str
        The group that gets it most often.
    is_hidden : bool
        The numbers would show, or give away, a group of fewer than ten customers.
    """

    offer: str
    attribute: str
    label: str
    group: str
    customers: int
    chosen: int
    ratio: Interval
    p_adjusted: float
    best: str
    is_hidden: bool = False

    @property
    def is_low(self) -> bool:
        """Whether the ratio is below four fifths."""
        return self.ratio.estimate < FOUR_FIFTHS

    @property
    def is_alarm(self) -> bool:
        """Whether the ratio is below four fifths and more than chance: a screening alarm, not a legal finding."""
        return self.is_low and self.p_adjusted < ALPHA


def audit_offers(
    attributes: Sequence[Attribute], segment_ids: np.ndarray, offers: Mapping[str, Collection[int]]
) -> tuple[Offered, ...]:
    """Count who would get each offer, by group.

    Parameters
    ----------
    attributes : sequence of Attribute
    segment_ids : int array of shape (n_customers,)
    offers : mapping of str to collection of int
        Offer in words -> segments that get it. One that all or no segments get is left away: nobody is chosen by it.

    Notes
    -----
    The four-fifths rule screens selections in employment (29 CFR 1607.4 D); for campaigns no law draws such a line, and
    where a lower rate is an advantage (higher prices elsewhere) the alarm is to be read the other way round. Interval:
    Katz, Baptista, Azen and Pike (1978, Biometrics 34).
    """
    ids = np.unique(segment_ids)
    found: list[Offered] = []
    for offer, segments in offers.items():
        chosen = np.isin(ids, sorted(segments))
        if chosen.all() or not chosen.any():
            continue
        for attribute in attributes:
            found += _by_group(offer, attribute, crossed(attribute, segment_ids, ids), chosen)
    return tuple(found)


def selection_ratio(chosen: int, customers: int, best_chosen: int, best_customers: int) -> Interval:
    """Ratio of two selection rates with its 95 % interval.

    Examples
    --------
    >>> found = selection_ratio(42, 100, 60, 100)
    >>> [round(value, 2) for value in (found.estimate, found.low, found.high)]
    [0.7, 0.53, 0.93]
    """
    if not chosen:
        return Interval(0.0, math.nan, math.nan)
    change = relative_lift(chosen, customers, best_chosen, best_customers)
    return Interval(1 + change.estimate, 1 + change.low, 1 + change.high)


def _by_group(offer: str, attribute: Attribute, counts: np.ndarray, chosen: np.ndarray) -> list[Offered]:
    sizes, taken = counts.sum(axis=0), counts[chosen].sum(axis=0)
    if not taken.any():
        return []
    best = int(np.argmax(taken / sizes))
    against = (int(taken[best]), int(sizes[best]))
    others = [place for place in range(len(sizes)) if place != best]
    p_values = np.array([pooled_p_value(int(taken[place]), int(sizes[place]), *against) for place in others])
    adjusted = {best: 1.0} | dict(zip(others, holm(p_values).tolist(), strict=True))
    hidden = _gives_away(counts, chosen)
    return [
        Offered(
            offer=offer,
            attribute=attribute.name,
            label=attribute.label,
            group=group,
            customers=int(sizes[place]),
            chosen=int(taken[place]),
            ratio=selection_ratio(int(taken[place]), int(sizes[place]), *against) if place != best else _ITSELF,
            p_adjusted=adjusted[place],
            best=attribute.groups[best],
            is_hidden=bool(hidden[place]),
        )
        for place, group in enumerate(attribute.groups)
    ]


def _gives_away(counts: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Say of which groups the number that gets an offer would show a small cell, or a part of those that are hidden."""
    hidden = hidden_cells(counts)
    inside, outside = hidden[chosen].any(axis=0), hidden[~chosen].any(axis=0)
    both_ways = np.stack([counts[chosen].sum(axis=0), counts[~chosen].sum(axis=0)])
    given_away: np.ndarray = (inside & outside) | hidden_cells(both_ways).any(axis=0)
    return given_away
