"""The numbers of a test in time: what each segment did afterwards, and how much each grouping explains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coterie.holdout.explained import PIECE_PRIOR, Resamples, cross_fitted, deviances, interval, ranking
from coterie.holdout.results import BOTH, OUTCOMES, RFM, SEGMENTS, Difference, Explained, SegmentAfter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from coterie.profiles import NamedSegment
    from coterie.vocabulary import Segment

#: Smaller segments get no interval.
SMALLEST_CELL = 10
_Z95 = 1.959963984540054


def segments_after(
    segments: Sequence[NamedSegment | Segment], ids: np.ndarray, outcomes: pd.DataFrame, seed: int
) -> tuple[SegmentAfter, ...]:
    """Mean spend, mean orders and the share of silent customers in each segment, with intervals of 95 %.

    Parameters
    ----------
    segments : sequence of segments with `segment_id` and `name`
        Found before the split.
    ids : int array of shape (n_customers,)
        Segment of each row of `outcomes`.
    outcomes : DataFrame
        spend, orders, silence.
    seed : int
    """
    return tuple(_after(segment, outcomes[ids == segment.segment_id], len(ids), seed) for segment in segments)


def _after(segment: NamedSegment | Segment, inside: pd.DataFrame, n: int, seed: int) -> SegmentAfter:
    size = len(inside)
    silent = int(inside["silence"].sum())
    spend, orders = _mean(inside["spend"].to_numpy(), seed), _mean(inside["orders"].to_numpy(), seed)
    low, high = wilson(silent, size) if size >= SMALLEST_CELL else (math.nan, math.nan)
    return SegmentAfter(
        segment.segment_id, segment.name, size, size / n, *spend, *orders, silent / size, low, high
    )  # fmt: skip


def _mean(values: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Mean and its bootstrap interval."""
    if len(values) < SMALLEST_CELL:
        return float(values.mean()), math.nan, math.nan
    resamples = Resamples.make(len(values), seed)
    draws = resamples.sums(values) / resamples.sums(np.ones(len(values)))
    return float(values.mean()), *interval(draws)


def wilson(count: int, n: int) -> tuple[float, float]:
    """Interval of 95 % for a share (Wilson 1927, "Probable inference, the law of succession", JASA 22).

    >>> [round(bound, 4) for bound in wilson(0, 10)]
    [0.0, 0.2775]
    """
    share, z2 = count / n, _Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def compare(
    groupings: Mapping[str, np.ndarray], outcomes: pd.DataFrame, seed: int
) -> tuple[tuple[Explained, ...], tuple[Difference, ...]]:
    """Say how much each grouping explains of each outcome, and by how much the segments explain more or less.

    Parameters
    ----------
    groupings : mapping of str to int array of shape (n_customers,)
        Holds `SEGMENTS`; where it holds `RFM`, both together are looked at as well.
    outcomes : DataFrame
        spend, orders, silence, fold.
    seed : int

    Returns
    -------
    explained : tuple of Explained
    differences : tuple of Difference
        Segments minus each other grouping; for `BOTH`, both together minus the boxes alone: what the segments add.

    Notes
    -----
    Intervals are bootstrap percentiles over customers, paired: every grouping is measured on the same draws. The
    groups' means are not estimated again in a draw, nor are segments found again, so the intervals leave out that part
    of the doubt.
    """
    resamples = Resamples.make(len(outcomes), seed)
    explained: list[Explained] = []
    differences: list[Difference] = []
    for outcome in OUTCOMES:
        values = np.maximum(outcomes[outcome].to_numpy(dtype=float), 0.0)
        if values.min() == values.max():
            continue
        found = _Measured(outcome, values, outcomes["fold"].to_numpy(), resamples)
        for name, groups in groupings.items():
            found.add(name, int(groups.max()) + 1, cross_fitted(values, groups, found.folds))
        if RFM in groupings:
            found.add(BOTH, *_together(groupings, found))
        explained += found.explained
        differences += found.differences()
    return tuple(explained), tuple(differences)


def _together(groupings: Mapping[str, np.ndarray], found: _Measured) -> tuple[int, np.ndarray]:
    """Segments within boxes, each piece drawn to the mean of its box."""
    boxes, segments = groupings[RFM], groupings[SEGMENTS]
    cells = np.unique(boxes * (int(segments.max()) + 1) + segments, return_inverse=True)[1]
    of_box = cross_fitted(found.values, boxes, found.folds)
    predicted = cross_fitted(found.values, cells, found.folds, towards=of_box, prior=PIECE_PRIOR)
    return int(cells.max()) + 1, predicted


class _Measured:
    """One outcome: how far each grouping is off, in all and in each bootstrap draw."""

    def __init__(self, outcome: str, values: np.ndarray, folds: np.ndarray, resamples: Resamples) -> None:
        self.outcome, self.values, self.folds, self.resamples = outcome, values, folds, resamples
        nobody = np.zeros(len(values), dtype=np.int64)
        without = deviances(values, cross_fitted(values, nobody, folds), outcome)
        self._total, self._totals = float(without.sum()), resamples.sums(without)
        self._shares: dict[str, tuple[float, np.ndarray]] = {}
        self.explained: list[Explained] = []

    def add(self, name: str, n_groups: int, predicted: np.ndarray) -> None:
        """Measure a grouping by its predictions."""
        off = deviances(self.values, predicted, self.outcome)
        share, draws = 1 - float(off.sum()) / self._total, 1 - self.resamples.sums(off) / self._totals
        self._shares[name] = share, draws
        gini, top_fifth = ranking(self.values, predicted)
        self.explained.append(Explained(self.outcome, name, n_groups, share, *interval(draws), gini, top_fifth))

    def differences(self) -> list[Difference]:
        """Segments minus each other grouping; for `BOTH`, both minus the boxes alone."""
        found = []
        for name in self._shares:
            if name == SEGMENTS:
                continue
            more, less = (BOTH, RFM) if name == BOTH else (SEGMENTS, name)
            share = self._shares[more][0] - self._shares[less][0]
            draws = self._shares[more][1] - self._shares[less][1]
            found.append(Difference(self.outcome, name, share, *interval(draws)))
        return found
