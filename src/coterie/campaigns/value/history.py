"""The order history of every customer, now and as of an earlier day, asked of the engine in two scans."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.sources.shop import RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from coterie.sources.shop import Shop

#: Part of the history that is held back to test forecasts on, and its bounds in days; the history before it must be
#: twice as long.
HELD_BACK, FEWEST_DAYS, MOST_DAYS, TIMES_AS_LONG = 0.25, 30, 365, 2
#: Share of the orders that may lie before the history begins: a stray early date does not stretch it.
STRAY = 0.01
YEAR = 365

_LINES = RELATIONS[TableKind.ORDERS]
_PURCHASE = "is_return IS NOT TRUE AND is_charge IS NOT TRUE"


@dataclass(frozen=True)
class Buyers:
    """What models see of customers with an order; arrays of shape (n,).

    Several orders of a day count as one: they are parts of one visit.

    Attributes
    ----------
    order_days : float
        Days with an order, at least 1.
    last_age, age : float
        Days from the first order to the last one, and to the last day seen.
    mean_value : float
        Money paid on a day with an order, before returns; 0 where money is unknown.
    """

    order_days: np.ndarray
    last_age: np.ndarray
    age: np.ndarray
    mean_value: np.ndarray

    def __len__(self) -> int:
        return len(self.order_days)


@dataclass(frozen=True)
class OrderHistory:
    """Order histories, and what became of customers after an earlier day.

    Attributes
    ----------
    frame : DataFrame
        Index `customer_id`, customers with an order before `as_of`. Floats: order_days, first_days, last_days (days
        from the first and the last order to `as_of`), sold, net; sold_last_year, order_days_last_year; the same as of
        `split_on` under `then_…` (0 order days: not yet a customer), and the days as long as the time since, before it,
        under `before_…`.
    days : DataFrame
        One row a day with an order, by date: orders (customers who ordered), sold.
    begins, as_of : date
        First day that counts and first day not seen.
    split_on : date or None
        The earlier day; None where the history is too short to have one.
    has_money : bool
    """

    frame: pd.DataFrame
    days: pd.DataFrame
    begins: dt.date
    as_of: dt.date
    split_on: dt.date | None
    has_money: bool

    @property
    def held_days(self) -> int:
        """Days from the earlier day to `as_of`; 0 without one."""
        return (self.as_of - self.split_on).days if self.split_on else 0

    @property
    def length(self) -> int:
        """Days of history."""
        return (self.as_of - self.begins).days

    def buyers(self) -> Buyers:
        """Customers as they are known now, in the order of `frame`."""
        frame = {name: self.frame[name].to_numpy() for name in ("order_days", "first_days", "last_days", "sold")}
        return _buyers(frame["order_days"], frame["first_days"], frame["last_days"], frame["sold"])

    def known_then(self) -> np.ndarray:
        """Customers with an order before the earlier day, bool of shape (n,)."""
        return self.frame["then_order_days"].to_numpy() > 0

    def buyers_then(self) -> Buyers:
        """Customers of `known_then` as they were known on the earlier day."""
        frame = self.frame[self.known_then()]
        since = {name: frame[name].to_numpy() - self.held_days for name in ("first_days", "then_last_days")}
        days, sold = frame["then_order_days"].to_numpy(), frame["then_sold"].to_numpy()
        return _buyers(days, since["first_days"], since["then_last_days"], sold)

    def kept_share(self) -> float:
        """Part of the money paid that was not given back for returns, 0 to 1."""
        sold, net = float(self.frame["sold"].sum()), float(self.frame["net"].sum())
        return min(max(net / sold, 0.0), 1.0) if sold > 0 else 1.0


def order_history(shop: Shop) -> OrderHistory | None:
    """Read the order histories; None where orders have no date, or there are none.

    Notes
    -----
    Two aggregations by customer and day inside the engine; Python holds one row a customer and one a day. Sums of money
    are exact, so that the order of rows changes nothing.
    """
    if not shop.has(TableKind.ORDERS, "ordered_at") or shop.as_of is None:
        return None
    days = _days(shop, shop.as_of)
    if days.empty:
        return None
    begins = _begins(days)
    split_on = _split(begins, shop.as_of)
    frame = _frame(shop, shop.as_of, split_on)
    return OrderHistory(frame, days, begins, shop.as_of, split_on, shop.has(TableKind.ORDERS, "amount"))


def _buyers(order_days: np.ndarray, first: np.ndarray, last: np.ndarray, sold: np.ndarray) -> Buyers:
    """The day before `as_of` is the last day seen: someone who first ordered on it has age 0."""
    return Buyers(order_days, first - last, first - 1.0, np.maximum(sold, 0.0) / order_days)


def _days(shop: Shop, as_of: dt.date) -> pd.DataFrame:
    money, date = shop.engine.dialect.money, shop.engine.dialect.date
    rows = shop.engine.rows(
        f"SELECT ordered_on, COUNT(DISTINCT customer_id), {money('COALESCE(SUM(amount), 0)')} FROM {_LINES} "
        f"WHERE {_PURCHASE} AND ordered_at < {date(as_of)} GROUP BY ordered_on ORDER BY ordered_on",
        "value",
    )
    index = pd.Index([day for day, _, _ in rows], name="ordered_on", dtype=object)
    values = {"orders": [float(count) for _, count, _ in rows], "sold": [float(sold) for _, _, sold in rows]}
    return pd.DataFrame(values, index=index)


def _begins(days: pd.DataFrame) -> dt.date:
    """Day by which one order in a hundred had come."""
    reached = days["orders"].cumsum() >= STRAY * days["orders"].sum()
    day: dt.date = days.index[int(np.argmax(reached.to_numpy()))]
    return day


def _split(begins: dt.date, as_of: dt.date) -> dt.date | None:
    length = (as_of - begins).days
    held = min(max(round(HELD_BACK * length), FEWEST_DAYS), MOST_DAYS)
    return as_of - dt.timedelta(days=held) if length >= (TIMES_AS_LONG + 1) * held else None


def _frame(shop: Shop, as_of: dt.date, split_on: dt.date | None) -> pd.DataFrame:
    """Give one row a customer, by customer id."""
    dialect = shop.engine.dialect
    until, earlier = dialect.date(as_of), split_on or as_of
    before = earlier - (as_of - earlier)
    by_day = (
        f"SELECT customer_id, ordered_on, COALESCE(SUM(CASE WHEN is_return IS NOT TRUE THEN amount END), 0) AS sold, "
        f"COALESCE(SUM(amount), 0) AS net, MAX(CASE WHEN {_PURCHASE} THEN 1 ELSE 0 END) AS is_order "
        f"FROM {_LINES} WHERE ordered_at < {until} GROUP BY customer_id, ordered_on"
    )
    spans = {
        "": "is_order = 1",
        "then_": f"is_order = 1 AND ordered_on < {dialect.date(earlier)}",
        "before_": f"is_order = 1 AND ordered_on < {dialect.date(earlier)} AND ordered_on >= {dialect.date(before)}",
        "last_year_": f"is_order = 1 AND ordered_on >= {dialect.date(as_of - dt.timedelta(days=YEAR))}",
    }
    columns = {}
    for span, condition in spans.items():
        columns[f"{span}order_days"] = f"COUNT(CASE WHEN {condition} THEN 1 END)"
        columns[f"{span}sold"] = dialect.money(f"COALESCE(SUM(CASE WHEN {condition} THEN sold END), 0)")
    columns["net"] = dialect.money("SUM(net)")
    columns["first_days"] = dialect.days_between("MIN(CASE WHEN is_order = 1 THEN ordered_on END)", until)
    for span in ("", "then_"):
        last = f"MAX(CASE WHEN {spans[span]} THEN ordered_on END)"
        columns[f"{span}last_days"] = f"COALESCE({dialect.days_between(last, until)}, 0)"
    listed = ", ".join(f"{dialect.f64(text)} AS {name}" for name, text in columns.items())
    data = shop.engine.arrow(
        f"SELECT customer_id, {listed} FROM ({by_day}) AS order_days GROUP BY customer_id HAVING SUM(is_order) > 0",
        "value",
    )
    index = pd.Index(data.column("customer_id").to_pylist(), name="customer_id", dtype="str")
    frame = pd.DataFrame({name: data.column(name).to_numpy().astype(float) for name in columns}, index=index)
    return frame.sort_index()  # servers sort text by their own rules; sums must not depend on them
