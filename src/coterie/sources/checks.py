"""What a store manager should know about the data: counts, and what to do."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.errors import InputError, NotEnoughDataError, UnsafeGuessError
from coterie.sources.columns import EMAIL_LIKE
from coterie.sources.order_keys import CUSTOMER_IDS
from coterie.sources.order_lines import CUSTOMER_SUMS
from coterie.sources.shop import CODED_LINES, ORDER_LINE_COLUMNS, RELATIONS
from coterie.vocabulary import Finding, Severity, TableKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues
    from coterie.sources.shop import Shop, TableReport
    from coterie.sources.staging import Staged

#: Fewer customers than this and no segment can be told from chance.
FEWEST_CUSTOMERS = 50
#: Fewer than this and segments move from run to run.
FEW_CUSTOMERS = 200
#: In a table of more lines than this, repeated lines are counted on some orders.
COMPARED_LINES = 1_000_000
#: Amounts that together reach this much are refused: sums are exact up to ten times as much.
MOST_MONEY = 10**15


@dataclass(frozen=True)
class CheckReport:
    """What `coterie check` tells: the tables as understood, and findings from the gravest to the slightest."""

    tables: tuple[TableReport, ...]
    findings: tuple[Finding, ...]

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Give the findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity is severity)


def check_report(shop: Shop) -> CheckReport:
    """Sort a shop's findings for a person to read."""
    order = list(Severity)
    ranked = sorted(shop.findings, key=lambda finding: (order.index(finding.severity), -finding.count))
    return CheckReport(shop.tables, tuple(ranked))


def check_orders(engine: DuckDBEngine, staged: Sequence[Staged]) -> list[Finding]:
    """Tell returns, charges, repeated lines, and what else is odd about the kept order lines."""
    table = staged[0].group.name if len(staged) == 1 else "orders"
    names = ("lines", "returns", "returned", "charges", "charged", "zero", "all", "highest")
    found = engine.row(
        f"SELECT count(*), count(*) FILTER (WHERE is_return), "
        f"coalesce(sum(amount) FILTER (WHERE is_return), 0), count(*) FILTER (WHERE is_charge), "
        f"coalesce(sum(amount) FILTER (WHERE is_charge), 0), count(*) FILTER (WHERE amount = 0 AND NOT is_return), "
        f"coalesce(sum(abs(amount)), 0), coalesce(max(abs(amount)), 0) FROM {CODED_LINES}",
        "order checks",
    )
    n = dict(zip(names, found, strict=True)) | _of_customers(engine)
    _refuse_huge(staged, table, n["all"])
    findings = tell_counts(table, n)
    findings += _repeated_lines(engine, table, int(n["lines"]))
    findings += _undone(engine, staged)
    findings += _spellings(engine, staged)
    findings += _far_amounts(engine, table, int(n["lines"]), n["highest"])
    return findings


def _of_customers(engine: DuckDBEngine) -> dict[str, Any]:
    """Count customers, those without revenue and those with one order, and find the most lines of one customer."""
    names = ("customers", "without_revenue", "with_one_order", "most_lines")
    found = engine.row(
        "SELECT count(*), count(*) FILTER (WHERE net = 0), count(*) FILTER (WHERE has_one_order), "
        f"coalesce(max(lines), 0) FROM {CUSTOMER_SUMS}",
        "order checks",
    )
    return dict(zip(names, found, strict=True))


def _refuse_huge(staged: Sequence[Staged], table: str, total: Decimal) -> None:
    """Stop where the amounts add up to more than exact sums can hold.

    Raises
    ------
    InputError
        Naming the column.
    """
    if total < MOST_MONEY:
        return
    column = next((name for one in staged if (name := one.understood.column("amount"))), "")
    where = f"column '{column}'" if column else "quantity times unit price"
    raise InputError(
        f"The amounts of '{table}' ({where}) add up to {MOST_MONEY:,} or more, which is no shop's revenue.",
        remedy="Correct the amounts, or say which column holds them: --map amount=COLUMN.",
    )


