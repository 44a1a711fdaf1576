"""A budget divided among segments so that the last pound brings the same everywhere, and what to expect of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.campaigns.economics import Economics

_DRAWS = 4_000
_Z95 = 1.959964
#: Part of the error of the assumed effects that all plays share: where one is too high, the others tend to be.
_SHARED = 0.5
#: Below this, a falling response is told as none at all; the formulas need it above zero.
_FLAT = 1e-6


@dataclass(frozen=True)
class Share:
    """What a segment gets of a budget.

    Attributes
    ----------
    segment_id : int
    spend : float >= 0, in the shop's currency
    customers : int, reached with it, those who fit best first
    gain : float >= 0, margin to expect beyond what comes anyway
    net : float, gain less spend
    marginal : float >= 0, margin that the last unit of money brings here
    """

    segment_id: int
    spend: float
    customers: int
    gain: float
    net: float
    marginal: float


@dataclass(frozen=True)
class Allocation:
    """A budget divided among the segments.

    Attributes
    ----------
    amount : float, what there is to spend in a year
    shares : tuple of Share, in the order of the segments; those that get nothing are in it too
    spend : float <= amount; the rest would cost more than it brings
    net : float, expected gain of all less what is spent
    net_low, net_high : float, range of the net gain, 19 times in 20 if the assumed effects err as the settings say
    loss_chance : float in [0, 1], chance of a net loss by the same reckoning
    """

    amount: float
    shares: tuple[Share, ...]
    spend: float
    net: float
    net_low: float
    net_high: float
    loss_chance: float

    @property
    def left(self) -> float:
        """What is better not spent."""
        return max(self.amount - self.spend, 0.0)


def allocate(economics: Mapping[int, Economics], amount: float, *, doubt: float = 2.0, seed: int = 0) -> Allocation:
    """Divide a budget so that no other division is expected to bring more.

    Parameters
    ----------
    economics : mapping of int to Economics
        By segment id. Segments that are left alone, or without messages, get nothing.
    amount : float >= 0
        In the shop's currency, for a year.
    doubt : float >= 1
        How many times too high or too low the assumed effect of a play may be, 19 times in 20.
    seed : int
        Of the draws behind the range.

    Returns
    -------
    Allocation

    Notes
    -----
    Each segment's gain is concave in what is spent on it (`Economics.gain_at`): the customers who fit best are reached
    first. For a sum of concave gains under one budget, spending is best when the marginal gain is the same in every
    segment that gets some, and nowhere below 1, where a further unit of money brings less than itself (Koopman 1953;
    Kuhn and Tucker 1951). That common marginal gain is found by halving an interval, O(segments) a step. Fixed costs
    are not in it: they would have to be weighed by hand.

    The range treats the assumed effects as lognormal around what is expected, half of their variance shared by all
    plays, 4,000 draws.
    """
    usable = {key: one for key, one in economics.items() if one.contacts > 0 and one.full_gain > 0}
    price = _common_marginal(list(usable.values()), amount)
    shares = tuple(_share(key, one, _spend(one, price) if key in usable else 0.0) for key, one in economics.items())
    spend = sum(one.spend for one in shares)
    gains = np.array([one.gain for one in shares])
    low, high, loss = _range(gains, spend, doubt, seed)
    return Allocation(amount, shares, spend, float(gains.sum()) - spend, low, high, loss)


def worth_spending(economics: Mapping[int, Economics]) -> float:
    """Largest amount of which the last unit still brings itself: the sum of the segments' caps."""
    return sum(one.cap for one in economics.values())


def _common_marginal(economics: list[Economics], amount: float) -> float:
    """Find the marginal gain, at least 1, at which the segments together spend no more than the amount."""
    low, high = 1.0, max([1.0, *(_first_marginal(one) for one in economics)])
    if sum(_spend(one, low) for one in economics) <= amount:
        return low
    while low < (middle := math.sqrt(low * high)) < high:
        if sum(_spend(one, middle) for one in economics) > amount:
            low = middle
        else:
            high = middle
    return high


def _steepness(one: Economics) -> float:
    return max(one.falling, _FLAT)


def _first_marginal(one: Economics) -> float:
    """Margin that the first unit of money brings; 1 where reaching the customers costs nothing."""
    if one.full_cost <= 0:
        return 1.0
    return one.full_gain * _steepness(one) / (-math.expm1(-_steepness(one)) * one.full_cost)


def _spend(one: Economics, price: float) -> float:
    """What to spend on a segment so that the last unit of money brings `price` there."""
    first = _first_marginal(one)
    if one.full_cost <= 0 or first <= price:
        return 0.0
    return one.full_cost * min(math.log(first / price) / _steepness(one), 1.0)


def _share(segment_id: int, one: Economics, spend: float) -> Share:
    free = one.full_cost <= 0 < one.full_gain and one.contacts > 0
    part = 1.0 if free else spend / one.full_cost if one.full_cost > 0 else 0.0
    gain = one.gain_at(part)
    marginal = _first_marginal(one) * math.exp(-_steepness(one) * part) if one.full_cost > 0 else 0.0
    return Share(segment_id, spend, round(part * one.customers), gain, gain - spend, marginal)


def _range(gains: np.ndarray, spend: float, doubt: float, seed: int) -> tuple[float, float, float]:
    sigma = math.log(doubt) / _Z95
    draws = np.random.default_rng(seed)
    common = draws.standard_normal((_DRAWS, 1))
    own = draws.standard_normal((_DRAWS, len(gains)))
    errors = math.sqrt(_SHARED) * common + math.sqrt(1.0 - _SHARED) * own
    nets = np.exp(sigma * errors - sigma**2 / 2.0) @ gains - spend
    low, high = np.quantile(nets, [0.025, 0.975])
    return float(low), float(high), float(np.mean(nets < 0))
