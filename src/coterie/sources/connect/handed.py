"""A connection that is open already (PEP 249): its rows come here in parts, where its dialect cannot run our steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from coterie.engines.dialect import DIALECTS
from coterie.engines.postgres import Address
from coterie.errors import ConfigError, InputError
from coterie.sources.connect.address import Asked
from coterie.vocabulary import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow.parquet as pq

    from coterie.engines.duckdb import DuckDBEngine

#: Rows that are in memory at a time.
_CHUNK = 50_000
#: First part of the module of a connection -> its dialect.
_DIALECTS = {
    "sqlite3": "sqlite", "duckdb": "duckdb", "_duckdb": "duckdb", "psycopg": "postgres", "psycopg2": "postgres",
    "snowflake": "snowflake", "databricks": "databricks", "google": "bigquery", "pyspark": "spark", "pymysql": "mysql",
    "MySQLdb": "mysql", "mysql": "mysql", "oracledb": "oracle", "pyodbc": "", "adbc_driver_manager": "",
}  # fmt: skip
#: Decimal numbers come with as many places as our own reading keeps.
_DECIMAL = pa.decimal128(38, 10)


@dataclass(frozen=True)
class ConnectedTable:
    """A table or a query of a database that is reached through an open connection.

    Attributes
    ----------
    connection : PEP 249 connection
        Neither closed nor committed by us.
    text : str
        Name of a table, with its schema where needed, or one SELECT.
    dialect : str
        How its names are quoted; empty: names are taken as they are written.
    """

    connection: Any = field(repr=False)
    text: str
    dialect: str = ""

    @property
    def asked(self) -> Asked:
        """The table or the query, of a kind that is to be found out."""
        return Asked(self.text, None)

    @property
    def is_postgres(self) -> bool:
        """Whether the steps can run where the table lies: psycopg says how to reach the server once more."""
        return type(self.connection).__module__.split(".")[0] == "psycopg"

    def address(self) -> Address:
        """Where that server is."""
        info = self.connection.info
        sslmode = info.get_parameters().get("sslmode", "")
        return Address(info.host, info.port, info.dbname, info.user, info.password or "", sslmode)


def table(connection: Any, name: str, *, dialect: str | None = None) -> ConnectedTable:  # noqa: ANN401  any PEP 249 driver
    """Name a table of a database that is reached through an open connection, to hand it over like a file.

    Parameters
    ----------
    connection : PEP 249 connection
        Of any driver. It is only read from, and neither committed nor closed. What stands in a psycopg connection is
        used to connect once more: the orders then stay in PostgreSQL.
    name : str
        Name of a table, with its schema where needed, or one SELECT.
    dialect : str, optional
        "snowflake", "bigquery", "databricks", "sqlite", "mysql", …; default: known from the driver.

    Raises
    ------
    ConfigError
        It is no connection, or the query is more than one SELECT.

    Notes
    -----
    Where the steps cannot run in the database, every row of the table comes here once, 50,000 at a time, into a file of
    the run's own folder that is removed at the end; a finding says how many came. Select the columns that matter.

    Examples
    --------
    >>> coterie.segment(orders=coterie.table(connection, "sales.orders", dialect="snowflake"))  # doctest: +SKIP
    """
    if not hasattr(connection, "cursor"):
        raise ConfigError(
            "That is no database connection.",
            found=f"It is a {type(connection).__name__}.",
            remedy="Hand over an open connection of a driver such as sqlite3, psycopg or snowflake.connector.",
        )
    known = _DIALECTS.get(type(connection).__module__.split(".")[0], "")
    return ConnectedTable(connection, name, known if dialect is None else dialect)


class Brought(NamedTuple):
    """A file of the rows that came here, and what to tell of that."""

    path: Path
    finding: Finding


def brought(connected: ConnectedTable, called: str, local: DuckDBEngine, number: int) -> Brought:
    """Bring the rows of a table here, part by part.

    Raises
    ------
    InputError
        The database refuses, or there is no row.
    """
    folder = local.folder / f"connection-{number}"
    folder.mkdir()
    parts = _Parts(folder)
    try:
        for batch in _batches(connected):
            parts.add(batch)
    except Exception as cause:  # noqa: BLE001  every driver has errors of its own
        raise InputError(
            f"The connection refused to read '{called}'.",
            found=f"{type(cause).__name__}: the driver's own words may hold values of the table and are not shown.",
            remedy="Try the same SELECT with the connection, and check the name and the right to read it.",
        ) from None
    finally:
        parts.close()
    if not parts.rows:
        raise InputError(f"'{called}' has no rows.", remedy="Check the name of the table, or the query.")
    path = parts.united(local)
    size = path.stat().st_size / 1e6
    message = (
        f"{parts.rows:,} rows of '{called}' came here over the connection ({size:,.1f} MB as Parquet), because the "
        "steps cannot run in that database through it."
    )
    remedy = "For a large table, select the columns that matter, or export it to Parquet."
    return Brought(path, Finding("rows-brought-here", Severity.NOTE, message, remedy, called, count=parts.rows))


def _batches(connected: ConnectedTable) -> Iterator[pa.RecordBatch]:
    query = _query(connected)
    cursor = connected.connection.cursor()
    try:
        if connected.dialect == "duckdb" and hasattr(cursor, "sql"):
            yield from cursor.sql(query).to_arrow_reader(_CHUNK)
            return
        cursor.execute(query)
        names = [str(column[0]) for column in cursor.description]
        while rows := cursor.fetchmany(_CHUNK):
            columns = [_array(cells) for cells in zip(*rows, strict=True)]
            yield pa.record_batch(columns, names=names)
    finally:
        cursor.close()


def _query(connected: ConnectedTable) -> str:
    asked = connected.asked
    if asked.is_query:
        return asked.text.rstrip("; \n")
    parts = [part.strip('"`') for part in asked.text.split(".")]
    if connected.dialect in DIALECTS:
        return f"SELECT * FROM {'.'.join(DIALECTS[connected.dialect].quote(part) for part in parts)}"
    if connected.dialect in ("sqlite", "oracle"):
        quoted = ('"' + part.replace('"', '""') + '"' for part in parts)
        return f"SELECT * FROM {'.'.join(quoted)}"
    if not all(part.replace("$", "_").isidentifier() for part in parts):
        raise ValueError("a name that would have to be quoted")
    return f"SELECT * FROM {asked.text}"


def _array(cells: Sequence[Any]) -> pa.Array:
    """A column of one part: as the driver's values are, or as text where they are of several kinds."""
    try:
        column = pa.array(cells)
        if pa.types.is_decimal(column.type):
            return column.cast(_DECIMAL)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    return column


