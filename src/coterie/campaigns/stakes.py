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


def yearly_values(customers: CustomerTable) -> tuple[np.ndarray, bool]:
    """Give what each customer is worth in a year while they buy.

    Each customer's net revenue is brought to a year over the time from the first to the last order, though never over
    less than a year, so that two orders in a week do not count as a hundred a year; customers who have stayed away
    count with what they spent while they came. Revenue below zero counts as zero.

    Returns
    -------
    (float array of shape (n_customers,) in currency, NaN where unknown; whether it could be brought to a year)
        All NaN and False where no feature holds money.
    """
    name = "net_revenue" if "net_revenue" in customers.frame.columns else customers.value
    if name is None or name not in customers.frame.columns or customers.features[name].kind is not Kind.MONEY:
        return np.full(len(customers), np.nan), False
    spent = np.maximum(numeric_values(customers, name), 0.0)
    if not {"tenure_days", "recency_days"} <= set(customers.frame.columns):
        return spent, False
    active = numeric_values(customers, "tenure_days") - numeric_values(customers, "recency_days")
    return spent / (np.maximum(np.nan_to_num(active), _YEAR) / _YEAR), True


def yearly_value(customers: CustomerTable, mine: np.ndarray) -> tuple[float, bool]:
    """Sum `yearly_values` over some of the customers.

    Parameters
    ----------
    customers : CustomerTable
    mine : bool array of shape (n_customers,)

    Returns
    -------
    (sum in currency, whether it could be brought to a year); (NaN, False) where nothing is known of them.
    """
    values, in_a_year = yearly_values(customers)
    known = np.isfinite(values[mine])
    return (round(float(values[mine][known].sum()), 2), in_a_year) if known.any() else (math.nan, False)


def yearly_by_segment(customers: CustomerTable, ids: np.ndarray, n_ids: int) -> tuple[np.ndarray, bool]:
    """Sum `yearly_values` by segment; float array of shape (n_ids,), NaN where nothing is known."""
    values, in_a_year = yearly_values(customers)
    known = np.isfinite(values)
    sums = np.round(np.bincount(ids[known], values[known], n_ids).astype(float), 2)
    sums[np.bincount(ids[known], minlength=n_ids) == 0] = np.nan
    return sums, in_a_year


def value_at_stake(
    yearly: float, margin: float, movable: float, *, currency: str, in_a_year: bool
) -> tuple[float, str]:
    """Value what a play could move in a year, with the sum written out.

    Value at stake = what the segment spends in a year × gross margin × the part that the play might move.

    Parameters
    ----------
    yearly : float
        What the segment spends in a year, in currency; NaN where it is not known.
    margin : float
        Gross margin, 0 to 1, a setting.
    movable : float
        Part of the margin that the play might move, 0 to 1; an assumption of the playbook.
    currency : str
    in_a_year : bool
        Whether the spending could be brought to a year.

    Returns
    -------
    (amount in currency, how it was made); NaN where the tables hold no money.
    """
    if not math.isfinite(yearly):
        return math.nan, "Not valued: the tables do not say what a customer spends."
    if yearly == 0:
        return 0.0, "Nothing is at stake: so far these customers have brought no revenue."
    if movable == 0:
        return 0.0, "Nothing is at stake: the play is to do nothing."
    stake = round(yearly * margin * movable, 2)
    period = "spent in a year while they were buying" if in_a_year else "spent in the time that the tables cover"
    told = money(stake if stake < 20 else float(number(stake).replace(",", "")), currency)
    return stake, (
        f"{told} = {money(yearly, currency)} {period} × {share(margin)} margin × {share(movable)} that such "
        "a play might move. The last part is an assumption; a group left alone shows what it really is."
    )
