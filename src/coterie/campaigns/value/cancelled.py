"""Days with orders of which nothing is left: all that was bought on them went back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.sources.customer_days import CUSTOMER_DAYS, PURCHASE, keep_customer_days, lines_of
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    import datetime as dt

    from coterie.sources.shop import Shop

#: Temporary table of those days: customer_id, ordered_on, gone_on (the day from which on nothing was left).
CANCELLED = "cancelled_days"
_RETURN = "is_return IS TRUE AND is_charge IS NOT TRUE"


def keep_cancelled_days(shop: Shop, as_of: dt.date) -> None:
    """Keep the days of which nothing is left as the table `CANCELLED`, which is empty where nothing came back.

    Notes
    -----
    A return is held against a purchase where it says which one it undoes: by the number of the order, or, where its own
    number is of no purchase, by the customer and the day. What was bought has gone back where as many units of the same
    product came back (where products or quantities are unknown: the same money to the cent, so that paying for
    something else on the day of a return is no cancellation). A later return under a number of its own is held against
    no order. `CUSTOMER_DAYS` is made where it is not there. Two scans of the order lines; aggregated are only those of
    customers and products that came back.
    """
    keep_customer_days(shop)
    until, lines = shop.engine.dialect.date(as_of), lines_of(shop)
    some = shop.engine.value(f"SELECT COUNT(*) FROM {lines} WHERE {_RETURN} AND ordered_at < {until}", "value")
    if some:
        by_product = shop.has(TableKind.ORDERS, "product") and shop.has(TableKind.ORDERS, "quantity")
        shop.engine.keep(CANCELLED, _days(lines, until, by_product=by_product), "value")
    else:
        nothing = f"SELECT customer_id, ordered_on, ordered_on AS gone_on FROM {lines} WHERE customer_id IS NULL"
        shop.engine.keep(CANCELLED, nothing, "value")


def _days(order_lines: str, until: str, *, by_product: bool) -> str:
    """Days whose order lines have all gone back, by customer and day.

    `matched` has one row for what a customer bought of a product in an order on a day, with what came back of it.
    """
    product, much, is_back = ("product", "quantity", "<=") if by_product else ("0", "amount", "=")
    lines = f"SELECT customer_id, order_id, ordered_on, {product} AS product, {much} AS much FROM {order_lines}"
    return f"""WITH returned AS (
    SELECT customer_id, order_id, ordered_on, product, -SUM(much) AS back
    FROM ({lines} WHERE {_RETURN} AND ordered_at < {until}) AS returned_lines
    GROUP BY customer_id, order_id, ordered_on, product HAVING SUM(much) < 0
),
bought AS (
    SELECT customer_id, order_id, ordered_on, product, COUNT(*) AS line_count, SUM(much) AS much
    FROM ({lines} WHERE {PURCHASE} AND ordered_at < {until}) AS bought_lines
    WHERE (customer_id, product) IN (SELECT customer_id, product FROM returned)
    GROUP BY customer_id, order_id, ordered_on, product
),
summed AS (
    SELECT customer_id, order_id, ordered_on, product, line_count,
        SUM(much) OVER (PARTITION BY customer_id, order_id, product) AS of_order,
        SUM(much) OVER (PARTITION BY customer_id, ordered_on, product) AS of_day
    FROM bought
),
owned AS (SELECT DISTINCT customer_id, order_id FROM bought),
by_order AS (
    SELECT customer_id, order_id, product, SUM(back) AS back, MAX(ordered_on) AS gone_on
    FROM returned GROUP BY customer_id, order_id, product
),
by_day AS (
    SELECT returned.customer_id, returned.ordered_on, returned.product, SUM(returned.back) AS back
    FROM returned LEFT JOIN owned ON owned.customer_id = returned.customer_id AND owned.order_id = returned.order_id
    WHERE owned.order_id IS NULL
    GROUP BY returned.customer_id, returned.ordered_on, returned.product
),
matched AS (
    SELECT summed.customer_id, summed.ordered_on, summed.line_count,
        CASE WHEN of_day {is_back} by_day.back THEN summed.ordered_on
            WHEN of_order {is_back} by_order.back AND gone_on >= summed.ordered_on THEN gone_on END AS gone_on
    FROM summed
    LEFT JOIN by_day ON by_day.customer_id = summed.customer_id AND by_day.ordered_on = summed.ordered_on
        AND by_day.product = summed.product
    LEFT JOIN by_order ON by_order.customer_id = summed.customer_id AND by_order.order_id = summed.order_id
        AND by_order.product = summed.product
),
gone AS (
    SELECT customer_id, ordered_on, SUM(line_count) AS line_count, MAX(gone_on) AS gone_on
    FROM matched WHERE gone_on IS NOT NULL GROUP BY customer_id, ordered_on
)
SELECT gone.customer_id, gone.ordered_on, gone.gone_on
FROM {CUSTOMER_DAYS} AS days
JOIN gone ON gone.customer_id = days.customer AND gone.ordered_on = days.ordered_on
WHERE days.purchase_count = gone.line_count"""
