"""A look at one feature's values, to see whether there is enough in them to tell customers apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coterie.preparation.categories import numbered
from coterie.preparation.rounding import spread_rows
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from coterie.vocabulary import Feature

#: Largest share of missing values in a basis that is chosen automatically.
MAX_MISSING = 0.6
#: Largest share of customers with one and the same value.
MAX_SAME = 0.95
#: Largest number of levels of a category.
MAX_LEVELS = 50
#: Rows on which rank correlations are computed when there are more; evenly spaced over the customers sorted by id.
RANK_ROWS = 20_000


@dataclass(frozen=True)
class Column:
    """What was seen of a feature's values."""

    n: int
    missing_share: float
    n_distinct: int
    same_share: float  # of the most frequent value among those known
    values: np.ndarray  # numeric kinds: evenly spaced rows with NaN; else empty

    @property
    def is_constant(self) -> bool:
        """Whether no two customers differ."""
        return self.n_distinct <= 1

    @cached_property
    def known(self) -> np.ndarray:
        """Which of `values` are known, a flag each."""
        return np.asarray(np.isfinite(self.values))

    @cached_property
    def centred_ranks(self) -> np.ndarray:
        """Ranks of the known values minus their mean."""
        return self.ranked_among(self.known)

    @cached_property
    def order(self) -> np.ndarray:
        """Rows of `values` by rising value, unknown ones last."""
        return np.argsort(self.values)

    def ranked_among(self, rows: np.ndarray) -> np.ndarray:
        """Ranks among some of the known values minus their mean; equal values share the mean of their ranks.

        Parameters
        ----------
        rows : bool array, as long as `values`
        """
        order = self.order[rows[self.order]]
        rising = self.values[order]
        first = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]]))
        last = np.concatenate([first[1:], [len(rising)]])
        ranks = np.empty(len(rows))
        ranks[order] = np.repeat((first + last + 1) / 2, last - first)
        chosen = ranks[rows]
        return np.asarray(chosen - chosen.mean())


def look_at(feature: Feature, values: np.ndarray) -> Column:
    """Count what is missing, how many different values there are and how often the most frequent one is."""
    n = len(values)
    if feature.kind is Kind.DATE:
        return Column(n, 0.0, n, 0.0, np.empty(0))
    if feature.kind is Kind.CATEGORY:
        places, texts = numbered(values)
        return _column(n, np.bincount(places[places >= 0], minlength=len(texts)), np.empty(0))
    numbers = np.asarray(values, dtype=np.float64)
    _, repeats = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    return _column(n, repeats, numbers[spread_rows(n, RANK_ROWS)])


def _column(n: int, repeats: np.ndarray, values: np.ndarray) -> Column:
    known = int(np.sum(repeats))
    most = int(np.max(repeats)) if known else 0
    return Column(n, 1 - known / n if n else 1.0, len(repeats), most / known if known else 1.0, values)


def unusable(feature: Feature, look: Column) -> str:
    """Say why no distance can be made from a feature; "" when it can."""
    if feature.kind is Kind.DATE:
        return "a date; the days since then can be used instead"
    if look.missing_share >= 1:
        return "no customer has a value"
    return "every customer has the same value" if look.is_constant else ""


def too_poor(feature: Feature, look: Column) -> str:
    """Say why a feature is not good enough for a basis that is chosen automatically; "" when it is."""
    if why := unusable(feature, look):
        return why
    if look.missing_share > MAX_MISSING:
        return f"{look.missing_share:.0%} of the customers have no value"
    if feature.kind is Kind.CATEGORY and look.n_distinct > MAX_LEVELS:
        return f"{look.n_distinct:,} different values, too many to compare"
    if look.same_share > MAX_SAME:
        return f"{look.same_share:.0%} of the customers have the same value"
    return ""


def rank_correlation(a: Column, b: Column) -> float:
    """Spearman's rank correlation over the rows where both are known, rounded to nine decimals; 0 below ten such rows.

    Notes
    -----
    Columns that lack the same rows are ranked once, however many others each is compared with.
    """
    if len(a.values) != len(b.values) or not len(a.values):
        return 0.0
    both = a.known & b.known
    if np.count_nonzero(both) < 10:
        return 0.0
    x, y = (c.centred_ranks if (c.known == both).all() else c.ranked_among(both) for c in (a, b))
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return round(float(x @ y) / norm, 9) if norm > 0 else 0.0
