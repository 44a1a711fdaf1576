"""A campaign as an experiment: how many customers of each segment to leave out, and what can be learnt from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.experiments.assignment import BANDS, left_out, value_bands
from coterie.campaigns.experiments.money import Costs, break_even_lift
from coterie.campaigns.experiments.proportions import needed, power_of, smallest_lift
from coterie.campaigns.experiments.revenue import smallest_revenue_lift

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Shares that may be left out, the smallest that shows enough is taken.
SHARES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
#: A lift below this part of the share that buys anyway is not looked for.
_LEAST_RELATIVE = 0.1


@dataclass(frozen=True)
class Expected:
    """What is known of a segment before a campaign.

    Attributes
    ----------
    segment_id : int
    name : str
    goal : str, what its play is after; segments of one goal may be learnt from together
    size : int, customers who can get the campaign
    rate : float in [0, 1], share who would buy in the campaign's days without it
    order_value : float > 0, average order in the shop's currency; NaN where unknown
    order_spread : float >= 0, standard deviation of orders' values; NaN where unknown
    """

    segment_id: int
    name: str
    goal: str
    size: int
    rate: float
    order_value: float = math.nan
    order_spread: float = math.nan


@dataclass(frozen=True)
class SegmentPlan:
    """How a segment is tested.

    Attributes
    ----------
    expected : Expected
    share_left_out : float, of the customers
    n_treated, n_left_out : int
    break_even : float, lift (in shares of customers) from which the campaign pays; NaN unknown, ∞ where it never can
    goal_lift : float, the lift that the test is made to see: the one that pays, and at least a tenth more buyers
    smallest_lift : float, smallest lift that is seen with a chance of 80 %; NaN where none is
    smallest_revenue : float, the same for revenue per customer; NaN where unknown
    power : float, chance that a lift as large as `goal_lift` is seen
    needed : int, customers in all who would show `goal_lift` with a chance of 80 %
    together_with : tuple of str, segments of the same kind to learn from together where this one is too small
    """

    expected: Expected
    share_left_out: float
    n_treated: int
    n_left_out: int
    break_even: float
    goal_lift: float
    smallest_lift: float
    smallest_revenue: float
    power: float
    needed: int
    together_with: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether the test sees the lift that it is made for."""
        return self.power >= 0.8

    @property
    def never_pays(self) -> bool:
        """Whether each further order loses money."""
        return math.isinf(self.break_even)


def plan_segments(
    expected: Sequence[Expected], costs: Costs, *, share: float | None = None, power: float = 0.8
) -> tuple[SegmentPlan, ...]:
    """Plan the test of each segment.

    Parameters
    ----------
    expected : sequence of Expected
    costs : Costs
    share : float in (0, 1), optional
        Part to leave out; by default the smallest of `SHARES` that shows the lift that pays, and half where none does.
    power : float in (0, 1)
    """
    plans = [_planned(one, costs, share, power) for one in expected]
    return tuple(replace(plan, together_with=_partners(plan, plans, power)) for plan in plans)


def _planned(expected: Expected, costs: Costs, share: float | None, power: float) -> SegmentPlan:
    pays = math.nan
    if expected.order_value > 0:
        pays = break_even_lift(costs, expected.order_value, expected.rate, max(expected.size, 1))
    goal = goal_lift(expected.rate, pays)
    chosen = share if share is not None else _smallest_enough(expected, goal, power)
    left = min(max(round(chosen * expected.size), 1), expected.size - 1)
    treated = expected.size - left
    return SegmentPlan(
        expected,
        chosen,
        treated,
        left,
        pays,
        goal,
        smallest_lift(expected.rate, treated, left, power=power),
        _smallest_revenue(expected, treated, left, power),
        power_of(expected.rate, expected.rate + goal, treated, left),
        _needed_in_all(expected.rate, goal, left / treated, power),
    )


def goal_lift(rate: float, break_even: float) -> float:
    """Lift worth testing for: what pays, but at least a tenth of those who buy anyway; in (0, 1 - rate]."""
    pays = break_even if math.isfinite(break_even) else 0.0
    return min(max(pays, _LEAST_RELATIVE * rate, 1e-3), max(1 - rate, 1e-9))


def _smallest_enough(expected: Expected, goal: float, power: float) -> float:
    for share in SHARES:
        left = share * expected.size
        if left >= 1 and power_of(expected.rate, expected.rate + goal, expected.size - left, left) >= power:
            return share
    return SHARES[-1]


def _needed_in_all(rate: float, goal: float, ratio: float, power: float) -> int:
    return math.ceil(needed(rate, rate + goal, ratio, power=power) * (1 + ratio))


def _smallest_revenue(expected: Expected, n_treated: int, n_left_out: int, power: float) -> float:
    """Smallest rise of revenue per customer that is seen: most customers buy nothing, the others an order."""
    if not (expected.order_value > 0 and expected.order_spread >= 0):
        return math.nan
    mean = expected.rate * expected.order_value
    variance = expected.rate * (expected.order_spread**2 + expected.order_value**2) - mean**2
    return smallest_revenue_lift(math.sqrt(max(variance, 0.0)), n_treated, n_left_out, power=power)


def _partners(plan: SegmentPlan, plans: Sequence[SegmentPlan], power: float) -> tuple[str, ...]:
    """Segments of the same goal to join, the largest first, until the lift would be seen; () where it would not."""
    if plan.is_enough or plan.never_pays:
        return ()
    kin = [other for other in plans if other is not plan and other.expected.goal == plan.expected.goal]
    joined: list[SegmentPlan] = []
    for other in sorted(kin, key=lambda one: -one.expected.size):
        joined.append(other)
        together = [plan, *joined]
        size = sum(one.expected.size for one in together)
        rate = sum(one.expected.rate * one.expected.size for one in together) / size
        goal = goal_lift(rate, max((one.break_even for one in together), key=lambda x: x if x == x else -1.0))
        if power_of(rate, min(rate + goal, 1.0), size / 2, size / 2) >= power:
            return tuple(one.expected.name for one in joined)
    return ()


def draw_left_out(
    ids: Sequence[str], segment_ids: np.ndarray, values: np.ndarray, plans: Sequence[SegmentPlan], salt: str
) -> np.ndarray:
    """Draw who is left out: within each segment and value band, by a salted hash of the id.

    Parameters
    ----------
    ids : sequence of str, length n
    segment_ids : int array of shape (n,), each one of the plans'
    values : float array of shape (n,), what customers spent before; NaN where unknown
    plans : sequence of SegmentPlan
    salt : str

    Returns
    -------
    bool array of shape (n,)
    """
    strata = np.zeros(len(ids), dtype=np.int64)
    for number, plan in enumerate(plans):
        mine = segment_ids == plan.expected.segment_id
        strata[mine] = number * BANDS + value_bands(values[mine])
    shares = np.repeat([plan.n_left_out / max(plan.expected.size, 1) for plan in plans], BANDS)
    return left_out(ids, strata, shares, salt)
