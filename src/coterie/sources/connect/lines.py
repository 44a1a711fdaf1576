"""Order lines mapped where they lie: one temporary table in our vocabulary, every row kept or counted with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.charges import code_charges_sql, name_charges_sql
from coterie.sources.connect.casting import DistantCast, cast_id, cast_number, cast_text, cast_time
from coterie.sources.value_words import RETURN_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.sources.connect.looking import Look

#: Temporary table of all rows, and of those that are kept.
STAGED, LINES = "coterie_staged_lines", "order_lines"

#: Digits and decimal places of each number as the order lines hold it.
_NUMBERS = {"amount": (18, 2), "quantity": (18, 3), "unit_price": (18, 4), "discount": (18, 4)}
_TEXTS = ("product", "product_name", "category", "channel", "country", "status", "currency")
#: Table of the product codes: as cleaned, as most often spelt, and whether they stand for a charge.
_CODES, _NAMES = "coterie_codes", "coterie_names"


@dataclass(frozen=True)
class Figures:
    """SQL of a line's money over its cast columns."""

    gross: str
    cut: str


def stage_lines(look: Look) -> dict[str, DistantCast]:
    """Cast every order line and work out what it is, in `STAGED`; the lines themselves stay where they are."""
    casts = _cast_roles(look)
    engine, dialect = look.table.engine, look.table.engine.dialect
    _upload_charges(look, casts)
    lines = _cast_sql(look, casts)
    figures = _figures(look, casts, lines)
    none = f"CAST(NULL AS {dialect.varchar})"
    text = {role: f"{role}_value" if role in casts else dialect.string("NULL") for role in _TEXTS}
    number = {
        role: f"{role}_value" if role in casts else dialect.decimal("NULL", *size) for role, size in _NUMBERS.items()
    }
    order = "order_id_value" if "order_id" in casts else none
    statuses = ", ".join(dialect.text(word) for word in RETURN_STATUSES)
    returned = f"COALESCE(LOWER({text['status']}) IN ({statuses}), FALSE)" if "status" in casts else "FALSE"
    cancelled = f"UPPER({order}) LIKE 'C%'" if _marks_cancellations(look, casts, lines) else "FALSE"
    code = "COALESCE(codes.unified, product_value)" if "product" in casts else none
    bad = " OR ".join(f"{role}_bad" for role in ("amount", "quantity", "unit_price") if role in casts)
    engine.keep(
        STAGED,
        f"""WITH lines AS (
{lines}
),
figured AS (
SELECT lines.*, {_charge(casts)} AS is_charge, COALESCE({code}, {text["product_name"]}) AS product_code,
    {number["quantity"]} AS units, {figures.gross} AS gross, {figures.cut} AS cut, {returned} AS returned
FROM lines{_charge_joins(casts)}
)
SELECT customer_id_value AS customer_id, customer_id_bad AS customer_bad, {order} AS order_id,
    {"ordered_at_value" if "ordered_at" in casts else f"CAST(NULL AS {dialect.timestamp})"} AS ordered_at,
    {"ordered_at_bad" if "ordered_at" in casts else "FALSE"} AS date_bad, product_code AS product,
    {text["product_name"]} AS product_name, {text["category"]} AS category,
    {dialect.decimal("CASE WHEN returned AND gross > 0 THEN 0 ELSE units END", 18, 3)} AS quantity,
    {number["unit_price"]} AS unit_price,
    {dialect.money("CASE WHEN returned AND gross > 0 THEN 0 ELSE gross END")} AS amount,
    {dialect.money("ABS(cut)")} AS discount, {text["channel"]} AS channel, {text["country"]} AS country,
    {text["status"]} AS status, {text["currency"]} AS currency,
    COALESCE(gross < 0 OR units < 0 OR returned OR {cancelled}, FALSE) AS is_return,
    returned AND COALESCE(gross > 0, FALSE) AS undone, is_charge, {bad or "FALSE"} AS amount_bad
FROM figured""",
        f"order lines of '{look.table.name}'",
    )
    return casts


def _cast_roles(look: Look) -> dict[str, DistantCast]:
    casts = {}
    for role in look.understood.roles:
        if role in _NUMBERS:
            casts[role] = cast_number(look, role, *_NUMBERS[role])
        elif role == "ordered_at":
            casts[role] = cast_time(look, role)
        elif role in ("customer_id", "order_id"):
            casts[role] = cast_id(look, role)
        elif role in _TEXTS:
            casts[role] = cast_text(look, role)
    return casts


def _cast_sql(look: Look, casts: Mapping[str, DistantCast]) -> str:
    shown = ",\n    ".join(f"{cast.value} AS {role}_value, {cast.bad} AS {role}_bad" for role, cast in casts.items())
    joins = "".join(f"\n{cast.join}" for cast in casts.values() if cast.join)
    return f"SELECT {shown}\nFROM {look.table.relation} AS t{joins}"


