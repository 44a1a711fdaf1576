"""The order history of every customer, now and as of an earlier day, asked of the engine in two scans."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.campaigns.value.cancelled import CANCELLED, keep_cancelled_days
from coterie.campaigns.value.orders import Histories
from coterie.campaigns.value.returns import Returned
from coterie.memory import let_go, parked
from coterie.sources.customer_days import CUSTOMER_DAYS, with_ids
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    import pyarrow as pa

    from coterie.engines.dialect import Dialect
    from coterie.sources.shop import Shop

#: Part of the history that is held back to test forecasts on, and its bounds in days; the history before it must be
#: twice as long.
HELD_BACK, FEWEST_DAYS, MOST_DAYS, TIMES_AS_LONG = 0.25, 30, 365, 2
#: Share of the orders that may lie before the history begins: a stray early date does not stretch it.
STRAY = 0.01
YEAR = 365
#: Squares of cents in a square of the currency unit.
_CENTS = 100.0**2

#: One row a customer and day: what was bought and went back, and from when on nothing was left of it.
_ORDER_DAYS = (
    "SELECT days.customer, days.ordered_on, bought, sold, net, "
    f"CASE WHEN purchase_count > 0 THEN 1 ELSE 0 END AS is_order, gone_on "
    f"FROM {CUSTOMER_DAYS} AS days LEFT JOIN {CANCELLED} AS cancelled "
    "ON cancelled.customer_id = days.customer AND cancelled.ordered_on = days.ordered_on"
)


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
    returned : Returned or None
        What went back; None where nothing did.
    """

    order_days: np.ndarray
    last_age: np.ndarray
    age: np.ndarray
    mean_value: np.ndarray
    returned: Returned | None = None

    def __len__(self) -> int:
        return len(self.order_days)

    @cached_property
    def histories(self) -> Histories:
        """The different order histories among them."""
        return Histories.of(self.order_days - 1.0, self.last_age, self.age)


@dataclass(frozen=True)
class OrderHistory:
    """Order histories, and what became of customers after an earlier day.

    A day of which nothing is left, since all that was bought on it went back, is no day with an order.

    Attributes
    ----------
    frame : DataFrame
        Index `customer_id`, customers with an order before `as_of`. Floats: order_days, first_days, last_days (days
        from the first and the last order to `as_of`), sold, net (sold less what went back), squares (sum of the squares
        of what went back on single days), last_year_net.
    then : DataFrame
        The same of customers with an order before `split_on`, as of that day, and what they did in as many days before
        it as there are after it, and after it: before_order_days, before_net; since_order_days, since_net.
    days : DataFrame
        One row a day with an order, by date: orders (customers who ordered), sold.
    begins, as_of : date
        First day that counts and first day not seen.
    split_on : date or None
        The earlier day; None where the history is too short to have one.
    has_money : bool
    """

    frame: pd.DataFrame
    then: pd.DataFrame
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
        return _buyers(self.frame)

    def buyers_then(self) -> Buyers:
        """Customers as they were known on the earlier day, in the order of `then`."""
        return _buyers(self.then)


def order_history(shop: Shop) -> OrderHistory | None:
    """Read the order histories; None where orders have no date, or there are none.

    Notes
    -----
    One aggregation by customer and day inside the engine; Python holds one row a customer and one a day. Sums of money
    are exact, so that the order of rows changes nothing.
    """
    if not shop.has(TableKind.ORDERS, "ordered_at") or shop.as_of is None:
        return None
    keep_cancelled_days(shop, shop.as_of)
    days = _days(shop)
    if days.empty:
        return None
    begins = _begins(days)
    split_on = _split(begins, shop.as_of)
    frame, then = frames(shop, shop.as_of, split_on)
    shop.engine.drop(CANCELLED)
    return OrderHistory(frame, then, days, begins, shop.as_of, split_on, shop.has(TableKind.ORDERS, "amount"))


def _buyers(frame: pd.DataFrame) -> Buyers:
    """The day before `as_of` is the last day seen: someone who first ordered on it has age 0."""
    count, first, last, sold, net, squares = (
        frame[name].to_numpy() for name in ("order_days", "first_days", "last_days", "sold", "net", "squares")
    )
    returned = Returned.of(sold, net, squares)
    return Buyers(count, first - last, first - 1.0, np.maximum(sold, 0.0) / count, returned)


