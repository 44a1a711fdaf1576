"""Estimates with their intervals, from the curvature of a likelihood."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Standard normal quantile of a two-sided interval of 95 %.
Z = 1.959963984540054
#: Largest standard error of a logarithm that is told apart from "anything"; e^20 is half a billion.
_WIDEST = 20.0


class Estimate(NamedTuple):
    """A number and its interval of 95 %; `low` and `high` are NaN where the data do not bound it."""

    value: float
    low: float
    high: float


def inverse_information(information: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Covariance of estimates from the observed information, those that are `fixed` taken as known.

    Directions in which the likelihood is flat get a large variance, but a finite one.
    """
    covariance = np.zeros_like(information)
    free = np.flatnonzero(~fixed)
    if len(free):
        curvature, axes = np.linalg.eigh(information[np.ix_(free, free)])
        spread = axes / np.maximum(curvature, 1.0 / _WIDEST**2)
        covariance[np.ix_(free, free)] = spread @ axes.T
    return covariance


def estimates(
    names: Sequence[str], values: np.ndarray, covariance: np.ndarray, unbounded: Sequence[bool]
) -> Mapping[str, Estimate]:
    """Intervals of parameters above 0, symmetric on the log scale."""
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return {
        name: Estimate(value, math.nan, math.nan)
        if endless
        else Estimate(value, value * math.exp(-Z * error), value * math.exp(min(Z * error, 700.0)))
        for name, value, error, endless in zip(names, values.tolist(), errors.tolist(), unbounded, strict=True)
    }


def lognormal_range(mean: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Range of 95 % of an amount above 0 with this mean and standard deviation, taken as log-normal.

    For small deviations it is mean ± 1.96 deviations; it never falls below 0. Both ends are 0 where the mean is.
    """
    mean, deviation = np.asarray(mean, dtype=float), np.asarray(deviation, dtype=float)
    ratio = np.divide(deviation, mean, out=np.zeros_like(mean), where=mean > 0)
    spread = np.sqrt(np.log1p(ratio**2))
    middle = mean * np.exp(-(spread**2) / 2)
    return middle * np.exp(-Z * spread), middle * np.exp(Z * spread)
