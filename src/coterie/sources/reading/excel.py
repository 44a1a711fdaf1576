"""Excel workbooks: one sheet, every value as text, dates as ISO."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from coterie.errors import InputError, UnsafeGuessError
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.dialect import HEAD_ROWS, Record
from coterie.sources.reading.excel_cells import CellMarks, scan_cells
from coterie.sources.reading.headers import MAX_COLUMNS, given_names, name_columns, nearest
from coterie.sources.reading.layout import Layout, find_layout
from coterie.sources.reading.parts import HEADER_ROW, Part, Target, listed, plural
from coterie.sources.reading.summary_rows import tidy
from coterie.sources.reading.typed import strip_controls

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coterie.vocabulary import Finding

ERROR_VALUE = "spreadsheet error value"
#: A workbook may unpack to this many bytes and this many times its size.
MAX_UNPACKED = 500_000_000
MAX_RATIO = 100
MAX_CELLS = 20_000_000
_ERRORS = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)


@dataclass(frozen=True)
class _Sheet:
    name: str
    rows: list[list[str | None]]
    hidden: bool
    marks: CellMarks


def read_excel(path: Path, target: Target) -> Part:
    """Read one sheet of a workbook. The source row is the sheet's own row number.

    Raises
    ------
    InputError
        A damaged workbook, one that unpacks to far more than a table, or an empty sheet.
    UnsafeGuessError
        Several sheets with data; the message lists them.
    """
    _refuse_bomb(path, target.file)
    sheet = _choose(path, target)
    layout = _layout(sheet, target)
    names, findings = _names(layout, target)
    rows_read, left_out = _load(sheet, layout, names, target)
    if not rows_read and target.alone:
        raise InputError(
            f"'{target.file}' has no data rows below the header (row {layout.last_line:,}).",
            remedy="Export it again with its rows.",
        )
    controls, tidied = strip_controls(target), tidy(target, names)
    return Part(
        columns=tidied.columns,
        rows_read=rows_read,
        last_row=len(sheet.rows),
        formats={"format": "Excel", "sheet": sheet.name},
        left_out=left_out | tidied.left_out,
        findings=(*_findings(sheet, layout, left_out, target), *findings, *controls, *tidied.findings),
    )


def _refuse_bomb(path: Path, file: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as cause:
        raise _damaged(file) from cause
    if unpacked > MAX_UNPACKED or unpacked > max(MAX_RATIO * path.stat().st_size, 10_000_000):
        raise InputError(
            f"'{file}' unpacks to {unpacked // 1_000_000:,} MB, more than a workbook may.",
            remedy="Save the sheet as CSV.",
        )


def _choose(path: Path, target: Target) -> _Sheet:
    try:
        with CalamineWorkbook.from_path(path) as book:
            return _pick(book, path, target)
    except (CalamineError, OSError, ValueError) as cause:
        if isinstance(cause, InputError):
            raise
        raise _damaged(target.file) from cause


def _pick(book: CalamineWorkbook, path: Path, target: Target) -> _Sheet:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    hidden = {sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible}
    names = [sheet.name for sheet in sheets]
    wanted = target.settings.sheet
    if wanted is not None and wanted not in names:
        raise InputError(
            f"'{target.file}' has no sheet '{wanted}'.", found=f"It has {listed(names)}.", remedy=nearest(wanted, names)
        )
    filled = [wanted] if wanted else [name for name in names if name not in hidden and _is_filled(book, name)]
    if len(filled) > 1:
        raise UnsafeGuessError(
            f"'{target.file}' has {len(filled):,} sheets with data: {listed(filled)}.",
            remedy=f"Say which one to read: --sheet '{filled[0]}'.",
        )
    if not filled:
        raise InputError(
            f"'{target.file}' has no visible sheet with data.",
            found=f"Hidden: {listed(sorted(hidden))}." if hidden else "",
            remedy="Name a hidden one with --sheet." if hidden else "Export it again.",
        )
    marks = scan_cells(path, filled[0])
    return _Sheet(filled[0], _rows(book, filled[0], target.file), filled[0] in hidden, marks)


def _is_filled(book: CalamineWorkbook, name: str) -> bool:
    return bool(book.get_sheet_by_name(name).height)


def _rows(book: CalamineWorkbook, name: str, file: str) -> list[list[str | None]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise InputError(
            f"Sheet '{name}' of '{file}' has more than {MAX_CELLS:,} cells.", remedy="Save the sheet as CSV."
        )
    rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _text(value: object) -> str | None:
    """Text of a cell: whole numbers without a decimal point, dates and times as ISO, empty cells as None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _layout(sheet: _Sheet, target: Target) -> Layout:
    head = sheet.rows[:HEAD_ROWS]
    filled = [max((i + 1 for i, cell in enumerate(row) if cell), default=0) for row in head]
    width = min(max(filled, default=0), MAX_COLUMNS + 1)
    records = [
        Record(number, number, tuple(cell or "" for cell in row[:width]))
        for number, row in enumerate(head, 1)
        if any(row)
    ]
    return find_layout(records, target.settings, target.file)


