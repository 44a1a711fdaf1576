"""Cells of a distant table become values there: by their type, or by a small table of the different texts they have.

Typed columns are cast by an expression. Of a column of text, the different values and their counts travel here, are cast
by the same rules as those of a file, and travel back as a table that is joined. Ids are too many for that: plain ones are
trimmed there, and only those with unusual characters take that way.
"""

# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from coterie.errors import InputError
from coterie.sources.casting import cast_dates, cast_ids, cast_numbers, cast_texts
from coterie.sources.casting.cast import refuse_too_many_bad
from coterie.sources.casting.dates import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast, CastRules
    from coterie.sources.columns import ColumnValues
    from coterie.sources.connect.looking import Look

#: Most different texts of a column that travel.
MOST_TEXTS = 1_000_000
#: Numbers as large as this cannot be read; smaller ones leave room for four decimal places.
_TOO_LARGE = 10**14
#: Days that stand for nothing, also where the type is a date.
_EMPTY_DAYS = (*(day for day in NOTHING if "-00" not in day), "1970-01-01")


@dataclass(frozen=True)
class DistantCast:
    """A role's column as SQL over the table `t` and what is joined to it."""

    role: str
    column: str
    value: str
    bad: str
    rule: str
    join: str = ""
    cast: Cast | None = None  # of the texts that travelled


def cast_number(look: Look, role: str, digits: int, scale: int) -> DistantCast:
    """Cast a column to an exact decimal.

    Raises
    ------
    InputError
        More texts than allowed are no numbers, or the texts are too many.
    """
    column = look.understood.roles[role]
    type_ = _type(look, column)
    dialect = look.table.engine.dialect
    if not _is_number(type_):
        narrow = f"TRY_CAST(value AS DECIMAL({digits}, {scale}))"
        looked = _cast_texts_here(look, role, cast_numbers, "numbers")
        return _joined(look, role, looked, value=narrow, bad=f"bad OR (value IS NOT NULL AND {narrow} IS NULL)")
    x = look.there(column)
    there = f"ABS({x}) < {_TOO_LARGE}"
    exact = dialect.decimal(dialect.decimal(dialect.string(x), 38, 10), digits, scale)
    if not pa.types.is_floating(type_):
        exact = dialect.decimal(x, digits, scale)
    bad = f"({x} IS NOT NULL AND NOT ({there}) AND {dialect.string(x)} <> 'NaN')"
    return DistantCast(role, column, f"CASE WHEN {there} THEN {exact} END", bad, "number (numbers by type)")


def cast_time(look: Look, role: str) -> DistantCast:
    """Cast a column to a TIMESTAMP without a zone; days such as 1900-01-01 say nothing."""
    column = look.understood.roles[role]
    if not pa.types.is_temporal(_type(look, column)):
        return _joined(look, role, _cast_texts_here(look, role, cast_dates, "dates"))
    x, timestamp = look.there(column), look.table.engine.dialect.timestamp
    empty = ", ".join(f"DATE '{day}'" for day in _EMPTY_DAYS)
    value = f"CASE WHEN CAST({x} AS DATE) NOT IN ({empty}) THEN CAST({x} AS {timestamp}) END"
    return DistantCast(role, column, value, "FALSE", "date (dates by type)")


def cast_text(look: Look, role: str) -> DistantCast:
    """Clean a column of categories or names."""
    return _joined(look, role, _cast_texts_here(look, role, cast_texts))


def cast_id(look: Look, role: str) -> DistantCast:
    """Clean a column of ids.

    Ids of printable ASCII need no more than trimming. The others are listed, cleaned here and joined; where ids end in
    `.0` they all are, because what to do is decided over the whole column.

    Raises
    ------
    InputError
        A spreadsheet destroyed ids, or there are too many unusual ones.
    """
    column = look.understood.roles[role]
    engine = look.table.engine
    raw = _raw_text(look, column)
    if pa.types.is_integer(_type(look, column)):
        return DistantCast(role, column, raw, "FALSE", "id kept as text")
    unusual, pointed = (
        engine.matches("raw", "[^ -~]"),
        engine.matches("raw", "^ *[0-9]+[.]0+ *$|^ *[0-9]([.,][0-9]+)?[eE][+]"),
    )
    odd, zeros = engine.row(
        f"SELECT COUNT(CASE WHEN {unusual} THEN 1 END), COUNT(CASE WHEN {pointed} THEN 1 END) "
        f"FROM (SELECT DISTINCT {raw} AS raw FROM {look.table.relation} AS t) AS ids",
        f"ids of column '{column}'",
    )
    plain = f"NULLIF({engine.dialect.string(f'TRIM({raw})')}, '')"
    if not odd and not zeros:
        return DistantCast(role, column, plain, "FALSE", "id kept as text")
    looked = _cast_texts_here(look, role, cast_ids, where="" if zeros else unusual)
    listed = _joined(look, role, looked)
    if zeros:
        return listed
    is_odd = engine.matches(raw, "[^ -~]")
    return replace(listed, value=f"CASE WHEN {is_odd} THEN {listed.value} ELSE {plain} END")