class _Parts:
    """Parquet files of the rows so far; a new one begins where the columns' types are others than before."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.rows = folder, 0
        self.types: dict[str, pa.DataType] = {}
        self.files: list[Path] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        import pyarrow.parquet as pq

        self.rows += batch.num_rows
        for column in batch.schema:
            self.types[column.name] = _common(self.types.get(column.name), column.type)
        if self._writer is None or self._writer.schema != batch.schema:
            self.close()
            self.files.append(self.folder / f"{len(self.files)}.parquet")
            self._writer = pq.ParquetWriter(self.files[-1], batch.schema)
        self._writer.write_batch(batch)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def united(self, local: DuckDBEngine) -> Path:
        """One file whose columns have the types that hold every part."""
        if len(self.files) == 1 and not any(pa.types.is_null(type_) for type_ in self.types.values()):
            return self.files[0]
        quote, text = local.dialect.quote, local.dialect.text
        shown = ", ".join(
            f"CAST({quote(name)} AS {_sql_type(type_)}) AS {quote(name)}" for name, type_ in self.types.items()
        )
        union = " UNION ALL ".join(f"SELECT {shown} FROM read_parquet({text(str(file))})" for file in self.files)
        path = self.folder / "table.parquet"
        local.run(f"COPY ({union}) TO {text(str(path))} (FORMAT parquet)", "rows of the connection")
        return path


def _common(one: pa.DataType | None, other: pa.DataType) -> pa.DataType:
    """The type that holds both: a wider number, a time, else text."""
    if one is None or one.equals(other) or pa.types.is_null(one):
        return other
    if pa.types.is_null(other):
        return one
    numbers = [type_ for type_ in (one, other) if pa.types.is_integer(type_) or pa.types.is_floating(type_)]
    if len(numbers) == 2:
        return pa.float64()
    if len(numbers) == 1 and any(pa.types.is_decimal(type_) for type_ in (one, other)):
        return _DECIMAL if pa.types.is_integer(numbers[0]) else pa.float64()
    days = [
        type_ for type_ in (one, other) if pa.types.is_date(type_) or (pa.types.is_timestamp(type_) and not type_.tz)
    ]
    return pa.timestamp("us") if len(days) == 2 else pa.string()


def _sql_type(type_: pa.DataType) -> str:
    if pa.types.is_boolean(type_):
        return "BOOLEAN"
    if pa.types.is_integer(type_):
        return "BIGINT"
    if pa.types.is_floating(type_):
        return "DOUBLE"
    if pa.types.is_decimal(type_):
        return "DECIMAL(38, 10)"
    if pa.types.is_date(type_):
        return "DATE"
    if pa.types.is_timestamp(type_):
        return "TIMESTAMPTZ" if type_.tz else "TIMESTAMP"
    return "VARCHAR"
