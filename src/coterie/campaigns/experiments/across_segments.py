"""Several segments in one campaign: many tests, real differences between them, estimates that borrow strength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values so that the chance of any false claim stays at the level (Holm 1979, Scand. J. Statistics 6).

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    stepped = np.maximum.accumulate(p_values[order] * factors)
    out = np.empty(len(p_values))
    out[order] = np.minimum(stepped, 1.0)
    return out


@dataclass(frozen=True)
class Heterogeneity:
    """Whether effects differ between segments.

    Attributes
    ----------
    q : float >= 0, Cochran's Q
    p_value : float in [0, 1]; small: the segments differ by more than chance
    i_squared : float in [0, 1), part of the differences that is more than chance
    tau_squared : float >= 0, variance of the true effects
    common : float, the effect over all segments, weighted by precision
    """

    q: float
    p_value: float
    i_squared: float
    tau_squared: float
    common: float


def heterogeneity(effects: np.ndarray, errors: np.ndarray) -> Heterogeneity:
    """Test whether segments differ in effect.

    Parameters
    ----------
    effects : float array of shape (k,), k >= 2
    errors : float array of shape (k,), standard errors, all above 0

    Notes
    -----
    Cochran (1954, Biometrics 10); DerSimonian and Laird (1986, Controlled Clinical Trials 7). "Shown in one segment and
    not in another" is no proof of a difference; this test is.
    """
    weights = 1 / errors**2
    common = float((weights * effects).sum() / weights.sum())
    q = float((weights * (effects - common) ** 2).sum())
    freedom = len(effects) - 1
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    tau = max(0.0, (q - freedom) / scale) if scale > 0 else 0.0
    return Heterogeneity(q, float(chdtrc(freedom, q)), max(0.0, 1 - freedom / q) if q > 0 else 0.0, tau, common)


def shrunken(effects: np.ndarray, errors: np.ndarray, found: Heterogeneity) -> np.ndarray:
    """Draw each effect towards the common one, the more the less sure it is; shape (k,).

    The best guess for the next campaign: the largest of several measured effects is usually too large.
    """
    share = found.tau_squared / (found.tau_squared + errors**2)
    return np.asarray(found.common + share * (effects - found.common))