def _figures(look: Look, casts: Mapping[str, DistantCast], lines: str) -> Figures:
    """Say how amount and discount follow from the columns that are there, as for order lines of a file.

    Without an amount it is quantity × unit price less the discount; a discount may be a share of the price.
    """
    dialect = look.table.engine.dialect
    product = (
        f"({'quantity_value' if 'quantity' in casts else 'NULL'} * unit_price_value)" if "unit_price" in casts else ""
    )
    has_amount, has_cut = "amount" in casts, "discount" in casts
    nothing = dialect.money("NULL")
    if not has_cut:
        return Figures("amount_value" if has_amount else product or nothing, nothing)
    cut = "ABS(discount_value)"
    is_share = _is_share(look, casts["discount"], lines)
    share = dialect.f64(f"LEAST({cut}, 1)")
    base = dialect.f64("ABS(amount_value)" if has_amount else f"ABS({product})")
    if has_amount:
        taken = f"COALESCE({base} * {share} / NULLIF(1 - {share}, 0), {cut})" if is_share else cut
        return Figures("amount_value", _to_cents(look, taken) if is_share else cut)
    taken = f"{base} * {share}" if is_share else dialect.f64(cut)
    net = f"{dialect.f64(product)} - SIGN({product}) * COALESCE({taken}, 0)"
    return Figures(_to_cents(look, net), _to_cents(look, taken))


def _to_cents(look: Look, double: str) -> str:
    """Exact money of a double: first to ten places, which drops its binary dust, then to hundredths."""
    dialect = look.table.engine.dialect
    return dialect.money(dialect.decimal(double, 38, 10))


def _is_share(look: Look, discount: DistantCast, lines: str) -> bool:
    """Whether discounts are shares of the price: percent signs, or all between 0 and 1 with some in between."""
    if discount.cast and discount.cast.percent:
        return True
    most, parted = look.table.engine.row(
        "SELECT MAX(ABS(discount_value)), COUNT(CASE WHEN discount_value <> FLOOR(discount_value) THEN 1 END) "
        f"FROM ({lines}) AS lines",
        "discounts",
    )
    return most is not None and most <= 1 and bool(parted)


def _marks_cancellations(look: Look, casts: Mapping[str, DistantCast], lines: str) -> bool:
    """Whether order numbers such as C123 are cancellations: they are few, and nearly all of them negative."""
    number = next((role for role in ("quantity", "amount") if role in casts), "")
    if "order_id" not in casts or not number:
        return False
    is_marked = look.table.engine.matches("UPPER(order_id_value)", "^C[0-9]+$")
    total, marked, negative = look.table.engine.row(
        f"SELECT COUNT(*), COUNT(CASE WHEN marked THEN 1 END), COUNT(CASE WHEN marked AND number < 0 THEN 1 END) "
        f"FROM (SELECT {is_marked} AS marked, {number}_value AS number FROM ({lines}) AS lines) AS orders",
        "cancellations",
    )
    return bool(marked) and negative >= 0.9 * marked and marked < 0.5 * total


def _upload_charges(look: Look, casts: Mapping[str, DistantCast]) -> None:
    """Work out here, once a product, how its code is spelt most often and whether it is a charge; send that there."""
    local = look.local
    product, name = casts.get("product"), casts.get("product_name")
    codes = f"distant_codes_{look.group.number}"
    if product and product.cast:
        values = f"distant_{look.group.number}_product"
        local.run(_CODES_SQL.format(codes=codes, cast=product.cast.relation, values=values), "product codes")
        charge = f"{code_charges_sql(local, 'unified', codes)} OR {name_charges_sql('code')}"
        table = local.arrow(f"SELECT code, unified, coalesce({charge}, FALSE) AS is_charge FROM {codes} ORDER BY code")
        look.table.engine.upload(_CODES, table)
    if name and name.cast:
        as_code = code_charges_sql(local, "value", codes) if product else "FALSE"
        table = local.arrow(
            f"SELECT DISTINCT value AS name, coalesce({name_charges_sql('value')}, FALSE) AS is_charge, "
            f"coalesce({as_code}, FALSE) AS as_code FROM {name.cast.relation} WHERE value IS NOT NULL ORDER BY value"
        )
        look.table.engine.upload(_NAMES, table)


_CODES_SQL = """CREATE OR REPLACE TABLE {codes} AS
WITH spelt AS (
    SELECT texts.value AS code, sum(counted.n) AS n FROM {cast} AS texts JOIN {values} AS counted USING (raw)
    WHERE texts.value IS NOT NULL GROUP BY texts.value
), best AS (
    SELECT upper(code) AS folded, arg_min(code, struct_pack(a := -n, b := code)) AS unified FROM spelt GROUP BY 1
)
SELECT spelt.code, best.unified, spelt.n FROM spelt JOIN best ON upper(spelt.code) = best.folded"""


def _charge(casts: Mapping[str, DistantCast]) -> str:
    """Condition that a line is a charge: by its product's code or name, or by a name that stands in for a code."""
    known = []
    if "product" in casts:
        known.append("COALESCE(codes.is_charge, FALSE)")
    if "product_name" in casts:
        stands_in = "product_value IS NULL" if "product" in casts else "FALSE"
        known.append(f"COALESCE(names.is_charge OR ({stands_in} AND names.as_code), FALSE)")
    return f"({' OR '.join(known)})" if known else "FALSE"


def _charge_joins(casts: Mapping[str, DistantCast]) -> str:
    joins = ""
    if "product" in casts:
        joins += f"\nLEFT JOIN {_CODES} AS codes ON codes.code = product_value"
    if "product_name" in casts:
        joins += f"\nLEFT JOIN {_NAMES} AS names ON names.name = product_name_value"
    return joins
