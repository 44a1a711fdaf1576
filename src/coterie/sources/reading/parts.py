"""What each reader takes and gives: where one file goes, and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.sources.left_out import set_aside
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine

#: Reasons for which a row is set aside although the file is sound: they do not count against `max_rejected`.
SUMMARY_ROW = "summary row"
EMPTY_ROW = "empty row"
HEADER_ROW = "header row"
HARMLESS = frozenset({SUMMARY_ROW, EMPTY_ROW, HEADER_ROW})


@dataclass(frozen=True)
class Target:
    """Where one file or dataframe goes.

    `table` is the input's name as typed, `file` that of this file within it (equal for a single file), `offset` is
    added to each source row so that the rows of several files are numbered on.
    """

    engine: DuckDBEngine
    settings: SourcesSettings
    table: str
    file: str
    relation: str
    offset: int = 0
    alone: bool = True  # not one of several files: then a file without rows is refused
    stays: bool = True  # the file lies where it is until the engine is closed, so that it can be read again

    def scratch(self, ending: str) -> Path:
        """Name a temporary file in the engine's folder; an older one of that name is removed."""
        path = self.engine.folder / f"{self.relation}.{ending}"
        path.unlink(missing_ok=True)
        return path

    def link(self, path: Path, ending: str) -> Path:
        """Give a file a plain name: the engine would take some characters of a name for a glob or a format."""
        plain = self.scratch(ending)
        plain.symlink_to(path.resolve())
        return plain

    def set_aside(self, reason: str, select_sql: str) -> int:
        """Add rows to the account of what was left out; returns how many."""
        return set_aside(self.engine, self.table, reason, select_sql)

    def finding(
        self, code: str, severity: Severity, message: str, *, remedy: str = "", column: str = "", count: int = 0
    ) -> Finding:
        """Make a finding about this table."""
        return Finding(code, severity, message, remedy, table=self.table, column=column, count=count)

    def note(self, code: str, message: str, **details: object) -> Finding:
        """Make a finding that records what was done."""
        return self.finding(code, Severity.NOTE, message, **details)  # type: ignore[arg-type]

    def warning(self, code: str, message: str, **details: object) -> Finding:
        """Make a finding that needs a look."""
        return self.finding(code, Severity.WARNING, message, **details)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Part:
    """One file as it was read; its rows lie in the engine under the target's relation.

    `last_row` is the highest source row of the file, kept or not, without the target's offset.
    """

    columns: tuple[str, ...]
    rows_read: int
    last_row: int
    fingerprint: str = ""  # of a file it is made beside the reading
    formats: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)  # as of RawTable
    many: frozenset[str] = frozenset()  # as of RawTable


def plural(count: int, noun: str) -> str:
    """Count with its noun: "1 row", "12,345 rows"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(names: Sequence[str], limit: int = 12) -> str:
    """Name up to `limit` things in one line."""
    shown = ", ".join(f"'{name}'" for name in names[:limit])
    return shown + (f" and {len(names) - limit:,} more" if len(names) > limit else "")
