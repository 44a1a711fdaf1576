"""JSON lines, and JSON arrays of records: every value as text, as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import EngineError, InputError
from coterie.sources.raw import SOURCE_ROW
from coterie.sources.reading.encoding import scan, transcode
from coterie.sources.reading.headers import name_columns
from coterie.sources.reading.parts import Part, Target, listed
from coterie.sources.reading.summary_rows import tidy
from coterie.sources.reading.typed import strip_controls

if TYPE_CHECKING:
    from pathlib import Path


def read_json(path: Path, target: Target) -> Part:
    """Read a file of JSON records, one a line or in one array. Keys that a record lacks are NULL there.

    Raises
    ------
    InputError
        Text that is no JSON, values that are no records, or nested values.
    """
    engine = target.engine
    plain, encoding = _plain(path, target)
    records = f"{target.relation}_records"
    rows = _load_records(plain, records, target)
    keys = _keys(records, target)
    names, findings = name_columns(keys, target)
    values = ", ".join(
        f"NULLIF(json_extract_string(record, {engine.dialect.text(_pointer(key))}), '') AS {engine.dialect.quote(name)}"
        for key, name in zip(keys, names, strict=True)
    )
    engine.run(
        f"CREATE OR REPLACE TABLE {target.relation} AS "
        f"SELECT {target.offset} + row AS {SOURCE_ROW}, {values} FROM {records} ORDER BY row"
    )
    engine.run(f"DROP TABLE {records}")
    target.scratch("json")
    controls, tidied = strip_controls(target), tidy(target, names, footers=False)
    return Part(
        columns=tidied.columns,
        rows_read=rows,
        last_row=rows,
        formats={"format": "JSON", "encoding": encoding},
        left_out=tidied.left_out,
        findings=(*findings, *controls, *tidied.findings),
    )


def _plain(path: Path, target: Target) -> tuple[Path, str]:
    found = scan(path, target.settings, target.file)
    if found.is_clean and not found.bom:
        return target.link(path, "json"), found.encoding
    plain = target.scratch("json")
    transcode(path, plain, found, target.settings, target.file)
    return plain, found.encoding


def _load_records(plain: Path, records: str, target: Target) -> int:
    with plain.open("rb") as stream:
        start = stream.read(4096).lstrip()
    form = "array" if start.startswith(b"[") else "newline_delimited"
    source = f"read_json_objects({target.engine.dialect.text(str(plain))}, format = '{form}')"
    try:
        target.engine.run(
            f"CREATE OR REPLACE TABLE {records} AS SELECT row_number() OVER () AS row, json AS record FROM {source}"
        )
    except EngineError as refusal:
        raise _not_json(refusal, target.file) from refusal
    rows = int(target.engine.value(f"SELECT count(*) FROM {records}"))
    other = target.engine.rows(
        f"SELECT min(row), count(*) FROM {records} WHERE json_type(record) <> 'OBJECT' HAVING count(*) > 0"
    )
    if other or not rows:
        found = f"The first of {other[0][1]:,} others is value {other[0][0]:,}." if other else "It has no records."
        raise InputError(
            f"'{target.file}' does not hold records.",
            found=found,
            remedy='Write one record a line: {"customer_id": …}.',
        )
    return rows


def _not_json(refusal: EngineError, file: str) -> Exception:
    import duckdb

    if isinstance(refusal.__cause__, duckdb.OutOfMemoryException):
        return refusal
    return InputError(
        f"'{file}' is not valid JSON.", remedy="Write one record a line, or one array of records; export it again."
    )


def _keys(records: str, target: Target) -> list[str]:
    """Keys in the order in which they first appear; refuses nested values."""
    found = target.engine.rows(
        "SELECT key, min(row) AS first_row, "
        "bool_or(json_type(record, '/' || replace(replace(key, '~', '~0'), '/', '~1')) IN ('OBJECT', 'ARRAY')) "
        "AS nested, "
        "arg_min(place, row) AS place FROM (SELECT row, record, unnest(json_keys(record)) AS key, "
        f"generate_subscripts(json_keys(record), 1) AS place FROM {records}) GROUP BY key ORDER BY first_row, place"
    )
    nested = [row[0] for row in found if row[2]]
    if nested:
        raise InputError(
            f"'{target.file}' has columns whose cells are lists or records: {listed(nested)}.",
            remedy="Export them as plain columns, or leave them out.",
        )
    return [row[0] for row in found]


def _pointer(key: str) -> str:
    """JSON pointer to a key of a record."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
