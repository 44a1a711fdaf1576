"""Shares that responded, in two groups: sample sizes, smallest effects that can be seen, intervals and tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

#: Two-sided level of every interval and test.
ALPHA = 0.05


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval, in the unit of the estimate."""

    estimate: float
    low: float
    high: float


def needed(p_control: float, p_treated: float, ratio: float, *, power: float = 0.8, alpha: float = ALPHA) -> int:
    """Customers who must get the campaign, so that a pooled z-test sees the difference.

    Parameters
    ----------
    p_control, p_treated : float in [0, 1], not equal
    ratio : float > 0, customers left out for each one who gets the campaign
    power, alpha : float in (0, 1)

    Returns
    -------
    int
        Size of the treated group; the control group has `ratio` times as many.

    Notes
    -----
    Fleiss, Levin and Paik (2003, Statistical Methods for Rates and Proportions, section 4.3), without the continuity
    correction. The unpooled form gives too few customers where the groups are of different size: at 90 to 10 its power
    is 76 %, not 80 %.
    """
    pooled = (p_treated + ratio * p_control) / (1 + ratio)
    under_null = ndtri(1 - alpha / 2) * math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    spread = p_treated * (1 - p_treated) + p_control * (1 - p_control) / ratio
    return math.ceil(float(((under_null + ndtri(power) * math.sqrt(spread)) / (p_treated - p_control)) ** 2))


def power_of(p_control: float, p_treated: float, n_treated: float, n_control: float, alpha: float = ALPHA) -> float:
    """Chance that a pooled z-test sees the difference, in [0, 1]."""
    pooled = (p_treated * n_treated + p_control * n_control) / (n_treated + n_control)
    under_null = math.sqrt(pooled * (1 - pooled) * (1 / n_treated + 1 / n_control))
    spread = math.sqrt(p_treated * (1 - p_treated) / n_treated + p_control * (1 - p_control) / n_control)
    if spread == 0:
        return 1.0 if p_treated != p_control else alpha
    return float(ndtr((abs(p_treated - p_control) - ndtri(1 - alpha / 2) * under_null) / spread))


def smallest_lift(p_control: float, n_treated: float, n_control: float, *, power: float = 0.8) -> float:
    """Smallest rise of the share that a pooled z-test sees with the given power; NaN where none up to 100 % is seen.

    Found by halving, since the variance depends on the lift; the usual formula takes it from the control group alone.
    """
    low, high = 0.0, 1.0 - p_control
    if high <= 0 or power_of(p_control, p_control + high, n_treated, n_control) < power:
        return math.nan
    for _ in range(60):
        middle = (low + high) / 2
        if power_of(p_control, p_control + middle, n_treated, n_control) < power:
            low = middle
        else:
            high = middle
    return high


def wilson(x: int, n: int, z: float) -> tuple[float, float]:
    """Score interval of one share (Wilson 1927, Journal of the American Statistical Association 22)."""
    if n == 0:
        return 0.0, 1.0
    p = x / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n))


def lift(x_treated: int, n_treated: int, x_control: int, n_control: int, alpha: float = ALPHA) -> Interval:
    """Difference of two shares with the hybrid score interval.

    Notes
    -----
    Newcombe (1998, Statistics in Medicine 17, method 10). The usual (Wald) interval fails with a small control group.

    Examples
    --------
    >>> found = lift(270, 9000, 20, 1000)
    >>> [round(100 * value, 2) for value in (found.estimate, found.low, found.high)]
    [1.0, -0.12, 1.79]
    """
    z = float(ndtri(1 - alpha / 2))
    p1, p0 = x_treated / n_treated, x_control / n_control
    low1, high1 = wilson(x_treated, n_treated, z)
    low0, high0 = wilson(x_control, n_control, z)
    below = math.sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2)
    above = math.sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return Interval(p1 - p0, p1 - p0 - below, p1 - p0 + above)


def relative_lift(x_treated: int, n_treated: int, x_control: int, n_control: int, alpha: float = ALPHA) -> Interval:
    """Ratio of two shares less one, with the interval of its logarithm; NaN where a group has no response.

    Notes
    -----
    Katz, Baptista, Azen and Pike (1978, Biometrics 34).
    """
    if not x_treated or not x_control:
        return Interval(math.nan, math.nan, math.nan)
    p1, p0 = x_treated / n_treated, x_control / n_control
    ratio, half = p1 / p0, float(ndtri(1 - alpha / 2)) * math.sqrt((1 - p1) / x_treated + (1 - p0) / x_control)
    return Interval(ratio - 1, ratio * math.exp(-half) - 1, ratio * math.exp(half) - 1)


def pooled_p_value(x_treated: int, n_treated: int, x_control: int, n_control: int) -> float:
    """Two-sided p-value of the pooled z-test that two shares are equal."""
    pooled = (x_treated + x_control) / (n_treated + n_control)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_treated + 1 / n_control))
    if spread == 0:
        return 1.0
    return float(2 * ndtr(-abs(x_treated / n_treated - x_control / n_control) / spread))
