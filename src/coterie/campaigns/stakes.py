"""What a play could move in money: a year's margin of the segment, and the part of it that the play might move."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import money, number, numeric_values, share
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from coterie.vocabulary import CustomerTable

_YEAR = 365.0


def yearly_value(customers: CustomerTable, mine: np.ndarray) -> tuple[float, bool]:
    """Give what the customers of a segment are worth in a year while they buy.

    Each customer's net revenue is brought to a year over the time from the first to the last order, though never over
    less than a year, so that two orders in a week do not count as a hundred a year; customers who have stayed away
    count with what they spent while they came. Revenue below zero counts as zero.

    Returns
    -------
    (sum over the segment in currency, whether it could be brought to a year); (NaN, False) where no feature holds
    money.
    """
    name = "net_revenue" if "net_revenue" in customers.frame.columns else customers.value
    if name is None or name not in customers.frame.columns or customers.features[name].kind is not Kind.MONEY:
        return math.nan, False
    spent = numeric_values(customers, name)[mine]
    if not np.isfinite(spent).any():
        return math.nan, False
    spent = np.maximum(np.nan_to_num(spent), 0.0)
    if not {"tenure_days", "recency_days"} <= set(customers.frame.columns):
        return round(float(spent.sum()), 2), False
    active = (numeric_values(customers, "tenure_days") - numeric_values(customers, "recency_days"))[mine]
    years = np.maximum(np.nan_to_num(active), _YEAR) / _YEAR
    return round(float((spent / years).sum()), 2), True


def value_at_stake(customers: CustomerTable, mine: np.ndarray, margin: float, movable: float) -> tuple[float, str]:
    """Value what a play could move in a year, with the sum written out.

    Value at stake = what the segment spends in a year × gross margin × the part that the play might move.

    Parameters
    ----------
    customers : CustomerTable
    mine : bool array of shape (n_customers,)
    margin : float
        Gross margin, 0 to 1, a setting.
    movable : float
        Part of the margin that the play might move, 0 to 1; an assumption of the playbook.

    Returns
    -------
    (amount in currency, how it was made); NaN where the tables hold no money.
    """
    yearly, in_a_year = yearly_value(customers, mine)
    if not math.isfinite(yearly):
        return math.nan, "Not valued: the tables do not say what a customer spends."
    if yearly == 0:
        return 0.0, "Nothing is at stake: so far these customers have brought no revenue."
    stake = round(yearly * margin * movable, 2)
    period = "spent in a year while they were buying" if in_a_year else "spent in the time that the tables cover"
    told = money(stake if stake < 20 else float(number(stake).replace(",", "")), customers.currency)
    return stake, (
        f"{told} = {money(yearly, customers.currency)} {period} × {share(margin)} margin × {share(movable)} that such "
        "a play might move. The last part is an assumption; a group left alone shows what it really is."
    )
