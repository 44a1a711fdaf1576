"""Delimited text: scanned as bytes, its dialect found on its head, read by the engine; odd files are mended first."""

from __future__ import annotations

import io
import os
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, EngineError, InputError
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.dialect import (
    HEAD_CHARACTERS,
    MAX_CELL,
    NAMES,
    WHITESPACE,
    Dialect,
    find_dialect,
    read_records,
    separator_line,
)
from coterie.sources.reading.encoding import Bytes, scan, transcode
from coterie.sources.reading.headers import given_names, name_columns
from coterie.sources.reading.layout import Layout, find_layout
from coterie.sources.reading.mending import mend
from coterie.sources.reading.parts import HEADER_ROW, Part, Target, plural
from coterie.sources.reading.summary_rows import tidy

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.vocabulary import Finding


@dataclass(frozen=True)
class _Text:
    """A text file ready to be read: UTF-8 bytes at `path`, and what is known of them."""

    path: Path
    bytes: Bytes
    head: str
    dialect: Dialect
    layout: Layout


def read_text(path: Path, target: Target) -> Part:
    """Read one delimited text file into the engine as VARCHAR columns.

    The engine reads files that are well-formed, in strict mode; whatever it refuses (rows of other lengths, stray
    quotation marks, mixed line ends) is rewritten row by row first, and the rows that cannot be mended are set aside.

    Raises
    ------
    InputError
        See `encoding.scan`, `dialect.find_dialect`, `layout.find_layout` and `mending.mend`.
    """
    _check_settings(target)
    text = _prepare(path, target)
    names, findings = _column_names(text.layout, target)
    rows, left_out, mended = _load(text, names, target)
    for ending in ("txt", "csv", "body"):
        target.scratch(ending)
    _check_rows(rows, text, target)
    tidied = tidy(target, names)
    rows_read = rows + sum(left_out.values())
    return Part(
        columns=tidied.columns,
        rows_read=rows_read,
        last_row=max(text.layout.last_line + rows_read, text.bytes.line_ends + 1),
        formats=_formats(text),
        left_out=dict(Counter(left_out) + Counter(tidied.left_out)),
        findings=(*_text_findings(text, target), *findings, *mended, *tidied.findings),
    )


def _check_settings(target: Target) -> None:
    settings = target.settings
    if settings.column_names and settings.header:
        raise ConfigError(
            "--columns names the columns of a file without a header.", remedy="Add --no-header, or leave --columns out."
        )
    if not settings.header and not settings.column_names:
        raise ConfigError("With --no-header the columns need names.", remedy="Give them: --columns NAME,NAME,…")


def _prepare(path: Path, target: Target) -> _Text:
    found = scan(path, target.settings, target.file)
    if found.is_clean:
        plain = target.link(path, "txt")
    else:
        plain = target.scratch("txt")
        replaced = transcode(path, plain, found, target.settings, target.file)
        found = _rescanned(plain, found, replaced, target)
    head = _head(plain)
    if not head.strip():
        raise InputError(
            f"The file '{target.file}' is empty.", found="It has blank lines only.", remedy="Export it again."
        )
    dialect = find_dialect(head, target.settings, target.file)
    records = read_records(head, dialect)
    if separator_line(head):
        records = records[1:]
    return _Text(plain, found, head, dialect, find_layout(records, target.settings, target.file))


def _rescanned(plain: Path, found: Bytes, replaced: int, target: Target) -> Bytes:
    """Line ends of wide encodings are counted in the text that was made of them."""
    if not found.encoding.startswith(("utf-16", "utf-32")):
        return replace(found, replaced=replaced or found.replaced)
    again = scan(plain, target.settings.model_copy(update={"encoding": "utf-8"}), target.file)
    return replace(again, encoding=found.encoding, bom=found.bom, guessed=found.guessed, replaced=replaced)


def _head(plain: Path) -> str:
    """Whole lines from the beginning of the text, without a byte order mark."""
    with plain.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.read(HEAD_CHARACTERS)
        more = bool(stream.read(1))
    if not more:
        return head
    cut = max(head.rfind("\n"), head.rfind("\r")) + 1
    return head[:cut] if cut else head


