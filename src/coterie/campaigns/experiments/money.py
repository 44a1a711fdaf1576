"""What a campaign costs and earns: break-even, profit over what would have come anyway, return."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """What a contact and an offer cost.

    Attributes
    ----------
    margin : float in (0, 1], part of revenue that is left after the goods
    contact : float >= 0, for each customer who gets the campaign, in the shop's currency
    discount : float in [0, 1), price reduction of the offer; revenue is counted before it
    fixed : float >= 0, for the campaign as a whole
    """

    margin: float
    contact: float = 0.0
    discount: float = 0.0
    fixed: float = 0.0


def break_even_lift(costs: Costs, order_value: float, p_control: float, n_treated: float) -> float:
    """Rise of the share of buyers from which the campaign pays, in [0, ∞]; infinite where each order loses money.

    Parameters
    ----------
    costs : Costs
    order_value : float > 0, average order, before any discount
    p_control : float in [0, 1], who buys anyway: they get the discount too
    n_treated : float > 0
    """
    left = order_value * (costs.margin - costs.discount)
    if left <= 0:
        return math.inf
    spent = costs.contact + costs.fixed / n_treated + costs.discount * order_value * p_control
    return spent / left


def campaign_cost(costs: Costs, n_treated: float, revenue_treated: float) -> float:
    """All that the campaign costs: contacts, the discount on everything that the treated bought, and what is fixed."""
    return costs.contact * n_treated + costs.discount * revenue_treated + costs.fixed


def incremental_profit(costs: Costs, n_treated: float, incremental_revenue: float, revenue_treated: float) -> float:
    """Margin on the revenue that would not have come without the campaign, less all its costs.

    Examples
    --------
    >>> incremental_profit(Costs(margin=0.4, contact=0.1), 9_000, 5_400, 18_900)
    1260.0
    """
    return incremental_revenue * costs.margin - campaign_cost(costs, n_treated, revenue_treated)
