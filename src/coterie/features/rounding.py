"""Rounding to significant digits."""

from __future__ import annotations

import numpy as np

with np.errstate(over="ignore"):
    #: Powers of ten, as far as a double's places go; the last ones are infinite.
    _POWERS = 10.0 ** np.arange(400.0)


def round_significant(values: np.ndarray, digits: int = 10) -> np.ndarray:
    """Round to significant digits, so that a last bit that an engine may choose freely cannot matter.

    Parameters
    ----------
    values : float array of any shape
        NaN, infinities and 0 stay.
    digits : int
        At least 1.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if np.array_equal(values, np.rint(values), equal_nan=True) and not (np.abs(values) >= _POWERS[digits]).any():
            return values  # whole numbers of few digits, as most counts are
        places = digits - 1 - np.floor(np.log10(np.abs(values)))
        places[~np.isfinite(places)] = 0
        scale = _POWERS[np.abs(places).astype(np.int64)]
        rounded = np.round(values * scale) / scale
        large = places < 0
        if large.any():
            rounded[large] = np.round(values[large] / scale[large]) * scale[large]
    return np.where(np.isfinite(rounded), rounded, values)
