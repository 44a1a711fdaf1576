"""The merchant's columns under our names: the only steps in which their names and values stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.engines.steps import Step
from coterie.errors import InputError
from coterie.sources.value_words import CHARGE_CODES, CHARGE_NAMES, RETURN_STATUSES
from coterie.vocabulary import Kind, TableKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coterie.engines.dialect import Dialect
    from coterie.vocabulary import Feature


@dataclass(frozen=True)
class Mapped:
    """Steps that make one of our tables, the roles that it has, and what differs from how the study read it."""

    steps: tuple[Step, ...]
    has: frozenset[str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Source:
    """A merchant's table: its name as SQL, its columns by role."""

    name: str
    columns: Mapping[str, str]
    dialect: Dialect

    def text(self, role: str) -> str:
        """A column as text without blanks around it, NULL where nothing is left."""
        if role not in self.columns:
            return self.dialect.string("NULL")
        return f"NULLIF({self.dialect.string(f'TRIM({self.dialect.string(self.quoted(role))})')}, '')"

    def decimal(self, role: str, digits: int, scale: int) -> str:
        """A column of numbers, exact."""
        value = self.quoted(role) if role in self.columns else "NULL"
        return self.dialect.decimal(value, digits, scale)

    def time(self, role: str) -> str:
        """A column of days or times, without a zone."""
        value = self.quoted(role) if role in self.columns else "NULL"
        return f"CAST({value} AS {self.dialect.timestamp})"

    def quoted(self, role: str) -> str:
        return self.dialect.quote(self.columns[role])


def order_lines(
    inputs: Sequence[Mapping[str, Any]], dialect: Dialect, tables: Mapping[str, str], findings: Collection[str]
) -> Mapped:
    """Write the steps `shop_orders` (columns under our names) and `order_lines` (what each line is)."""
    source = _source(inputs, TableKind.ORDERS, dialect, tables)
    has = frozenset(source.columns)
    if not {"customer_id", "ordered_at"} <= has or not ("amount" in has or {"quantity", "unit_price"} <= has):
        raise _lacking("orders", "customer_id, ordered_at, and amount or quantity and unit_price")
    columns = {
        "customer_id": source.text("customer_id"), "order_id": source.text("order_id"),
        "ordered_at": source.time("ordered_at"),
        "product": source.text("product" if "product" in has else "product_name"),
        "product_name": source.text("product_name"), "category": source.text("category"),
        "quantity": source.decimal("quantity", 18, 3), "unit_price": source.decimal("unit_price", 18, 4),
        "amount": source.decimal("amount", 18, 2), "discount": source.decimal("discount", 18, 4),
        "channel": source.text("channel"), "country": source.text("country"), "status": source.text("status"),
    }  # fmt: skip
    mapped = Step("shop_orders", _mapped("the store's order lines under our names", columns, source.name))
    steps, notes = [mapped], [_REST]
    cut = "ABS(discount)"
    if "discount" in has:
        steps.append(Step("discount_form", _DISCOUNT_FORM))
        notes.append("whether discounts are shares of the price is decided by the rows that the query sees.")
    figured = Step("figured_lines", _figured(has, cut, dialect))
    kept = Step("order_lines", _order_lines(dialect, charges="charges" in findings))
    if "charges" in findings:
        steps.append(Step("product_codes", _PRODUCT_CODES))
        notes.append("postage and other charges are known by whole names and codes alone, not by patterns of words.")
    return Mapped((*steps, figured, kept), has, tuple(notes))


_REST = (
    "rows without a customer, a time or an amount are left out, as there; ids such as 'guest' that stand for many "
    "people, and dates far in the future, are not: leave them out of the table beforehand if the study found any."
)

_DISCOUNT_FORM = """-- one row: whether discounts are shares of the price (none above 1, some with decimals), not money
SELECT MAX(ABS(discount)) <= 1 AND COUNT(CASE WHEN discount <> FLOOR(discount) THEN 1 END) > 0 AS is_share
FROM shop_orders"""

