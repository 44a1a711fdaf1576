"""Rounding to significant digits."""

from __future__ import annotations

import numpy as np


def round_significant(values: np.ndarray, digits: int = 10) -> np.ndarray:
    """Round to significant digits, so that a last bit that an engine may choose freely cannot matter.

    Parameters
    ----------
    values : float array of any shape
        NaN, infinities and 0 stay.
    digits : int
        At least 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        places = digits - 1 - np.floor(np.log10(np.abs(values)))
        places = np.where(np.isfinite(places), places, 0)
        scale = 10.0 ** np.abs(places)
        rounded = np.where(places >= 0, np.round(values * scale) / scale, np.round(values / scale) * scale)
    return np.where(np.isfinite(rounded), rounded, values)
