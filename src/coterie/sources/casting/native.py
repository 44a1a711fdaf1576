"""Columns that have a type already: the same rules as for text, as an expression that each row is cast by.

A number, a day or a time means the same whether a file holds it as text or with a type, to the last place: the value of a
floating-point number is the one that its shortest decimal writing shows.
"""
# ruff: noqa: E501  SQL stays in one line

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.sources.casting.cast import Cast
from coterie.sources.casting.cleaning import PLAIN_ID
from coterie.sources.casting.dates import NOTHING, try_zone
from coterie.sources.casting.numbers import EXACT, LIMIT, exact_sql
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting.cast import CastRules
    from coterie.sources.columns import ColumnValues, Group

INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
NUMBERS = INTEGERS | {"HUGEINT", "UBIGINT", "DECIMAL", "DOUBLE"}
TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
#: Largest 32-bit whole number.
_INTEGER = 2_147_483_647
#: Numbers that are all smaller fit every decimal type of ours.
SMALL = 1e11


def kind_of(group: Group, column: str) -> str:
    """Engine type of a column without its width."""
    return group.types[column].split("(")[0]


def cast_native_numbers(engine: DuckDBEngine, group: Group, looked: ColumnValues, target: str) -> Cast:
    """Cast a column of numbers to the decimal type `target`.

    Infinite numbers and those of 1e15 and more cannot be read, as of text. Cost: one look at the smallest and the largest
    number, which a Parquet file mostly has at hand; where those are huge, one scan of the column.
    """
    x = engine.dialect.quote(looked.column)
    filled, least, highest = engine.row(
        f"SELECT count(t.{x}), min(t.{x}), max(t.{x}) FROM {group.native} AS t", f"range of column '{looked.column}'"
    )
    most = max(abs(float(highest)), abs(float(least))) if filled else 0.0
    value = number_sql(f"t.{x}", group.types[looked.column], target, small=most < SMALL)
    bad, first, unread = 0, None, "FALSE"
    if not most < SMALL:
        filled, bad, first = _counts(engine, group, f"t.{x}", f"{value} IS NULL")
        unread = f"(t.{x} IS NOT NULL AND {value} IS NULL)" if bad else "FALSE"
    rule = "number (numbers by type)"
    return Cast(looked.column, "", rule, int(filled), 0, bad, first, expression=value, unread=unread, most=most)


def cast_native_doubles(engine: DuckDBEngine, group: Group, looked: ColumnValues) -> Cast:
    """Cast a column of numbers to DOUBLE with ten places, as a customer table holds it; not-a-number counts as missing.

    The cast's relation is a view of one row a filled cell, `value`, `bad`, `n` (1) and `first_row`. Cost: one scan, and
    one for each question that is asked of the view.
    """
    x, row = engine.dialect.quote(looked.column), engine.dialect.quote("source row")
    type_ = group.types[looked.column]
    value = _ten_places(f"t.{x}") if type_ == "DOUBLE" else f"CAST({number_sql(f't.{x}', type_, EXACT)} AS DOUBLE)"
    there, relation = filled_sql(f"t.{x}", type_), f"{looked.relation}_number"
    engine.run(
        f"CREATE OR REPLACE VIEW {relation} AS SELECT value, value IS NULL AS bad, 1 AS n, first_row FROM "
        f"(SELECT {value} AS value, t.{row} AS first_row FROM {group.native_of(looked.column)} AS t WHERE {there})"
    )
    filled, bad, first = engine.row(
        f"SELECT count(value), count(*) - count(value), min(first_row) FILTER (WHERE bad) FROM {relation}",
        f"numbers of column '{looked.column}'",
    )
    unread = f"({there} AND {value} IS NULL)" if bad else "FALSE"
    return Cast(looked.column, relation, "number (numbers by type)", int(filled), 0, int(bad), first, expression=value,
                unread=unread)  # fmt: skip


def filled_sql(x: str, type_: str) -> str:
    """Condition that a cell of a column with a type holds something."""
    return f"{x} IS NOT NULL AND NOT isnan({x})" if type_ == "DOUBLE" else f"{x} IS NOT NULL"


