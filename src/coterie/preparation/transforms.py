"""Scales on which a distance between two customers has a meaning: power transform, root of shares, standardising.

Every function works element by element with stored parameters, so that any engine can compute the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from coterie.preparation.outliers import LIMIT, limit
from coterie.preparation.rounding import significant

#: Range of the power; beyond it the fit follows single outliers.
POWER_RANGE = (-1.0, 2.0)
#: Quantile of the sizes of the values other than zero by which values are divided before the power transform. Measured:
#: with the 10 % quantile K-Means found planted segments better than with the median (`benchmarks/preparation.py`).
UNIT_QUANTILE = 0.1
#: Order statistics on which the power is estimated when there are more values.
POWER_SAMPLE = 5_000
#: Powers nearer to 0 or 2 than this are taken as exactly 0 or 2, where the formula has its logarithm.
NEAR = 1e-6


def yeo_johnson(x: np.ndarray, power: float) -> np.ndarray:
    """Transform numbers of any sign towards a symmetric distribution.

    Parameters
    ----------
    x : float array
    power : float
        1 leaves positive numbers as they are, 0 takes log(1 + x), below 0 pulls long right tails in further.

    Notes
    -----
    Yeo, Johnson (2000), "A new family of power transformations to improve normality or symmetry", Biometrika 87:954.
    """
    positive = np.maximum(x, 0.0)
    upper = np.log1p(positive) if power == 0 else np.expm1(power * np.log1p(positive)) / power
    if not len(x) or x.min() >= 0:
        return np.asarray(upper)
    other, negative = 2.0 - power, np.maximum(-x, 0.0)
    lower = np.log1p(negative) if other == 0 else np.expm1(other * np.log1p(negative)) / other
    return np.asarray(np.where(x >= 0, upper, -lower))


def inverse_yeo_johnson(y: np.ndarray, power: float) -> np.ndarray:
    """Undo `yeo_johnson`; infinite where no number has this transform."""
    positive, negative = np.maximum(y, 0.0), np.maximum(-y, 0.0)
    other = 2.0 - power
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = np.expm1(positive if power == 0 else np.log1p(np.maximum(positive * power, -1.0)) / power)
        lower = np.expm1(negative if other == 0 else np.log1p(np.maximum(negative * other, -1.0)) / other)
    return np.asarray(np.where(y >= 0, upper, -lower))


def fit_power(ordered: np.ndarray) -> float:
    """Estimate the power of `yeo_johnson` by maximum likelihood under normality, within `POWER_RANGE`.

    Parameters
    ----------
    ordered : float array
        Finite values in rising order; every so many-th is used when there are more than 5,000.
    """
    step = -(-len(ordered) // POWER_SAMPLE)
    x = ordered[step // 2 :: max(step, 1)]
    pull = float(np.sum(np.sign(x) * np.log1p(np.abs(x))))

    def cost(power: float) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            spread = float(np.var(yeo_johnson(x, power)))
        if spread <= 0 or not np.isfinite(spread):
            return np.inf
        return float(0.5 * len(x) * np.log(spread) - (power - 1.0) * pull)

    found = minimize_scalar(cost, bounds=POWER_RANGE, method="bounded", options={"xatol": 1e-4})
    power = significant(min(POWER_RANGE, key=cost) if min(map(cost, POWER_RANGE)) <= found.fun else found.x)
    return next((special for special in (0.0, 2.0) if abs(power - special) < NEAR), power)


@dataclass(frozen=True)
class Scale:
    """An increasing map from a person's unit to standard deviations: divide, bend, standardise, limit.

    `z = limit((bend(x / unit) - mean) / deviation)`; `bend` is the identity ("linear"), the square root ("root") or
    `yeo_johnson` ("power").
    """

    bend: str
    unit: float
    power: float
    mean: float
    deviation: float  # 0 for a feature without differences: then z is 0 throughout
    low: float  # smallest and largest value seen, in the feature's unit: the inverse stays between them
    high: float
    bound: float = LIMIT

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Standardise complete values, clipped to `bound` deviations."""
        if self.deviation == 0:
            return np.zeros(len(x))
        with np.errstate(over="ignore"):
            return limit((self._bend(x / self.unit) - self.mean) / self.deviation, self.bound)

    def backward(self, z: np.ndarray) -> np.ndarray:
        """Give values in the feature's own unit, between the smallest and the largest seen."""
        y = z * self.deviation + self.mean
        if self.bend == "power":
            y = inverse_yeo_johnson(y, self.power)
        elif self.bend == "root":
            y = np.sign(y) * y * y
        return np.clip(y * self.unit, self.low, self.high)

    def _bend(self, x: np.ndarray) -> np.ndarray:
        if self.bend == "power":
            return yeo_johnson(x, self.power)
        return np.sign(x) * np.sqrt(np.abs(x)) if self.bend == "root" else x


def fit_scale(ordered: np.ndarray, bend: str) -> Scale:
    """Fit a scale to finite values in rising order; one without differences is 0 throughout."""
    low, high = (float(ordered[0]), float(ordered[-1])) if len(ordered) else (0.0, 0.0)
    if low == high:
        return Scale("linear", 1.0, 1.0, significant(low), 0.0, significant(low), significant(low))
    with np.errstate(over="ignore", invalid="ignore"):
        unit = _own_unit(ordered) if bend == "power" else 1.0
        power = fit_power(ordered / unit) if bend == "power" else 1.0
        plain = Scale(bend, unit, power, 0.0, 1.0, significant(low), significant(high), np.inf)
        scale = _standardised(plain, ordered)
        if np.isfinite(scale.deviation) and np.isfinite(scale.mean) and scale.deviation > 0:
            return scale
    # numbers hundreds of orders of magnitude apart: no power brings them together
    size = significant(max(abs(low), abs(high)))
    return _standardised(replace(plain, bend="linear", unit=size, power=1.0), ordered)


def _standardised(plain: Scale, ordered: np.ndarray) -> Scale:
    bent = plain.forward(ordered)
    mean, deviation = significant(float(np.mean(bent))), significant(float(np.std(bent)))
    return replace(plain, mean=mean, deviation=deviation, bound=LIMIT)


def _own_unit(ordered: np.ndarray) -> float:
    """Give a small size of a feature: dividing by it makes the result the same in euros and in cents.

    With a small one nearly all values are well above 1, where the power transform bends most.
    """
    sizes = np.sort(np.abs(ordered[ordered != 0]))
    return significant(float(np.quantile(sizes, UNIT_QUANTILE)))
