"""What is odd about order lines that stay where they are: the checks of a file's lines, by counts made there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.errors import InputError
from coterie.sources.checks import (
    COMPARED_LINES,
    MOST_MONEY,
    check_personal,
    tell_counts,
    tell_ids,
    tell_repeated,
    tell_spellings,
    tell_undone,
    tell_unmatched,
)
from coterie.sources.connect.lines import LINES, STAGED
from coterie.sources.ledger import case
from coterie.sources.shop import ORDER_LINE_COLUMNS, RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.engines.base import Engine
    from coterie.sources.connect.casting import DistantCast
    from coterie.sources.connect.looking import Look
    from coterie.vocabulary import Finding

#: What an id looks like that is an e-mail address.
_MAIL = "^[^@ ]+@[^@ ]+[.][^@ ]+$"


def check_lines(
    look: Look, casts: Mapping[str, DistantCast], reasons: Mapping[str, str]
) -> tuple[list[Finding], frozenset[str], int]:
    """Look at the kept lines as a whole: what to tell, which columns hold values, how many customers.

    Raises
    ------
    InputError
        The amounts add up to more than exact sums can hold.

    Notes
    -----
    One scan of the kept lines, one that groups them by customer, and one of a part of them for repeated lines.
    """
    table, engine = look.table.name, look.table.engine
    n = _of_lines(engine) | _of_customers(look)
    if n["all"] >= MOST_MONEY:
        raise InputError(
            f"The amounts of '{table}' add up to {MOST_MONEY:,} or more, which is no shop's revenue.",
            remedy="Correct the amounts, or say which column holds them: --map amount=COLUMN.",
        )
    told = tell_counts(table, n)
    told += _repeated(look, int(n["lines"]))
    if "status" in casts:
        undone = f"SELECT {case(reasons)} AS reason FROM {STAGED} WHERE undone"
        told += tell_undone(table, int(engine.value(f"SELECT COUNT(*) FROM ({undone}) AS u WHERE reason IS NULL")))
    if "product" in casts and casts["product"].cast:
        codes, rows = look.local.row(
            f"SELECT count(*), coalesce(sum(n), 0) FROM distant_codes_{look.group.number} WHERE code <> unified"
        )
        told += tell_spellings(table, casts["product"].column, int(codes), int(rows))
    told += tell_ids(int(n["customers"]), int(n["folded"]), int(n["mails"]))
    told += check_personal(look.values, list(look.understood.roles.values()), table)
    return told, frozenset(name for name in ORDER_LINE_COLUMNS if n[f"has {name}"]), int(n["customers"])


def _of_lines(engine: Engine) -> dict[str, Any]:
    asked = {
        "lines": "COUNT(*)",
        "returns": "COUNT(CASE WHEN is_return THEN 1 END)",
        "returned": "COALESCE(SUM(CASE WHEN is_return THEN amount END), 0)",
        "charges": "COUNT(CASE WHEN is_charge THEN 1 END)",
        "charged": "COALESCE(SUM(CASE WHEN is_charge THEN amount END), 0)",
        "zero": "COUNT(CASE WHEN amount = 0 AND NOT is_return THEN 1 END)",
        "all": "COALESCE(SUM(ABS(amount)), 0)",
        **{f"has {name}": f"COUNT({name})" for name in ORDER_LINE_COLUMNS},
    }
    found = engine.row(f"SELECT {', '.join(asked.values())} FROM {LINES}", "order checks")
    return dict(zip(asked, found, strict=True))


def _of_customers(look: Look) -> dict[str, Any]:
    """Count customers and what is odd about them; their ids once more without case, blanks, dots and hyphens."""
    engine = look.table.engine
    asked = {
        "customers": "COUNT(*)",
        "without_revenue": "COUNT(CASE WHEN net = 0 THEN 1 END)",
        "with_one_order": "COUNT(CASE WHEN first_order = last_order THEN 1 END)",
        "most_lines": "COALESCE(MAX(n), 0)",
        "folded": "COUNT(DISTINCT TRANSLATE(LOWER(customer_id), ' ._-', ''))",
        "mails": f"COUNT(CASE WHEN {engine.matches('customer_id', _MAIL)} THEN 1 END)",
    }
    grouped = (
        "SELECT customer_id, COUNT(*) AS n, SUM(amount) AS net, MIN(order_id) AS first_order, "
        f"MAX(order_id) AS last_order FROM {LINES} GROUP BY customer_id"
    )
    found = engine.row(f"SELECT {', '.join(asked.values())} FROM ({grouped}) AS customers", "order checks")
    return dict(zip(asked, found, strict=True))


def _repeated(look: Look, lines: int) -> list[Finding]:
    """Tell lines that repeat another; in a long table they are counted on every so many orders, by hash."""
    engine = look.table.engine
    parts = max(1, -(-lines // COMPARED_LINES))
    some = f"WHERE {engine.dialect.hash_bucket('order_id', 1, parts)} = 0" if parts > 1 else ""
    columns = ", ".join(ORDER_LINE_COLUMNS)
    count, amount = engine.row(
        "SELECT COALESCE(SUM(n - 1), 0), COALESCE(SUM((n - 1) * amount), 0) FROM "
        f"(SELECT amount, COUNT(*) AS n FROM {LINES} {some} GROUP BY {columns} HAVING COUNT(*) > 1) AS repeated",
        "repeated lines",
    )
    return tell_repeated(look.table.name, count, amount, parts)


def count_known(engine: Engine) -> int:
    """Count the customers of both tables together."""
    ordered, given = (f"SELECT customer_id FROM {RELATIONS[k]}" for k in (TableKind.ORDERS, TableKind.CUSTOMERS))
    return int(engine.value(f"SELECT COUNT(*) FROM ({ordered} UNION {given}) AS everyone", "customers of both tables"))


def check_known(engine: Engine) -> list[Finding]:
    """Tell customers whom only the orders or only the customer table knows."""
    ordered, given = (f"SELECT customer_id FROM {RELATIONS[k]}" for k in (TableKind.ORDERS, TableKind.CUSTOMERS))
    return tell_unmatched(
        *(
            int(engine.value(f"SELECT COUNT(*) FROM ({one} EXCEPT {other}) AS alone", "customers of both tables"))
            for one, other in ((ordered, given), (given, ordered))
        )
    )
