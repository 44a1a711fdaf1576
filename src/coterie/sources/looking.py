"""A look at every column before anything is decided: all values of short lists, a fair part of the values of long ones."""
# ruff: noqa: E501  SQL stays in one line

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.sources.bands import MOST_LEVELS
from coterie.sources.casting.native import NUMBERS, TIMES, filled_sql, kind_of
from coterie.sources.columns import PROFILED, ColumnValues, as_text, collect_values, profile, values_relation

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import Group

#: Rows of a table up to which every value of every column is looked at.
FEW_ROWS = 1_000_000
#: Of larger tables, those values are looked at whose hash falls into the first of so many parts.
PARTS = 64
#: A column of which so few values fell into that part has few values at all, and they are counted.
FEW_VALUES = 32

#: Types whose cells need not be written as text to be cast.
NATIVE = NUMBERS | TIMES


def is_native(group: Group, column: str) -> bool:
    """Whether the cells of a column have a type that casts without being written as text."""
    return kind_of(group, column) in NATIVE


def look_at_all(engine: DuckDBEngine, group: Group) -> dict[str, ColumnValues]:
    """Look at every column of a group.

    Returns
    -------
    dict of str to ColumnValues
        Columns with a type, and long lists of text, are not collected: `collected` gathers their values where those are
        needed after all.

    Notes
    -----
    Cost: a scan of each column. What is looked at does not depend on the order of rows.
    """
    many = frozenset().union(*(raw.many for raw in group.raws))
    return {
        column: _glance(engine, group, column)
        if is_native(group, column) or column in many
        else collect_values(engine, group, column)
        for column in group.columns
    }


def collected(engine: DuckDBEngine, group: Group, looked: ColumnValues) -> ColumnValues:
    """Gather all values of a column that was only looked at."""
    return looked if looked.collected else collect_values(engine, group, looked.column)


def listed(engine: DuckDBEngine, group: Group, looked: ColumnValues) -> ColumnValues:
    """Gather the values of a customer's trait; many numbers with a type are only counted, as those cast row by row."""
    if kind_of(group, looked.column) not in NUMBERS or looked.distinct <= MOST_LEVELS:
        return collected(engine, group, looked)
    if not looked.estimated:
        return looked
    x = engine.dialect.quote(looked.column)
    there = filled_sql(x, group.types[looked.column])
    different = f"SELECT count(DISTINCT {x}) FROM {group.native_of(looked.column)} WHERE {there}"
    return replace(looked, distinct=int(engine.value(different, f"values of '{looked.column}'")), estimated=False)


def _glance(engine: DuckDBEngine, group: Group, column: str) -> ColumnValues:
    """Look at some values of a column, without a list of them all."""
    x = engine.dialect.quote(column)
    seen = f"seen_{group.number}"
    parts = PARTS if group.rows > FEW_ROWS else 1
    values = _see(engine, group, column, seen, parts)
    if parts > 1 and values < FEW_VALUES:
        parts, values = 1, _see(engine, group, column, seen, 1)
    numbers = profile(engine, _as_texts(group, column, seen), column)
    engine.run(f"DROP TABLE {seen}")
    filled = int(
        engine.value(
            f"SELECT count(*) FILTER (WHERE {filled_sql(x, group.types[column])}) FROM {group.native_of(column)}",
            f"rows of column '{column}'",
        )
    )
    shares = {name: value for name, value in numbers.items() if name not in ("filled", "distinct")}
    relation = values_relation(group, column)
    found = ColumnValues(column, relation, group.rows, filled, parts * values, typed=column in group.typed, **shares)
    return replace(found, collected=False, estimated=parts > 1)


def _see(engine: DuckDBEngine, group: Group, column: str, seen: str, parts: int) -> int:
    """Count the values in one of `parts` parts into the table `seen`; give how many there are."""
    x = engine.dialect.quote(column)
    part = f" AND hash({x}) % {parts} = 0" if parts > 1 else ""
    engine.run(
        f"CREATE OR REPLACE TABLE {seen} AS SELECT {x} AS native, count(*) AS n FROM {group.native_of(column)} "
        f"WHERE {filled_sql(x, group.types[column])}{part} GROUP BY {x}",
        f"values of column '{column}'",
    )
    return int(engine.value(f"SELECT count(*) FROM {seen}"))


def _as_texts(group: Group, column: str, seen: str) -> str:
    """Give a bounded number of the values seen as text."""
    text = as_text("native", group.types[column])
    return f"(SELECT {text} AS raw, n FROM (SELECT * FROM {seen} ORDER BY hash(native), native LIMIT {PROFILED}))"
