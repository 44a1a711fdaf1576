"""Order lines: cast, judged row by row, and written in our own vocabulary."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.casting import cast_dates, cast_ids, cast_numbers, cast_texts
from coterie.sources.casting.cast import bad_finding, refuse_too_many_bad
from coterie.sources.casting.cleaning import words_sql
from coterie.sources.charges import charge_sql
from coterie.sources.staging import Staged, joined
from coterie.sources.value_words import RETURN_STATUSES

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast, CastRules
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.mapping import Understanding
    from coterie.vocabulary import Finding

_NUMBERS = ("amount", "quantity", "unit_price", "discount")
#: Engine type of each number as the order lines hold it; a share of the price needs more places than money.
_DECIMALS = {
    "amount": "DECIMAL(18, 2)",
    "quantity": "DECIMAL(18, 3)",
    "unit_price": "DECIMAL(18, 4)",
    "discount": "DECIMAL(18, 4)",
}
_TEXTS = ("product", "product_name", "category", "channel", "country", "status", "currency")


def stage_orders(
    engine: DuckDBEngine, group: Group, values: dict[str, ColumnValues], understood: Understanding, rules: CastRules
) -> Staged:
    """Cast the order lines of a group and work out, for each row, what it is or why it cannot be used."""
    casts = _cast_roles(engine, values, understood, rules)
    relation = f"staged_{group.number}"
    code_lookup = _unify_codes(engine, group, casts)
    engine.run(_staged_sql(engine, group, casts, code_lookup, relation), f"order lines of '{group.name}'")
    findings = tuple(f for role, cast in casts.items() for f in _cast_findings(rules, role, cast))
    currency = next((cast.currency for cast in casts.values() if cast.currency), "")
    return Staged(group, understood, relation, casts, findings, currency)


def _cast_roles(
    engine: DuckDBEngine, values: dict[str, ColumnValues], understood: Understanding, rules: CastRules
) -> dict[str, Cast]:
    casts: dict[str, Cast] = {}
    for role, column in understood.roles.items():
        looked = values[column]
        if role in _NUMBERS:
            casts[role] = cast_numbers(engine, looked, rules)
            refuse_too_many_bad(rules, casts[role], "numbers")
            _narrow(engine, casts[role], _DECIMALS[role])
        elif role == "ordered_at":
            casts[role] = cast_dates(engine, looked, rules)
            refuse_too_many_bad(rules, casts[role], "dates")
        elif role in ("customer_id", "order_id"):
            what = "customer ids" if role == "customer_id" else "order ids"
            casts[role] = cast_ids(engine, looked, rules, what)
        elif role in _TEXTS:
            casts[role] = cast_texts(engine, looked, rules)
    return casts


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


def _unify_codes(engine: DuckDBEngine, group: Group, casts: dict[str, Cast]) -> str | None:
    """Table from each product code to its most frequent spelling, where spellings differ in case only."""
    if "product" not in casts:
        return None
    relation = f"codes_{group.number}"
    values = casts["product"].relation.removesuffix("_text")
    engine.run(
        f"CREATE OR REPLACE TABLE {relation} AS WITH codes AS (SELECT c.value AS code, sum(v.n) AS n FROM {casts['product'].relation} AS c "
        f"JOIN {values} AS v USING (raw) WHERE c.value IS NOT NULL GROUP BY ALL), "
        f"best AS (SELECT upper(code) AS folded, arg_min(code, struct_pack(a := -n, b := code)) AS code FROM codes GROUP BY ALL) "
        f"SELECT codes.code, best.code AS unified, codes.n FROM codes JOIN best ON upper(codes.code) = best.folded",
        "product codes",
    )
    return relation


@dataclass(frozen=True)
class _Expressions:
    """SQL of the figures of an order line, over the cast columns."""

    quantity: str
    price: str
    gross: str
    discount: str


def _figures(casts: dict[str, Cast]) -> _Expressions:
    """Say how amount, quantity, price and discount follow from the columns that are there.

    Without an amount it is quantity × unit price less the discount. A discount between 0 and 1 throughout, or one with
    percent signs, is a share of the price.
    """
    has = casts.keys()
    quantity = "quantity_value" if "quantity" in has else "NULL"
    price = "unit_price_value" if "unit_price" in has else "NULL"
    given = "amount_value"
    product = f"{quantity} * {price}"
    cut = "abs(discount_value)" if "discount" in has else "NULL"
    share = f"(CASE WHEN discount_is_share THEN least({cut}, 1) END)" if "discount" in has else "NULL"
    if "amount" in has:
        taken = f"coalesce(abs({given}) * CAST({share} AS DOUBLE) / nullif(1 - CAST({share} AS DOUBLE), 0), {cut})"
        return _Expressions(quantity, price, given, taken if "discount" in has else "NULL")
    taken = f"coalesce(abs({product}) * CAST({share} AS DOUBLE), {cut})" if "discount" in has else "NULL"
    net = (
        f"({product})"
        if "discount" not in has
        else f"(CAST({product} AS DOUBLE) - sign({product}) * coalesce({taken}, 0))"
    )
    return _Expressions(quantity, price, net, taken)


def _staged_sql(engine: DuckDBEngine, group: Group, casts: dict[str, Cast], codes: str | None, relation: str) -> str:
    has = casts.keys()
    figures = _figures(casts)
    texts = {role: f"{role}_value" if role in has else "CAST(NULL AS VARCHAR)" for role in _TEXTS}
    product = "coalesce(codes.unified, product_value)" if codes else texts["product"]
    product = f"coalesce({product}, {texts['product_name']})"
    returned = f"coalesce(lower({texts['status']}) IN ({words_sql(RETURN_STATUSES)}), FALSE)"
    order = "order_id_value" if "order_id" in has else "CAST(NULL AS VARCHAR)"
    prefix = _return_prefix(engine, group, casts)
    cancelled = f"starts_with(upper({order}), '{prefix}')" if prefix else "FALSE"
    discount_share = _discount_is_share(engine, casts.get("discount"))
    codes_join = f"LEFT JOIN {codes} AS codes ON codes.code = lines.product_value" if codes else ""
    bads = {role: f"{role}_bad" if role in has else "FALSE" for role in ("amount", "quantity", "unit_price")}
    return f"""
        CREATE OR REPLACE TABLE {relation} AS
        WITH lines AS (SELECT *, {discount_share} AS discount_is_share FROM ({joined(engine, group, casts)})),
        figured AS (SELECT lines.*, {product} AS product_code, {figures.quantity} AS units, {figures.price} AS price,
            {figures.gross} AS gross, {figures.discount} AS cut, {returned} AS returned FROM lines {codes_join})
        SELECT table_no, source_row, customer_id_value AS customer_id, customer_id_bad AS customer_bad,
            {order} AS order_id, ordered_at_value AS ordered_at, ordered_at_bad AS date_bad,
            product_code AS product, {texts["product_name"]} AS product_name, {texts["category"]} AS category,
            CAST(CASE WHEN returned AND gross > 0 THEN 0 ELSE units END AS DECIMAL(18, 3)) AS quantity,
            CAST(price AS DECIMAL(18, 4)) AS unit_price,
            CAST(CASE WHEN returned AND gross > 0 THEN 0 ELSE gross END AS DECIMAL(18, 2)) AS amount,
            CAST(abs(cut) AS DECIMAL(18, 2)) AS discount,
            {texts["channel"]} AS channel, {texts["country"]} AS country, {texts["status"]} AS status, {texts["currency"]} AS currency,
            coalesce(gross < 0 OR units < 0 OR returned OR {cancelled}, FALSE) AS is_return,
            returned AND coalesce(gross > 0, FALSE) AS undone,
            {charge_sql(engine, casts, codes)} AS is_charge,
            {bads["amount"]} OR {bads["quantity"]} OR {bads["unit_price"]} AS amount_bad
        FROM figured"""


def _discount_is_share(engine: DuckDBEngine, cast: Cast | None) -> str:
    if cast is None:
        return "FALSE"
    if cast.percent:
        return "TRUE"
    found = engine.row(f"SELECT max(abs(value)), count(*) FILTER (WHERE value <> trunc(value)) FROM {cast.relation}")
    return "TRUE" if found[0] is not None and found[0] <= 1 and found[1] else "FALSE"


def _return_prefix(engine: DuckDBEngine, group: Group, casts: dict[str, Cast]) -> str:
    """Give the letter that marks order numbers of cancellations: orders that begin with it are nearly all negative."""
    if "order_id" not in casts or not {"quantity", "amount"} & casts.keys():
        return ""
    number = "quantity" if "quantity" in casts else "amount"
    few = {role: casts[role] for role in ("order_id", number)}
    found = engine.row(
        f"SELECT count(*) FILTER (WHERE marked), count(*) FILTER (WHERE marked AND {number}_value < 0), count(*) FROM "
        f"(SELECT {number}_value, regexp_full_match(upper(order_id_value), 'C[0-9]+') AS marked FROM ({joined(engine, group, few)}))"
    )
    marked, negative, total = (int(number or 0) for number in found)
    return "C" if marked and negative >= 0.9 * marked and marked < 0.5 * total else ""
