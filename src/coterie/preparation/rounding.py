"""Stored numbers have 12 significant digits, rounded before use, so that a reloaded recipe gives the same bits."""

from __future__ import annotations

import math

import numpy as np

#: Significant digits of every stored number.
DIGITS = 12


def significant(value: float) -> float:
    """Round to 12 significant digits.

    Examples
    --------
    >>> significant(0.1 + 0.2)
    0.3
    """
    number = float(value)
    if not math.isfinite(number) or number == 0:
        return 0.0 if number == 0 else number
    return float(f"{number:.{DIGITS - 1}e}")


def finite_sorted(values: np.ndarray) -> np.ndarray:
    """Give the finite values in rising order: sums over them do not depend on the order of the rows."""
    numbers = np.asarray(values, dtype=np.float64)
    return np.sort(numbers[np.isfinite(numbers)])


def spread_rows(n: int, limit: int) -> np.ndarray:
    """Pick `limit` row numbers, evenly spaced over `n` rows; all rows when there are no more than that."""
    if n <= limit:
        return np.arange(n)
    return (np.arange(limit, dtype=np.int64) * n) // limit
