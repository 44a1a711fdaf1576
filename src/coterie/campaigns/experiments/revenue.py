"""Revenue per customer in two groups: winsorised, adjusted by what was known before, with Welch's interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from coterie.campaigns.experiments.proportions import ALPHA, Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def needed_for_revenue(spread: float, difference: float, ratio: float, *, power: float = 0.8) -> int:
    """Customers who must get the campaign to see a difference of mean revenue.

    Parameters
    ----------
    spread : float > 0, standard deviation of revenue per customer, those who buy nothing included
    difference : float > 0, in the same currency
    ratio : float > 0, customers left out for each one who gets the campaign
    power : float in (0, 1)

    Examples
    --------
    >>> needed_for_revenue(60, 3, 1.0), needed_for_revenue(60, 3, 1 / 9)
    (6280, 31396)
    """
    z = ndtri(1 - ALPHA / 2) + ndtri(power)
    return math.ceil(float((z * spread / difference) ** 2 * (1 + 1 / ratio)))


def smallest_revenue_lift(spread: float, n_treated: float, n_control: float, *, power: float = 0.8) -> float:
    """Smallest difference of mean revenue that is seen with the given power, in the currency of `spread`."""
    return float((ndtri(1 - ALPHA / 2) + ndtri(power)) * spread * math.sqrt(1 / n_treated + 1 / n_control))


def winsorised(values: np.ndarray, cap: float) -> np.ndarray:
    """Take values above a cap, fixed beforehand, as the cap: one giant order must not decide a test."""
    return np.minimum(values, cap) if math.isfinite(cap) else values


def adjusted(outcome: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, float]:
    """Take out of the outcome what a figure from before the campaign tells of it.

    Parameters
    ----------
    outcome, before : float arrays of shape (n,), both groups together

    Returns
    -------
    adjusted outcome of shape (n,), with the same mean; share of its variance that was taken out, in [0, 1]

    Notes
    -----
    CUPED: Deng, Xu, Kohavi and Walker (2013, WSDM). The mean difference stays unbiased, because assignment was random.
    """
    centred = before - before.mean()
    variance = float(centred @ centred)
    if variance <= 0 or outcome.std() <= 0:
        return outcome, 0.0
    theta = float(centred @ (outcome - outcome.mean())) / variance
    explained = theta * theta * variance / float(((outcome - outcome.mean()) ** 2).sum())
    return outcome - theta * centred, min(explained, 1.0)


def welch(treated: ArrayLike, control: ArrayLike, alpha: float = ALPHA) -> tuple[Interval, float]:
    """Difference of two means with Welch's interval and two-sided p-value.

    Returns
    -------
    Interval, float
        NaN bounds and p-value 1 where a group has fewer than two customers.

    Notes
    -----
    Welch (1947, Biometrika 34).
    """
    a, b = np.asarray(treated, dtype=float), np.asarray(control, dtype=float)
    difference = float(a.mean() - b.mean()) if len(a) and len(b) else math.nan
    if min(len(a), len(b)) < 2:
        return Interval(difference, math.nan, math.nan), 1.0
    parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = math.sqrt(parts[0] + parts[1])
    if error == 0:
        return Interval(difference, difference, difference), 1.0 if difference == 0 else 0.0
    freedom = (parts[0] + parts[1]) ** 2 / (parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1))
    half = float(stdtrit(freedom, 1 - alpha / 2)) * error
    p_value = float(2 * stdtr(freedom, -abs(difference) / error))
    return Interval(difference, difference - half, difference + half), p_value
