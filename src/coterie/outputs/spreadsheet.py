"""CSV files that a spreadsheet opens safely: RFC 4180, fixed number formats, no text that runs as a formula."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

#: What a spreadsheet may take for a formula, after any apostrophes of ours and blanks.
_DANGEROUS = re.compile(r"'*[\s\x00]*[=+\-@\t\r\n\x00＝＋－＠]")

#: Kinds of CSV columns, as the manifest records them.
TEXT, INTEGER, NUMBER, FLAG = "text", "integer", "number", "flag"

#: Rows that are put together at a time.
CHUNK = 100_000
#: Texts of which so many rows hold but so few different ones are put once each.
_HEAD, _FEW = 1_000, 100
#: What RFC 4180 wants in quotation marks, and texts that begin so that nothing can run them.
_SPECIAL = '[,"\r\n]'
_HARMLESS = r"\A([0-9A-Za-z_]|\z)"


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
    write_header(list(frame.columns), file)
    for start in range(0, len(frame), CHUNK):
        cells = csv_cells(frame.iloc[start : start + CHUNK], formats)
        write_rows([cells[name] for name in frame.columns], file)


def write_header(names: Sequence[str], file: BinaryIO) -> None:
    """Write the names of the columns as the first line."""
    write_rows([_text_cells(pa.array([str(name)], pa.large_string())) for name in names], file)


def csv_cells(frame: pd.DataFrame, formats: Mapping[str, str] | None = None) -> dict[str, pa.Array]:
    """Put the cells of each column as they stand in a CSV file, for `write_rows`; `frame` and `formats` as there.

    Every different number is put once, and only texts that need it are touched one by one: about a second for a million
    customers with an id and a sentence each.
    """
    kinds = column_kinds(frame)
    return {name: _cells(frame[name], kinds[str(name)], (formats or {}).get(name, ".10g")) for name in frame.columns}


def write_rows(columns: Sequence[pa.Array], file: BinaryIO) -> None:
    """Write rows of cells."""
    if len(columns) == 1:  # an empty line would be no row
        columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
    comma, nothing, end = (pa.scalar(text, pa.large_string()) for text in (",", "", "\r\n"))
    lines = pc.binary_join_element_wise(*columns, comma)
    ended = pc.binary_join_element_wise(lines, nothing, end)
    for part in ended.chunks if isinstance(ended, pa.ChunkedArray) else [ended]:
        if len(part):
            ends = np.frombuffer(part.buffers()[1], dtype=np.int64)[part.offset : part.offset + len(part) + 1]
            file.write(memoryview(part.buffers()[2])[ends[0] : ends[-1]])


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


def _cells(column: pd.Series, kind: str, number_format: str) -> pa.Array:
    if kind == FLAG:
        said = (pa.scalar(word, pa.large_string()) for word in ("true", "false"))
        return pc.if_else(pa.array(column.to_numpy(dtype=bool)), *said)
    if kind == INTEGER:
        return pa.array(column.to_numpy()).cast(pa.large_string())
    if kind == TEXT:
        return _text_cells(_texts_of(column))
    values = column.to_numpy(dtype=np.float64)
    places, different = pd.factorize(values.view(np.int64))  # by their bits: minus zero is another number than zero
    words = ["" if x != x else format(x, number_format) for x in np.asarray(different).view(np.float64).tolist()]
    return pa.array(words, pa.large_string()).take(pa.array(places))


def _text_cells(texts: pa.Array) -> pa.Array:
    """Put texts as they stand in a file; where rows share a few texts, each of these once."""
    if len(texts) > _HEAD and len(texts[:_HEAD].unique()) <= _FEW:
        coded = texts.dictionary_encode()
        return _fields(coded.dictionary).take(coded.indices).fill_null("")
    return _fields(texts).fill_null("")


def _fields(cells: pa.Array) -> pa.Array:
    odd = pc.invert(pc.match_substring_regex(cells, _HARMLESS))
    if pc.any(odd).as_py():
        made_safe = pa.array(map(defuse, cells.filter(odd).to_pylist()), pa.large_string())
        cells = pc.replace_with_mask(cells, odd.fill_null(False), made_safe)
    special = pc.match_substring_regex(cells, _SPECIAL)
    if pc.any(special).as_py():
        quote = pa.scalar('"', pa.large_string())
        holds_marks = pc.any(pc.match_substring_regex(cells, '"')).as_py()
        doubled = pc.replace_substring(cells, '"', '""') if holds_marks else cells
        whole = pc.binary_join_element_wise(quote, doubled, quote, pa.scalar("", pa.large_string()))
        cells = pc.if_else(special, whole, cells)
    return cells


def _texts_of(column: pd.Series) -> pa.Array:
    """Give a column as texts, null where it is missing."""
    if isinstance(column.dtype, pd.StringDtype):
        texts = pa.array(column.array, pa.large_string())
        return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    values = column.astype(object).to_numpy(copy=True)
    values[column.isna().to_numpy()] = None
    if pd.api.types.infer_dtype(values, skipna=True) not in ("string", "empty"):
        values = np.array([None if value is None else str(value) for value in values], dtype=object)
    return pa.array(values, pa.large_string())


def _values(cells: tuple[str, ...], kind: str) -> pd.Series:
    if kind == FLAG:
        return pd.Series([cell == "true" for cell in cells], dtype=bool)
    if kind == INTEGER:
        return pd.Series([int(cell) for cell in cells], dtype=np.int64)
    if kind == NUMBER:
        return pd.Series([float(cell) if cell else np.nan for cell in cells], dtype=float)
    return pd.Series([restore(cell) for cell in cells], dtype=object)
