"""Between text and our tables: each row with its cast values, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.casting import Cast
    from coterie.sources.columns import Group
    from coterie.sources.mapping import Understanding
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
    """Select each row with `<role>_value` and `<role>_bad` of every cast, looked up by its text."""
    quote = engine.dialect.quote
    shown = [f"c{i}.value AS {quote(f'{role}_value')}, coalesce(c{i}.bad, FALSE) AS {quote(f'{role}_bad')}"
             for i, role in enumerate(casts)]  # fmt: skip
    joins = [
        f"LEFT JOIN {cast.relation} AS c{i} ON t.{quote(cast.column)} = c{i}.raw"
        for i, cast in enumerate(casts.values())
    ]
    head = f"SELECT t.{quote('table no')} AS table_no, t.{quote('source row')} AS source_row"
    return f"{head}, {', '.join(shown)} FROM {group.relation} AS t {' '.join(joins)}"