def tell_counts(table: str, n: dict[str, Any]) -> list[Finding]:
    """Say what counts of lines and of customers show, wherever they were counted."""
    return [*_told_counts(table, n), *_without_money(table, n), *_heavy_customer(table, n)]


def _told_counts(table: str, n: dict[str, Any]) -> list[Finding]:
    findings = []
    if n["returns"]:
        findings.append(
            Finding(
                "returns",
                Severity.WARNING,
                f"{n['returns']:,} lines are returns, refunds or cancellations, together {n['returned']:,.2f}; "
                "they are netted against the customer and count as no purchase.",
                table=table,
                count=n["returns"],
            )
        )
    if n["charges"]:
        findings.append(
            Finding(
                "charges",
                Severity.NOTE,
                f"{n['charges']:,} lines are postage, fees, vouchers or adjustments, together {n['charged']:,.2f}; "
                "their money counts, but they are no products.",
                table=table,
                count=n["charges"],
            )
        )
    if n["zero"]:
        findings.append(
            Finding(
                "free-lines",
                Severity.NOTE,
                f"{n['zero']:,} {'lines have' if n['zero'] != 1 else 'line has'} an amount of 0; they count as purchases "
                "without money.",
                table=table,
                count=n["zero"],
            )
        )
    if n["customers"] and n["with_one_order"] == n["customers"]:
        findings.append(
            Finding(
                "one-order-each",
                Severity.WARNING,
                "Every customer has just one order, so order counts and times between orders say nothing.",
                "If customers do come back, check that the customer column is the right one: --map customer_id=COLUMN.",
                table,
                count=n["customers"],
            )
        )
    return findings


def _without_money(table: str, n: dict[str, Any]) -> list[Finding]:
    free, everyone = n["without_revenue"], n["customers"]
    if not everyone or free < 0.95 * everyone:
        return []
    message = f"{free:,} of {everyone:,} customers have a net revenue of 0, so money hardly tells customers apart."
    remedy = "If they did pay, check that the amount column is the right one: --map amount=COLUMN."
    return [Finding("hardly-any-revenue", Severity.WARNING, message, remedy, table, count=int(free))]


