"""What else differs between the segments: tests of the features that they were not built on, told with effect sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from coterie.profiles.contrasts import Contrast, category_codes, crossed, numeric_values
from coterie.profiles.lexicon import label_in_sentence, phrase_of
from coterie.profiles.ranks import Ranks, ranks_of
from coterie.profiles.wording import SMALLEST_CELL, capital, share, tell
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coterie.vocabulary import CustomerTable, Feature

#: Differences with a larger adjusted p-value count as chance.
ALPHA = 0.05
#: Where small, medium and large effects begin: epsilon squared; Cohen's w (Cohen 1988), of which V is w / √(r − 1).
_EPSILON_STEPS = (0.01, 0.06, 0.14)
_COHENS_W_STEPS = (0.1, 0.3, 0.5)
_WORDS = ("negligible", "small", "medium", "large")

COLUMNS = ["feature", "statistic", "p_value", "p_adjusted", "effect_size", "sentence"]


@dataclass(frozen=True)
class Difference:
    """The test of one feature: its statistic, p-value, effect size, and the word for its size."""

    feature: Feature
    statistic: float
    p_value: float
    effect: float
    word: str


def describe_differences(
    customers: CustomerTable,
    codes: np.ndarray,
    rows: Sequence[Contrast],
    names: Sequence[str],
    tested: Mapping[str, Difference | None] | None = None,
) -> pd.DataFrame:
    """Test every feature outside the basis for differences between the segments.

    Numbers by Kruskal and Wallis, with epsilon squared; categories and flags by chi square, with Cramér's V corrected
    for bias (Bergsma 2013); p-values adjusted together (Benjamini and Hochberg 1995). Unknown values are left out.
    `tested` holds tests of numbers that were made already, by `number_differs`; the others are made here.

    Returns
    -------
    DataFrame
        One row a descriptor, strongest effect first: feature, statistic, p_value, p_adjusted, effect_size, sentence.
        Values of groups of fewer than ten customers are never told.
    """
    by_feature: dict[str, list[Contrast]] = {}
    for row in rows:
        if not row.in_basis:
            by_feature.setdefault(row.feature, []).append(row)
    made = tested or {}
    tests = [
        test
        for name in by_feature
        if (test := made[name] if name in made else _test(customers, codes, name, len(names))) is not None
    ]
    if not tests:
        return pd.DataFrame(
            {name: pd.Series(dtype=object if name in ("feature", "sentence") else float) for name in COLUMNS}
        )
    adjusted = adjusted_together([test.p_value for test in tests])
    told = [
        (test.feature.name, test.statistic, test.p_value, float(p), test.effect,
         _sentence(test, float(p), by_feature[test.feature.name], names, customers.currency))
        for test, p in zip(tests, adjusted, strict=True)
    ]  # fmt: skip
    frame = pd.DataFrame(told, columns=COLUMNS)
    return frame.sort_values(["effect_size", "feature"], ascending=[False, True], kind="stable", ignore_index=True)


def kruskal_wallis(values: np.ndarray, codes: np.ndarray) -> tuple[float, float, float]:
    """Test whether a number differs between groups (Kruskal and Wallis 1952), ties corrected.

    Parameters
    ----------
    values : float array of shape (n,); those that are not finite are left out
    codes : int array of shape (n,)

    Returns
    -------
    (H, p-value, epsilon squared in [0, 1]); (0, 1, 0) where all values are equal. O(n log n) time.
    """
    ranks = ranks_of(values)
    return _from_ranks(ranks, codes[ranks.known])


def _from_ranks(ranks: Ranks, codes: np.ndarray) -> tuple[float, float, float]:
    """Test by ranks; `codes` are the groups of the known values."""
    n, times = len(ranks.rising), ranks.times
    sizes = np.bincount(codes)
    sums = np.bincount(codes[ranks.order], weights=ranks.rising_ranks)  # halves add up exactly in any order
    present = sizes > 0
    h = 12 / (n * (n + 1)) * float((sums[present] ** 2 / sizes[present]).sum()) - 3 * (n + 1)
    ties = times.astype(float)
    correction = 1 - float((ties**3 - ties).sum()) / (float(n) ** 3 - n)
    if correction <= 0:
        return 0.0, 1.0, 0.0
    h = max(h / correction, 0.0)
    return h, float(chdtrc(int(present.sum()) - 1, h)), min(h / (n - 1), 1.0)


def adjusted_together(p_values: Sequence[float]) -> np.ndarray:
    """Adjust p-values so that few of those below a level are chance (Benjamini and Hochberg 1995)."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")[::-1]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum.accumulate(p[order] * (len(p) / np.arange(len(p), 0, -1)))
    return np.minimum(adjusted, 1.0)


