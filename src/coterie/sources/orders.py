"""Order lines: cast, judged row by row, and laid down with short keys for customers, products and other repeated texts."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.casting import cast_dates, cast_ids, cast_numbers, cast_texts
from coterie.sources.casting.cast import bad_finding, refuse_too_many_bad
from coterie.sources.casting.native import (
    NUMBERS,
    TIMES,
    cast_native_dates,
    cast_native_ids,
    cast_native_numbers,
    kind_of,
    shortened,
)
from coterie.sources.looking import collected
from coterie.sources.order_keys import customer_keys, dimensions
from coterie.sources.staging import Staged, cast_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast, CastRules
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.mapping import Understanding
    from coterie.sources.order_keys import CustomerKeys, Dimension
    from coterie.vocabulary import Finding

#: Engine type of each number as the order lines hold it; a share of the price needs more places than money.
_DECIMALS = {
    "amount": "DECIMAL(18, 2)",
    "quantity": "DECIMAL(18, 3)",
    "unit_price": "DECIMAL(18, 4)",
    "discount": "DECIMAL(18, 4)",
}
TEXTS = ("product", "product_name", "category", "channel", "country", "status", "currency")
#: Rows of a table up to which their numbers are surely short.
_MOST_SHORT = 1_000_000_000
_NEVER, _NO_TEXT = "FALSE", "CAST(NULL AS VARCHAR)"


def stage_orders(
    engine: DuckDBEngine, group: Group, values: dict[str, ColumnValues], understood: Understanding, rules: CastRules
) -> Staged:
    """Cast the order lines of a group and work out, for each row, what it is or why it cannot be used.

    The rows are laid down once, without the columns that say the same in every row: `staged_<n>` is a view that adds those.
    A row's customer is a number, the key of `customer_ids`.
    """
    casts = {role: _cast(engine, group, values[column], rules, role) for role, column in understood.roles.items()
             if role in _DECIMALS or role in TEXTS or role in ("ordered_at", "order_id")}  # fmt: skip
    keys = customer_keys(engine, group, values[understood.roles["customer_id"]], rules)
    dims = dimensions(engine, group, casts)
    columns = _columns(engine, group, casts, dims)
    relation = _lay_down(engine, group, casts, dims, keys, columns)
    casts = {"customer_id": keys.cast, **casts}
    findings = tuple(f for role, cast in casts.items() for f in _cast_findings(rules, role, cast))
    currency = next((cast.currency for cast in casts.values() if cast.currency), "")
    return Staged(group, understood, relation, casts, findings, currency)


def _cast(engine: DuckDBEngine, group: Group, looked: ColumnValues, rules: CastRules, role: str) -> Cast:
    """Cast a column by its type where it has one that fits the role, else by all of its values."""
    kind = kind_of(group, looked.column)
    if role in _DECIMALS:
        native = kind in NUMBERS
        cast = (
            cast_native_numbers(engine, group, looked, _DECIMALS[role])
            if native
            else _text_numbers(engine, group, looked, rules, role)
        )
        refuse_too_many_bad(rules, cast, "numbers")
        return cast
    if role == "ordered_at":
        if kind in TIMES:
            cast = cast_native_dates(engine, group, looked, rules)
        else:
            cast = cast_dates(engine, collected(engine, group, looked), rules)
            cast = shortened(engine, group, cast, "TIMESTAMP")
        refuse_too_many_bad(rules, cast, "dates")
        return cast
    if role == "order_id":
        plain = cast_native_ids(engine, group, looked) if not looked.collected else None
        cast = plain or cast_ids(engine, collected(engine, group, looked), rules, "order ids")
        return plain or shortened(engine, group, cast, "VARCHAR")
    return cast_texts(engine, collected(engine, group, looked), rules)


def _text_numbers(engine: DuckDBEngine, group: Group, looked: ColumnValues, rules: CastRules, role: str) -> Cast:
    cast = cast_numbers(engine, collected(engine, group, looked), rules)
    refuse_too_many_bad(rules, cast, "numbers")
    _narrow(engine, cast, _DECIMALS[role])
    return shortened(engine, group, cast, _DECIMALS[role])


def _narrow(engine: DuckDBEngine, cast: Cast, type_: str) -> None:
    """Give the values the type of the order lines while they are few: once a distinct text, not once a row."""
    engine.run(
        f"CREATE OR REPLACE TABLE {cast.relation} AS SELECT raw, TRY_CAST(value AS {type_}) AS value, "
        f"bad OR (value IS NOT NULL AND TRY_CAST(value AS {type_}) IS NULL) AS bad FROM {cast.relation}"
    )


def _cast_findings(rules: CastRules, role: str, cast: Cast) -> tuple[Finding, ...]:
    what = {"ordered_at": "a date", "customer_id": "an id", "order_id": "an id"}.get(role, "a number")
    fate = "those rows are left out" if role in ("ordered_at", "customer_id", "amount") else "they count as missing"
    return (*cast.findings, *bad_finding(rules, cast, what, fate))


@dataclass(frozen=True)
class _Expressions:
    """SQL of the figures of an order line, over the cast columns."""

    quantity: str
    price: str
    gross: str
    discount: str


def _figures(casts: Mapping[str, Cast], share: bool) -> _Expressions:
    """Say how amount, quantity, price and discount follow from the columns that are there.

    Without an amount it is quantity × unit price less the discount. A discount between 0 and 1 throughout, or one with
    percent signs, is a `share` of the price.
    """
    has = casts.keys()
    quantity = "quantity_value" if "quantity" in has else "NULL"
    price = "unit_price_value" if "unit_price" in has else "NULL"
    product = f"{quantity} * {price}"
    cut = "abs(discount_value)" if "discount" in has else "NULL"
    if "discount" not in has:
        return _Expressions(quantity, price, "amount_value" if "amount" in has else f"({product})", "NULL")
    part = f"CAST(least({cut}, 1) AS DOUBLE)"
    if "amount" in has:
        of_price = f"abs(amount_value) * {part} / nullif(1 - {part}, 0)"
        taken = _without_dust(f"coalesce({of_price}, {cut})") if share else cut
        return _Expressions(quantity, price, "amount_value", taken)
    taken = f"coalesce(abs({product}) * {part}, {cut})" if share else cut
    net = f"CAST({product} AS DOUBLE) - sign({product}) * coalesce({taken}, 0)"
    return _Expressions(quantity, price, _without_dust(net), _without_dust(taken))


def _without_dust(double: str) -> str:
    """Round a double to ten places, so that half a cent is rounded up as in exact money: 2.525 is 2.52499… in binary."""
    return f"CAST({double} AS DECIMAL(38, 10))"


def _columns(
    engine: DuckDBEngine, group: Group, casts: Mapping[str, Cast], dims: Mapping[str, Dimension]
) -> dict[str, str]:
    """Give each column of a staged order line as SQL over the cast columns; a constant where it is one."""
    has = casts.keys()
    figures = _figures(casts, _discount_is_share(engine, group, casts.get("discount")))
    order = "order_id_value" if "order_id" in has else _NO_TEXT
    returned = _returned(engine, group, casts, dims, figures)
    undone = f"(status_returned AND coalesce({figures.gross} > 0, FALSE))" if returned.by_status else _NEVER
    units, gross = (
        f"CASE WHEN {undone} THEN 0 ELSE {sql} END" if returned.by_status else sql
        for sql in (figures.quantity, figures.gross)
    )
    bads = [f"{role}_bad" for role in ("amount", "quantity", "unit_price") if role in has and casts[role].bad]
    return {
        "order_id": order,
        "ordered_at": "ordered_at_value" if "ordered_at" in has else "CAST(NULL AS TIMESTAMP)",
        "date_bad": "ordered_at_bad" if "ordered_at" in has and casts["ordered_at"].bad else _NEVER,
        "product": _product(dims),
        **{role: f"{role}_value" if role in has else _NO_TEXT for role in TEXTS if role != "product"},
        "quantity": f"CAST({units} AS DECIMAL({_digits(casts, 'quantity', 3)}, 3))",
        "unit_price": f"CAST({figures.price} AS DECIMAL({_digits(casts, 'unit_price', 4)}, 4))",
        "amount": f"CAST({gross} AS DECIMAL({_digits(casts, 'amount', 2)}, 2))",
        "discount": _discount(casts, figures),
        "is_return": returned.sql,
        "undone": undone,
        "is_charge": _charge(has, dims),
        "amount_bad": " OR ".join(bads) if bads else _NEVER,
    }


def _discount(casts: Mapping[str, Cast], figures: _Expressions) -> str:
    if figures.discount == "NULL":
        return "CAST(NULL AS DECIMAL(18, 2))"
    digits = _digits(casts, "discount", 2) if figures.discount == "abs(discount_value)" else 18
    return f"CAST(abs({figures.discount}) AS DECIMAL({digits}, 2))"


def _digits(casts: Mapping[str, Cast], role: str, places: int) -> int:
    """Give nine digits, which take half the room of eighteen, where the largest number fits them with ease."""
    return 9 if role in casts and casts[role].most < 10 ** (9 - places) / 2 else 18


@dataclass(frozen=True)
class _Returned:
    """Condition that a line is a return, and whether the status of some lines says so."""

    sql: str
    by_status: bool


def _returned(
    engine: DuckDBEngine,
    group: Group,
    casts: Mapping[str, Cast],
    dims: Mapping[str, Dimension],
    figures: _Expressions,
) -> _Returned:
    by_status = "status" in casts and dims["status"].marked
    prefix = _return_prefix(engine, group, casts)
    conditions = [f"{sql} < 0" for sql in (figures.gross, figures.quantity) if sql != "NULL"]
    conditions += ["status_returned"] if by_status else []
    conditions += [f"starts_with(upper(order_id_value), '{prefix}')"] if prefix else []
    return _Returned(f"coalesce({' OR '.join(conditions)}, FALSE)" if conditions else _NEVER, by_status)


def _product(dims: Mapping[str, Dimension]) -> str:
    if "product" not in dims and "product_name" in dims:
        return "product_name_value"
    keys = [f"{role}_key" for role in ("product", "product_name") if role in dims and "key" in dims[role].columns]
    return f"coalesce({', '.join(keys)})" if len(keys) > 1 else next(iter(keys), _NO_TEXT)


def _charge(has: Collection[str], dims: Mapping[str, Dimension]) -> str:
    """Condition that a line is a charge: by its product code, by a name, or by a name in the place of a code."""
    marked = [role for role in ("product", "product_name") if role in has and dims[role].marked]
    conditions = [f"{role}_charge" for role in marked]
    if "product_name" in marked:
        conditions.append("product_name_as_code" + (" AND product_key IS NULL" if "product" in has else ""))
    return f"coalesce({' OR '.join(conditions)}, FALSE)" if conditions else _NEVER


def _lay_down(
    engine: DuckDBEngine,
    group: Group,
    casts: Mapping[str, Cast],
    dims: Mapping[str, Dimension],
    keys: CustomerKeys,
    columns: Mapping[str, str],
) -> str:
    """Make the table `lines_<n>` of all columns that differ from row to row, and the view `staged_<n>` over it."""
    table, view = f"lines_{group.number}", f"staged_{group.number}"
    quote = engine.dialect.quote
    stored = {
        **({"table_no": "table_no"} if len(group.raws) > 1 else {}),
        "source_row": "CAST(source_row AS INTEGER)" if group.rows < _MOST_SHORT else "source_row",
        "customer": "customer",
        **({"customer_bad": "customer_bad"} if keys.cast.bad else {}),
        **{name: sql for name, sql in columns.items() if not _is_constant(sql)},
    }
    constant = {"table_no": "0", "customer_bad": _NEVER} | {n: sql for n, sql in columns.items() if _is_constant(sql)}
    if stored.get("product", "") == "product_name_value":  # a name stands for its product: one column is enough
        constant["product"] = "product_name"
        del stored["product"]
    shown, joins = cast_columns(engine, group, casts, dims)
    inner = (
        f"SELECT t.{quote('table no')} AS table_no, t.{quote('source row')} AS source_row, {keys.customer} AS customer, "
        f"{keys.bad} AS customer_bad, {', '.join(shown)} FROM {group.native} AS t {keys.join} {joins}"
    )
    engine.lay_down(table, f"SELECT {_list(stored)} FROM ({inner})", group.rows, f"lines of '{group.name}'")
    added = {name: sql for name, sql in constant.items() if name not in stored}
    engine.run(f"CREATE OR REPLACE VIEW {view} AS SELECT *, {_list(added)} FROM {table}", "staged")
    return view


def _is_constant(sql: str) -> bool:
    return sql == _NEVER or sql.startswith("CAST(NULL")


def _list(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


def _discount_is_share(engine: DuckDBEngine, group: Group, cast: Cast | None) -> bool:
    if cast is None:
        return False
    if cast.percent:
        return True
    if 1.001 < cast.most < math.inf:  # also when rounded to the places of a discount
        return False
    source = (
        f"SELECT {cast.expression} AS value FROM {group.native} AS t" if cast.expression else f"FROM {cast.relation}"
    )
    found = engine.row(f"SELECT max(abs(value)), count(*) FILTER (WHERE value <> trunc(value)) FROM ({source})")
    return bool(found[0] is not None and found[0] <= 1 and found[1])


def _return_prefix(engine: DuckDBEngine, group: Group, casts: Mapping[str, Cast]) -> str:
    """Give the letter that marks order numbers of cancellations: orders that begin with it are nearly all negative."""
    if "order_id" not in casts or not {"quantity", "amount"} & casts.keys():
        return ""
    number = "quantity" if "quantity" in casts else "amount"
    if not _any_begins_with_c(engine, group, casts["order_id"]):
        return ""
    shown, joins = cast_columns(engine, group, {role: casts[role] for role in ("order_id", number)}, {})
    found = engine.row(
        f"SELECT count(*) FILTER (WHERE marked), count(*) FILTER (WHERE marked AND {number}_value < 0), count(*) FROM "
        f"(SELECT {number}_value, regexp_full_match(upper(order_id_value), 'C[0-9]+') AS marked FROM "
        f"(SELECT {', '.join(shown)} FROM {group.native} AS t {joins}))"
    )
    marked, negative, total = (int(number or 0) for number in found)
    return "C" if marked and negative >= 0.9 * marked and marked < 0.5 * total else ""


def _any_begins_with_c(engine: DuckDBEngine, group: Group, cast: Cast) -> bool:
    """Whether any order number begins with C, which no number does."""
    if kind_of(group, cast.column) != "VARCHAR":
        return False
    source = cast.relation or f"(SELECT {cast.expression} AS value FROM {group.native} AS t)"
    return bool(engine.value(f"SELECT count(*) FROM {source} WHERE left(value, 1) IN ('C', 'c')", "order numbers"))
