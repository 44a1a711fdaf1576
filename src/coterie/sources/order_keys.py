"""Short keys for what order lines repeat: a number for each customer, and the few texts of products, categories, channels."""
# ruff: noqa: E501  SQL stays in one line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.casting import cast_ids
from coterie.sources.casting.cast import Cast
from coterie.sources.casting.cleaning import words_sql
from coterie.sources.casting.native import INTEGERS, kind_of
from coterie.sources.charges import code_charges_sql, name_charges_sql
from coterie.sources.columns import as_text
from coterie.sources.looking import collected
from coterie.sources.value_words import RETURN_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import CastRules
    from coterie.sources.columns import ColumnValues, Group

#: Engine table of the customers of the order lines: `customer` (a number of ours) and `customer_id`.
CUSTOMER_IDS = "customer_ids"

#: Texts of which there are more are kept as text; fewer become an enumeration, sorted as text is.
MOST_LISTED = 60_000

#: Numbers from here on are no hash.
_FREE = 2**62

_DIMENSIONS = ("product", "product_name", "category", "channel", "country", "status", "currency")


@dataclass(frozen=True)
class CustomerKeys:
    """How a row `t` of a group gets its customer: `customer` and `bad` are SQL, once `join` has been joined."""

    cast: Cast
    customer: str
    bad: str = "FALSE"
    join: str = ""


@dataclass(frozen=True)
class Dimension:
    """`relation` has `raw` and `columns`; `marked` says whether any text is a charge or means that a line came back."""

    relation: str
    columns: tuple[str, ...]
    marked: bool = False


def create_customer_ids(engine: DuckDBEngine) -> None:
    """Make the empty table of customers."""
    engine.run(f"CREATE OR REPLACE TABLE {CUSTOMER_IDS} (customer BIGINT, customer_id VARCHAR)", "customers")


def customer_keys(engine: DuckDBEngine, group: Group, looked: ColumnValues, rules: CastRules) -> CustomerKeys:
    """Number the customers of a group, those that other groups have by the same number.

    The number is a hash of the id, which each row says of itself, and is looked up only where two ids share one or an id
    has to be cleaned first.
    """
    x = engine.dialect.quote(looked.column)
    kind = kind_of(group, looked.column)
    if kind in INTEGERS:
        ids = f"(SELECT CAST({x} AS VARCHAR) AS key, CAST({x} AS VARCHAR) AS value FROM {group.native} WHERE {x} IS NOT NULL GROUP BY {x})"
        cast = Cast(looked.column, "", "id kept as text", looked.filled, 0, 0)
    else:
        cast = cast_ids(engine, collected(engine, group, looked), rules)
        ids = f"(SELECT raw AS key, value FROM {cast.relation})"
    of_row = as_text(f"t.{x}", group.types[looked.column])
    _add_customers(engine, ids)
    if (kind == "VARCHAR" or kind in INTEGERS) and not _needs_looking_up(engine, ids):
        number = _number_of(of_row)
        return CustomerKeys(
            cast, number if cast.filled == group.rows else f"CASE WHEN t.{x} IS NOT NULL THEN {number} END"
        )
    return _looked_up(engine, group, cast, ids, of_row)


def _number_of(x: str) -> str:
    """Give 62 bits of a text's hash: a quarter of the numbers stays free for those whose hash is taken."""
    return f"CAST(hash({x}) >> 2 AS BIGINT)"


def _add_customers(engine: DuckDBEngine, ids: str) -> None:
    """Add the ids that are new; where two would get one number, all new ones are numbered one by one."""
    new = (
        f"SELECT DISTINCT value, {_number_of('value')} AS number FROM {ids} AS ids WHERE value IS NOT NULL "
        f"AND NOT EXISTS (FROM {CUSTOMER_IDS} AS known WHERE known.customer_id = ids.value)"
    )
    engine.run(f"CREATE OR REPLACE TEMP TABLE new_customers AS {new}", "customers")
    shared = engine.value(
        f"SELECT count(*) - count(DISTINCT number) FROM (SELECT number FROM new_customers UNION ALL SELECT customer FROM {CUSTOMER_IDS})"
    )
    number = f"{_FREE} + (SELECT count(*) FROM {CUSTOMER_IDS}) + row_number() OVER ()" if shared else "number"
    engine.run(f"INSERT INTO {CUSTOMER_IDS} SELECT {number}, value FROM new_customers", "customers")
    engine.drop("new_customers")


def _needs_looking_up(engine: DuckDBEngine, ids: str) -> bool:
    """Whether an id is not written as it is kept, or does not have its own hash for a number."""
    return bool(
        engine.value(
            f"SELECT count(*) FROM {ids} AS ids LEFT JOIN {CUSTOMER_IDS} AS known ON known.customer_id = ids.key "
            f"WHERE ids.value IS DISTINCT FROM ids.key OR known.customer IS DISTINCT FROM {_number_of('ids.key')}",
            "customers",
        )
    )


