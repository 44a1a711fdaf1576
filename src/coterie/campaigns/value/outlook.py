"""The orders that are to come from each customer, by a fitted model of orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.value.orders import OrderModel
from coterie.campaigns.value.quadrature import beta_nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns.value.orders import Histories

#: Points of the quadrature over the chance to leave: enough but where customers who have just come are forecast very
#: far ahead, and for those.
_POINTS, _MANY_POINTS = 24, 96
_FAR, _MANY = 25.0, 60.0
#: Step of the differences by which forecasts are derived, in log parameters.
_DIFFERENCE = 1e-4


@dataclass(frozen=True)
class Outlook:
    """The orders to come within a horizon, by history; float arrays of shape (m,) but for `horizon` and `slopes`.

    Attributes
    ----------
    horizon : float
        In the unit of the ages.
    mean, second : mean and second moment of the number of orders
    none : chance of no order
    if_there : mean, were the customer surely still there
    slopes : (m, 4), derivatives of log mean by the model's log parameters
    """

    horizon: float
    mean: np.ndarray
    second: np.ndarray
    none: np.ndarray
    if_there: np.ndarray
    slopes: np.ndarray

    @property
    def variance(self) -> np.ndarray:
        """Variance of the orders of a customer, the parameters taken as known."""
        return np.asarray(np.maximum(self.second - self.mean**2, 0.0))


def outlooks(model: OrderModel, histories: Histories, horizons: Sequence[float]) -> tuple[Outlook, ...]:
    r"""Forecast the orders of customers within each horizon from now.

    Notes
    -----
    While a customer with rate λ and chance p to leave is there, :math:`E[Y] = (1 - e^{-λpt}) / p`. Averaged over λ in
    closed form and over p by quadrature this is the conditional expectation of Fader, Hardie and Lee (2005, equation
    10) without its hypergeometric function, whose series fails for large counts and which has a hole at a = 1. The
    second factorial moment is :math:`2 (1 - p) [(1 - e^{-λpt}) / p^2 - λ t e^{-λpt} / p]`. Repeat count and age alone
    decide: each pair of them is computed once. Slopes are central differences.
    """
    pairs = _Pairs.of(histories)
    means, seconds = pairs.moments(model, horizons)
    alive = model.p_alive(histories)
    shape, rate = model.r + histories.repeat_count, model.alpha + histories.age
    slopes = _slopes(model, histories, pairs, horizons)
    return tuple(
        Outlook(
            horizon=horizon,
            mean=alive * mean[pairs.of_history],
            second=alive * (second + mean)[pairs.of_history],
            none=1.0 + alive * np.expm1(-shape * np.log1p(horizon / rate)),
            if_there=mean[pairs.of_history],
            slopes=slope,
        )
        for horizon, mean, second, slope in zip(horizons, means, seconds, slopes, strict=True)
    )


@dataclass(frozen=True)
class _Pairs:
    """The different pairs of repeat count and age."""

    counts: np.ndarray  # different repeat counts
    count_of: np.ndarray  # place of each pair's count among them
    ages: np.ndarray  # of each pair
    of_history: np.ndarray

    @classmethod
    def of(cls, histories: Histories) -> _Pairs:
        counts, place = histories.counts
        ages, age_place = np.unique(histories.age, return_inverse=True)
        pairs, of_history = np.unique(place * np.int64(len(ages)) + age_place, return_inverse=True)
        count_of, age_of = np.divmod(pairs, len(ages))
        return cls(counts, count_of, ages[age_of], of_history)

    def moments(
        self, model: OrderModel, horizons: Sequence[float], *, second: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and second factorial moment of the orders of customers who are still there, (horizons, pairs) each."""
        means, seconds = np.zeros((len(horizons), len(self.ages))), np.zeros((len(horizons), len(self.ages)))
        shape, rate = model.r + self.counts[self.count_of], model.alpha + self.ages
        ratio = max(horizons) / rate
        far = np.isin(self.count_of, self.count_of[(ratio > _FAR) | (shape * ratio > _MANY)])
        for chosen, n in ((~far, _POINTS), (far, _MANY_POINTS)):
            if not chosen.any():
                continue
            counts, place = np.unique(self.count_of[chosen], return_inverse=True)
            points, weights = beta_nodes(model.a, model.b + self.counts[counts] + model.leaves_at_once, n)
            for number, horizon in enumerate(horizons):
                ratios = horizon / rate[chosen]
                found = _over_chances(points, weights, place, (shape[chosen], ratios), second=second)
                means[number, chosen], seconds[number, chosen] = found
        return means, seconds


def _over_chances(
    points: np.ndarray, weights: np.ndarray, place: np.ndarray, by_pair: tuple[np.ndarray, np.ndarray], *, second: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Sum over the points of the chance to leave; a point at a time, so that memory stays small."""
    shape, ratio = by_pair
    mean, more = np.zeros(len(place)), np.zeros(len(place))
    for p_of, weight_of in zip(points.T, weights.T, strict=True):
        p, weight = p_of[place], weight_of[place]
        logs = np.log1p(p * ratio)
        so_far = -np.expm1(-shape * logs) / p
        mean += weight * so_far
        if second:
            more += weight * 2.0 * (1.0 - p) * (so_far - shape * ratio * np.exp(-(shape + 1.0) * logs)) / p
    return mean, np.maximum(more, 0.0)


def _slopes(
    model: OrderModel, histories: Histories, pairs: _Pairs, horizons: Sequence[float]
) -> tuple[np.ndarray, ...]:
    """Derivatives of the log of the expected orders by the log parameters, shape (m, 4) for each horizon."""
    slopes = np.zeros((len(horizons), len(histories), 4))
    if not model.covariance.any():
        return tuple(slopes)
    for place in range(4):
        ends = []
        for sign in (1.0, -1.0):
            factors = np.ones(4)
            factors[place] = np.exp(sign * _DIFFERENCE)
            r, alpha, a, b = (model.parameters * factors).tolist()
            moved = OrderModel(r, alpha, a, b, leaves_at_once=model.leaves_at_once)
            there = np.log(np.maximum(pairs.moments(moved, horizons, second=False)[0], 1e-300))
            ends.append(there[:, pairs.of_history] + moved.log_p_alive(histories))
        slopes[:, :, place] = (ends[0] - ends[1]) / (2.0 * _DIFFERENCE)
    return tuple(slopes)
