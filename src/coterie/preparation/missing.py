"""What stands in for a value that is not known: one rule per feature, stored with the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.preparation.rounding import significant
from coterie.vocabulary import Block, Kind

if TYPE_CHECKING:
    from coterie.vocabulary import Feature

#: Quantile that stands in for a gap between orders which has not ended yet.
OPEN_GAP_QUANTILE = 0.9


@dataclass(frozen=True)
class Fill:
    """The value that stands in for a missing one, and why; `count` of the fitted rows needed it."""

    value: float
    rule: str  # "median", "zero" or "long gap"
    count: int


def rule_of(feature: Feature) -> str:
    """Say which rule fits the meaning of a feature.

    A customer with one order has no gap between orders *yet*: the gap is open, so a long one stands in. A customer
    without visits in a store that records them did not visit, one without a purchase in any category favours none:
    zero. Everything else that is not known says nothing about the customer: the median.
    """
    if feature.kind is Kind.DAYS and "gap" in feature.name.split("_"):
        return "long gap"
    if feature.kind in {Kind.COUNT, Kind.MONEY} and feature.block is Block.BROWSING:
        return "zero"
    if feature.kind is Kind.SHARE and feature.block is Block.INTERESTS:
        return "zero"
    return "median"


def fit_fill(feature: Feature, known: np.ndarray, n_missing: int) -> Fill:
    """Choose the stand-in from the known values.

    Parameters
    ----------
    feature : Feature
    known : float array
        Finite values in rising order; may be empty, then 0 stands in.
    n_missing : int
        Number of fitted rows without a value, told in the recipe's sentences.
    """
    rule = rule_of(feature)
    if rule == "zero" or not len(known):
        return Fill(0.0, rule, n_missing)
    quantile = OPEN_GAP_QUANTILE if rule == "long gap" else 0.5
    return Fill(significant(float(np.quantile(known, quantile))), rule, n_missing)


def fill(values: np.ndarray, stand_in: float) -> np.ndarray:
    """Replace NaN and infinities; returns a new contiguous float64 array."""
    numbers = np.array(values, dtype=np.float64)
    numbers[~np.isfinite(numbers)] = stand_in
    return numbers
