"""Proxy audit: which segments stand for which group of people, how strongly, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, chndtrinc

from coterie.campaigns.experiments.across_segments import holm
from coterie.campaigns.experiments.proportions import Interval, lift, pooled_p_value
from coterie.profiles import cramers_v, hidden_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns.fairness.groups import Attribute

#: From this strength on a study warns; from the next it says that the segments nearly are the groups.
NOTABLE, STRONG = 0.10, 0.30
#: Adjusted p-values above this count as chance.
ALPHA = 0.05


@dataclass(frozen=True)
class Standing:
    """How a group stands in a segment.

    `share` of the segment's known customers are of the group, `elsewhere` of all others; `difference` is the first
    minus the second. `is_hidden` where fewer than ten customers, or the total, would show who they are.
    """

    segment_id: int
    group: str
    customers: int
    share: float
    elsewhere: float
    difference: Interval
    p_adjusted: float
    is_hidden: bool


@dataclass(frozen=True)
class Proxy:
    """What one attribute has to do with the segments.

    Attributes
    ----------
    name, label, origin : str
        As in `Attribute`.
    strength : Interval
        Cramér's V corrected for bias, 0 (nothing) to 1 (each group a segment of its own), with its 95 % interval.
    p_adjusted : float
        That chance alone makes them so unlike, over all attributes (Holm).
    is_flagged : bool
        Strong enough to tell, and more than chance.
    standings : tuple of Standing
        One each segment and group, by segment.
    judged, left_out, unknown : int
        Customers in groups large enough, in smaller ones, and of whom nothing is known.
    """

    name: str
    label: str
    origin: str
    strength: Interval
    p_adjusted: float
    is_flagged: bool
    standings: tuple[Standing, ...]
    judged: int
    left_out: int
    unknown: int


def audit_proxies(attributes: Sequence[Attribute], segment_ids: np.ndarray) -> tuple[Proxy, ...]:
    """Hold the segments against each attribute.

    Parameters
    ----------
    attributes : sequence of Attribute
    segment_ids : int array of shape (n_customers,)

    Returns
    -------
    tuple of Proxy
        In the order given. O(n) an attribute.

    Notes
    -----
    Strength: Cramér's V, corrected for bias (Bergsma 2013, Journal of the Korean Statistical Society 42), its interval
    from the non-central chi-square distribution (Smithson 2003, Confidence Intervals, chapter 4). Flagged where V is
    0.10 or more and the chi-square test, adjusted over the attributes (Holm 1979), is below 0.05. Differences of
    shares: Newcombe's interval, their tests adjusted over all segments and groups of an attribute.
    """
    ids = np.unique(segment_ids)
    tables = [crossed(attribute, segment_ids, ids) for attribute in attributes]
    found = [strength_of(counts) for counts in tables]
    adjusted = holm(np.array([p_value for _, p_value in found]))
    return tuple(
        _proxy(attribute, counts, ids, strength, float(p_value))
        for attribute, counts, (strength, _), p_value in zip(attributes, tables, found, adjusted, strict=True)
    )


def strength_of(counts: np.ndarray) -> tuple[Interval, float]:
    """Bias-corrected Cramér's V of a table of counts, with a 95 % interval, and the p-value of its chi-square test.

    Parameters
    ----------
    counts : int array of shape (n_rows, n_columns)

    Examples
    --------
    >>> found, p_value = strength_of(np.array([[50, 10], [10, 50]]))
    >>> [round(value, 2) for value in (found.estimate, found.low, found.high)]
    [0.66, 0.49, 0.85]
    """
    statistic, p_value, estimate = cramers_v(counts)
    rows, columns = int((counts.sum(axis=1) > 0).sum()), int((counts.sum(axis=0) > 0).sum())
    if min(rows, columns) < 2:
        return Interval(0.0, 0.0, 0.0), 1.0
    scale = float(counts.sum()) * (min(rows, columns) - 1)
    ends = _noncentralities(statistic, (rows - 1) * (columns - 1))
    low, high = (math.sqrt(end / scale) for end in ends)
    return Interval(estimate, min(low, estimate), min(max(high, estimate), 1.0)), p_value


def _noncentralities(statistic: float, free: int) -> tuple[float, float]:
    """Non-centralities under which the statistic stands at the upper and the lower 2.5 %; 0 where none does."""
    found = []
    for level in (0.975, 0.025):
        reached = 1 - chdtrc(free, statistic)
        found.append(float(chndtrinc(statistic, free, level)) if reached > level else 0.0)
    return found[0], found[1]


def crossed(attribute: Attribute, segment_ids: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Count the customers of each segment (rows, in the order of `ids`) and group (columns); unknown ones are not."""
    known = attribute.codes >= 0
    rows = np.searchsorted(ids, segment_ids[known])
    width = len(attribute.groups)
    flat: np.ndarray = np.bincount(rows * width + attribute.codes[known], minlength=len(ids) * width)
    return flat.reshape(len(ids), width)


def _proxy(attribute: Attribute, counts: np.ndarray, ids: np.ndarray, strength: Interval, p_value: float) -> Proxy:
    return Proxy(
        name=attribute.name,
        label=attribute.label,
        origin=attribute.origin,
        strength=strength,
        p_adjusted=p_value,
        is_flagged=strength.estimate >= NOTABLE and p_value < ALPHA,
        standings=_standings(attribute, counts, ids),
        judged=int(counts.sum()),
        left_out=attribute.left_out,
        unknown=attribute.unknown,
    )


def _standings(attribute: Attribute, counts: np.ndarray, ids: np.ndarray) -> tuple[Standing, ...]:
    totals, groups, n = counts.sum(axis=1), counts.sum(axis=0), int(counts.sum())
    hidden = hidden_cells(counts)
    cells = [(row, column) for row in range(len(ids)) for column in range(len(groups)) if 0 < totals[row] < n]
    compared = {cell: _against_others(counts, totals, groups, cell) for cell in cells}
    adjusted = dict(zip(cells, holm(np.array([p_value for _, p_value in compared.values()])), strict=True))
    return tuple(
        Standing(
            segment_id=int(ids[row]),
            group=attribute.groups[column],
            customers=int(counts[row, column]),
            share=float(counts[row, column] / totals[row]),
            elsewhere=float((groups[column] - counts[row, column]) / (n - totals[row])),
            difference=compared[row, column][0],
            p_adjusted=float(adjusted[row, column]),
            is_hidden=bool(hidden[row, column]),
        )
        for row, column in cells
    )


def _against_others(
    counts: np.ndarray, totals: np.ndarray, groups: np.ndarray, cell: tuple[int, int]
) -> tuple[Interval, float]:
    here, size = int(counts[cell]), int(totals[cell[0]])
    there, others = int(groups[cell[1]]) - here, int(totals.sum()) - size
    return lift(here, size, there, others), pooled_p_value(here, size, there, others)
