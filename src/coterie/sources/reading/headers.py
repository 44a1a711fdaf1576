"""From the header cells of a source to column names that an engine can tell apart."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, InputError
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.parts import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.sources.reading.parts import Target
    from coterie.vocabulary import Finding

#: Most columns that a table may have.
MAX_COLUMNS = 2_000

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")


def clean_name(name: object) -> str:
    """Trim a header, drop invisible characters, join its lines, and bring it to Unicode NFC."""
    text = "" if name is None else str(name)
    return unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))


def name_columns(headers: Sequence[object], target: Target) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Give each column a name that is unique even when case is ignored.

    Returns
    -------
    names : tuple of str
        In the order of the source.
    findings : tuple of Finding
        Columns without a name, columns renamed.

    Raises
    ------
    InputError
        Too many columns, or two of the same name unless `duplicate_columns` is "rename".
    """
    check_width(len(headers), target.file)
    names = [clean_name(header) for header in headers]
    findings = [*_name_empty(names, target), *_keep_source_row_free(names, target)]
    findings += _part_duplicates(names, target)
    return tuple(names), tuple(findings)


def check_width(n_columns: int, file: str) -> None:
    """Refuse a table that is wider than any shop's."""
    if n_columns > MAX_COLUMNS:
        raise InputError(
            f"'{file}' has {n_columns:,} columns; at most {MAX_COLUMNS:,} can be read.",
            remedy="Check the field separator (--delimiter), or export one row per order instead of one column each.",
        )


def given_names(target: Target, n_columns: int) -> tuple[str, ...]:
    """Names of a table without a header: those of `column_names`, which must fit."""
    names = target.settings.column_names
    if len(names) != n_columns:
        raise ConfigError(
            f"--columns names {plural(len(names), 'column')}, but '{target.file}' has {n_columns:,}.",
            remedy=f"Give {plural(n_columns, 'name')}: --columns {','.join(placeholders(n_columns))}",
        )
    return names


def placeholders(n_columns: int) -> list[str]:
    """Names for columns that have none: "column_1", …, at most eight shown."""
    shown = [f"column_{i}" for i in range(1, min(n_columns, 8) + 1)]
    return [*shown, "…"] if n_columns > 8 else shown


def nearest(name: str, known: Sequence[str]) -> str:
    """Suggest the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else ""


def _name_empty(names: list[str], target: Target) -> list[Finding]:
    empty = [i for i, name in enumerate(names) if not name]
    for i in empty:
        names[i] = _free(f"column_{i + 1}", names)
    if not empty:
        return []
    called = ", ".join(names[i] for i in empty[:5])
    message = f"{plural(len(empty), 'column')} of '{target.table}' had no name and is called {called}."
    return [target.note("empty-header", message, column=names[empty[0]], count=len(empty))]


def _keep_source_row_free(names: list[str], target: Target) -> list[Finding]:
    taken = [i for i, name in enumerate(names) if name.casefold() == SOURCE_ROW]
    for i in taken:
        names[i] = _free(f"{names[i]}_given", names)
    return [
        target.note(
            "renamed-column", f"Column '{SOURCE_ROW}' of '{target.table}' is called '{names[i]}' here.", column=names[i]
        )
        for i in taken
    ]


def _part_duplicates(names: list[str], target: Target) -> list[Finding]:
    first: dict[str, int] = {}
    findings = []
    for i, name in enumerate(names):
        earlier = first.setdefault(name.casefold(), i)
        if earlier == i:
            continue
        if target.settings.duplicate_columns == "refuse":
            raise _same_name(names[earlier], name, earlier + 1, i + 1, target.file)
        names[i] = _free(f"{name}_{i + 1}", names)
        first[names[i].casefold()] = i
        message = f"Column {i + 1} of '{target.table}' has the name of column {earlier + 1} and is called '{names[i]}'."
        findings.append(target.warning("duplicate-header", message, column=names[i], count=1))
    return findings


def _same_name(first: str, second: str, at_first: int, at_second: int, file: str) -> InputError:
    both = f"columns {at_first:,} and {at_second:,}"
    what = (
        f"'{file}' has two columns named '{first}': {both}."
        if first == second
        else f"'{file}' has columns whose names differ in case only: '{first}' and '{second}', {both}."
    )
    return InputError(what, remedy="Rename one in the file, or number them with --duplicate-columns rename.")


def _free(name: str, names: Sequence[str]) -> str:
    taken = {other.casefold() for other in names}
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