def _ten_places(x: str) -> str:
    """Give a floating-point number rounded to ten places of its shortest decimal writing, NULL where it does not fit.

    Most numbers have four places or fewer, and are rounded already. Of others, times 1e10 says which whole number is
    next, but for those so near to the middle between two, or so large, that only the writing says it.
    """
    times = f"({x} * 1e10)"
    return (
        f"CASE WHEN {x} = 0 THEN 0 WHEN abs({x}) < 1e11 AND CAST(TRY_CAST({x} AS DECIMAL(18, 4)) AS DOUBLE) = {x} THEN {x} "
        f"WHEN abs({x}) BETWEEN 1e-9 AND 1e3 AND abs(abs({times} - trunc({times})) - 0.5) > 0.01 THEN round({times}) / 1e10 "
        f"WHEN abs({x}) < {LIMIT} THEN CAST({exact_sql(f'CAST({x} AS VARCHAR)')} AS DOUBLE) END"
    )


def number_sql(x: str, type_: str, target: str, *, small: bool = False) -> str:
    """Give a number as the decimal type `target`, NULL where it does not fit; `small`: all are below 1e11."""
    kind = type_.split("(")[0]
    if kind in ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"):
        return f"CAST({x} AS {target})"
    if kind == "DOUBLE":
        return _of_double(x, target, small)
    exact = f"CAST({x} AS {EXACT})" if kind == "DECIMAL" and _scale(type_) > 10 else x
    return (
        f"CAST({exact} AS {target})"
        if small
        else f"CASE WHEN {exact} > -{LIMIT} AND {exact} < {LIMIT} THEN TRY_CAST({exact} AS {target}) END"
    )


def _scale(type_: str) -> int:
    return int(type_.rstrip(")").split(",")[1])


def _of_double(x: str, target: str, small: bool) -> str:
    """Give a floating-point number by its shortest decimal writing.

    A decimal of at most fifteen digits that gives the number back is that writing, and most numbers have one with four
    places; only the others are written as text.
    """
    short = f"TRY_CAST({x} AS DECIMAL(18, 4))"
    text = exact_sql(f"CAST({x} AS VARCHAR)")
    if small:
        short = short.replace("TRY_CAST", "CAST")
        return (
            f"CASE WHEN CAST({short} AS DOUBLE) = {x} THEN CAST({short} AS {target}) ELSE CAST({text} AS {target}) END"
        )
    return (
        f"CASE WHEN abs({x}) < 1e11 AND CAST({short} AS DOUBLE) = {x} THEN TRY_CAST({short} AS {target}) "
        f"WHEN abs({x}) < 1e15 THEN TRY_CAST({text} AS {target}) END"
    )


def cast_native_dates(engine: DuckDBEngine, group: Group, looked: ColumnValues, rules: CastRules) -> Cast:
    """Cast a column of days or times to TIMESTAMP; those with a zone become UTC, or the time of `--timezone`.

    Days that stand for nothing, such as 1970-01-01, count as missing, as of text. Cost: one look at the first and the last
    day; where such days can lie between them, two scans of the column.
    """
    zone = rules.settings.timezone
    try_zone(engine, zone)
    zoned = kind_of(group, looked.column).endswith("ZONE")
    x = f"t.{engine.dialect.quote(looked.column)}"
    moment = _moment(x, zoned)
    local = f"timezone({engine.dialect.text(zone)}, {x})" if zoned and zone else moment
    rule = "date (like 2024-12-31)" + (f"; offsets turned into {zone or 'UTC'}" if zoned else "")
    there, plain = engine.row(
        f"SELECT count({x}), coalesce({_moment(f'min({x})', zoned)} >= TIMESTAMP '1970-01-02' AND "
        f"{_moment(f'max({x})', zoned)} < TIMESTAMP '2999-12-31', FALSE) FROM {group.native} AS t",
        f"range of column '{looked.column}'",
    )
    if plain:
        return Cast(looked.column, "", rule, int(there), 0, 0, expression=local)
    dated = f"{moment} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
    filled, bad, first = _counts(engine, group, x, f"NOT ({dated})")
    missing = int(engine.value(f"SELECT count(*) FROM {group.native} AS t WHERE {_among_days(moment)}", "empty dates"))
    value = f"CASE WHEN {dated} THEN {local} END" if bad else local
    value = f"CASE WHEN NOT ({_among_days(moment)}) THEN {value} END" if missing else value
    rule += f"; {missing:,} cells with a word or date for 'missing'" if missing else ""
    unread = f"({x} IS NOT NULL AND NOT ({dated}))" if bad else "FALSE"
    return Cast(looked.column, "", rule, filled - missing, missing, bad, first, findings=_empty(looked, rules, missing),
                expression=value, unread=unread)  # fmt: skip


