"""Dataframes of any library: pandas, Polars, Arrow, DuckDB relations, through Arrow."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from coterie.errors import InputError
from coterie.sources.reading.headers import name_columns
from coterie.sources.reading.parts import Part, Target, listed
from coterie.sources.reading.summary_rows import tidy
from coterie.sources.reading.typed import load_typed

if TYPE_CHECKING:
    import pandas as pd


def read_frame(data: object, target: Target) -> Part:
    """Read a dataframe; its fingerprint is that of its values in their order.

    Raises
    ------
    InputError
        Something that is no table, nested columns, or no rows.
    """
    table = _plain_types(_as_arrow(data, target), target)
    names, findings = name_columns(table.column_names, target)
    if not table.num_rows:
        raise InputError(f"'{target.file}' has columns but no rows.", remedy="Hand over a table with rows.")
    places = table.rename_columns([f"c{i}" for i in range(table.num_columns)])
    view = f"{target.relation}_frame"
    target.engine.register(view, places)
    types = list(target.engine.columns(view).values())
    typed = load_typed(target, view, names, types)
    target.engine.connection.unregister(view)
    tidied = tidy(target, names, footers=False)
    return Part(
        columns=tidied.columns,
        rows_read=table.num_rows,
        fingerprint=_fingerprint(table),
        last_row=table.num_rows,
        formats={"format": "dataframe"},
        left_out=tidied.left_out,
        findings=(*findings, *typed, *tidied.findings),
    )


def _as_arrow(data: object, target: Target) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    import narwhals.stable.v2 as nw

    if nw.dependencies.is_pandas_dataframe(data):
        return _from_pandas(data, target)
    if hasattr(data, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(data).read_all()
    try:
        frame: Any = nw.from_native(data)
    except TypeError as cause:
        raise InputError(
            f"Something of type '{type(data).__name__}' is no table.",
            remedy="Hand over a path, or a dataframe of pandas, Polars, Arrow or DuckDB.",
        ) from cause
    return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).to_arrow()


def _from_pandas(frame: pd.DataFrame, target: Target) -> pa.Table:
    """An index with a name is a column; others only number the rows. Columns of mixed objects become text."""
    if frame.columns.nlevels > 1:
        raise InputError(f"'{target.file}' has column names of several levels.", remedy="Flatten them first.")
    named = [name for name in frame.index.names if name is not None]
    if named and len(named) == frame.index.nlevels:
        frame = frame.reset_index(allow_duplicates=True)
    columns = [_pandas_column(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return pa.Table.from_arrays(columns, names=[str(name) for name in frame.columns])


def _pandas_column(column: pd.Series[Any]) -> pa.Array:
    try:
        return pa.chunked_array([pa.Array.from_pandas(column)]) if len(column) else pa.array([], pa.string())
    except TypeError:
        return pa.chunked_array(pa.Array.from_pandas(column))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)])


def _plain_types(table: pa.Table, target: Target) -> pa.Table:
    """One spelling for each kind of type, so that equal values give equal fingerprints."""
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    if nested:
        raise InputError(
            f"'{target.file}' has columns whose cells are lists or records: {listed(nested)}.",
            remedy="Unnest them into plain columns, or leave them out.",
        )
    fields = [pa.field(field.name, _plain(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields)).combine_chunks()


def _plain(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return _plain(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_null(type_) or str(type_) == "string_view":
        return pa.string()
    if pa.types.is_large_binary(type_):
        return pa.binary()
    return pa.float32() if pa.types.is_float16(type_) else type_


def _fingerprint(table: pa.Table) -> str:
    digest = hashlib.sha256()
    with pa.ipc.new_stream(_Digest(digest), table.schema.remove_metadata()) as writer:
        writer.write_table(table.replace_schema_metadata(None))
    return digest.hexdigest()


class _Digest:
    """A file that only hashes what is written to it."""

    closed = False

    def __init__(self, digest: Any) -> None:  # noqa: ANN401  hashlib's private type
        self._digest = digest

    def write(self, data: Any) -> int:  # noqa: ANN401  any buffer
        self._digest.update(data)
        return len(data)

    def flush(self) -> None: ...