def _type(look: Look, column: str) -> pa.DataType:
    return look.table.schema.field(look.headers[column]).type


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _raw_text(look: Look, column: str) -> str:
    """Write a cell as a text file would hold it, so that one set of rules reads it wherever it lies."""
    x, type_, dialect = look.there(column), _type(look, column), look.table.engine.dialect
    if pa.types.is_floating(type_):
        whole = dialect.string(dialect.decimal(x, 38, 0))
        return (
            f"CASE WHEN {dialect.string(x)} <> 'NaN' THEN CASE WHEN ABS({x}) < {_TOO_LARGE} AND {x} = FLOOR({x}) "
            f"THEN {whole} ELSE {dialect.string(x)} END END"
        )
    return f"NULLIF({dialect.string(x)}, '')"


def _cast_texts_here(
    look: Look,
    role: str,
    rule: Callable[[DuckDBEngine, ColumnValues, CastRules], Cast],
    what: str = "",
    *,
    where: str = "",
) -> Cast:
    """Bring the different texts of a column here and cast them by the rule; `what` they should be bounds the bad ones."""
    column = look.understood.roles[role]
    looked = _listed(look, role, where)
    cast = rule(look.local, looked, look.rules)
    if what:
        refuse_too_many_bad(look.rules, cast, what)
    return replace(cast, column=column)


def _listed(look: Look, role: str, where: str) -> ColumnValues:
    """Keep the different texts of a column, with the number of rows of each, in the engine here."""
    column = look.understood.roles[role]
    condition = f"raw IS NOT NULL AND {where}" if where else "raw IS NOT NULL"
    texts = look.table.engine.arrow(
        f"SELECT raw, COUNT(*) AS n FROM (SELECT {_raw_text(look, column)} AS raw FROM {look.table.relation} AS t) AS texts "
        f"WHERE {condition} GROUP BY raw LIMIT {MOST_TEXTS + 1}",
        f"values of column '{column}'",
    )
    if texts.num_rows > MOST_TEXTS:
        raise InputError(
            f"Column '{column}' of '{look.table.name}' has more than {MOST_TEXTS:,} different texts, too many to look at here.",
            remedy="Give it a type with a query, as in &query=SELECT CAST(… AS TIMESTAMP) …, or leave it out with --ignore.",
        )
    relation = f"distant_{look.group.number}_{role}"
    look.local.upload(f"{relation}_uploaded", texts)
    look.local.run(
        f"CREATE OR REPLACE TABLE {relation} AS SELECT raw, CAST(n AS BIGINT) AS n, CAST(NULL AS BIGINT) AS first_row "
        f"FROM {relation}_uploaded ORDER BY raw"
    )
    filled, distinct = look.local.row(f"SELECT coalesce(sum(n), 0), count(*) FROM {relation}")
    return replace(
        look.values[column],
        relation=relation,
        rows=look.rows,
        filled=int(filled),
        distinct=int(distinct),
        collected=True,
    )


def _joined(look: Look, role: str, cast: Cast, *, value: str = "value", bad: str = "bad") -> DistantCast:
    """Send the cast texts back as a table that is joined on the text."""
    lookup = f"coterie_{role}"
    table = look.local.arrow(
        f"SELECT raw, {value} AS value, coalesce({bad}, FALSE) AS bad FROM {cast.relation} ORDER BY raw"
    )
    look.table.engine.upload(lookup, table)
    join = f"LEFT JOIN {lookup} AS of_{role} ON of_{role}.raw = {_raw_text(look, cast.column)}"
    return DistantCast(role, cast.column, f"of_{role}.value", f"COALESCE(of_{role}.bad, FALSE)", cast.rule, join, cast)