def _moment(x: str, zoned: bool) -> str:
    return f"timezone('UTC', {x})" if zoned else f"CAST({x} AS TIMESTAMP)"


def _nothing() -> tuple[str, ...]:
    return tuple(day for day in (*NOTHING, "1970-01-01") if day not in ("0000-00-00", "1900-01-00"))


def _among_days(moment: str) -> str:
    return f"CAST({moment} AS DATE) IN (" + ", ".join(f"DATE '{day}'" for day in _nothing()) + ")"


def _empty(looked: ColumnValues, rules: CastRules, missing: int) -> tuple[Finding, ...]:
    if not missing:
        return ()
    message = (
        f"{missing:,} cells of column '{looked.column}' hold a date that stands for nothing, such as 0000-00-00 or "
        "1970-01-01; they count as missing."
    )
    return (Finding("empty-dates", Severity.WARNING, message, table=rules.table, column=looked.column, count=missing),)


def _counts(engine: DuckDBEngine, group: Group, x: str, unread: str) -> tuple[int, int, int | None]:
    """Rows with a value, unreadable rows, and the first of those."""
    there, bad = engine.row(
        f"SELECT count({x}), count(CASE WHEN {x} IS NOT NULL AND {unread} THEN 1 END) FROM {group.native} AS t",
        "unreadable",
    )
    if not bad:
        return int(there), 0, None
    row = engine.dialect.quote("source row")
    first = engine.value(f"SELECT min(t.{row}) FROM {group.native} AS t WHERE {x} IS NOT NULL AND {unread}")
    return int(there) - int(bad), int(bad), int(first)


def cast_native_ids(engine: DuckDBEngine, group: Group, looked: ColumnValues) -> Cast | None:
    """Leave ids as they stand where nothing about them would change: whole numbers, and plain text.

    Returns
    -------
    Cast or None
        None where the ids have to be cleaned one by one.
    """
    x = f"t.{engine.dialect.quote(looked.column)}"
    kind = kind_of(group, looked.column)
    if kind not in INTEGERS and kind != "VARCHAR":
        return None
    if kind in INTEGERS:
        there, short = engine.row(
            f"SELECT count({x}), coalesce(min({x}) >= -{_INTEGER} AND max({x}) <= {_INTEGER}, TRUE) FROM {group.native} AS t"
        )
        value = f"CAST({x} AS {'INTEGER' if short else 'BIGINT'})"
        return Cast(looked.column, "", "id kept as text", int(there), 0, 0, expression=value)
    plain = f"regexp_full_match({x}, '{PLAIN_ID}')"
    there, other = engine.row(f"SELECT count({x}), count(CASE WHEN NOT {plain} THEN 1 END) FROM {group.native} AS t")
    return None if other else Cast(looked.column, "", "id kept as text", int(there), 0, 0, expression=x)


def shortened(engine: DuckDBEngine, group: Group, cast: Cast, type_: str) -> Cast:
    """Cast row by row where that says the same of every different text as the list of values does."""
    if not cast.relation or group.types[cast.column] != "VARCHAR":
        return cast
    same = f"value IS NOT DISTINCT FROM TRY_CAST(raw AS {type_}) AND NOT bad"
    if engine.value(f"SELECT count(*) FROM {cast.relation} WHERE NOT ({same})"):
        return cast
    x = f"t.{engine.dialect.quote(cast.column)}"
    return replace(cast, expression=x if type_ == "VARCHAR" else f"TRY_CAST({x} AS {type_})", unread="FALSE")