def _column_names(layout: Layout, target: Target) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    if layout.header is None:
        names, findings = name_columns(given_names(target, layout.n_columns), target)
    else:
        names, findings = name_columns(layout.header, target)
    return names, findings


def _load(text: _Text, names: tuple[str, ...], target: Target) -> tuple[int, dict[str, int], tuple[Finding, ...]]:
    """Bring the rows into the engine; returns rows kept, rows set aside by reason, and findings."""
    aside = _header_aside(text.layout, target)
    if not _needs_mending(text):
        try:
            return _read_strictly(text, names, target), aside, ()
        except EngineError as refusal:
            if not _is_refusal_of_file(refusal):
                raise
    mended = mend(text.path, target.scratch("csv"), text.dialect, text.layout, target)
    numbered = Dialect(",")
    sql = _reader(mended.path, numbered, len(names) + 1, skip=0, parallel=True)
    _create(target, names, f"CAST(c0 AS BIGINT) + {target.offset}", 1, sql)
    left_out = aside | mended.set_aside(target)
    rows = int(target.engine.value(f"SELECT count(*) FROM {target.relation}"))
    return rows, left_out, mended.findings(target, rows, mixed=text.bytes.mixed_ends)


def _header_aside(layout: Layout, target: Target) -> dict[str, int]:
    if not layout.stray_header:
        return {}
    return {HEADER_ROW: target.set_aside(HEADER_ROW, f"SELECT {layout.last_line} + {target.offset}")}


def _needs_mending(text: _Text) -> bool:
    found = text.bytes
    mixed = found.mixed_ends and (found.lone_cr > 0 or found.quotes == 0)
    return mixed or text.dialect.delimiter == WHITESPACE


def _is_refusal_of_file(refusal: EngineError) -> bool:
    import duckdb

    return isinstance(refusal.__cause__, (duckdb.InvalidInputException, duckdb.ConversionException))


def _read_strictly(text: _Text, names: tuple[str, ...], target: Target) -> int:
    """Read a well-formed file; row by row of the file, so that the number of a row is that of its line.

    One thread reads it: rows that are numbered in their order come one after the other anyway, and it has not to guess
    where a row begins. It says nothing of a quotation mark that is never closed, so where a row is not a line (cells
    with line breaks, blank lines, or that), several threads count the cells once more, which refuse such a file.
    """
    path, skip = _body(text, target)
    number = f"{target.offset + text.layout.last_line} + row_number() OVER ()"
    _create(target, names, number, 0, _reader(path, text.dialect, len(names), skip))
    rows = int(target.engine.value(f"SELECT count(*) FROM {target.relation}"))
    if rows + text.layout.last_line != text.bytes.line_ends + (not _ends_with_line(text.path)):
        counted = ", ".join(f"count(c{i})" for i in range(len(names)))
        reader = _reader(path, text.dialect, len(names), skip, parallel=True)
        target.engine.rows(f"SELECT {counted} FROM {reader}", f"reading {target.file}")
    return rows


def _body(text: _Text, target: Target) -> tuple[Path, int]:
    """Give the file and the lines to skip; a head of more than one plain line is cut off by copying the rest."""
    last_line, mark = text.layout.last_line, 3 * _begins_with_mark(text.path)
    lines = _lines(text.head, last_line)
    if last_line == 1 and text.dialect.quote not in lines[0]:
        return text.path, 1
    if last_line == 0 and not mark:
        return text.path, 0
    body = target.scratch("body")
    with text.path.open("rb") as source, body.open("wb") as into:
        source.seek(mark + sum(len(line.encode()) for line in lines))
        shutil.copyfileobj(source, into, 1 << 20)
    return body, 0


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) in (b"\n", b"\r")


def _begins_with_mark(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(3) == b"\xef\xbb\xbf"


def _lines(head: str, count: int) -> list[str]:
    stream = io.StringIO(head, newline="")
    return [stream.readline() for _ in range(count)]


def _reader(path: Path, dialect: Dialect, n_columns: int, skip: int, *, parallel: bool = False) -> str:
    from coterie.engines.dialect import DUCKDB

    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(n_columns))
    return (
        f"read_csv({DUCKDB.text(str(path))}, auto_detect = false, header = false, columns = {{{columns}}}, "
        f"delim = {DUCKDB.text(dialect.delimiter)}, quote = {DUCKDB.text(dialect.quote)}, "
        f"escape = {DUCKDB.text(dialect.escape)}, skip = {skip}, strict_mode = true, "
        f"compression = 'none', max_line_size = {2 * MAX_CELL}, parallel = {str(parallel).lower()})"
    )


