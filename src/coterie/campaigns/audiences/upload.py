"""Files for uploads: plain UTF-8, the header exactly as given, every cell held against its grammar; nothing defused."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import GRAMMARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coterie.campaigns.audiences.destination import Column

_BLOCK = 20_000


def upload_parts(columns: Sequence[Column], rows: Sequence[Sequence[str]], most_bytes: int = 0) -> Iterator[bytes]:
    """Give the bytes of an upload, in parts where one would be larger than the destination takes.

    Parameters
    ----------
    columns : sequence of Column
    rows : sequence of sequence of str
    most_bytes : int
        Largest part; 0 = one part.

    Yields
    ------
    bytes
        UTF-8 without byte order mark, commas, CR LF, each part with the header.

    Raises
    ------
    ValueError
        A cell does not follow its column's grammar. The message names the column and never the cell.
    """
    header = _lines([[column.header for column in columns]])
    part = io.BytesIO()
    part.write(header)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        check_cells(columns, block)
        for line in _split(_lines(block), block, part.tell(), most_bytes):
            if most_bytes and part.tell() + len(line) > most_bytes and part.tell() > len(header):
                yield part.getvalue()
                part = io.BytesIO()
                part.write(header)
            part.write(line)
    yield part.getvalue()


def check_cells(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Hold every cell against the grammar of its column; empty cells pass."""
    for place, column in enumerate(columns):
        fits = GRAMMARS[column.grammar].fullmatch
        bad = sum(1 for row in rows if row[place] and not fits(row[place]))
        if bad:
            raise ValueError(f"{bad} cells of column '{column.header}' are not {column.grammar}")


def _split(lines: bytes, block: Sequence[Sequence[str]], taken: int, most_bytes: int) -> list[bytes]:
    """The block as a whole where it fits, else row by row."""
    if not most_bytes or taken + len(lines) <= most_bytes:
        return [lines]
    return [_lines([row]) for row in block]


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
