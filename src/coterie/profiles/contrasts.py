"""How each segment differs from all customers, feature by feature, in the units that a person knows."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.beside import cores
from coterie.memory import let_go
from coterie.profiles.lexicon import label_in_sentence
from coterie.profiles.ranks import Ranks, ranks_of
from coterie.profiles.wording import SMALLEST_CELL, plain
from coterie.vocabulary import Barred, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from coterie.vocabulary import CustomerTable, Feature

#: Kinds whose distribution is skewed as a rule: a segment's typical value is told by the median.
SKEWED_KINDS = frozenset({Kind.MONEY, Kind.COUNT, Kind.DAYS, Kind.NUMBER, Kind.ORDERED})

#: From so many customers on, features are looked at on several threads.
MANY = 50_000

#: Columns that say nothing about a segment, or that nobody should read in a report.
UNTOLD = frozenset({Barred.IDENTIFIER, Barred.PERSONAL, Barred.FREE_TEXT, Barred.SPECIAL, Barred.AUDIT})

#: Differences to the overall mean that make a variable a marker: this part of the largest segment mean, or relative.
MARKER_ABSOLUTE = 0.25
MARKER_RELATIVE = 0.5
#: Smallest effect of a marker: keeps single outliers from making one.
MARKER_EFFECT = 0.2


@dataclass(frozen=True, slots=True)
class Contrast:
    """One feature of one segment against all customers.

    `segment_value` and `overall_value` are medians for money, counts, days and plain numbers, means for shares and
    flags (the share of customers who have the flag), and for a category the share of `level`, the level that is
    over-represented most.

    `effect_size` is Cohen's d of the segment against all customers on the scale of normal scores (van der Waerden
    1952): values are replaced by the normal quantiles of their ranks, ties sharing their mean rank, so that outliers
    and skewness do not matter. For a category it is Cohen's h of the level's share. 0 where nothing is known.

    `index` is 100 × segment mean ÷ overall mean; NaN where the overall mean is not positive or the segment's is
    negative.
    """

    segment_id: int
    feature: str
    label: str
    unit: str
    kind: str
    block: str
    in_basis: bool
    statistic: str
    level: str
    segment_value: float
    overall_value: float
    index: float
    effect_size: float
    is_marker: bool
    spread: float
    segment_mean: float
    overall_mean: float
    known: int


def told_features(customers: CustomerTable) -> tuple[Feature, ...]:
    """Give the features that a profile may speak of: no identifiers, personal data, free text or dates."""
    return tuple(
        feature
        for name, feature in customers.features.items()
        if name in customers.frame.columns and feature.barred not in UNTOLD and feature.kind is not Kind.DATE
    )


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Replace values by the normal quantiles of their ranks, standardised; 0 where unknown.

    Parameters
    ----------
    values : float array of shape (n,), NaN = unknown

    Returns
    -------
    float array of shape (n,), mean 0 and standard deviation 1 over the known values; all 0 for a constant.
    O(n log n) time.
    """
    return ranks_of(values).scores()


def contrasts(
    customers: CustomerTable,
    codes: np.ndarray,
    n_segments: int,
    basis: Container[str],
    also: Callable[[Feature, Ranks, np.ndarray], None] | None = None,
) -> tuple[Contrast, ...]:
    """Compare every segment with all customers in every feature that may be told.

    Parameters
    ----------
    customers : CustomerTable
    codes : int array of shape (n_customers,)
        `segment_id - 1` of each customer.
    n_segments : int
    basis : container of str
        Names of the features that the segments are built on.
    also : function, optional
        Is given each numeric feature with its ranks and normal scores, so that others need not make them again. Many
        customers are looked at on several threads: it must not mind in which order features come.

    Returns
    -------
    tuple of Contrast, by segment, then in the order of the features. O(n log n) time a feature.
    """
    members = Members.of(codes, n_segments)

    def of(feature: Feature) -> list[Contrast]:
        in_basis = feature.name in basis
        if feature.kind is Kind.CATEGORY:
            return list(_category(feature, customers, codes, n_segments, in_basis))
        ranks = ranks_of(numeric_values(customers, feature.name))
        scores = ranks.scores()
        if also is not None:
            also(feature, ranks, scores)
        rows = list(_numeric(feature, ranks, scores, members, in_basis))
        let_go()
        return rows

    told = told_features(customers)
    if len(codes) < MANY:
        by_feature = [of(feature) for feature in told]
    else:
        with ThreadPoolExecutor(min(cores(), 4)) as threads:  # sorting needs no interpreter
            by_feature = list(threads.map(of, told))
    return tuple(rows[code] for code in range(n_segments) for rows in by_feature)


