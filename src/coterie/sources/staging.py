"""Between text and our tables: each row with its cast values, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.sources.columns import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast
    from coterie.sources.columns import Group
    from coterie.sources.mapping import Understanding
    from coterie.sources.order_keys import Dimension
    from coterie.vocabulary import Finding


@dataclass(frozen=True)
class Staged:
    """A group whose rows are cast: `relation` has `table_no`, `source_row` and the columns of its kind."""

    group: Group
    understood: Understanding
    relation: str
    casts: Mapping[str, Cast]
    findings: tuple[Finding, ...] = ()
    currency: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def joined(engine: DuckDBEngine, group: Group, casts: Mapping[str, Cast]) -> str:
    """Select each row with `<role>_value` and `<role>_bad` of every cast."""
    quote = engine.dialect.quote
    shown, joins = cast_columns(engine, group, casts, {})
    head = f"SELECT t.{quote('table no')} AS table_no, t.{quote('source row')} AS source_row"
    return f"{head}, {', '.join(shown)} FROM {group.native} AS t {joins}"


def cast_columns(
    engine: DuckDBEngine, group: Group, casts: Mapping[str, Cast], dims: Mapping[str, Dimension]
) -> tuple[list[str], str]:
    """Give the select list and the joins that add the value of every cast to a row `t` of a group's native columns.

    A cast with an expression is worked out for each row, one without is looked up by its text; what is said of a
    repeated text stands beside its value, under its role's name.
    """
    shown, joins = [], []
    for role, cast in casts.items():
        if role in dims:
            found = dims[role]
            shown += [f"d_{role}.{name} AS {role}_{name}" for name in found.columns]
            joins.append(f"LEFT JOIN {found.relation} AS d_{role} ON d_{role}.raw = {_text_of(engine, group, cast)}")
        elif cast.by_row:
            shown += [f"{cast.expression} AS {role}_value", f"{cast.unread} AS {role}_bad"]
        else:
            shown += [f"c_{role}.value AS {role}_value", f"coalesce(c_{role}.bad, FALSE) AS {role}_bad"]
            joins.append(f"LEFT JOIN {cast.relation} AS c_{role} ON c_{role}.raw = {_text_of(engine, group, cast)}")
    return shown, " ".join(joins)


def _text_of(engine: DuckDBEngine, group: Group, cast: Cast) -> str:
    return as_text(f"t.{engine.dialect.quote(cast.column)}", group.types[cast.column])
