"""The dialect of a delimited text: separator, quotes, escape; found on a bounded head of the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, UnsafeGuessError

if TYPE_CHECKING:
    from coterie.config import SourcesSettings

#: Characters of the file on which the dialect is found.
HEAD_CHARACTERS = 256 * 1024
#: Rows of that head that are looked at.
HEAD_ROWS = 2_000
#: Largest cell in bytes; more is a quotation mark that was never closed, or no table.
MAX_CELL = 1 << 20

WHITESPACE = "whitespace"
DELIMITERS = (",", ";", "\t", "|")
_RARE = ("\x1f", "\x01", "^", "~", "§", "¦")
_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
NAMES = {"\t": "TAB", ",": "comma", ";": "semicolon", "|": "vertical bar", " ": "space"}
_SEP_LINE = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)
#: Smallest share of rows that must have the same number of fields.
_CONSISTENT = 0.5


@dataclass(frozen=True)
class Dialect:
    """How fields are told apart. `escape` is the quote itself (doubled) or a backslash."""

    delimiter: str
    quote: str = '"'
    escape: str = '"'

    def reader_options(self) -> dict[str, object]:
        """Give the same dialect in the words of the `csv` module."""
        doubled = self.escape == self.quote
        options = {"delimiter": self.delimiter, "quotechar": self.quote, "doublequote": doubled}
        return options if doubled else {**options, "escapechar": self.escape}


@dataclass(frozen=True)
class Record:
    """One row of the head: the lines where it begins and ends (1 = first), and its fields."""

    first_line: int
    last_line: int
    cells: tuple[str, ...]


def read_records(text: str, dialect: Dialect) -> list[Record]:
    """Take a head of text apart; blank lines are no records."""
    if dialect.delimiter == WHITESPACE:
        return [
            Record(number, number, tuple(line.split()))
            for number, line in enumerate(io.StringIO(text, newline=None), 1)
            if line.strip()
        ][:HEAD_ROWS]
    csv.field_size_limit(max(MAX_CELL, csv.field_size_limit()))
    reader = csv.reader(io.StringIO(text, newline=""), **dialect.reader_options())  # type: ignore[arg-type]
    records, line = [], 0
    try:
        for cells in reader:
            if (cells and any(cells)) or len(cells) > 1:
                records.append(Record(line + 1, reader.line_num, tuple(cells)))
            line = reader.line_num
            if len(records) >= HEAD_ROWS:
                break
    except csv.Error:
        pass  # a cell of the head is too large: what was read so far tells the dialect
    return records


def separator_line(text: str) -> str | None:
    """Give the separator that a spreadsheet's first line `sep=;` names."""
    found = _SEP_LINE.match(text.split("\n", 1)[0] + "\n")
    return found.group(1) if found else None


def find_dialect(text: str, settings: SourcesSettings, file: str) -> Dialect:
    """Find the dialect of a head of text.

    The separator is the one that splits most rows into the same number of fields, at least two; among equals the one
    that gives more fields.

    Raises
    ------
    UnsafeGuessError
        No separator is consistent. The message names the option, for columns lined up with blanks all of them.
    """
    pinned = _pinned(settings) or separator_line(text)
    if pinned == WHITESPACE:
        return Dialect(WHITESPACE)
    candidates = (pinned,) if pinned else (*DELIMITERS, *_RARE)
    present = [delimiter for delimiter in candidates if delimiter in text]
    dialects = [_quoting(text, delimiter) for delimiter in present]
    scored = sorted(((*_score(text, dialect), -i), dialect) for i, dialect in enumerate(dialects)) if not pinned else []
    if pinned:
        return _quoting(text, pinned)
    if scored and scored[-1][0][0] >= _CONSISTENT:
        return scored[-1][1]
    return _single_column(text, present, file)


def _pinned(settings: SourcesSettings) -> str | None:
    if settings.delimiter is None:
        return None
    delimiter = _WORDS.get(settings.delimiter.lower(), settings.delimiter)
    if delimiter != WHITESPACE and (len(delimiter) != 1 or delimiter in '\r\n"'):
        raise ConfigError(
            "--delimiter must be one character, or 'tab' or 'whitespace'.", remedy="For example --delimiter ';'."
        )
    return delimiter


def _score(text: str, dialect: Dialect) -> tuple[float, int]:
    counts = Counter(len(record.cells) for record in read_records(text, dialect))
    total = sum(counts.values())
    wide = [(count, fields) for fields, count in counts.items() if fields > 1]
    if not wide:
        return 0.0, 0
    count, fields = max(wide)
    return count / total, fields


def _quoting(text: str, delimiter: str) -> Dialect:
    """Find quote and escape for a separator: double quotes unless every quoted-looking cell uses single ones."""
    mark = re.escape(delimiter)
    if '"' not in text:
        single = re.compile(rf"(?:^|{mark})'[^'\r\n]*'(?={mark}|\r?$)", re.MULTILINE)
        lines = text.count("\n") or text.count("\r") or 1
        if sum(1 for _ in single.finditer(text)) >= 0.5 * lines:
            return Dialect(delimiter, "'", "'")
        return Dialect(delimiter)
    if '\\"' not in text:
        return Dialect(delimiter)
    doubled, backslashed = (_broken_fields(text, mark, inside) for inside in (r'[^"]|""', r'[^"\\]|\\.'))
    return Dialect(delimiter, '"', "\\") if backslashed < doubled else Dialect(delimiter)


def _broken_fields(text: str, mark: str, inside: str) -> int:
    """Count fields that open a quote and, with what may stand `inside` one, do not end where it closes."""
    field = re.compile(rf'("(?:{inside})*+")?([^{mark}\r\n]*)(?:{mark}|[\r\n]+|\Z)', re.DOTALL)
    return sum(1 for quoted, rest in field.findall(text) if (quoted or rest.startswith('"')) and rest.strip())


def _single_column(text: str, present: list[str], file: str) -> Dialect:
    lines = [line for line in text.splitlines() if line.strip()][:HEAD_ROWS]
    widths = Counter(len(line.split()) for line in lines)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    if width > 1 and count >= 0.9 * len(lines) and len(lines) > 1:
        raise UnsafeGuessError(
            f"'{file}' has no field separator, but {width} columns lined up with blanks.",
            remedy=f"Read it with --delimiter whitespace --no-header --columns {_suggested_names(lines, width)}",
        )
    if any(delimiter in DELIMITERS for delimiter in present):
        raise UnsafeGuessError(
            f"The field separator of '{file}' cannot be told: no candidate gives rows of the same length.",
            remedy="Name it, for example --delimiter ';', and count the lines above the header with --skip-rows.",
        )
    return Dialect(",")


def _suggested_names(lines: list[str], width: int) -> str:
    """Names that fit what the columns hold: an id first, a date, whole numbers, money."""
    rows = [line.split() for line in lines[1:200] if len(line.split()) == width]
    names: list[str] = []
    for column in zip(*rows, strict=True):
        name = next((name for name, looks in _LOOKS if name not in names and all(map(looks.fullmatch, column))), "")
        names.append(name or f"column_{len(names) + 1}")
    return ",".join(names)


_LOOKS = (
    ("date", re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")),
    ("customer_id", re.compile(r"[A-Za-z]{0,3}\d+")),
    ("quantity", re.compile(r"-?\d+")),
    ("amount", re.compile(r"-?\d+[.,]\d+|-?\d+")),
)