@dataclass(frozen=True)
class Members:
    """Who is in which segment: the code of each customer, and the rows of each segment in rising order."""

    codes: np.ndarray
    rows: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, codes: np.ndarray, n_segments: int) -> Members:
        """Sort customers into segments."""
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(1, n_segments))
        return cls(codes, tuple(np.split(order, ends)))


def table_of(rows: tuple[Contrast, ...]) -> pd.DataFrame:
    """Lay the contrasts out as the profile table, one row a segment × feature."""
    first = ["segment_id", "feature", "unit", "segment_value", "overall_value", "index", "effect_size", "is_marker"]
    names = list(Contrast.__dataclass_fields__)
    frame = pd.DataFrame([asdict(row) for row in rows], columns=names)
    return frame[[*first, "spread", *[name for name in names if name not in {*first, "spread"}]]]


def numeric_values(customers: CustomerTable, name: str) -> np.ndarray:
    """Give a numeric column as floats, infinities taken as unknown; as it lies in the table where that is the same."""
    column = customers.frame[name]
    if column.dtype != np.float64:
        column = pd.to_numeric(column, errors="coerce")
    values = column.to_numpy(dtype=float, na_value=np.nan)
    endless = np.isinf(values)
    return np.where(endless, np.nan, values) if endless.any() else values


def category_codes(customers: CustomerTable, name: str) -> tuple[np.ndarray, list[str]]:
    """Give a category as codes into its sorted levels, -1 where unknown."""
    values = customers.frame[name].to_numpy(dtype=object)
    if pd.api.types.infer_dtype(values, skipna=True) not in ("string", "empty"):
        missing = pd.isna(values)
        values = np.array([None if gone else str(value) for value, gone in zip(values, missing, strict=True)], object)
    codes, found = pd.factorize(values)
    levels = sorted(map(str, found))
    place = {level: code for code, level in enumerate(levels)}
    place_of_code = np.array([*(place[str(level)] for level in found), -1], dtype=np.int64)
    return np.asarray(place_of_code[codes]), levels


def _numeric(
    feature: Feature, ranks: Ranks, scores: np.ndarray, members: Members, in_basis: bool
) -> Iterator[Contrast]:
    values, known, codes, n_segments = ranks.column, ranks.known, members.codes, len(members.rows)
    mine, theirs = (codes, values) if known.all() else (codes[known], values[known])
    sizes = np.bincount(mine, minlength=n_segments)
    means = _divided(np.bincount(mine, weights=theirs, minlength=n_segments), sizes)
    effects = _divided(np.bincount(codes, weights=scores, minlength=n_segments), sizes)
    skewed = feature.kind in SKEWED_KINDS
    overall_mean = float(theirs.mean()) if len(theirs) else math.nan
    overall = float(np.median(ranks.rising)) if skewed and len(theirs) else overall_mean
    largest = float(np.max(np.abs(means[sizes > 0]), initial=0.0))
    parts = ranks.by_group(mine, n_segments) if skewed else (_known(values[rows]) for rows in members.rows)
    for code, inside in enumerate(parts):
        centre, spread = _centre_and_spread(inside, skewed)
        effect = float(effects[code]) if sizes[code] else 0.0
        mean = float(means[code])
        yield Contrast(
            segment_id=code + 1,
            statistic="median" if skewed else "mean",
            level="",
            segment_value=centre,
            overall_value=overall,
            index=index_of(mean, overall_mean),
            effect_size=effect,
            is_marker=is_marker(mean, overall_mean, largest, effect),
            spread=spread,
            segment_mean=mean,
            overall_mean=overall_mean,
            known=int(sizes[code]),
            **_identity(feature),
            in_basis=in_basis,
        )


