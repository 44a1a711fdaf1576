"""A table as it was read: text columns in the engine, nothing understood yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coterie.vocabulary import Finding, TableKind

#: Column of every raw relation: the row's number in its source (a text file's line, a sheet's row, or 1, 2, …).
SOURCE_ROW = "source_row"


@dataclass(frozen=True)
class Input:
    """What a user handed over: a path, a glob, a folder or a dataframe, and the kind of table where that was said."""

    data: object
    kind: TableKind | None = None


@dataclass(frozen=True)
class RawTable:
    """One input, read but not understood.

    Attributes
    ----------
    relation : str
        Table or view in the engine: `source_row` (BIGINT) and one column per header. Text formats give VARCHAR
        throughout, cells as they stand, trimmed of nothing; empty cells are NULL. Typed formats keep the engine type in
        `types`.
    columns : tuple of str
        Headers after trimming and Unicode NFC, unique even when case is ignored, in the order of the source.
    types : mapping of str to str
        Engine type of each column.
    left_out : mapping of str to int
        Reason -> rows that could not be read (ragged, summary rows …); those rows lie in the engine's `left_out`.
    values : mapping of str to str
        Column of text -> engine table of its different values (`raw`, `n` rows, `first_row`), where reading made one.
    many : frozenset of str
        Columns of text with so many different values that reading did not list them.
    checks : tuple of function
        Each refuses a file that changed since it was first looked at. The relation may be a view of files that are read
        when they are needed; after the last use of it these say whether it was the same all the time.
    """

    name: str
    relation: str
    columns: tuple[str, ...]
    types: Mapping[str, str]
    rows_read: int
    fingerprint: str
    formats: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    kind: TableKind | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    many: frozenset[str] = frozenset()
    checks: tuple[Callable[[], None], ...] = ()
