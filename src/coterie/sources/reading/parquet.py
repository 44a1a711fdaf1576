"""Parquet files, read by the engine with their types: looked at where they lie, and copied only to be mended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.errors import EngineError, InputError
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.headers import name_columns
from coterie.sources.reading.parts import Part, Target
from coterie.sources.reading.summary_rows import tidy
from coterie.sources.reading.typed import CONTROLS, refuse_nested, strip_controls, typed_select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Rows up to which the different values of every text column are listed.
FEW_ROWS = 1_000_000
#: In larger files a column of text with more different values than this share of the rows is not listed.
MANY_VALUES = 0.2
#: Rows that are asked first.
FIRST_ROWS = 200_000

_ROW = "file_row_number"


@dataclass(frozen=True)
class _Looked:
    """The different values of text columns, the columns that have too many, and whether a cell has to be mended."""

    values: Mapping[str, str] = field(default_factory=dict)
    many: frozenset[str] = frozenset()
    damaged: bool = False


def read_parquet(path: Path, target: Target) -> Part:
    """Read one Parquet file.

    The relation is a view of the file, unless the file will not stay, or has empty rows or control characters: then it
    is a table.

    Raises
    ------
    InputError
        A damaged file, nested columns, or no rows.

    Notes
    -----
    Reads the text columns once.
    """
    headers = _headers(path, target.file)
    names, findings = name_columns(headers, target)
    plain = target.engine.dialect.text(str(target.link(path, "parquet")))
    source = f"read_parquet({plain}, hive_partitioning = false, binary_as_string = true)"
    try:
        types = [row[1] for row in target.engine.rows(f"DESCRIBE SELECT * FROM {source}")]
        refuse_nested(dict(zip(names, types, strict=True)), target.file)
        numbered = source.replace(plain, f"{plain}, {_ROW} = true") if _ROW not in headers else ""
        clean = _clean(target, source, names, types) if numbered else frozenset()
        select = (
            typed_select(target, numbered, names, types, f"{_ROW} + 1", clean)
            if numbered
            else typed_select(target, source, names, types, "row_number() OVER ()")
        )
        target.engine.run(f"CREATE OR REPLACE VIEW {target.relation} AS {select}", f"reading {target.file}")
        rows = int(target.engine.value(f"SELECT count(*) FROM {target.relation}"))
        if not rows and target.alone:
            raise InputError(f"'{target.file}' has columns but no rows.", remedy="Export it again with its rows.")
        part = Part(names, rows, rows, formats={"format": "Parquet"}, findings=tuple(findings))
        stays = bool(numbered) and target.stays and not _has_empty_rows(target, names)
        looked = _look(target, names, rows) if stays else _Looked(damaged=True)
        return _mended(target, part, select) if looked.damaged else _as_it_lies(target, part, looked)
    except EngineError as refusal:
        raise _damaged_or_other(refusal, target.file) from refusal


def _clean(target: Target, source: str, names: Sequence[str], types: Sequence[str]) -> frozenset[str]:
    """Find the columns of text without an empty cell, mostly by the file's statistics, and of finite numbers."""
    engine = target.engine
    rows = f"{source} AS source({', '.join(f'c{i}' for i in range(len(names)))})"
    found = {
        name
        for i, name in enumerate(names)
        if types[i] == "VARCHAR" and not engine.value(f"SELECT count(*) FROM {rows} WHERE c{i} = ''", "empty cells")
    }
    numbers = [i for i, kind in enumerate(types) if kind in ("DOUBLE", "FLOAT")]
    if numbers:
        counts = engine.row(
            f"SELECT {', '.join(f'count_if(NOT isfinite(c{i}))' for i in numbers)} FROM {rows}", "infinite"
        )
        found |= {names[i] for i, n in zip(numbers, counts, strict=True) if not n}
    return frozenset(found)


def _as_it_lies(target: Target, part: Part, looked: _Looked) -> Part:
    """Leave the rows in the file."""
    tidied = tidy(target, part.columns, footers=False)
    values = {column: relation for column, relation in looked.values.items() if column in tidied.columns}
    return replace(part, columns=tidied.columns, values=values, many=looked.many)


def _mended(target: Target, part: Part, select: str) -> Part:
    """Copy the rows into a table, without control characters and empty rows."""
    engine = target.engine
    engine.run(f"DROP VIEW {target.relation}")
    engine.run(f"CREATE OR REPLACE TABLE {target.relation} AS {select}", f"reading {target.file}")
    stripped = strip_controls(target)
    tidied = tidy(target, part.columns, footers=False)
    return replace(
        part,
        columns=tidied.columns,
        left_out=tidied.left_out,
        findings=(*part.findings, *stripped, *tidied.findings),
    )


def _has_empty_rows(target: Target, names: tuple[str, ...]) -> bool:
    nothing = " AND ".join(f"{target.engine.dialect.quote(name)} IS NULL" for name in names)
    return bool(target.engine.value(f"SELECT count(*) FROM {target.relation} WHERE {nothing}", "empty rows"))


def _look(target: Target, names: tuple[str, ...], rows: int) -> _Looked:
    """List the different values of the text columns, so that what is said of each is looked up once a value."""
    engine, quote = target.engine, target.engine.dialect.quote
    types = engine.columns(target.relation)
    texts = [name for name in names if types[name] == "VARCHAR"]
    many = _with_many_values(target, texts) if rows > FEW_ROWS else frozenset()
    values: dict[str, str] = {}
    damaged = False
    for place, name in enumerate(texts):
        listed = target.relation
        if name not in many:
            listed = values[name] = f"{target.relation}_values_{place}"
            engine.run(
                f"CREATE OR REPLACE TABLE {listed} AS SELECT {quote(name)} AS raw, count(*) AS n, "
                f"min({SOURCE_ROW}) AS first_row FROM {target.relation} WHERE {quote(name)} IS NOT NULL GROUP BY ALL",
                f"values of column '{name}'",
            )
        column = quote(name) if name in many else "raw"
        damaged |= bool(engine.value(f"SELECT count(*) FROM {listed} WHERE regexp_matches({column}, '{CONTROLS}')"))
    if damaged:
        for listed in values.values():
            engine.run(f"DROP TABLE {listed}")
    return _Looked(values, many, damaged)


def _with_many_values(target: Target, texts: list[str]) -> frozenset[str]:
    """Find the columns of text whose values would be dear to list; only how they are read depends on it.

    The first rows are asked first: a column that repeats itself there is not read to its end for this.
    """
    suspects = _mostly_different(target, f"(SELECT * FROM {target.relation} LIMIT {FIRST_ROWS})", texts)
    return frozenset(_mostly_different(target, target.relation, suspects))


def _mostly_different(target: Target, relation: str, texts: list[str]) -> list[str]:
    if not texts:
        return []
    shown = ", ".join(f"approx_count_distinct({target.engine.dialect.quote(name)})" for name in texts)
    total, *counts = target.engine.row(f"SELECT count(*), {shown} FROM {relation}", "different values")
    return [name for name, n in zip(texts, counts, strict=True) if n > MANY_VALUES * total]


def _headers(path: Path, file: str) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError) as cause:
        raise _damaged(file) from cause


def _damaged_or_other(refusal: EngineError, file: str) -> Exception:
    import duckdb

    return refusal if isinstance(refusal.__cause__, duckdb.OutOfMemoryException) else _damaged(file)


def _damaged(file: str) -> InputError:
    return InputError(f"'{file}' is a damaged Parquet file.", remedy="Export or copy it again.")
