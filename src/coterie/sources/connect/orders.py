"""Order lines of a distant table: settled, checked and told."""

# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import UnsafeGuessError
from coterie.sources.connect.account import (
    cast_findings,
    customer_reasons,
    last_day,
    not_listed,
    refuse_many_unreadable,
    report,
    settle,
)
from coterie.sources.connect.checks import check_lines
from coterie.sources.connect.lines import LINES, STAGED, stage_lines
from coterie.sources.shop import ORDER_LINE_COLUMNS
from coterie.sources.value_words import CURRENCIES
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from coterie.config import SourcesSettings
    from coterie.sources.connect.casting import DistantCast
    from coterie.sources.connect.looking import Look
    from coterie.sources.shop import TableReport


@dataclass(frozen=True)
class Mapped:
    """What became of one distant table: its report, what to tell, which of our columns hold values."""

    report: TableReport
    findings: tuple[Finding, ...]
    roles: frozenset[str]
    day: dt.date | None = None
    currency: str = ""
    customers: int = 0


def map_orders(look: Look, settings: SourcesSettings, as_of: dt.date | None) -> Mapped:
    """Lay `order_lines` over a distant table of orders.

    Raises
    ------
    InputError, UnsafeGuessError
        As for order lines of a file.
    """
    dialect = look.table.engine.dialect
    casts = stage_lines(look)
    amount = casts.get("amount")
    if amount and not amount.cast:
        refuse_many_unreadable(look, STAGED, {"amount_bad": amount.column}, settings)
    reasons, findings = customer_reasons(look, STAGED, settings)
    last, slips = last_day(look, STAGED, "ordered_at")
    day = as_of or (last + dt.timedelta(days=1) if last else None)
    reasons |= {"order date cannot be read": "date_bad", "no order date": "ordered_at IS NULL"}
    if day:
        reasons["on or after the as-of date" if as_of else "dated far in the future"] = (
            f"ordered_at >= {dialect.date(day)}"
        )
        findings += (_slips(look, slips, day),) if slips and not as_of else ()
    reasons |= {"amount cannot be read": "amount IS NULL AND amount_bad", "no amount": "amount IS NULL"}
    counts = settle(look, STAGED, LINES, _columns(look), reasons)
    checked, roles, customers = check_lines(look, casts, reasons)
    findings += (*look.findings, *cast_findings(look, casts), *checked, *not_listed(look, counts))
    currency = _currency(look, casts)
    return Mapped(report(look, casts, counts), findings, roles, day, currency, customers)


def _columns(look: Look) -> str:
    """Columns of our order lines over the staged ones; an order without a number is what a customer bought at one moment."""
    dialect = look.table.engine.dialect
    moment = dialect.string("DATE_TRUNC('second', ordered_at)")
    made = {
        "order_id": f"COALESCE(order_id, customer_id || ' ' || {moment}) AS order_id",
        "ordered_on": "CAST(ordered_at AS DATE) AS ordered_on",
    }
    return ", ".join(made.get(name, name) for name in ORDER_LINE_COLUMNS)


def _slips(look: Look, count: int, day: dt.date) -> Finding:
    message = (
        f"{count:,} orders are dated more than two years after all others; they are left out as slips, and {day} is the "
        "first day not seen."
    )
    remedy = "If the dates are right, say the first day not seen: --as-of DATE."
    return Finding("future-dates", Severity.WARNING, message, remedy, look.table.name, count=count)


def _currency(look: Look, casts: dict[str, DistantCast]) -> str:
    """Give the one currency of the orders, from signs beside amounts or a currency column.

    Raises
    ------
    UnsafeGuessError
        Where there are several.
    """
    found = {cast.cast.currency for cast in casts.values() if cast.cast and cast.cast.currency}
    if "currency" in casts:
        rows = look.table.engine.rows(f"SELECT DISTINCT UPPER(currency) FROM {STAGED} WHERE currency IS NOT NULL")
        found |= {str(mark) for (mark,) in rows}
    shown = sorted({CURRENCIES.get(mark, mark) for mark in found})
    if len(shown) > 1:
        raise UnsafeGuessError(
            f"The amounts of '{look.table.name}' are in more than one currency.",
            found=f"Found: {', '.join(shown[:10])}.",
            remedy="Convert the amounts to one currency with a query, as in &query=SELECT …",
        )
    return shown[0] if shown else ""
