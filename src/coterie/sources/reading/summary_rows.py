"""Rows that are no data although they can be read: totals below a table, rows without any value, columns of nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.parts import EMPTY_ROW, SUMMARY_ROW, Target, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.vocabulary import Finding

#: Rows at the end of a table among which totals are looked for.
_LAST = 3
_TOTAL = re.compile(
    r"\(?(?:(?:grand|sub)[ -]?)?totals?|sums?|summe|gesamt(?:summe|betrag|ergebnis)?|insgesamt|zwischensumme|somme"
    r"|total (?:général|general|geral)|sous[ -]total|ensemble|suma(?: total)?|subtotal|totale|averages?|mittelwert"
    r"|moyenne|promedio",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*[-+$€£]?\s*\d[\d.,' ]*\s*[€£%]?\s*")
_ROW_COUNT = re.compile(
    r"\(?\s*\d[\d.,\s]*\s*(?:rows?|records?|zeilen?|datensätze?|lignes?|enregistrements?|filas?|registros?)"
    r"(?: (?:affected|selected|returned|in set.*))?\s*\)?\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Tidied:
    """Columns that stay, rows set aside by reason, and what to tell."""

    columns: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def is_summary_text(cells: Sequence[str | None]) -> bool:
    """Whether the first filled cell of a row says "total" or counts rows, in English, German, French or Spanish."""
    first = next((cell.strip() for cell in cells if cell and cell.strip()), "")
    return bool(_TOTAL.fullmatch(first.rstrip(":").strip()) or _ROW_COUNT.fullmatch(first))


def tidy(target: Target, columns: tuple[str, ...], *, footers: bool = True) -> Tidied:
    """Set aside empty and summary rows of a relation, and drop columns that have neither a name nor a value.

    A summary row is one of the last three and either says so in its first filled cell while another cell is empty, or
    is the very last, lacks the first cell that every other row has and most cells that the row before it has,
    and holds numbers only. `footers` says whether the format can have such rows.
    """
    left_out: dict[str, int] = {}
    findings: list[Finding] = []
    nothing = " AND ".join(f"{target.engine.dialect.quote(name)} IS NULL" for name in columns)
    if empty := _remove(target, EMPTY_ROW, nothing):
        left_out[EMPTY_ROW] = empty
        message = f"Set aside {plural(empty, 'row')} of '{target.table}' without any value."
        findings.append(target.note("empty-rows", message, count=empty))
    if rows := _summary_rows(target, columns) if footers else []:
        left_out[SUMMARY_ROW] = _remove(target, SUMMARY_ROW, f"{SOURCE_ROW} IN ({', '.join(map(str, rows))})")
        message = f"Set aside {plural(len(rows), 'summary row')} at the end of '{target.table}'."
        findings.append(target.warning("summary-rows", message, remedy="Check that it is no data.", count=len(rows)))
    kept = _drop_unnamed(target, columns)
    return Tidied(kept, left_out, tuple(findings))


def _remove(target: Target, reason: str, condition: str) -> int:
    number = target.set_aside(reason, f"SELECT {SOURCE_ROW} FROM {target.relation} WHERE {condition}")
    if number:
        target.engine.run(f"DELETE FROM {target.relation} WHERE {condition}", reason)
    return number


def _summary_rows(target: Target, columns: tuple[str, ...]) -> list[int]:
    if len(columns) < 2:
        return []
    quoted = [f"CAST({target.engine.dialect.quote(name)} AS VARCHAR)" for name in columns]
    last = target.engine.rows(
        f"SELECT {SOURCE_ROW}, {', '.join(quoted)} FROM {target.relation} ORDER BY {SOURCE_ROW} DESC LIMIT {_LAST + 1}"
    )
    found = [row[0] for row in last[:_LAST] if is_summary_text(row[1:]) and None in row[1:]]
    if not found and len(last) > 1 and _is_bare_sum(target, columns, last):
        found = [last[0][0]]
    return found


def _is_bare_sum(target: Target, columns: tuple[str, ...], last: list[tuple[object, ...]]) -> bool:
    final, before = last[0][1:], last[1][1:]
    if final[0] is not None or before[0] is None:
        return False
    if not all(_NUMBER.fullmatch(str(cell)) for cell in final if cell is not None):
        return False
    usual = [i for i, cell in enumerate(before) if cell is not None]
    missing = sum(1 for i in usual if final[i] is None)
    first = target.engine.dialect.quote(columns[0])
    blanks = target.engine.value(f"SELECT count(*) FROM {target.relation} WHERE {first} IS NULL")
    return bool(missing > len(usual) / 2 and blanks == 1)


def _drop_unnamed(target: Target, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns that were given a name of ours and hold nothing are left behind by the exporter."""
    kept = []
    for i, name in enumerate(columns):
        quoted = target.engine.dialect.quote(name)
        unnamed = name == f"column_{i + 1}" and len(columns) > 1
        if unnamed and not target.engine.value(f"SELECT count({quoted}) FROM {target.relation}"):
            if not target.engine.value(f"SELECT count(*) FROM duckdb_views() WHERE view_name = '{target.relation}'"):
                target.engine.run(f"ALTER TABLE {target.relation} DROP COLUMN {quoted}")
        else:
            kept.append(name)
    return tuple(kept)
