"""What a campaign brought, segment by segment: everyone who was assigned counts, whether reached or not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from coterie.campaigns.experiments.across_segments import Heterogeneity, heterogeneity, holm, shrunken
from coterie.campaigns.experiments.assignment import CONTROL, TREATED, share_mismatch
from coterie.campaigns.experiments.money import Costs, break_even_lift, campaign_cost, incremental_profit
from coterie.campaigns.experiments.proportions import (
    ALPHA,
    Interval,
    lift,
    needed,
    pooled_p_value,
    power_of,
    relative_lift,
)
from coterie.campaigns.experiments.revenue import adjusted, welch, winsorised
from coterie.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Groups whose sizes differ so much from the plan happen by chance once in a thousand times: something went wrong.
MISMATCH = 0.001
#: More customers than this times those there were cannot be what "needs more" means.
_HOPELESS = 1000
#: Verdicts.
KEEP, STOP, UNSURE = "keep", "stop", "not enough to tell"


@dataclass(frozen=True)
class Rules:
    """What is fixed before anybody looks at results.

    Attributes
    ----------
    costs : Costs
    planned : mapping of segment to (float, float), planned shares of treated and control; empty: no check of sizes
    cap : float > 0, revenue of one customer counts up to here; infinite: no cap
    order_value : float, average order in the shop's currency; NaN: from the control group's results
    alpha : float, two-sided level of all tests and intervals
    """

    costs: Costs
    planned: Mapping[str, tuple[float, float]]
    cap: float = math.inf
    order_value: float = math.nan
    alpha: float = ALPHA


@dataclass(frozen=True)
class Counts:
    """Customers of a segment who were assigned (`n`), and those of them who bought (`x`)."""

    segment: str
    n_treated: int
    n_control: int
    x_treated: int
    x_control: int

    @property
    def rate_treated(self) -> float:
        """Share of the treated customers who bought."""
        return self.x_treated / self.n_treated

    @property
    def rate_control(self) -> float:
        """Share of the customers left out who bought."""
        return self.x_control / self.n_control

    @property
    def pairs(self) -> tuple[int, int, int, int]:
        """Buyers and customers of the treated, then of those left out."""
        return self.x_treated, self.n_treated, self.x_control, self.n_control


@dataclass(frozen=True)
class Money:
    """What the campaign cost and earned in a segment.

    Attributes
    ----------
    revenue : Interval or None, difference of revenue per customer; None where none was measured
    revenue_p_value : float, NaN where none was measured
    explained : float in [0, 1], part of the revenue's variance that earlier spend took out
    profit : Interval, over what would have come anyway
    cost : float
    break_even : float, lift from which the campaign pays
    """

    revenue: Interval | None
    revenue_p_value: float
    explained: float
    profit: Interval
    cost: float
    break_even: float


@dataclass(frozen=True)
class Uplift(Counts):
    """What the campaign brought in one segment.

    Attributes
    ----------
    segment : str
    n_treated, n_control, x_treated, x_control : int, customers assigned, and those of them who bought
    lift : Interval, in shares of customers (0.01 = one in a hundred)
    relative : Interval, lift / share of the control group; NaN where a group has no buyer
    p_value, p_adjusted : float, of the lift; adjusted for the number of segments (Holm)
    shrunken : float, lift drawn towards that of all segments; the best guess for the next campaign
    money : Money or None, where neither revenue nor the value of an order is known
    power : float, chance that so many customers show a lift as large as the one that pays
    more_needed : int, customers more, all groups together, who would settle it; 0 where it is settled
    verdict : str, "keep", "stop" or "not enough to tell"
    """

    lift: Interval
    relative: Interval
    p_value: float
    p_adjusted: float
    shrunken: float
    money: Money | None
    power: float
    more_needed: int
    verdict: str

    @property
    def incremental_orders(self) -> Interval:
        """Buyers among the treated who would not have bought otherwise."""
        return Interval(*(self.n_treated * value for value in (self.lift.estimate, self.lift.low, self.lift.high)))

    @property
    def roi(self) -> float:
        """Incremental profit / cost; NaN where there is no cost."""
        return self.money.profit.estimate / self.money.cost if self.money and self.money.cost > 0 else math.nan

    @property
    def cost_per_order(self) -> float:
        """Cost / incremental orders; NaN where there are none."""
        orders = self.incremental_orders.estimate
        return self.money.cost / orders if self.money and orders > 0 else math.nan

    @property
    def chance_that_it_pays(self) -> float:
        """Chance, from the width of the profit's interval, that it is above 0; NaN where no profit is known."""
        if self.money is None or math.isnan(self.money.profit.high):
            return math.nan
        profit = self.money.profit
        error = (profit.high - profit.low) / (2 * float(ndtri(1 - ALPHA / 2)))
        return float(ndtr(profit.estimate / error)) if error > 0 else float(profit.estimate > 0)


