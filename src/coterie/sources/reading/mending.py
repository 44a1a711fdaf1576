"""Files that the engine refuses are rewritten row by row as a clean one; rows that cannot be mended are set aside."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.sources.reading.dialect import MAX_CELL, WHITESPACE, Dialect
from coterie.sources.reading.parts import SUMMARY_ROW, Target, plural
from coterie.sources.reading.summary_rows import is_summary_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from coterie.sources.reading.layout import Layout
    from coterie.vocabulary import Finding

TOO_FEW = "too few fields"
TOO_MANY = "too many fields"
STRAY_QUOTE = "stray quotation mark"


@dataclass
class Mended:
    """The clean file: the row's line first, then its fields; and the rows that are not in it."""

    path: Path
    rejected: list[tuple[int, str]] = field(default_factory=list)
    comments: int = 0
    rows: int = 0  # line of the last row written

    def set_aside(self, target: Target) -> dict[str, int]:
        """Write the rejected rows to the account of what was left out; returns reason -> rows."""
        import pyarrow as pa

        for reason in sorted({reason for _, reason in self.rejected}):
            lines = pa.table({"line": pa.array([line for line, why in self.rejected if why == reason], pa.int64())})
            target.engine.register("rejected_lines", lines)
            target.set_aside(reason, f"SELECT line + {target.offset} FROM rejected_lines")
            target.engine.connection.unregister("rejected_lines")
        return dict(Counter(reason for _, reason in self.rejected))

    def findings(self, target: Target, rows: int, *, mixed: bool) -> tuple[Finding, ...]:
        """Tell what was mended and what was not; refuse a file of which too much is unreadable."""
        unreadable = [(line, reason) for line, reason in self.rejected if reason != SUMMARY_ROW]
        _check_share(unreadable, rows + len(self.rejected), target)
        findings = []
        if mixed:
            findings.append(
                target.note("mixed-line-ends", f"'{target.table}' mixes kinds of line ends; all were understood.")
            )
        if self.comments:
            message = f"Skipped {plural(self.comments, 'comment line')} within '{target.table}'."
            findings.append(target.note("comments", message, count=self.comments))
        if unreadable:
            message = (
                f"Set aside {plural(len(unreadable), 'row')} of '{target.table}' that could not be read: "
                f"{_by_reason(unreadable)}; the first in line {unreadable[0][0]:,}."
            )
            findings.append(
                target.warning(
                    "unreadable-rows", message, remedy="Look at these lines in the file.", count=len(unreadable)
                )
            )
        return tuple(findings)


def _by_reason(rejected: list[tuple[int, str]]) -> str:
    counts = Counter(reason for _, reason in rejected)
    return ", ".join(f"{counts[reason]:,} {reason}" for reason in sorted(counts))


def _check_share(unreadable: list[tuple[int, str]], total: int, target: Target) -> None:
    share = len(unreadable) / total if total else 0.0
    if target.alone and share > target.settings.max_rejected:
        raise InputError(
            f"{len(unreadable):,} of {plural(total, 'row')} of '{target.file}' cannot be read.",
            found=f"{_by_reason(unreadable)}; the first is line {unreadable[0][0]:,}.",
            remedy="Check the field separator (--delimiter); to leave these rows out, raise --max-rejected "
            f"(now {target.settings.max_rejected:g}) above {share:.2g}.",
        )


def mend(source: Path, into: Path, dialect: Dialect, layout: Layout, target: Target) -> Mended:
    """Rewrite a text as comma-separated rows of one length, in one pass that keeps one row in memory.

    Raises
    ------
    InputError
        A quotation mark that is never closed, or a cell of more than 1 MiB; the message names the line.
    """
    mended = Mended(into)
    with (
        source.open(encoding="utf-8-sig", newline="") as stream,
        into.open("w", encoding="utf-8", newline="") as target_file,
    ):
        write = csv.writer(target_file, lineterminator="\n").writerow
        for line, cells, reason in _rows(stream, dialect, layout, target):
            if reason == "comment":
                mended.comments += 1
            elif reason:
                mended.rejected.append((line, reason))
            else:
                write([line, *cells])
                mended.rows = line
    mended.rejected = [
        (
            line,
            SUMMARY_ROW if reason.startswith(SUMMARY_ROW) and line > mended.rows else reason.removeprefix(SUMMARY_ROW),
        )
        for line, reason in mended.rejected
    ]
    return mended


def _rows(stream: TextIO, dialect: Dialect, layout: Layout, target: Target) -> Iterator[tuple[int, list[str], str]]:
    """Line, cells and, for a row that is not kept, the reason; where it may be a summary the reason begins so."""
    width = layout.n_columns
    records = _split_blanks(stream) if dialect.delimiter == WHITESPACE else _parse(stream, dialect, layout, target)
    for line, cells in records:
        if line <= layout.last_line or not cells:
            continue
        if cells == [STRAY_QUOTE, ""]:
            yield line, [], STRAY_QUOTE
        elif len(cells) > width and not any(cells[width:]):
            yield line, cells[:width], ""
        elif len(cells) == width:
            yield line, cells, ""
        elif cells[0].lstrip().startswith("#"):
            yield line, [], "comment"
        else:
            reason = TOO_FEW if len(cells) < width else TOO_MANY
            yield line, [], (SUMMARY_ROW + reason) if is_summary_text(cells) else reason


def _split_blanks(stream: TextIO) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(stream, 1):
        yield number, line.split()


def _parse(stream: TextIO, dialect: Dialect, layout: Layout, target: Target) -> Iterator[tuple[int, list[str]]]:
    """Rows with the lines where they begin; a row whose quotes make no sense comes as a marked one."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(stream, strict=True, **dialect.reader_options())  # type: ignore[arg-type]
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as cause:
            _refuse_open_quote(cause, before + 1, reader.line_num, target)
            yield before + 1, [STRAY_QUOTE, ""]
        else:
            if reader.line_num > before + 1 and len(cells) != layout.n_columns and before >= layout.last_line:
                raise _open_quote(before + 1, target)
            yield before + 1, cells
        before = reader.line_num


def _refuse_open_quote(cause: csv.Error, line: int, last_line: int, target: Target) -> None:
    if "field larger" in str(cause) and last_line <= line + 1:
        raise InputError(
            f"Line {line:,} of '{target.file}' has a cell of more than {MAX_CELL // 1024 // 1024} MB.",
            remedy="Leave that column out of the export.",
        ) from cause
    if last_line > line or "unexpected end" in str(cause) or "field larger" in str(cause):
        raise _open_quote(line, target) from cause


def _open_quote(line: int, target: Target) -> InputError:
    return InputError(
        f"A quotation mark opens in line {line:,} of '{target.file}' and is not closed there.",
        remedy="Close or remove it in the file, or export again with quotation marks doubled inside cells.",
    )