_PRODUCT_CODES = """-- one row: whether nearly all product codes have digits; only then is a code such as M a charge
SELECT AVG(CASE WHEN TRANSLATE(product, '0123456789', '') <> product THEN 1.0 ELSE 0.0 END) >= 0.9 AS have_digits
FROM (SELECT DISTINCT product FROM shop_orders WHERE product IS NOT NULL) AS codes"""


def _figured(has: Collection[str], cut: str, dialect: Dialect) -> str:
    """Money of each line: the amount, or quantity × unit price less the discount; and what was taken off."""
    base = "amount" if "amount" in has else "(quantity * unit_price)"
    nothing = dialect.money("NULL")
    gross, taken = base, nothing
    joins = ""
    if "discount" in has:
        joins = "\nCROSS JOIN discount_form"
        share, size = dialect.f64(f"LEAST({cut}, 1)"), dialect.f64(f"ABS({base})")
        part = f"{size} * {share} / NULLIF(1 - {share}, 0)" if "amount" in has else f"{size} * {share}"
        taken = f"COALESCE(CASE WHEN is_share THEN {part} END, {dialect.f64(cut)})"
        if "amount" not in has:
            gross = f"{dialect.f64(base)} - SIGN({dialect.f64(base)}) * COALESCE({taken}, 0)"
        taken = _to_cents(taken, dialect)
    statuses = ", ".join(dialect.text(word) for word in RETURN_STATUSES)
    returned = f"COALESCE(LOWER(status) IN ({statuses}), FALSE)" if "status" in has else "FALSE"
    return (
        "-- what each line brought, and whether its status says that it came back\n"
        f"SELECT\n    shop_orders.*,\n    {gross if gross == 'amount' else _to_cents(gross, dialect)} AS gross,\n"
        f"    {taken} AS cut,\n    {returned} AS returned\nFROM shop_orders{joins}"
    )


def _to_cents(x: str, dialect: Dialect) -> str:
    """Exact money: first to ten places, which drops the dust of doubles, then to hundredths."""
    return dialect.money(dialect.decimal(x, 38, 10))


def _order_lines(dialect: Dialect, *, charges: bool) -> str:
    joins, charge = "", "FALSE"
    if charges:
        codes = ", ".join(dialect.text(code) for code in CHARGE_CODES)
        names = ", ".join(dialect.text(name) for name in CHARGE_NAMES if name.replace(" ", "").isalpha())
        joins = "\nCROSS JOIN product_codes"
        by_code, by_name = f"have_digits AND UPPER(product) IN ({codes})", f"LOWER(product_name) IN ({names})"
        charge = f"COALESCE({by_code}, FALSE) OR COALESCE({by_name}, FALSE)"
    order = f"COALESCE(order_id, CONCAT(customer_id, ' ', {dialect.string('ordered_at')}))"
    return f"""-- one row per line; a line of an order that was undone brings nothing and counts as returned
SELECT
    customer_id,
    {order} AS order_id,
    ordered_at,
    product,
    category,
    {dialect.decimal("CASE WHEN returned AND gross > 0 THEN 0 ELSE quantity END", 18, 3)} AS quantity,
    {dialect.money("CASE WHEN returned AND gross > 0 THEN 0 ELSE gross END")} AS amount,
    ABS(cut) AS discount,
    channel,
    country,
    COALESCE(gross < 0 OR quantity < 0 OR returned, FALSE) AS is_return,
    {charge} AS is_charge
FROM figured_lines{joins}
WHERE customer_id IS NOT NULL AND ordered_at IS NOT NULL AND gross IS NOT NULL"""


