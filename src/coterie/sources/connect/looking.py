"""A look at a table that stays where it is: its rows counted, a bounded sample of them understood here."""

# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.sources.casting import CastRules
from coterie.sources.columns import make_groups
from coterie.sources.left_out import LEFT_OUT
from coterie.sources.looking import look_at_all
from coterie.sources.mapping import refuse_unmatched_pins, understand
from coterie.sources.raw import Input
from coterie.sources.reading import read_input
from coterie.sources.reading.headers import name_columns
from coterie.sources.reading.parts import Target
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.columns import ColumnValues, Group
    from coterie.sources.connect.place import Distant
    from coterie.sources.mapping import Understanding

#: Rows that travel here to be understood.
SAMPLE_ROWS = 20_000
#: Parts into which rows are put by a hash of all their cells; the sample is some of these parts.
_PARTS = 1_000_000_000
#: Nearly every value differs within the sample: whether values come back is asked of the whole table.
_HARDLY_REPEATS = 0.9


@dataclass(frozen=True)
class Look:
    """A distant table, understood.

    Attributes
    ----------
    headers : mapping of str to str
        Our clean name of each column -> its name there.
    values : mapping of str to ColumnValues
        What the columns look like, mostly from the sample.
    """

    table: Distant
    local: DuckDBEngine
    group: Group
    values: Mapping[str, ColumnValues]
    understood: Understanding
    rules: CastRules
    headers: Mapping[str, str]
    rows: int
    fingerprint: str
    findings: tuple[Finding, ...]

    def there(self, column: str) -> str:
        """Quote a column of the table, as it is called there."""
        return "t." + self.table.engine.dialect.quote(self.headers[column])


def look(table: Distant, local: DuckDBEngine, settings: SourcesSettings, ignore: Collection[str], number: int) -> Look:
    """Understand a distant table by a sample of its rows, the same whatever their order.

    Notes
    -----
    Two scans of the table, and one more for each column of which nearly every value differs within the sample.
    """
    engine, text = table.engine, _row_text(table)
    part = engine.dialect.hash_bucket(text, 0, _PARTS)
    rows, total = engine.row(f"SELECT COUNT(*), SUM({part}) FROM {table.relation} AS t", f"counting {table.name}")
    if not rows:
        raise InputError(f"'{table.name}' has no rows.", remedy="Check the name of the table, or the query.")
    reach = _PARTS if rows <= SAMPLE_ROWS else SAMPLE_ROWS * _PARTS // rows
    sample = engine.arrow(
        f"SELECT * FROM {table.relation} AS t WHERE {part} < {reach} ORDER BY {text}", f"sample of {table.name}"
    )
    raw = read_input(Input(sample, table.kind), local, settings, number=number)
    local.run(f"DELETE FROM {LEFT_OUT} WHERE table_name = {local.dialect.text(raw.name)}")
    raw = replace(raw, name=table.name, left_out={})
    group = make_groups(local, [raw], ignore)[0]
    refuse_unmatched_pins([group], settings)
    names, _ = name_columns(table.schema.names, Target(local, settings, table.name, table.name, ""))
    headers = dict(zip(names, table.schema.names, strict=True))
    values = {
        column: _of_all(looked, table, headers[column], int(rows), sample.num_rows)
        for column, looked in look_at_all(local, group).items()
    }
    understood = understand(local, group, values, settings)
    rules = CastRules(table.name, settings, None, "")
    notes = [finding for finding in raw.findings if finding.code != "control-characters"]
    return Look(
        table, local, group, values, understood, rules, headers, int(rows), _fingerprint(table, int(rows), int(total)),
        (*notes, *_left_away(table)),
    )  # fmt: skip


def _row_text(table: Distant) -> str:
    """All cells of a row as one text."""
    dialect = table.engine.dialect
    cells = [f"COALESCE({dialect.string('t.' + dialect.quote(name))}, '')" for name in table.schema.names]
    return " || '|' || ".join(cells)


def _of_all(looked: ColumnValues, table: Distant, header: str, rows: int, sampled: int) -> ColumnValues:
    """Carry what the sample shows over to the whole table."""
    if rows == sampled:
        return looked
    if looked.filled and looked.distinct > _HARDLY_REPEATS * looked.filled:
        x = table.engine.dialect.quote(header)
        filled, distinct = table.engine.row(
            f"SELECT COUNT({x}), COUNT(DISTINCT {x}) FROM {table.relation}", f"values of column '{header}'"
        )
        return replace(looked, rows=rows, filled=int(filled), distinct=int(distinct))
    return replace(looked, rows=rows, filled=round(looked.filled * rows / sampled))


def _fingerprint(table: Distant, rows: int, total: int) -> str:
    """SHA-256 of the columns, the number of rows, and the sum of the hashes of all rows: their order plays no part."""
    columns = ",".join(f"{field.name}:{field.type}" for field in table.schema)
    return hashlib.sha256(f"{columns}|{rows}|{total}".encode()).hexdigest()


def _left_away(table: Distant) -> list[Finding]:
    if not table.left_away:
        return []
    message = f"Columns of '{table.name}' whose type holds lists, records or bytes are not read: {', '.join(table.left_away)}."
    return [Finding("columns-of-other-types", Severity.NOTE, message, table=table.name, count=len(table.left_away))]