def _days(shop: Shop) -> pd.DataFrame:
    rows = shop.engine.rows(
        f"SELECT ordered_on, COUNT(*), SUM(bought) FROM ({_ORDER_DAYS}) AS order_days "
        "WHERE is_order = 1 AND gone_on IS NULL GROUP BY ordered_on ORDER BY ordered_on",
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


def frames(shop: Shop, as_of: dt.date, split_on: dt.date | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give `frame` and `then` of an `OrderHistory`: one row a customer, by customer id.

    The tables `CANCELLED` and `CUSTOMER_DAYS` must be there.
    """
    dialect = shop.engine.dialect
    columns = _columns(dialect, as_of, split_on or as_of)
    listed = ", ".join(f"{dialect.f64(text)} AS {name}" for name, text in columns.items())
    found = f"SELECT customer, {listed} FROM ({_ORDER_DAYS}) AS order_days GROUP BY customer HAVING SUM(is_order) > 0"
    data = shop.engine.arrow(with_ids(shop, found, tuple(columns)), "value")
    ids = data.column("customer_id").combine_chunks()
    index = pd.Index(pd.array(ids, dtype="str"), name="customer_id", dtype="str")
    order = index.argsort()  # servers sort text by their own rules; sums must not depend on them
    spans = {name: name.partition("_")[0] in ("then", "before", "since") for name in columns}
    both = []
    for is_then, counted in ((False, "order_days"), (True, "then_order_days")):
        rows = order[data.column(counted).to_numpy()[order] > 0]
        both.append(_frame(data, [name for name, of_then in spans.items() if of_then == is_then], rows, index[rows]))
    now, then = both
    return now, then


def _frame(data: pa.Table, names: list[str], rows: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Give some rows of some columns, each column where it lies."""
    columns = {}
    for name in names:
        values = data.column(name).to_numpy()[rows] / (_CENTS if "squares" in name else 1.0)
        columns[name.removeprefix("then_")] = pd.Series(parked(values), index, copy=False)
        let_go()
    return pd.DataFrame(columns, index=index, copy=False)


def _columns(dialect: Dialect, as_of: dt.date, earlier: dt.date) -> dict[str, str]:
    """Give the aggregates of both frames over the days of a customer, by name."""
    day, before, year = (dialect.date(each) for each in (
        earlier, earlier - (as_of - earlier), as_of - dt.timedelta(days=YEAR)
    ))  # fmt: skip
    known = f"is_order = 1 AND ordered_on < {day} AND (gone_on IS NULL OR gone_on >= {day})"
    spans = {"": ("is_order = 1 AND gone_on IS NULL", "TRUE", as_of), "then_": (known, f"ordered_on < {day}", earlier)}
    back = dialect.whole("(CASE WHEN gone_on = ordered_on THEN -net ELSE sold - net END) * 100")
    columns = {}
    for span, (orders, all_days, known_on) in spans.items():
        columns[f"{span}order_days"] = _count(orders)
        columns[f"{span}sold"] = dialect.money(_sum("sold", orders))
        columns[f"{span}net"] = dialect.money(_sum("net", all_days))
        columns[f"{span}squares"] = _sum(f"{back} * {back}", f"{all_days} AND sold <> net")
        for name, pick in (("first", "MIN"), ("last", "MAX")):
            found = f"{pick}(CASE WHEN {orders} THEN ordered_on END)"
            columns[f"{span}{name}_days"] = f"COALESCE({dialect.days_between(found, dialect.date(known_on))}, 0)"
    columns["before_order_days"] = _count(f"{known} AND ordered_on >= {before}")
    columns["before_net"] = dialect.money(_sum("net", f"ordered_on < {day} AND ordered_on >= {before}"))
    columns["since_order_days"] = _count(f"is_order = 1 AND gone_on IS NULL AND ordered_on >= {day}")
    columns["since_net"] = dialect.money(_sum("net", f"ordered_on >= {day}"))
    columns["last_year_net"] = dialect.money(_sum("net", f"ordered_on >= {year}"))
    return columns


def _count(condition: str) -> str:
    return f"COUNT(CASE WHEN {condition} THEN 1 END)"


def _sum(value: str, condition: str) -> str:
    return f"COALESCE(SUM(CASE WHEN {condition} THEN {value} END), 0)"
