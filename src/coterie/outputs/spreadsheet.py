"""CSV files that a spreadsheet opens safely: RFC 4180, fixed number formats, no text that runs as a formula."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

#: What a spreadsheet may take for a formula, after any apostrophes of ours and blanks.
_DANGEROUS = re.compile(r"'*[\s\x00]*[=+\-@\t\r\n\x00＝＋－＠]")

#: Kinds of CSV columns, as the manifest records them.
TEXT, INTEGER, NUMBER, FLAG = "text", "integer", "number", "flag"

_CHUNK = 100_000


def defuse(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    >>> defuse("=1+2"), defuse("plain"), defuse(" @SUM(A1)")
    ("'=1+2", 'plain', "' @SUM(A1)")
    """
    return "'" + text if _DANGEROUS.match(text) else text


def restore(text: str) -> str:
    """Undo `defuse` exactly.

    >>> all(restore(defuse(text)) == text for text in ("=1", "'=1", "it's", "", "-"))
    True
    """
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


def column_kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Kind of each column: "text", "integer", "number" or "flag"."""
    return {str(name): _kind(frame[name]) for name in frame.columns}


def write_csv(frame: pd.DataFrame, file: BinaryIO, formats: Mapping[str, str] | None = None) -> None:
    """Write a frame without its index.

    Parameters
    ----------
    frame : DataFrame
        Text, whole numbers, floats and flags. Missing values become empty fields.
    file : binary file
        Receives UTF-8, lines ended by CR LF.
    formats : mapping of str to str, optional
        Number format of a column, such as ".4f"; the others have ten significant digits.

    Notes
    -----
    The bytes depend on the values alone, so equal frames give equal files.
    """
    kinds = column_kinds(frame)
    _lines([frame.columns.map(lambda name: defuse(str(name))).tolist()], file)
    for start in range(0, len(frame), _CHUNK):
        part = frame.iloc[start : start + _CHUNK]
        columns = [_texts(part[name], kinds[name], (formats or {}).get(name, ".10g")) for name in part.columns]
        _lines(list(zip(*columns, strict=True)), file)


def read_csv(data: bytes, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Read what `write_csv` wrote; `kinds` as `column_kinds` gave them.

    Raises
    ------
    ValueError
        The header or a value does not fit `kinds`.
    """
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    if [restore(name) for name in header] != list(kinds):
        raise ValueError("the columns are not those that the manifest lists")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return pd.DataFrame({name: _values(cells, kinds[name]) for name, cells in zip(kinds, columns, strict=True)})


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return FLAG
    if pd.api.types.is_integer_dtype(column.dtype):
        return INTEGER
    return NUMBER if pd.api.types.is_float_dtype(column.dtype) else TEXT


def _texts(column: pd.Series, kind: str, number_format: str) -> list[str]:
    if kind == FLAG:
        return ["true" if value else "false" for value in column]
    if kind == INTEGER:
        return [str(value) for value in column.tolist()]
    if kind == NUMBER:
        return ["" if value != value else format(value, number_format) for value in column.tolist()]
    missing = column.isna().tolist()
    return ["" if gone else defuse(str(value)) for value, gone in zip(column.tolist(), missing, strict=True)]


def _values(cells: tuple[str, ...], kind: str) -> pd.Series:
    if kind == FLAG:
        return pd.Series([cell == "true" for cell in cells], dtype=bool)
    if kind == INTEGER:
        return pd.Series([int(cell) for cell in cells], dtype=np.int64)
    if kind == NUMBER:
        return pd.Series([float(cell) if cell else np.nan for cell in cells], dtype=float)
    return pd.Series([restore(cell) for cell in cells], dtype=object)


def _lines(rows: list[tuple[str, ...]] | list[list[str]], file: BinaryIO) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    file.write(text.getvalue().encode("utf-8"))