def _names(layout: Layout, target: Target) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    headers = given_names(target, layout.n_columns) if layout.header is None else layout.header
    return name_columns(headers, target)


def _load(sheet: _Sheet, layout: Layout, names: Sequence[str], target: Target) -> tuple[int, dict[str, int]]:
    width, engine = len(names), target.engine
    numbered = [
        (number, row[:width])
        for number, row in enumerate(sheet.rows[layout.last_line :], layout.last_line + 1)
        if any(row)
    ]
    errors = sheet.marks.error_rows | {number for number, row in numbered if _ERRORS.intersection(row)}
    broken = [number + target.offset for number, _ in numbered if number in errors]
    kept = [(number, row) for number, row in numbered if number not in errors]
    columns = {"n": pa.array([number + target.offset for number, _ in kept], pa.int64())}
    columns |= {
        f"c{i}": pa.array([row[i] if i < len(row) else None for _, row in kept], pa.string()) for i in range(width)
    }
    engine.register("sheet_rows", pa.table(columns))
    named = ", ".join(f"c{i} AS {engine.dialect.quote(name)}" for i, name in enumerate(names))
    engine.run(f"CREATE OR REPLACE TABLE {target.relation} AS SELECT n AS {SOURCE_ROW}, {named} FROM sheet_rows")
    engine.connection.unregister("sheet_rows")
    left_out = {HEADER_ROW: target.set_aside(HEADER_ROW, f"SELECT {layout.last_line}")} if layout.stray_header else {}
    if broken:
        engine.register("broken_rows", pa.table({"n": pa.array(broken, pa.int64())}))
        left_out[ERROR_VALUE] = target.set_aside(ERROR_VALUE, "SELECT n FROM broken_rows")
        engine.connection.unregister("broken_rows")
    _check_share(len(broken), len(numbered), target)
    return len(numbered) + layout.stray_header, left_out


def _check_share(broken: int, total: int, target: Target) -> None:
    share = broken / total if total else 0.0
    if target.alone and share > target.settings.max_rejected:
        raise InputError(
            f"{broken:,} of {plural(total, 'row')} of '{target.file}' hold a spreadsheet error such as #REF!.",
            remedy="Mend the formulas; to leave these rows out, raise --max-rejected "
            f"(now {target.settings.max_rejected:g}) above {share:.2g}.",
        )


def _findings(sheet: _Sheet, layout: Layout, left_out: dict[str, int], target: Target) -> list[Finding]:
    findings, table = [], target.table
    if target.file.lower().endswith(".xlsm"):
        findings.append(target.warning("macros-ignored", f"'{table}' can hold macros; they were not run."))
    if sheet.hidden:
        message = f"Sheet '{sheet.name}' of '{table}' is hidden."
        findings.append(target.warning("hidden-sheet", message, remedy="Check that it is the one you mean."))
    if layout.preamble:
        message = f"Skipped {plural(layout.preamble, 'row')} above the header of '{table}'."
        findings.append(target.note("preamble", message, count=layout.preamble))
    if formulas := sheet.marks.uncomputed:
        message = f"Read {plural(formulas, 'formula')} in '{table}' as empty: the file holds no result."
        remedy = "Open the workbook in a spreadsheet program, save it, and read it again."
        findings.append(target.warning("formulas-without-result", message, remedy=remedy, count=formulas))
    if count := left_out.get(ERROR_VALUE):
        message = f"Set aside {plural(count, 'row')} of '{table}' with a spreadsheet error such as #REF!."
        findings.append(target.warning("spreadsheet-errors", message, remedy="Mend the formulas.", count=count))
    return findings


def _damaged(file: str) -> InputError:
    return InputError(
        f"'{file}' is not a readable Excel workbook: it is damaged or cut short.", remedy="Save it again."
    )
