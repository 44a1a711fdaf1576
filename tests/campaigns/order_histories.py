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
    spans = {
        "": (dt.date.min, as_of),
        "then_": (dt.date.min, earlier),
        "before_": (earlier - (as_of - earlier), earlier),
        "last_year_": (as_of - dt.timedelta(days=365), as_of),
    }
    by_day = known.groupby(["customer_id", "ordered_on"])["amount"].sum().reset_index()
    ago = pd.to_datetime(pd.Series(as_of, index=by_day.index)) - pd.to_datetime(by_day["ordered_on"])
    by_day["ago"] = ago.dt.days.astype(float)
    customers = by_day.groupby("customer_id")
    columns = {"net": customers["amount"].sum(), "first_days": customers["ago"].max()}
    for span, (low, high) in spans.items():
        inside = by_day[(by_day["ordered_on"] >= low) & (by_day["ordered_on"] < high)].groupby("customer_id")
        columns[f"{span}order_days"], columns[f"{span}sold"] = inside.size().astype(float), inside["amount"].sum()
        if span in ("", "then_"):
            columns[f"{span}last_days"] = inside["ago"].min()
    frame = pd.DataFrame(columns).fillna(0.0).sort_index().rename_axis("customer_id")
    return OrderHistory(frame, days, begins, as_of, split_on, has_money=True)