def _create(target: Target, names: tuple[str, ...], number: str, first: int, reader: str) -> None:
    quote = target.engine.dialect.quote
    columns = ", ".join(f"c{i} AS {quote(name)}" for i, name in enumerate(names, first))
    target.engine.run(
        f"CREATE OR REPLACE TABLE {target.relation} AS "
        f"SELECT CAST({number} AS BIGINT) AS {SOURCE_ROW}, {columns} FROM {reader}",
        f"reading {target.file}",
    )


def _check_rows(rows: int, text: _Text, target: Target) -> None:
    if rows or not target.alone:
        return
    line = f" (line {text.layout.last_line:,})" if text.layout.header is not None else ""
    raise InputError(
        f"'{target.file}' has no data rows below the header{line}.", remedy="Export it again with its rows."
    )


def _formats(text: _Text) -> dict[str, str]:
    delimiter = text.dialect.delimiter
    formats = {
        "format": "text",
        "encoding": text.bytes.encoding,
        "delimiter": NAMES.get(delimiter, delimiter),
        "quote": text.dialect.quote,
    }
    if text.layout.header is not None:
        formats["header"] = f"line {text.layout.last_line}"
    return formats


def _text_findings(text: _Text, target: Target) -> list[Finding]:
    return [*_encoding_findings(text.bytes, target), *_layout_findings(text, target)]


def _encoding_findings(found: Bytes, target: Target) -> list[Finding]:
    table, findings = target.table, []
    if found.bom:
        findings.append(target.note("byte-order-mark", f"A byte order mark at the beginning of '{table}' was removed."))
    if found.guessed:
        findings.append(
            target.warning(
                "encoding-guessed",
                f"'{table}' is not UTF-8; it was read as {found.encoding}.",
                remedy=f"Look at names with accents; pin the encoding with --encoding {found.encoding}.",
            )
        )
    if found.controls:
        message = f"Removed {plural(found.controls, 'control character')} from '{table}'."
        findings.append(target.note("control-characters", message, count=found.controls))
    if found.mojibake:
        message = (
            f"An earlier program seems to have read UTF-8 wrongly in {plural(found.mojibake, 'place')} of '{table}'."
        )
        findings.append(
            target.warning("double-encoded", message, remedy="Export it again as UTF-8.", count=found.mojibake)
        )
    if found.replaced:
        places = plural(found.replaced, "place")
        message = f"Bytes that are not valid {found.encoding} became U+FFFD in {places} of '{table}'."
        findings.append(
            target.warning(
                "bytes-replaced", message, remedy="Name the right encoding with --encoding.", count=found.replaced
            )
        )
    return findings


def _layout_findings(text: _Text, target: Target) -> list[Finding]:
    layout, table, findings = text.layout, target.table, []
    if text.dialect.delimiter != ",":
        name = NAMES.get(text.dialect.delimiter, text.dialect.delimiter)
        findings.append(target.note("delimiter", f"The fields of '{table}' are separated by: {name}."))
    if layout.preamble:
        message = f"Skipped {plural(layout.preamble, 'line')} above the header of '{table}'."
        findings.append(target.note("preamble", message, count=layout.preamble))
    if layout.comments:
        message = f"Skipped {plural(layout.comments, 'comment line')} above the header of '{table}'."
        findings.append(target.note("comments", message, count=layout.comments))
    if layout.trailing:
        message = f"Every row of '{table}' ends with a separator; the empty field behind it was dropped."
        findings.append(target.note("trailing-delimiter", message))
    if layout.stray_header:
        message = f"'{table}' was said to have no header, but line {layout.last_line} holds names; it was set aside."
        findings.append(
            target.warning("stray-header", message, remedy="Leave --no-header out to use these names.", count=1)
        )
    return findings