def site_events(inputs: Sequence[Mapping[str, Any]], dialect: Dialect, tables: Mapping[str, str]) -> Mapped:
    """Write the step `site_events`."""
    source = _source(inputs, TableKind.EVENTS, dialect, tables)
    has = frozenset(source.columns)
    duration = dialect.f64(source.quoted("duration_seconds")) if "duration_seconds" in has else dialect.f64("NULL")
    columns = {
        "customer_id": source.text("customer_id"), "happened_at": source.time("happened_at"),
        "category": source.text("category"), "session_id": source.text("session_id"), "duration_seconds": duration,
        "device": source.text("device"),
    }  # fmt: skip
    mapped = Step("shop_events", _mapped("the visits and clicks under our names", columns, source.name))
    kept = "SELECT * FROM shop_events\nWHERE customer_id IS NOT NULL AND happened_at IS NOT NULL"
    return Mapped((mapped, Step("site_events", kept)), has)


def given_customers(
    inputs: Sequence[Mapping[str, Any]], dialect: Dialect, tables: Mapping[str, str], features: Sequence[Feature]
) -> Mapped:
    """Write the step `given_customers`: the columns of the customer table that the segments are built on."""
    source = _source(inputs, TableKind.CUSTOMERS, dialect, tables)
    columns = {"customer_id": source.text("customer_id")}
    casts = inputs[0]["casts"]
    for feature in features:
        columns[feature.name] = _given(feature, casts, dialect)
    mapped = Step(
        "shop_customers", _mapped("the store's customer table under our names", columns, source.name, dialect)
    )
    shown = ",\n    ".join(
        f"MIN({dialect.own(name)}) AS {dialect.own(name)}" for name in columns if name != "customer_id"
    )
    grouped = f"SELECT\n    customer_id{',' if shown else ''}\n    {shown}\nFROM shop_customers\n"
    grouped += "WHERE customer_id IS NOT NULL\nGROUP BY customer_id"
    return Mapped((mapped, Step("given_customers", grouped)), frozenset(source.columns))


def _given(feature: Feature, casts: Mapping[str, str], dialect: Dialect) -> str:
    """A column of the customer table as the study took it, where SQL can say so."""
    rule = str(casts.get(feature.origin, ""))
    column = dialect.quote(feature.origin) if feature.origin in casts else ""
    derived = feature.name in {"age", "days_since_sign_up"} and rule.startswith("date")
    if column and not derived and feature.kind is Kind.CATEGORY and rule.startswith("text"):
        return f"NULLIF({dialect.string(f'TRIM({dialect.string(column)})')}, '')"
    if column and not derived and feature.is_numeric and rule.startswith("number") and not feature.levels:
        return dialect.f64(column)
    raise InputError(
        f"The way from the store's tables to the segments cannot be written in SQL: '{feature.label}' was worked out "
        f"from column '{feature.origin}' in a way that SQL does not say alike everywhere.",
        remedy="Write the short form, which starts from a ready customer table: coterie sql STUDY --customers TABLE. "
        "Or place customers with: coterie score STUDY TABLE.",
    )


def _source(
    inputs: Sequence[Mapping[str, Any]], kind: TableKind, dialect: Dialect, tables: Mapping[str, str]
) -> _Source:
    columns = [{guess["role"]: guess["column"] for guess in table["guesses"]} for table in inputs]
    if any(each != columns[0] for each in columns):
        raise InputError(
            f"The study read {len(inputs)} tables of {kind} whose columns differ; one query cannot.",
            remedy="Put them into one table or view with the same columns, make a study of that, or use coterie score.",
        )
    name = tables.get(kind) or dialect.quote(_stem(str(inputs[0]["name"])))
    return _Source(name, columns[0], dialect)


def _stem(name: str) -> str:
    """A file's name without its endings."""
    return name.split(".")[0] or name


def _mapped(what: str, columns: Mapping[str, str], table: str, dialect: Dialect | None = None) -> str:
    named = [f"{value} AS {dialect.own(name) if dialect else name}" for name, value in columns.items()]
    return f"-- {what}; put the table's name here\nSELECT\n    " + ",\n    ".join(named) + f"\nFROM {table}"


def _lacking(kind: str, needed: str) -> InputError:
    return InputError(
        f"The study's table of {kind} lacks what a query needs.",
        found=f"Needed: {needed}.",
        remedy="Write the short form: coterie sql STUDY --customers TABLE.",
    )