def _repeated_lines(engine: DuckDBEngine, table: str, lines: int) -> list[Finding]:
    """Tell lines that repeat another; in a long table they are counted on the lines of every so many orders, by hash."""
    parts = max(1, -(-lines // COMPARED_LINES))
    some = f"WHERE hash(order_id) % {parts} = 0" if parts > 1 else ""
    columns = ", ".join(ORDER_LINE_COLUMNS)
    count, amount = engine.row(
        f"SELECT coalesce(sum(n - 1), 0), coalesce(sum((n - 1) * amount), 0) FROM "
        f"(SELECT any_value(amount) AS amount, count(*) AS n FROM {CODED_LINES} {some} GROUP BY hash({columns}) HAVING count(*) > 1)"
    )
    return tell_repeated(table, count, amount, parts)


def tell_repeated(table: str, count: int, amount: Decimal, parts: int) -> list[Finding]:
    """Say how many lines repeat another, counted on the lines of one order in `parts`."""
    if not count:
        return []
    count, amount = int(count) * parts, amount * parts
    about = f"About {count:,}" if parts > 1 else f"{count:,}"
    how = f" (counted on one order in {parts:,})" if parts > 1 else ""
    message = f"{about} order lines repeat another line in every column, together {amount:,.2f}{how}; they are kept."
    return [Finding("duplicate-lines", Severity.WARNING, message, "If the export doubled them, remove them before the next run.",
                    table, count=int(count))]  # fmt: skip


def _undone(engine: DuckDBEngine, staged: Sequence[Staged]) -> list[Finding]:
    count = sum(int(engine.value(f"SELECT count(*) FROM {one.relation} WHERE undone")) for one in staged)
    return tell_undone(staged[0].group.name, count)


def tell_undone(table: str, count: int) -> list[Finding]:
    """Say how many lines were undone although their amount is positive."""
    if not count:
        return []
    message = f"{count:,} lines have a status such as 'cancelled' or 'refunded' beside a positive amount; their money is counted as 0."
    return [Finding("undone-orders", Severity.NOTE, message, table=table, count=count)]


def _spellings(engine: DuckDBEngine, staged: Sequence[Staged]) -> list[Finding]:
    findings = []
    for one in staged:
        if "product" not in one.casts:
            continue
        codes, rows = engine.row(
            f"SELECT count(*), coalesce(sum(n), 0) FROM codes_{one.group.number} WHERE code <> unified"
        )
        findings += tell_spellings(one.group.name, one.casts["product"].column, int(codes), int(rows))
    return findings


def tell_spellings(table: str, column: str, codes: int, rows: int) -> list[Finding]:
    """Say how many product codes differ from another only in case."""
    if not codes:
        return []
    message = (
        f"{codes:,} product codes differ from another only in upper and lower case ({rows:,} lines); "
        "they are taken as the more frequent spelling."
    )
    return [Finding("product-spellings", Severity.NOTE, message, table=table, column=column, count=codes)]


def _heavy_customer(table: str, n: dict[str, Any]) -> list[Finding]:
    lines, most = int(n["lines"]), int(n["most_lines"])
    if lines < 100 or most < 0.5 * lines:
        return []
    message = f"One customer holds {most / lines:.0%} of all order lines."
    remedy = "If this is a till or a guest account, leave its rows out of the export."
    return [Finding("one-heavy-customer", Severity.WARNING, message, remedy, table, count=most)]


def _far_amounts(engine: DuckDBEngine, table: str, lines: int, highest: Decimal) -> list[Finding]:
    # In a small table the highest amounts must not raise the mark that they are measured by.
    most = min(0.999, max(0.5, 1 - 3 / max(lines, 1)))
    near = f"SELECT count(*) FROM {CODED_LINES} WHERE abs(amount) >= {highest / 1000}"
    if highest <= 10**12 and engine.value(near) > (1 - most) * lines + 1:
        return []  # the mark is at least a thousandth of the highest amount: no need to find it
    relation = CODED_LINES
    count = engine.value(
        f"SELECT count(*) FROM {relation} WHERE abs(amount) > 1e12 OR abs(amount) > "
        f"(SELECT 1000 * nullif(quantile_disc(abs(CAST(amount AS DOUBLE)), {most!r}), 0) FROM {relation})"
    )
    if not count:
        return []
    message = (
        f"{count:,} order line{'s have' if count != 1 else ' has'} an amount more than a thousand times as high as nearly "
        "all others."
    )
    return [Finding("far-amounts", Severity.WARNING, message, "Look whether they are test orders or slips; they are kept.",
                    table, count=int(count))]  # fmt: skip


def check_currency(engine: DuckDBEngine, staged: Sequence[Staged]) -> str:
    """Give the one currency of the orders, from signs beside amounts or a currency column.

    Raises
    ------
    UnsafeGuessError
        Where there are several.
    """
    found = {one.currency for one in staged if one.currency}
    for one in staged:
        if "currency" in one.casts:
            found |= {row[0] for row in engine.rows(
                f"SELECT DISTINCT upper(currency) FROM {one.relation} WHERE currency IS NOT NULL ORDER BY 1")}  # fmt: skip
    from coterie.sources.value_words import CURRENCIES

    shown = sorted({CURRENCIES.get(mark, mark) for mark in found})
    if len(shown) > 1:
        raise UnsafeGuessError(
            "The amounts of the orders are in more than one currency.",
            found=f"Found: {', '.join(shown[:10])}.",
            remedy="Convert the amounts to one currency before the export.",
        )
    return shown[0] if shown else ""


def check_ids(engine: DuckDBEngine, kinds: Sequence[TableKind], read_ids: bool) -> list[Finding]:
    """Tell ids that are nearly equal, that are e-mail addresses, and that only one of the tables knows."""
    known = {kind: f"SELECT DISTINCT customer_id FROM {RELATIONS[kind]}" for kind in kinds}
    if TableKind.ORDERS in known:
        known[TableKind.ORDERS] = f"SELECT customer_id FROM {CUSTOMER_IDS}"
    findings = []
    if read_ids:
        findings += _near_ids(engine, " UNION ".join(known.values()))
    if {TableKind.ORDERS, TableKind.CUSTOMERS} <= set(kinds):
        findings += _unmatched(engine, known[TableKind.ORDERS], known[TableKind.CUSTOMERS])
    return findings


def _near_ids(engine: DuckDBEngine, ids: str) -> list[Finding]:
    total, distinct, mails = engine.row(
        f"SELECT count(*), count(DISTINCT translate(lower(customer_id), ' ._-', '')), "
        f"count(*) FILTER (WHERE contains(customer_id, '@') AND regexp_full_match(customer_id, '{EMAIL_LIKE}')) FROM ({ids})"
    )
    return tell_ids(int(total), int(distinct), int(mails))


def tell_ids(total: int, distinct: int, mails: int) -> list[Finding]:
    """Say what the ids of customers show: how many there are, how many when folded, how many are e-mail addresses."""
    findings = []
    if total > distinct:
        count = int(total - distinct)
        findings.append(
            Finding(
                "near-duplicate-ids",
                Severity.WARNING,
                f"{count:,} customer ids differ from another only in case, blanks, dots or hyphens; they are kept apart.",
                "If they are the same people, make the ids alike before the export.",
                count=count,
            )
        )
    if mails and mails > 0.5 * total:
        findings.append(
            Finding(
                "email-ids",
                Severity.WARNING,
                "Customers are told apart by their e-mail address, so every table in the study holds it.",
                "Use a customer number where the shop has one: --map customer_id=COLUMN.",
                count=int(mails),
            )
        )
    return findings  # fmt: skip


def _unmatched(engine: DuckDBEngine, orders: str, customers: str) -> list[Finding]:
    only_orders = int(engine.value(f"SELECT count(*) FROM ({orders} EXCEPT {customers})"))
    only_given = int(engine.value(f"SELECT count(*) FROM ({customers} EXCEPT {orders})"))
    return tell_unmatched(only_orders, only_given)


def tell_unmatched(only_orders: int, only_given: int) -> list[Finding]:
    """Say how many customers only one of the two tables knows."""
    if not only_orders and not only_given:
        return []
    message = (
        f"{only_orders:,} customers with orders are not in the customer table, and {only_given:,} customers of that table "
        "have no order."
    )
    return [Finding("unmatched-customers", Severity.WARNING, message,
                    "If these are many, check that both tables use the same ids.", count=only_orders + only_given)]  # fmt: skip


def check_personal(values: Mapping[str, ColumnValues], used: Sequence[str], table: str) -> list[Finding]:
    """Tell columns of orders, events or responses that hold personal data."""
    findings = []
    for column, looked in values.items():
        kinds = {"e-mail addresses": looked.email_share >= 0.01, "phone numbers": looked.phone_share >= 0.5,
                 "payment card numbers": looked.card_share >= 0.3, "bank account numbers": looked.iban_share >= 0.05}  # fmt: skip
        found = [kind for kind, there in kinds.items() if there]
        if found and column not in used:
            message = f"Column '{column}' holds {' and '.join(found)}; it is not read any further."
            findings.append(Finding("column-personal", Severity.WARNING, message,
                                    "Leave it out of the next export.", table, column))  # fmt: skip
    return findings


def check_enough(count: int, as_of: dt.date | None, fewest: int) -> list[Finding]:
    """Refuse a shop with too few customers, and warn about a small one.

    Raises
    ------
    NotEnoughDataError
        With the number that there are.
    """
    if count < fewest:
        before = f" with an order before {as_of}" if as_of else ""
        raise NotEnoughDataError(
            f"At least {fewest} customers are needed to find segments; there {'is' if count == 1 else 'are'} {count}{before}.",
            remedy="Hand over a longer period or more tables, or a later --as-of."
            if as_of
            else "Hand over more customers.",
        )
    if count >= FEW_CUSTOMERS:
        return []
    message = f"There are only {count:,} customers: segments of so few people can change from run to run."
    return [Finding("few-customers", Severity.WARNING, message, "Look at the stability of each segment before acting on it.",
                    count=count)]  # fmt: skip