def _looked_up(engine: DuckDBEngine, group: Group, cast: Cast, ids: str, of_row: str) -> CustomerKeys:
    relation = f"keys_{group.number}"
    bad = "bad" if cast.bad else "FALSE"
    source = f"{ids} AS ids" if not cast.bad else f"(SELECT raw AS key, value, bad FROM {cast.relation}) AS ids"
    engine.run(
        f"CREATE OR REPLACE TABLE {relation} AS SELECT ids.key, known.customer, {bad} AS bad FROM {source} "
        f"LEFT JOIN {CUSTOMER_IDS} AS known ON known.customer_id = ids.value",
        "customers",
    )
    return CustomerKeys(
        cast, "keys.customer", "coalesce(keys.bad, FALSE)", f"LEFT JOIN {relation} AS keys ON keys.key = {of_row}"
    )


def dimensions(engine: DuckDBEngine, group: Group, casts: Mapping[str, Cast]) -> dict[str, Dimension]:
    """Put beside each text of a role its value as an enumeration, and what is said of it: a charge, or came back.

    Returns
    -------
    dict of str to Dimension
        For each role of repeated texts. A product has a `key`, the usual spelling of its code; so has a product's name,
        where it stands in for a code.
    """
    roles = [role for role in _DIMENSIONS if role in casts]
    codes = _unify_codes(engine, group, casts["product"]) if "product" in casts else ""
    named = "product" not in casts or casts["product"].filled < group.rows
    said = {role: _said(engine, role, codes, named) for role in roles}
    return {role: _dimension(engine, group, role, casts[role], codes, said) for role in roles}


def _said(engine: DuckDBEngine, role: str, codes: str, named: bool) -> dict[str, str]:
    """What stands beside a text of a role: column -> SQL over `texts` (and `codes`, the usual spellings of products)."""
    if role == "product":
        is_charge = f"{code_charges_sql(engine, 'codes.unified', codes)} OR {name_charges_sql('texts.value')}"
        return {"key": "codes.unified", "charge": f"coalesce({is_charge}, FALSE)"}
    if role == "product_name":
        as_code = code_charges_sql(engine, "texts.value", codes) if codes else "FALSE"
        key = {"key": "texts.value"} if named and codes else {}
        charge = f"coalesce({name_charges_sql('texts.value')}, FALSE)"
        return {"value": "texts.value", **key, "charge": charge, "as_code": f"coalesce({as_code}, FALSE)"}
    if role == "status":
        returned = f"coalesce(lower(texts.value) IN ({words_sql(RETURN_STATUSES)}), FALSE)"
        return {"value": "texts.value", "returned": returned}
    return {"value": "texts.value"}


def _dimension(
    engine: DuckDBEngine, group: Group, role: str, cast: Cast, codes: str, said: Mapping[str, Mapping[str, str]]
) -> Dimension:
    relation, columns = f"dim_{group.number}_{role}", said[role]
    join = f"LEFT JOIN {codes} AS codes ON codes.code = texts.value" if role == "product" else ""
    shown = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    engine.run(
        f"CREATE OR REPLACE TABLE {relation} AS SELECT texts.raw, {shown} FROM {cast.relation} AS texts {join}",
        f"texts of {role}",
    )
    for name in [name for name in ("value", "key") if name in columns]:
        _enumerate(engine, relation, name, f"listed_{group.number}_{role}_{name}")
    marks = [name for name in columns if name not in ("value", "key")]
    told = ", ".join(f"coalesce(bool_or({name}), FALSE)" for name in marks)
    return Dimension(relation, tuple(columns), any(engine.row(f"SELECT {told} FROM {relation}")) if marks else False)


def _enumerate(engine: DuckDBEngine, relation: str, column: str, type_: str) -> None:
    """Make a column of text an enumeration in the order of the texts, where they are few enough."""
    values = f"SELECT DISTINCT {column} FROM {relation} WHERE {column} IS NOT NULL"
    if 0 < int(engine.value(f"SELECT count(*) FROM ({values})")) <= MOST_LISTED:
        engine.run(f"DROP TYPE IF EXISTS {type_}")
        engine.run(f"CREATE TYPE {type_} AS ENUM ({values} ORDER BY {column})")
        engine.run(f"ALTER TABLE {relation} ALTER COLUMN {column} TYPE {type_}")


def _unify_codes(engine: DuckDBEngine, group: Group, cast: Cast) -> str:
    """Make a table from each product code to its most frequent spelling, where spellings differ in case only."""
    relation = f"codes_{group.number}"
    values = cast.relation.removesuffix("_text")
    engine.run(
        f"CREATE OR REPLACE TABLE {relation} AS WITH codes AS (SELECT c.value AS code, sum(v.n) AS n FROM {cast.relation} AS c "
        f"JOIN {values} AS v USING (raw) WHERE c.value IS NOT NULL GROUP BY ALL), "
        f"best AS (SELECT upper(code) AS folded, arg_min(code, struct_pack(a := -n, b := code)) AS code FROM codes GROUP BY ALL) "
        f"SELECT codes.code, best.code AS unified, codes.n FROM codes JOIN best ON upper(codes.code) = best.folded",
        "product codes",
    )
    return relation