def _category(
    feature: Feature, customers: CustomerTable, codes: np.ndarray, n_segments: int, in_basis: bool
) -> Iterator[Contrast]:
    level_of, levels = category_codes(customers, feature.name)
    counts = crossed(codes, level_of, n_segments, len(levels))
    overall = _divided(counts.sum(axis=0), np.full(len(levels), counts.sum()))
    for code in range(n_segments):
        size = int(counts[code].sum())
        shares = _divided(counts[code], np.full(len(levels), size))
        told = np.flatnonzero(counts[code] >= SMALLEST_CELL)
        best = int(told[np.argmax(_cohens_h(shares[told], overall[told]))]) if len(told) else -1
        here = float(shares[best]) if best >= 0 else math.nan
        there = float(overall[best]) if best >= 0 else math.nan
        effect = float(_cohens_h(np.array([here]), np.array([there]))[0]) if best >= 0 else 0.0
        yield Contrast(
            segment_id=code + 1,
            statistic="share",
            level=plain(levels[best]) if best >= 0 else "",
            segment_value=here,
            overall_value=there,
            index=index_of(here, there),
            effect_size=effect,
            is_marker=is_marker(here, there, here, effect),
            spread=math.nan,
            segment_mean=here,
            overall_mean=there,
            known=size,
            **_identity(feature),
            in_basis=in_basis,
        )


def crossed(codes: np.ndarray, level_of: np.ndarray, n_segments: int, n_levels: int) -> np.ndarray:
    """Count customers by segment and level of a category; int array of shape (n_segments, n_levels)."""
    known = level_of >= 0
    flat = codes[known] * max(n_levels, 1) + level_of[known]
    return np.bincount(flat, minlength=n_segments * max(n_levels, 1)).reshape(n_segments, -1)[:, :n_levels]


def index_of(mean: float, overall: float) -> float:
    """Give 100 × mean ÷ overall mean; NaN where the ratio would not mean anything."""
    if not (math.isfinite(mean) and math.isfinite(overall)) or overall <= 0 or mean < 0:
        return math.nan
    return 100 * mean / overall


def is_marker(mean: float, overall: float, largest: float, effect: float) -> bool:
    """Tell whether a variable marks a segment (the shading rule of Dolnicar, Grün and Leisch 2018, section 8.3).

    A marker's mean differs from the overall mean by at least a quarter of the largest segment mean, or by at least half
    of the overall mean. We also ask for an effect of at least 0.2, since a single outlier can move a mean that far.
    """
    difference = abs(mean - overall)
    if not math.isfinite(difference) or difference == 0 or abs(effect) < MARKER_EFFECT:
        return False
    return difference >= MARKER_ABSOLUTE * largest or difference >= MARKER_RELATIVE * abs(overall)


def _identity(feature: Feature) -> dict[str, str]:
    return {
        "feature": feature.name,
        "label": label_in_sentence(feature),
        "unit": feature.unit,
        "kind": str(feature.kind),
        "block": str(feature.block),
    }


def _known(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[~np.isnan(values)])


def _centre_and_spread(values: np.ndarray, skewed: bool) -> tuple[float, float]:
    if not len(values):
        return math.nan, math.nan
    if not skewed:
        return float(values.mean()), float(values.std())
    low, centre, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float(centre), float(high - low)


def _cohens_h(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    return np.asarray(2 * np.arcsin(np.sqrt(here)) - 2 * np.arcsin(np.sqrt(there)))


def _divided(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    result = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)
    return result
