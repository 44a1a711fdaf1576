"""Customers who order as the models say, as a table of orders and as an order history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.campaigns import OrderHistory
from coterie.campaigns.value.history import _begins, _split

if TYPE_CHECKING:
    from collections.abc import Sequence

AS_OF = dt.date(2024, 1, 1)


def simulated_orders(
    ids: Sequence[str], *, days: int = 500, seed: int = 1, r: float = 0.6, alpha: float = 40.0, until: int = 0
) -> pd.DataFrame:
    """Orders of customers who join over `days` days before `AS_OF`: customer_id, ordered_on, amount.

    Order rates are Gamma(r, alpha), the chance to leave after an order Beta(0.8, 4), order values Gamma with a mean of
    each customer's own. With `until` they go on as long after `AS_OF`.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for name in ids:
        joined, rate, leave = int(rng.integers(0, days - 20)), rng.gamma(r, 1 / alpha), rng.beta(0.8, 4.0)
        scale = 1.0 / rng.gamma(4.0, 1 / 30.0)
        clock = float(joined)
        while clock < days + until:
            rows.append((name, int(clock), round(float(rng.gamma(3.0, scale)) + 0.01, 2)))
            if rng.random() < leave:
                break
            clock += max(rng.exponential(1 / max(rate, 1e-9)), 1.0)
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    begin = AS_OF - dt.timedelta(days=days)
    frame["ordered_on"] = [begin + dt.timedelta(days=day) for day in frame.pop("day")]
    return frame


def history_of(orders: pd.DataFrame, as_of: dt.date = AS_OF, split_on: dt.date | None = None) -> OrderHistory:
    """Make the history in the plain way, by customer and day; nothing goes back."""
    known = orders[orders["ordered_on"] < as_of]
    daily = known.groupby("ordered_on")
    days = pd.DataFrame({"orders": daily["customer_id"].nunique().astype(float), "sold": daily["amount"].sum()})
    days.index = days.index.astype(object)
    begins = _begins(days)
    split_on = split_on or _split(begins, as_of)
    earlier = split_on or as_of
    by_day = known.groupby(["customer_id", "ordered_on"])["amount"].sum().reset_index()
    then = _known_on(by_day, earlier)
    for span, low, high in (("before", earlier - (as_of - earlier), earlier), ("since", earlier, as_of)):
        inside = by_day[(by_day["ordered_on"] >= low) & (by_day["ordered_on"] < high)].groupby("customer_id")
        then[f"{span}_order_days"] = inside.size().astype(float)
        then[f"{span}_net"] = inside["amount"].sum()
    frame = _known_on(by_day, as_of)
    year = by_day[by_day["ordered_on"] >= as_of - dt.timedelta(days=365)].groupby("customer_id")
    frame["last_year_net"] = year["amount"].sum()
    return OrderHistory(frame.fillna(0.0), then.fillna(0.0), days, begins, as_of, split_on, has_money=True)


def _known_on(by_day: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """What is known of customers on a day, from what they bought by day."""
    before = by_day[by_day["ordered_on"] < day]
    ago = pd.to_datetime(pd.Series(day, index=before.index)) - pd.to_datetime(before["ordered_on"])
    customers = before.assign(ago=ago.dt.days.astype(float)).groupby("customer_id")
    sold = customers["amount"].sum()
    columns = {"order_days": customers.size().astype(float), "sold": sold, "net": sold, "squares": 0.0 * sold}
    columns |= {"first_days": customers["ago"].max(), "last_days": customers["ago"].min()}
    return pd.DataFrame(columns).sort_index().rename_axis("customer_id")
