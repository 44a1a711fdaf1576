"""Where the table begins in a text: lines above the header, the header itself, the number of columns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import InputError, UnsafeGuessError
from coterie.sources.reading.headers import MAX_COLUMNS, check_width, placeholders
from coterie.sources.reading.parts import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.config import SourcesSettings
    from coterie.sources.reading.dialect import Record

#: Most lines above the header that are skipped without being asked.
MAX_PREAMBLE = 20

_VALUE = re.compile(
    r"[-+(]?\s*[$€£¥]?\s*[-+]?\d[\d.,' \u00a0\u202f]*(?:[eE][-+]?\d+)?\s*[%$€£¥]?\)?"  # a number
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?"  # a date
    r"|[^@\s]+@[^@\s]+\.[^@\s]+"  # an e-mail address
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}"  # a UUID
)
_MISSING = frozenset({"", "?", "-", "na", "n/a", "nan", "null", "none", "nil", "\\n"})


@dataclass(frozen=True)
class Layout:
    """The table within the text.

    Attributes
    ----------
    header : tuple of str, or None
        Header cells as they stand; None in a file without a header.
    n_columns : int
        Fields of a row, without an empty one that ends every row.
    last_line : int
        Last line above the data (0 when the data begin in the first line).
    preamble, comments : int
        Lines skipped above the header.
    trailing : bool
        Whether every row ends with one more separator than the header.
    stray_header : bool
        Whether a file that was said to have no header begins with one.
    """

    header: tuple[str, ...] | None
    n_columns: int
    last_line: int
    preamble: int = 0
    comments: int = 0
    trailing: bool = False
    stray_header: bool = False


def find_layout(records: Sequence[Record], settings: SourcesSettings, file: str) -> Layout:
    """Find the header and the width of the table in the records of the head.

    A header is trusted when it cannot be data: see `looks_like_data`.

    Raises
    ------
    InputError
        No row at all, or no header to be found.
    UnsafeGuessError
        The first row looks like data.
    """
    check_width(max((len(record.cells) for record in records), default=0), file)
    body = [record for record in records if record.first_line > settings.skip_rows]
    if not body:
        raise InputError(f"'{file}' has no rows.", remedy="Export it again, or lower --skip-rows.")
    width = _usual_width(body)
    if not settings.header:
        return _without_header(body, width, settings)
    position, comments = _header_position(body, width, settings, file)
    header, data = body[position], body[position + 1 :]
    _check_header(header, data, file)
    return _fitted(header, data, position - comments, comments, file)


def _usual_width(records: Sequence[Record]) -> int:
    counts = Counter(len(record.cells) for record in records)
    return max(counts, key=lambda width: (counts[width] if width > 1 else 0, width))


def _without_header(body: Sequence[Record], width: int, settings: SourcesSettings) -> Layout:
    trailing = all(not record.cells[-1] for record in body if len(record.cells) == width) and width > 1
    if len(settings.column_names) == width:
        trailing = False
    stray = len(body) > 2 and len(body[0].cells) == width and _is_stray_header(body)
    last_line = body[0].last_line if stray else body[0].first_line - 1
    return Layout(None, width - trailing, last_line, trailing=trailing, stray_header=stray)


def _is_stray_header(body: Sequence[Record]) -> bool:
    cells = [cell for cell in body[0].cells if cell.strip()]
    named = all(not any(map(str.isdigit, cell)) for cell in cells)
    return bool(cells) and named and _evidence(body[0].cells, body[1:])[0] > 0


def _header_position(body: Sequence[Record], width: int, settings: SourcesSettings, file: str) -> tuple[int, int]:
    """Position of the header among the records, and the comment lines above it."""
    comments = 0
    for position, record in enumerate(body[: MAX_PREAMBLE + 1]):
        if record.cells[0].lstrip().startswith("#") and _is_comment(record, body[position + 1 :], width):
            comments += 1
        elif settings.skip_rows or _may_be_header(record, body[position + 1 :], width):
            return position, comments
    raise InputError(
        f"No header was found in the first {min(len(body), MAX_PREAMBLE + 1)} rows of '{file}'.",
        found=f"Most rows have {plural(width, 'field')}.",
        remedy="Say how many lines stand above the header: --skip-rows N.",
    )


def _is_comment(record: Record, following: Sequence[Record], width: int) -> bool:
    if len(record.cells) != width:
        return True
    return bool(following) and len(following[0].cells) == width and _evidence(following[0].cells, following[1:])[0] > 0


def _may_be_header(record: Record, following: Sequence[Record], width: int) -> bool:
    filled = sum(1 for cell in record.cells if cell.strip())
    if len(record.cells) == width:
        return filled == width or filled > width / 2 or not _next_is_fuller(filled, following, width)
    if len(record.cells) == width - 1 and filled == width - 1 and width > 2:
        return True
    return width == 1


def _next_is_fuller(filled: int, following: Sequence[Record], width: int) -> bool:
    """A title line of a spreadsheet has one filled cell; the header below it has all."""
    return any(
        len(record.cells) == width and sum(1 for cell in record.cells if cell.strip()) > max(filled, width / 2)
        for record in following[:MAX_PREAMBLE]
    )


def _check_header(header: Record, data: Sequence[Record], file: str) -> None:
    if looks_like_data(header.cells, data):
        width = len(header.cells)
        raise UnsafeGuessError(
            f"The first row of '{file}' (line {header.first_line:,}) looks like data, not like column names.",
            remedy=f"If there is no header, name the columns: --no-header --columns {','.join(placeholders(width))}",
        )


def looks_like_data(cells: Sequence[str], data: Sequence[Record]) -> bool:
    """Whether a first row is data: values above values, and nowhere a name above values."""
    names, values = _evidence(cells, data)
    return values > 0 and names == 0


def _evidence(cells: Sequence[str], data: Sequence[Record]) -> tuple[int, int]:
    """Columns of values (numbers, dates, e-mails) below a name, and below another value."""
    names = values = 0
    for i, cell in enumerate(cells[:MAX_COLUMNS]):
        below = [r.cells[i].strip() for r in data[:200] if i < len(r.cells)]
        below = [text for text in below if text.casefold() not in _MISSING]
        head = cell.strip()
        if not head or head.casefold() in _MISSING:
            continue
        share = sum(1 for text in below if _VALUE.fullmatch(text)) / len(below) if below else 0.0
        is_value = _VALUE.fullmatch(head) is not None
        if not below and not data:
            values += is_value
        elif share >= 0.8:
            values, names = values + is_value, names + (not is_value)
    return names, values


def _fitted(header: Record, data: Sequence[Record], preamble: int, comments: int, file: str) -> Layout:
    """Compare the width of the header with that of the rows."""
    width = len(header.cells)
    rows = [record.cells for record in data]
    counts = Counter(len(cells) for cells in rows)
    usual = counts.most_common(1)[0][0] if counts else width
    extra = [cells for cells in rows if len(cells) == width + 1]
    trailing = bool(extra) and usual == width + 1 and all(not cells[-1] for cells in extra)
    if usual == width + 1 and not trailing:
        raise InputError(
            f"The rows of '{file}' have {plural(width + 1, 'field')}, but the header names {plural(width, 'column')}.",
            remedy=f"Name all columns: --skip-rows {header.last_line} --no-header --columns "
            f"{','.join(placeholders(width + 1))}",
        )
    return Layout(header.cells, width, header.last_line, preamble, comments, trailing)