@dataclass(frozen=True)
class Measured:
    """A measured campaign.

    Attributes
    ----------
    segments : tuple of Uplift, in the order of the segments
    total : Uplift, everybody together
    differ : Heterogeneity or None, whether segments differ in lift; None with fewer than two usable segments
    mismatched : mapping of segment to float, p-values of group sizes that differ from the plan; stops the reading
    """

    segments: tuple[Uplift, ...]
    total: Uplift
    differ: Heterogeneity | None
    mismatched: Mapping[str, float]


def measure(results: pd.DataFrame, rules: Rules) -> Measured:
    """Measure a campaign by comparing those who got it with those left out at random.

    Parameters
    ----------
    results : DataFrame
        One row a customer who was assigned: `segment` (str), `arm` ("treated" or "control"), `converted` (bool), and
        where known `revenue` (float, 0 where nothing was bought) and `before` (float, spend before the campaign).
    rules : Rules

    Raises
    ------
    InputError
        A segment has customers in one group only.
    """
    if "revenue" in results:
        results = results.assign(revenue=winsorised(results["revenue"].to_numpy(dtype=float), rules.cap))
    parts = {str(name): part for name, part in results.groupby("segment", sort=False)}
    for name, part in parts.items():
        _refuse_one_group(name, part)
    counted = [_counts(name, part) for name, part in parts.items()]
    p_adjusted = holm(np.array([pooled_p_value(*counts.pairs) for counts in counted]))
    effects = np.array([counts.rate_treated - counts.rate_control for counts in counted])
    errors = np.array([_error(counts) for counts in counted])
    differ = heterogeneity(effects, errors) if len(counted) > 1 else None
    guesses = shrunken(effects, errors, differ) if differ else effects
    uplifts = tuple(
        _judged(counts, _money(counts, part, rules), float(p), float(guess), rules)
        for counts, part, p, guess in zip(counted, parts.values(), p_adjusted, guesses, strict=True)
    )
    all_of_them = _counts("All segments", results)
    effect = all_of_them.rate_treated - all_of_them.rate_control
    money = _money(all_of_them, results, rules)
    total = _judged(all_of_them, money, pooled_p_value(*all_of_them.pairs), effect, rules)
    return Measured(uplifts, total, differ, _mismatches(counted, rules))


def _refuse_one_group(name: str, part: pd.DataFrame) -> None:
    missing = sorted({TREATED, CONTROL} - set(part["arm"]))
    if missing:
        raise InputError(
            f"Segment '{name}' cannot be measured: nobody of it is in the {missing[0]} group.",
            remedy="A campaign can be measured only against customers of the same segment who were left out.",
        )


def _counts(name: str, part: pd.DataFrame) -> Counts:
    treated = (part["arm"] == TREATED).to_numpy()
    bought = part["converted"].to_numpy(dtype=bool)
    return Counts(
        name, int(treated.sum()), int((~treated).sum()), int(bought[treated].sum()), int(bought[~treated].sum())
    )


def _mismatches(counted: list[Counts], rules: Rules) -> dict[str, float]:
    planned = [counts for counts in counted if counts.segment in rules.planned]
    found = {c.segment: share_mismatch((c.n_treated, c.n_control), rules.planned[c.segment]) for c in planned}
    return {name: p_value for name, p_value in found.items() if p_value < MISMATCH}


