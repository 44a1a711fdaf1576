"""What a cast leaves behind: a table from each text to its value, the rule in words, and counts."""
# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues


@dataclass(frozen=True)
class CastRules:
    """What the rules may know beyond the column: the settings and what the table's other columns showed."""

    table: str
    settings: SourcesSettings
    decimal: str | None = None  # decimal mark that other columns of the table prove
    delimiter: str = ""


@dataclass(frozen=True)
class Cast:
    """One column, cast.

    `relation` has one row a distinct text: `raw`, `value` (NULL where there is none) and `bad` (it holds something that
    the rule cannot read). `filled` = rows with a value, `missing` = rows with a word for nothing, `bad` = unreadable rows.
    Where `expression` is given it says the value of each row, over the group's columns `t`, and `unread` whether the cell
    cannot be read; then there need not be a relation. `most` is the largest absolute value of a number, where it is known.
    """

    column: str
    relation: str
    rule: str
    filled: int
    missing: int
    bad: int
    first_bad_row: int | None = None
    currency: str = ""
    percent: bool = False
    findings: tuple[Finding, ...] = ()
    expression: str = ""
    unread: str = "FALSE"
    most: float = math.inf

    @property
    def by_row(self) -> bool:
        """Whether the value of each row is worked out, and none looked up by its text."""
        return bool(self.expression)


def counts_of(engine: DuckDBEngine, values: ColumnValues, lookup: str) -> tuple[int, int, int, int | None]:
    """Rows with a value, with a word for nothing, unreadable ones, and the first source row of those."""
    filled, missing, bad, first = engine.row(
        f"SELECT coalesce(sum(v.n) FILTER (WHERE c.value IS NOT NULL), 0), "
        f"coalesce(sum(v.n) FILTER (WHERE c.value IS NULL AND NOT c.bad), 0), "
        f"coalesce(sum(v.n) FILTER (WHERE c.bad), 0), min(v.first_row) FILTER (WHERE c.bad) "
        f"FROM {values.relation} AS v JOIN {lookup} AS c USING (raw)"
    )
    return int(filled), int(missing), int(bad), None if first is None else int(first)


def refuse_too_many_bad(rules: CastRules, cast: Cast, what: str) -> None:
    """Stop where more cells than allowed cannot be read.

    Raises
    ------
    InputError
        With the count, the share, the first row and the option.
    """
    total = cast.filled + cast.bad
    if not total or cast.bad / total <= rules.settings.max_rejected:
        return
    raise InputError(
        f"Column '{cast.column}' of '{rules.table}' should hold {what}, but {cast.bad:,} of its {total:,} filled cells "
        f"cannot be read as such.",
        found=f"The first is in row {cast.first_bad_row}. Read as: {cast.rule}.",
        remedy=f"Correct the cells, map another column, or allow more with --max-rejected {_share(cast.bad / total)}.",
    )


def _share(value: float) -> str:
    return f"{min(1.0, value + 0.005):.2f}"


def bad_finding(rules: CastRules, cast: Cast, what: str, fate: str) -> tuple[Finding, ...]:
    """Tell the cells that could not be read, if there are any."""
    if not cast.bad:
        return ()
    cells = f"{cast.bad:,} cell{'s' if cast.bad != 1 else ''}"
    return (
        Finding(
            code="unreadable-cells",
            severity=Severity.WARNING,
            message=f"{cells} of column '{cast.column}' cannot be read as {what}; {fate}.",
            remedy="Look at the rows in the list of what was left out, or correct the export.",
            table=rules.table,
            column=cast.column,
            count=cast.bad,
            rows=() if cast.first_bad_row is None else (cast.first_bad_row,),
        ),
    )