def cramers_v(counts: np.ndarray) -> tuple[float, float, float]:
    """Test whether two categories go together, and how much (Cramér's V, bias-corrected after Bergsma 2013).

    Parameters
    ----------
    counts : int array of shape (rows, columns)

    Returns
    -------
    (chi square, p-value, V in [0, 1]); (0, 1, 0) where either has one level only.
    """
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(float)
    r, c = counts.shape
    if min(r, c) < 2:
        return 0.0, 1.0, 0.0
    n = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    statistic = float(((counts - expected) ** 2 / expected).sum())
    free = (r - 1) * (c - 1)
    phi = max(0.0, statistic / n - free / (n - 1))
    r_corrected, c_corrected = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    smaller = min(r_corrected, c_corrected) - 1
    v = math.sqrt(phi / smaller) if smaller > 0 else 0.0
    return statistic, float(chdtrc(free, statistic)), min(v, 1.0)


def _test(customers: CustomerTable, codes: np.ndarray, name: str, k: int) -> Difference | None:
    feature = customers.features[name]
    if feature.kind in (Kind.CATEGORY, Kind.FLAG):
        return _test_category(customers, codes, feature, k)
    return number_differs(feature, ranks_of(numeric_values(customers, name)), codes, k)


def number_differs(feature: Feature, ranks: Ranks, codes: np.ndarray, k: int) -> Difference | None:
    """Test whether a number differs between k segments; None where there is nothing to compare."""
    values, known = ranks.column, ranks.known
    # A group of a few customers has no distribution to compare.
    big = np.bincount(codes[known], minlength=k) >= SMALLEST_CELL
    inside = known if big.all() else known & big[codes]
    if big.sum() < 2 or np.ptp(values[inside]) == 0:
        return None
    if big.all():
        statistic, p_value, effect = _from_ranks(ranks, codes[known])
    else:
        statistic, p_value, effect = kruskal_wallis(values[inside], codes[inside])
    return Difference(feature, statistic, p_value, effect, _word(effect, _EPSILON_STEPS))


def _test_category(customers: CustomerTable, codes: np.ndarray, feature: Feature, k: int) -> Difference | None:
    if feature.kind is Kind.FLAG:
        values = numeric_values(customers, feature.name)
        level_of = np.where(np.isnan(values), -1, values > 0.5).astype(np.int64)
        n_levels = 2
    else:
        level_of, levels = category_codes(customers, feature.name)
        n_levels = len(levels)
    counts = _with_rare_folded(crossed(codes, level_of, k, n_levels))
    counts = counts[counts.sum(axis=1) >= SMALLEST_CELL]
    if len(counts) < 2 or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    statistic, p_value, effect = cramers_v(counts)
    degrees = max(min(counts.shape) - 1, 1)
    return Difference(feature, statistic, p_value, effect, _word(effect * math.sqrt(degrees), _COHENS_W_STEPS))


def _with_rare_folded(counts: np.ndarray) -> np.ndarray:
    """Put levels of fewer than ten customers together; drop them where even together they are fewer."""
    rare = counts.sum(axis=0) < SMALLEST_CELL
    rest = counts[:, rare].sum(axis=1, keepdims=True)
    return np.hstack([counts[:, ~rare], rest]) if rest.sum() >= SMALLEST_CELL else counts[:, ~rare]


def _word(effect: float, steps: Iterable[float]) -> str:
    return _WORDS[sum(effect >= step for step in steps)]


def _sentence(test: Difference, p: float, rows: list[Contrast], names: Sequence[str], currency: str) -> str:
    label = capital(label_in_sentence(test.feature))
    if p > ALPHA:
        return f"{label} does not differ between the segments by more than chance would explain."
    lead = f"{label} differs between the segments ({test.word} effect)"
    if test.feature.kind is Kind.CATEGORY:
        return lead + _level_ending(rows, names) + "."
    big = [row for row in rows if row.known >= SMALLEST_CELL and math.isfinite(row.segment_mean)]
    ordered = sorted(big, key=lambda row: (row.segment_value, row.effect_size))
    low, high = ordered[0], ordered[-1]
    pairs = [(low.segment_value, high.segment_value), (low.segment_mean, high.segment_mean)]
    for least, most in pairs:
        least_told, most_told = (_value(value, test.feature, currency) for value in (least, most))
        if least < most and least_told != most_told:
            first, last = names[low.segment_id - 1], names[high.segment_id - 1]
            return f"{lead}: from {least_told} for '{first}' to {most_told} for '{last}'."
    return f"{lead}."


def _value(value: float, feature: Feature, currency: str) -> str:
    phrase = phrase_of(feature)
    if phrase is None:
        return tell(value, feature, currency)
    told = phrase.value(value, feature, currency)
    return f"{told} times" if phrase.other == "{v} times" else told


def _level_ending(rows: list[Contrast], names: Sequence[str]) -> str:
    told = [row for row in rows if row.level and row.effect_size > 0]
    if not told:
        return ""
    best = max(told, key=lambda row: (row.effect_size, -row.segment_id))
    return (
        f": {best.level} for {share(best.segment_value)} of '{names[best.segment_id - 1]}', "
        f"{share(best.overall_value)} of all customers"
    )