def _error(counts: Counts) -> float:
    """Standard error of the lift; half an added buyer keeps it above 0 where nobody, or everybody, bought."""
    x1, n1, x0, n0 = counts.pairs
    p1, p0 = (x1 + 0.5) / (n1 + 1), (x0 + 0.5) / (n0 + 1)
    return math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)


def _money(counts: Counts, part: pd.DataFrame, rules: Rules) -> Money | None:
    """Count the money: by the revenue where it is known, else by the value of an order, else not at all."""
    treated = (part["arm"] == TREATED).to_numpy()
    n, order_value = counts.n_treated, rules.order_value
    if "revenue" not in part:
        if math.isnan(order_value):
            return None
        found = lift(*counts.pairs, alpha=rules.alpha)
        per_customer = Interval(*(order_value * value for value in (found.estimate, found.low, found.high)))
        measured, p_value, explained = None, math.nan, 0.0
        revenue_treated = order_value * counts.x_treated
    else:
        revenue, explained = part["revenue"].to_numpy(dtype=float), 0.0
        outcome = revenue
        if "before" in part:
            outcome, explained = adjusted(revenue, part["before"].to_numpy(dtype=float))
        per_customer, p_value = welch(outcome[treated], outcome[~treated], rules.alpha)
        measured, revenue_treated = per_customer, float(revenue[treated].sum())
        bought = part["converted"].to_numpy(dtype=bool)
        if math.isnan(order_value) and bought.any():
            order_value = float(revenue[bought].mean())
    values = (per_customer.estimate, per_customer.low, per_customer.high)
    profit = Interval(*(incremental_profit(rules.costs, n, value * n, revenue_treated) for value in values))
    pays = break_even_lift(rules.costs, order_value, counts.rate_control, n) if order_value > 0 else math.nan
    return Money(measured, p_value, explained, profit, campaign_cost(rules.costs, n, revenue_treated), pays)


def _judged(counts: Counts, money: Money | None, p_adjusted: float, guess: float, rules: Rules) -> Uplift:
    found = lift(*counts.pairs, alpha=rules.alpha)
    verdict = _verdict(found, money, p_adjusted, rules)
    goal = _goal(counts, money)
    rate = counts.rate_control
    return Uplift(
        counts.segment,
        counts.n_treated,
        counts.n_control,
        counts.x_treated,
        counts.x_control,
        lift=found,
        relative=relative_lift(*counts.pairs, alpha=rules.alpha),
        p_value=pooled_p_value(*counts.pairs),
        p_adjusted=p_adjusted,
        shrunken=guess,
        money=money,
        power=power_of(rate, rate + goal, counts.n_treated, counts.n_control, rules.alpha) if goal > 0 else 0.0,
        more_needed=_more_needed(counts, max(goal, found.estimate), rules) if verdict == UNSURE else 0,
        verdict=verdict,
    )


def _verdict(found: Interval, money: Money | None, p_adjusted: float, rules: Rules) -> str:
    """Keep: it surely raised sales, and by the best estimate it pays. Stop: by the upper bound it cannot pay."""
    pays = money is None or not money.profit.estimate <= 0
    cannot_pay = found.high <= 0
    if money is not None:
        cannot_pay = cannot_pay or money.profit.high <= 0 or found.high <= money.break_even
    if cannot_pay:
        return STOP
    return KEEP if p_adjusted < rules.alpha and found.estimate > 0 and pays else UNSURE


def _goal(counts: Counts, money: Money | None) -> float:
    """Lift that is worth seeing: the one that pays, and at least a tenth more buyers."""
    pays = money.break_even if money is not None and math.isfinite(money.break_even) else 0.0
    rate = counts.rate_control
    return min(max(pays, 0.1 * rate, 1e-4), 1 - rate)


def _more_needed(counts: Counts, goal: float, rules: Rules) -> int:
    """Customers more, all groups together and in the same proportion, so that such a lift would be told from none."""
    rate, ratio = counts.rate_control, counts.n_control / counts.n_treated
    if goal <= 0 or rate + goal > 1:
        return 0
    so_far = counts.n_treated + counts.n_control
    total = needed(rate, rate + goal, ratio, alpha=rules.alpha) * (1 + ratio)
    return max(0, min(math.ceil(total) - so_far, _HOPELESS * so_far))
