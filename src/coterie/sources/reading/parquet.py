"""Parquet files, read by the engine with their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.errors import EngineError, InputError
from coterie.sources.reading.headers import name_columns
from coterie.sources.reading.parts import Part, Target
from coterie.sources.reading.summary_rows import tidy
from coterie.sources.reading.typed import load_typed

if TYPE_CHECKING:
    from pathlib import Path


def read_parquet(path: Path, target: Target, fingerprint: str) -> Part:
    """Read one Parquet file.

    Raises
    ------
    InputError
        A damaged file, nested columns, or no rows.
    """
    headers = _headers(path, target.file)
    names, findings = name_columns(headers, target)
    plain = target.engine.dialect.text(str(target.link(path, "parquet")))
    source = f"read_parquet({plain}, hive_partitioning = false, binary_as_string = true)"
    try:
        types = [row[1] for row in target.engine.rows(f"DESCRIBE SELECT * FROM {source}")]
        typed = load_typed(target, source, names, types)
    except EngineError as refusal:
        raise _damaged_or_other(refusal, target.file) from refusal
    rows = int(target.engine.value(f"SELECT count(*) FROM {target.relation}"))
    if not rows and target.alone:
        raise InputError(f"'{target.file}' has columns but no rows.", remedy="Export it again with its rows.")
    tidied = tidy(target, names, footers=False)
    return Part(
        columns=tidied.columns,
        rows_read=rows,
        fingerprint=fingerprint,
        last_row=rows,
        formats={"format": "Parquet"},
        left_out=tidied.left_out,
        findings=(*findings, *typed, *tidied.findings),
    )


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
