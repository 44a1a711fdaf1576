"""One row a customer and day with an order line, made once for all who ask when customers bought what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.sources.shop import CODED_LINES, RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.sources.shop import Shop

#: Temporary table of the days before `as_of`: customer (what `lines_of` has as customer_id), ordered_on, line_count,
#: purchase_count (lines that are neither return nor charge), bought (paid on those), sold (before anything came back),
#: net.
CUSTOMER_DAYS = "customer_days"

#: A line that counts as an order: neither a return nor a charge.
PURCHASE = "is_return IS NOT TRUE AND is_charge IS NOT TRUE"


def lines_of(shop: Shop) -> str:
    """Name the relation of order lines with the shortest keys; `customer_id` may be a number in it."""
    return CODED_LINES if shop.coded else RELATIONS[TableKind.ORDERS]


def keep_customer_days(shop: Shop) -> None:
    """Keep the table `CUSTOMER_DAYS` until the engine is closed, where it is not there already.

    Notes
    -----
    One scan of the order lines, which hold nothing from `as_of` on that counts. Sums of money are exact.
    """
    if CUSTOMER_DAYS in shop.kept or shop.as_of is None:
        return
    dialect = shop.engine.dialect
    money, date = dialect.money, dialect.date
    shop.engine.keep(
        CUSTOMER_DAYS,
        "SELECT customer_id AS customer, ordered_on, COUNT(*) AS line_count, "
        f"COUNT(CASE WHEN {PURCHASE} THEN 1 END) AS purchase_count, "
        f"{money(f'COALESCE(SUM(CASE WHEN {PURCHASE} THEN amount END), 0)')} AS bought, "
        f"{money('COALESCE(SUM(CASE WHEN is_return IS NOT TRUE THEN amount END), 0)')} AS sold, "
        f"{money('COALESCE(SUM(amount), 0)')} AS net "
        f"FROM {lines_of(shop)} WHERE ordered_at < {date(shop.as_of)} GROUP BY customer_id, ordered_on",
        "customers by day",
    )
    shop.kept.add(CUSTOMER_DAYS)


def with_ids(shop: Shop, select: str, columns: Sequence[str]) -> str:
    """Give `columns` of a SELECT that has a `customer` of `CUSTOMER_DAYS`, with that customer's id before them."""
    shown = ", ".join(f"found.{column}" for column in columns)
    if not shop.coded:
        return f"SELECT found.customer AS customer_id, {shown} FROM ({select}) AS found"
    return (
        f"SELECT ids.customer_id, {shown} FROM ({select}) AS found "
        "JOIN customer_ids AS ids ON ids.customer = found.customer"
    )
