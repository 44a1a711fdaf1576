"""What drifted: each feature of two studies held against the other, in plain units and as one number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs import tables
from coterie.vocabulary import NUMERIC_KINDS, Feature, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from coterie.outputs.study import Study

#: The usual limits of the population stability index: below the first a feature is steady, above the second it moved.
WATCH, MOVED_FAR = 0.1, 0.25
#: Bins of equal counts that a number is divided into, and levels of a category that are counted by themselves.
_BINS, _LEVELS = 10, 20
#: Quantile of the standard normal for 95 %, one-sided.
_ONE_SIDED = 1.6449


@dataclass(frozen=True)
class Shift:
    """How a feature's values moved from one study to the next.

    Attributes
    ----------
    feature : Feature
    in_basis : bool
        Whether the earlier segments are built on it.
    before, after : float
        Its middle in each study: the median of numbers; the mean of shares and flags; of a category the share of the
        level whose share moved most. NaN where nobody has a value.
    psi : float >= 0
        Population stability index of the two distributions of the known values; 0 = the same.
    chance : float
        What the index stays under in 95 of 100 pairs of samples of these sizes from the same customers.
    known : (float, float)
        Share of customers whose value is known in each study.
    level : str
        The level that `before` and `after` are about, for a category.
    """

    feature: Feature
    in_basis: bool
    before: float
    after: float
    psi: float
    chance: float
    known: tuple[float, float]
    level: str = ""

    @property
    def word(self) -> str:
        """How far it moved: "steady", "moved a little" or "moved far"; more than chance explains, or steady."""
        if self.psi <= max(WATCH, self.chance):
            return "steady"
        return "moved far" if self.psi > max(MOVED_FAR, self.chance) else "moved a little"


def feature_shifts(old: Study, new: Study) -> tuple[Shift, ...]:
    """Hold every feature that both studies have against the other, the one that moved most first.

    Dates are left out: they grow older by themselves. O(n log n) time per feature.
    """
    basis = set(old.manifest["basis"]["features"])
    found = []
    for name, feature in old.features.items():
        column = tables.feature_column(name)
        same = new.features.get(name)
        if same is None or same.kind is not feature.kind or feature.kind is Kind.DATE:
            continue
        if column in old.customers and column in new.customers:
            found.append(_shift(feature, old.customers[column], new.customers[column], in_basis=name in basis))
    return tuple(sorted(found, key=lambda shift: (-shift.psi, shift.feature.name)))


def _shift(feature: Feature, before: pd.Series, after: pd.Series, *, in_basis: bool) -> Shift:
    known = float(before.notna().mean()), float(after.notna().mean())
    if feature.kind in NUMERIC_KINDS:
        numbers = [column.to_numpy(dtype=float, na_value=np.nan) for column in (before, after)]
        psi, chance = stability_index(*_number_counts(*numbers))
        middle = _middle(numbers[0], feature), _middle(numbers[1], feature)
        return Shift(feature, in_basis, *middle, psi=psi, chance=chance, known=known)
    levels, one, other = _level_counts(before, after)
    apart = np.abs(one[:-1] / max(one.sum(), 1) - other[:-1] / max(other.sum(), 1))
    place = int(apart.argmax()) if levels else 0
    psi, chance = stability_index(one, other)
    level = levels[place] if levels else ""
    return Shift(feature, in_basis, _part(one, place), _part(other, place), psi, chance, known, level)


def stability_index(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Population stability index of two rows of counts, and what chance alone makes of it.

    With shares p and q of each bin the index is Σ (q − p) ln(q / p). For two samples of n and m from one population it
    is about (1/n + 1/m) times a chi-squared variable with B − 1 degrees of freedom (Yurdakul 2018); its 95 % quantile
    is taken by Wilson and Hilferty's (1931) formula. Half a count is added to each bin, so that an empty one is finite.

    Parameters
    ----------
    before, after : int arrays of shape (n_bins,)

    Returns
    -------
    index : float >= 0
    chance : float, its 95 % quantile where nothing moved

    Examples
    --------
    >>> index, chance = stability_index(np.array([50, 50]), np.array([50, 50]))
    >>> index, round(chance, 3)
    (0.0, 0.077)
    """
    used = (before + after) > 0
    one, other = before[used] + 0.5, after[used] + 0.5
    p, q = one / one.sum(), other / other.sum()
    index = float(((q - p) * np.log(q / p)).sum())
    free = max(len(one) - 1, 0)
    spread = 2 / (9 * free) if free else 0.0
    quantile = free * (1 - spread + _ONE_SIDED * math.sqrt(spread)) ** 3
    return index, float(quantile * (1 / max(before.sum(), 1) + 1 / max(after.sum(), 1)))


def _number_counts(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts in bins that hold as many of the earlier values each."""
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS)) if len(known) else np.empty(0)
    return _binned(before, edges), _binned(after, edges)


def _binned(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts of the known values up to each edge, and above the last; an edge belongs to the bin below it."""
    place = np.searchsorted(edges, values[~np.isnan(values)], side="left")
    return np.bincount(place, minlength=len(edges) + 1)


def _level_counts(before: pd.Series, after: pd.Series) -> tuple[Sequence[str], np.ndarray, np.ndarray]:
    """Levels of a category, the commonest in both first, their counts, and a last count of all others."""
    one, other = (column.dropna().astype(str).value_counts() for column in (before, after))
    both = one.add(other, fill_value=0)
    ranked = sorted(both.index, key=lambda level: (-both[level], level))[:_LEVELS]
    counts = [np.append(found.reindex(ranked, fill_value=0).to_numpy(dtype=np.int64), 0) for found in (one, other)]
    for row, column in zip(counts, (before, after), strict=True):
        row[-1] = column.notna().sum() - row.sum()
    return ranked, counts[0], counts[1]


def _part(counts: np.ndarray, place: int) -> float:
    return float(counts[place] / counts.sum()) if counts.sum() else math.nan


def _middle(values: np.ndarray, feature: Feature) -> float:
    known = values[~np.isnan(values)]
    if not len(known):
        return math.nan
    return float(known.mean() if feature.kind in (Kind.SHARE, Kind.FLAG) else np.median(known))
