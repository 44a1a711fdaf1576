"""The order lines of a shop: rows that cannot be used taken out and accounted for, and two ways of looking at the rest."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coterie.sources.casting.cleaning import words_sql
from coterie.sources.ledger import Counts, account, case, guests, last_day
from coterie.sources.order_keys import CUSTOMER_IDS
from coterie.sources.shop import CODED_LINES, ORDER_LINE_COLUMNS, RELATIONS
from coterie.sources.value_words import PLACEHOLDER_IDS
from coterie.vocabulary import Finding, Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.staging import Staged

#: Engine table of one row a customer with an order line: `customer`, `lines`, `net`, `has_one_order`.
CUSTOMER_SUMS = "customer_sums"

_MINUTE = "'%Y-%m-%d %H:%M:%S'"


def finish_orders(
    engine: DuckDBEngine, staged: Sequence[Staged], settings: SourcesSettings, as_of: dt.date | None
) -> tuple[list[Counts], tuple[Finding, ...], dt.date | None]:
    """Take out the rows that cannot be used and make the views of the rest.

    Returns
    -------
    list of Counts, tuple of Finding, date or None
        The counts of each group, what to tell, and the first day not seen.
    """
    reasons = {"customer id cannot be read": "customer_bad", "no customer id": "customer IS NULL"}
    left, findings = _guests(engine, staged, settings)
    if left:
        ids = f"SELECT customer FROM {CUSTOMER_IDS} WHERE lower(customer_id) IN ({words_sql(list(left))})"
        numbers = ", ".join(str(row[0]) for row in engine.rows(ids))
        reasons["placeholder customer id"] = f"customer IN ({numbers})"
    last, slips = last_day(engine, staged, "ordered_at")
    day = as_of or (last + dt.timedelta(days=1) if last else None)
    reasons |= {"order date cannot be read": "date_bad", "no order date": "ordered_at IS NULL"}
    if day:
        too_late = "on or after the as-of date" if as_of else "dated far in the future"
        reasons[too_late] = f"ordered_at >= {engine.dialect.date(day)}"
        if slips and not as_of:
            findings += (_slips(slips, day),)
    reasons |= {"amount cannot be read": "amount IS NULL AND amount_bad", "no amount": "amount IS NULL"}
    counts = [_take_out(engine, one, case(reasons)) for one in staged]
    _look_both_ways(engine, staged)
    _sum_up(engine)
    return counts, findings, day


def _guests(
    engine: DuckDBEngine, staged: Sequence[Staged], settings: SourcesSettings
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    union = " UNION ALL ".join(f"SELECT customer FROM {one.relation}" for one in staged)
    suspects = f"SELECT * FROM {CUSTOMER_IDS} WHERE lower(customer_id) IN ({words_sql(PLACEHOLDER_IDS)})"
    rows = engine.rows(
        f"SELECT lower(customer_id), count(*) FROM ({union}) JOIN ({suspects}) USING (customer) GROUP BY ALL ORDER BY ALL",
        "placeholder ids",
    )
    total = int(engine.value(f"SELECT count(customer) FROM ({union})")) if rows else 0
    return guests([(str(name), int(n)) for name, n in rows], total, settings.guest_ids, staged[0].group.name)


def _take_out(engine: DuckDBEngine, staged: Staged, reason_sql: str) -> Counts:
    """Account for the rows of a staged table and remove those that have a reason against them."""
    counts = account(engine, staged, reason_sql)
    if any(reason is not None for found in counts.values() for reason in found):
        rows = f"SELECT source_row FROM {staged.relation} WHERE {reason_sql} IS NOT NULL"
        engine.run(f"DELETE FROM lines_{staged.group.number} WHERE source_row IN ({rows})", "left out")
    return counts


def _look_both_ways(engine: DuckDBEngine, staged: Sequence[Staged]) -> None:
    """Make `order_lines`, with ids and texts as the shop writes them, and `coded_lines`, with short keys."""
    numbered = all(_has_numbers(engine, one) for one in staged) and len(staged) == 1
    coded = " UNION ALL ".join(_coded(engine, one, numbered) for one in staged)
    plain = " UNION ALL ".join(_plain(engine, one) for one in staged)
    engine.run(f"CREATE OR REPLACE VIEW {CODED_LINES} AS {coded}", "order lines")
    engine.run(f"CREATE OR REPLACE VIEW {RELATIONS[TableKind.ORDERS]} AS {plain}", "order lines")


def _coded(engine: DuckDBEngine, staged: Staged, numbered: bool) -> str:
    order = _order_key(engine, staged, numbered)
    made = {"customer_id": "customer", "order_id": order, "ordered_on": "CAST(ordered_at AS DATE)"}
    return f"SELECT {_columns(made)} FROM {staged.relation}"


def _order_key(engine: DuckDBEngine, staged: Staged, numbered: bool) -> str:
    """What tells a customer's orders apart: their number, else the second in which they were placed."""
    if "order_id" not in staged.casts:
        return "epoch_us(date_trunc('second', ordered_at))" if numbered else f"' ' || strftime(ordered_at, {_MINUTE})"
    known = not engine.value(f"SELECT count(*) FROM {staged.relation} WHERE order_id IS NULL")
    if known and numbered:
        return "order_id"
    return f"coalesce(CAST(order_id AS VARCHAR), ' ' || strftime(ordered_at, {_MINUTE}))"


def _has_numbers(engine: DuckDBEngine, staged: Staged) -> bool:
    """Whether orders have numbers or no number at all, so that no two ways of telling them apart can meet."""
    return "order_id" not in staged.casts or not engine.value(
        f"SELECT count(*) FROM {staged.relation} WHERE order_id IS NULL"
    )


def _plain(engine: DuckDBEngine, staged: Staged) -> str:
    types = engine.columns(staged.relation)
    made = {
        name: f"CAST({name} AS {type_})"
        for name, type_ in ORDER_LINE_COLUMNS.items()
        if (type_ == "VARCHAR" or type_.startswith("DECIMAL")) and types.get(name) != type_
    }
    made |= {
        "customer_id": "ids.customer_id",
        "order_id": f"coalesce(CAST(order_id AS VARCHAR), ids.customer_id || ' ' || strftime(ordered_at, {_MINUTE}))",
        "ordered_on": "CAST(ordered_at AS DATE)",
    }  # fmt: skip
    return (
        f"SELECT {_columns(made)} FROM {staged.relation} AS t JOIN {CUSTOMER_IDS} AS ids ON ids.customer = t.customer"
    )


def _columns(made: dict[str, str]) -> str:
    return ", ".join(f"{made[name]} AS {name}" if name in made else name for name in ORDER_LINE_COLUMNS)


def _sum_up(engine: DuckDBEngine) -> None:
    """Add up the lines of each customer, and forget the customers who have none."""
    engine.run(
        f"CREATE OR REPLACE TABLE {CUSTOMER_SUMS} AS SELECT customer_id AS customer, count(*) AS lines, sum(amount) AS net, "
        f"min(order_id) = max(order_id) AS has_one_order FROM {CODED_LINES} GROUP BY customer_id",
        "customers",
    )
    engine.run(f"DELETE FROM {CUSTOMER_IDS} WHERE customer NOT IN (SELECT customer FROM {CUSTOMER_SUMS})", "customers")


def _slips(count: int, day: dt.date) -> Finding:
    message = (
        f"{count:,} orders are dated more than two years after all others; they are left out as slips, and {day} is the "
        "first day not seen."
    )
    return Finding("future-dates", Severity.WARNING, message, "If the dates are right, say the first day not seen: --as-of DATE.",
                   count=count)  # fmt: skip
