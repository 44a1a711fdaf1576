"""The user's own PostgreSQL: one transaction that sees one moment, temporary tables, results as CSV into Arrow."""

from __future__ import annotations

import io
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.engines.base import Common
from coterie.engines.dialect import POSTGRES
from coterie.errors import ConfigError, EngineError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    import pyarrow as pa

    from coterie.engines.dialect import PostgresDialect

#: Seconds after which the server gives up a statement of ours.
TIMEOUT = 3_600
#: Seconds after which an address that does not answer is given up.
_PATIENCE = 15
_NAME = "coterie"
#: Bytes of a result that are held as the server wrote them.
_PART = 8_000_000


@dataclass(frozen=True)
class Address:
    """Where a database is and who asks; the password stays out of every text that is made of it."""

    host: str = ""
    port: int | None = None
    database: str = ""
    user: str = ""
    password: str = ""
    sslmode: str = ""

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __str__(self) -> str:
        """Give user, host, port and database, as a message may show them."""
        who = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{who}{self.host or 'localhost'}{port}/{self.database}"

    def parameters(self) -> dict[str, Any]:
        """Connection parameters of libpq, by field, so that no text of a user is parsed as options."""
        given = {
            "host": self.host,
            "port": self.port,
            "dbname": self.database,
            "user": self.user,
            "password": self.password,
            "sslmode": self.sslmode,
        }
        return {name: value for name, value in given.items() if value}


class PostgresEngine(Common):
    """A PostgreSQL server (14 or later), asked within one transaction that is rolled back at the end.

    The transaction is REPEATABLE READ: all queries see the tables as they were at the first one. What is kept lies in
    temporary tables of this transaction; the server removes them when it ends, also when the connection is lost.

    Parameters
    ----------
    address : Address
        A missing password is looked up as PostgreSQL's own programs do: PGPASSWORD, then the password file.
    timeout : int
        Seconds that one statement may take; 0 for no limit.
    schema : str
        Where kept results go; empty for temporary tables.
    """

    dialect: PostgresDialect = POSTGRES

    def __init__(self, address: Address, timeout: int = TIMEOUT, schema: str = "") -> None:
        self.address = address
        self.schema = schema
        self._in_schema: dict[str, str] = {}
        self.timeout = timeout
        self.connection = self._connect()
        # The just-in-time compiler takes minutes over long expressions that run in milliseconds without it.
        settings = (
            f"statement_timeout = {int(timeout) * 1000}",
            "jit = off",
            "TIME ZONE 'UTC'",
            "DateStyle = 'ISO, YMD'",
        )
        try:
            for setting in settings:
                self.run(f"SET LOCAL {setting}", "settings")
        except EngineError:
            self.close()
            raise

    def close(self) -> None:
        """Roll the transaction back, which removes everything that is ours, and close the connection."""
        self.connection.close()

    def commit(self, step: str = "") -> None:
        """Let stay what was made for that, and nothing else of ours; the engine can only be closed afterwards."""
        for table in self._in_schema.values():
            self.run(f"DROP TABLE {table} CASCADE", step)  # with the views of ours over it
        self._in_schema.clear()
        with self._told(step):
            self.connection.commit()

    def run(self, sql: str, step: str = "") -> None:
        """Execute a statement whose result is not wanted."""
        with self._told(step), self.connection.cursor() as cursor:
            cursor.execute(_raw(sql))

    def rows(self, sql: str, step: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        with self._told(step), self.connection.cursor() as cursor:
            return cursor.execute(_raw(sql)).fetchall()

    def arrow(self, sql: str, step: str = "") -> pa.Table:
        """Give a result as an Arrow table, in its order."""
        import pyarrow as pa

        parts = list(self.batches(sql, step))
        return pa.Table.from_batches(parts) if parts else pa.schema(list(self._types(sql).items())).empty_table()

    def batches(self, sql: str, step: str = "") -> Iterator[pa.RecordBatch]:
        """Give a result part by part, in its order, as the server sends it.

        The server writes it as CSV, which Arrow parses column by column: no Python object is made for a cell. A part is
        what fits into some 8 MB of CSV; the server sends each row by itself, so that no part ends within one.
        """
        with self._told(step):
            types = self._types(sql)
            part = io.BytesIO()
            with self.connection.cursor() as cursor, cursor.copy(_raw(f"COPY ({sql}) TO STDOUT (FORMAT csv)")) as out:
                for row in out:
                    part.write(row)
                    if part.tell() >= _PART:
                        yield from _parsed(part, types).to_batches()
                        part = io.BytesIO()
            yield from _parsed(part, types).to_batches()

    def columns(self, relation: str) -> dict[str, str]:
        """Column names and engine types of a table or view, in order."""
        rows = self.rows(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped "
            f"AND attrelid = to_regclass({self.dialect.text(self.dialect.quote(relation))}) ORDER BY attnum",
            relation,
        )
        return {str(name): str(type_) for name, type_ in rows}

    def keep(self, name: str, select: str, step: str = "") -> None:
        """Keep the result of a SELECT as a temporary table, in place of an earlier one of that name."""
        if self.schema:
            self._keep_in_schema(name, select, step or name)
            return
        making = self.dialect.quote(f"{name}_{_NAME}")
        self.run(f"CREATE TEMP TABLE {making} ON COMMIT DROP AS\n{select}", step or name)
        self.run(f"ANALYZE {making}", step or name)
        self.drop(name)
        self.run(f"ALTER TABLE {making} RENAME TO {self.dialect.quote(name)}", step or name)

    def _keep_in_schema(self, name: str, select: str, step: str) -> None:
        """Keep a result as a table of the schema that the user named, under a name that nothing else has.

        Several workers of the server may read such a table, but only one a temporary one. No other session ever sees
        it: it is made and rolled back within our transaction.
        """
        table = f"{self.dialect.quote(self.schema)}.{self.dialect.quote(f'{_NAME}_{name}_{uuid.uuid4().hex[:12]}')}"
        self.run(f"CREATE UNLOGGED TABLE {table} AS\n{select}", step)
        self.run(f"ANALYZE {table}", step)
        self.see(name, f"SELECT * FROM {table}", step)
        self._in_schema[name] = table

    def see(self, name: str, select: str, step: str = "") -> None:
        """Make a temporary view of a SELECT, in place of an earlier one of that name; nothing is computed yet."""
        self.drop(name)
        self.run(f"CREATE TEMP VIEW {self.dialect.quote(name)} AS\n{select}", step or name)

    def drop(self, name: str) -> None:
        """Forget what was kept, seen or uploaded under a name; nothing happens where there is none."""
        found = self.rows(
            "SELECT relkind = 'v' FROM pg_class WHERE relnamespace = pg_my_temp_schema() "
            f"AND relname = {self.dialect.text(name)}",
            name,
        )
        for (is_view,) in found:
            self.run(f"DROP {'VIEW' if is_view else 'TABLE'} pg_temp.{self.dialect.quote(name)}", name)
        if name in self._in_schema:
            self.run(f"DROP TABLE {self._in_schema.pop(name)}", name)

    def upload(self, name: str, table: pa.Table) -> None:
        """Copy a small Arrow table into a temporary table."""
        import pyarrow.csv

        quote = self.dialect.quote
        shown = ", ".join(f"{quote(field.name)} {_column_type(field.type)}" for field in table.schema)
        self.drop(name)
        self.run(f"CREATE TEMP TABLE {quote(name)} ({shown}) ON COMMIT DROP", name)
        content = io.BytesIO()
        options = pyarrow.csv.WriteOptions(include_header=False)
        pyarrow.csv.write_csv(table, content, options)
        with self._told(name), self.connection.cursor() as cursor:
            with cursor.copy(_raw(f"COPY {quote(name)} FROM STDIN (FORMAT csv)")) as into:
                into.write(content.getvalue())
            cursor.execute(_raw(f"ANALYZE {quote(name)}"))

    @contextmanager
    def overlaid(self, name: str, select: str) -> Iterator[None]:
        """For a while, let `name` mean the result of a SELECT, which may read what `name` meant before."""
        part, whole = f"{name}_part", f"{name}_whole"
        self.keep(part, select, name)
        self._rename(name, whole)
        self._rename(part, name)
        try:
            yield
        finally:
            if self._alive():
                self.drop(name)
                self._rename(whole, name)

    def _rename(self, name: str, new: str) -> None:
        quote = self.dialect.quote
        is_view = self.value(
            "SELECT relkind = 'v' FROM pg_class WHERE relnamespace = pg_my_temp_schema() "
            f"AND relname = {self.dialect.text(name)}",
            name,
        )
        self.run(f"ALTER {'VIEW' if is_view else 'TABLE'} pg_temp.{quote(name)} RENAME TO {quote(new)}", name)
        if name in self._in_schema:
            self._in_schema[new] = self._in_schema.pop(name)

    def plain(self, x: str, type_: pa.DataType, zone: str | None) -> str:
        """Tell times with a zone in UTC, or where the settings say; other types that Arrow lacks become text."""
        import pyarrow as pa

        if pa.types.is_timestamp(type_) and type_.tz:
            return f"({x} AT TIME ZONE {self.dialect.text(zone or 'UTC')})"
        return self.dialect.string(x) if pa.types.is_string(type_) else x

    def matches(self, x: str, pattern: str) -> str:
        """Whether a pattern is found in a text."""
        return f"{self.dialect.string(x)} ~ {self.dialect.text(pattern)}"

    def _alive(self) -> bool:
        """Whether the transaction still takes statements: after an error it only waits to be rolled back."""
        import psycopg

        return self.connection.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            import psycopg
        except ImportError as cause:
            raise ConfigError(
                "Reading from PostgreSQL needs the package 'psycopg'.",
                remedy='Install it with: pip install "coterie[postgres]"',
            ) from cause
        try:
            connection = psycopg.connect(
                **self.address.parameters(), connect_timeout=_PATIENCE, application_name=_NAME, client_encoding="UTF8"
            )
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        except psycopg.Error as cause:
            raise ServerError(
                f"No connection to the database {self.address}.",
                found=_without(" ".join(str(cause).split()), self.address.password),
                remedy="Check host, port, database and user. The password is taken from the address, from PGPASSWORD "
                "or from the password file.",
            ) from None
        return connection

    def _types(self, sql: str) -> dict[str, pa.DataType]:
        with self.connection.cursor() as cursor:
            cursor.execute(_raw(f"SELECT * FROM ({sql}) AS described LIMIT 0"))
            return {c.name: _arrow_type(c.type_code, c.precision, c.scale) for c in cursor.description or ()}

    @contextmanager
    def _told(self, step: str) -> Iterator[None]:
        """Turn the server's errors into ours: which kind it was, at which step, and what to do."""
        import psycopg

        try:
            yield
        except psycopg.Error as cause:
            raise self._translated(cause, step) from None

    def _translated(self, cause: psycopg.Error, step: str) -> EngineError:
        place = f" at step '{step}'" if step else ""
        where = f"the database {self.address}"
        code = cause.sqlstate or ""
        if self.connection.closed or code.startswith(("08", "57P")):
            return ServerError(
                f"The connection to {where} was lost{place}.",
                found="Nothing of ours is left on the server, and no study was written.",
                remedy="Run the same command again when the server can be reached.",
            )
        for codes, what, remedy in _REMEDIES:
            if code.startswith(codes):
                return ServerError(f"{what.format(where=where, place=place)}", found=self._found(cause), remedy=remedy)
        return EngineError(f"PostgreSQL refused a query{place} ({where}).", found=self._found(cause))

    def _found(self, cause: psycopg.Error) -> str:
        """Give the server's first line; not that of errors in data, which repeats the customer's value."""
        code = cause.sqlstate or ""
        if code == "57014":
            return f"The limit is {self.timeout:,} seconds for one statement."
        if code.startswith("22"):
            return f"A value does not fit the type that a step needs (SQLSTATE {code})."
        return _without(cause.diag.message_primary or type(cause).__name__, self.address.password)


#: SQLSTATE classes, what to say, and what to do.
_REMEDIES = (
    (
        ("57014",),
        "A statement took too long{place} in {where} and was given up.",
        "Allow more with &timeout=SECONDS in the address, or hand over a part of the table with &query=SELECT ….",
    ),
    (
        ("42501",),
        "The user may not do what is needed{place} in {where}.",
        "Ask the database's owner for SELECT on the tables, and TEMPORARY on the database or CREATE on the schema that "
        "was named for what is kept.",
    ),
    (
        ("42P01", "3F000"),
        "A table is not there{place} in {where}.",
        "Check the name, with its schema, as in ?table=sales.orders; it may have been dropped or renamed meanwhile.",
    ),
    (
        ("42703",),
        "A column is not there{place} in {where}.",
        "It may have been dropped or renamed meanwhile: run again.",
    ),
    (
        ("53",),
        "The server has no room left{place} ({where}).",
        "Free disk or memory on the server, raise temp_file_limit, or hand over a part of the table with &query=.",
    ),
    (
        ("25006",),
        "The server takes no temporary tables{place}: {where} is read-only, as a standby is.",
        "Use the primary server, or export the table to Parquet and hand over the file.",
    ),
    (
        ("40",),
        "The server gave up the transaction{place} in {where}, because others changed or locked the same tables.",
        "Run the same command again.",
    ),
)


def _raw(sql: str) -> Any:  # noqa: ANN401  psycopg takes literal strings only; ours are quoted by the dialect
    return sql.encode()


def _without(text: str, secret: str) -> str:
    return text.replace(secret, "***") if secret else text


def _arrow_type(oid: int, precision: int | None, scale: int | None) -> pa.DataType:
    """Arrow type of a result's column, by the number of its type; what we do not know comes as text."""
    import pyarrow as pa

    if oid == 1700:  # numeric; without a scale it can be anything
        return pa.decimal128(precision, scale) if precision and precision <= 38 else pa.float64()
    known = {
        16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 700: pa.float64(), 701: pa.float64(),
        1082: pa.date32(), 1114: pa.timestamp("us"), 1184: pa.timestamp("us", "UTC"),
    }  # fmt: skip
    return known.get(oid, pa.string())


def _column_type(type_: pa.DataType) -> str:
    """Type of an uploaded column; texts sort by their bytes, as everywhere in our steps."""
    import pyarrow as pa

    if pa.types.is_decimal(type_):
        return f"numeric({type_.precision}, {type_.scale})"
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_integer(type_):
        return "bigint"
    if pa.types.is_floating(type_):
        return "double precision"
    if pa.types.is_date(type_):
        return "date"
    if pa.types.is_timestamp(type_):
        return "timestamp"
    return 'text COLLATE "C"'


def _parsed(content: io.BytesIO, types: dict[str, pa.DataType]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv

    if not content.tell():
        return pa.schema(list(types.items())).empty_table()
    block = max(content.tell(), 1 << 20)
    content.seek(0)
    return pyarrow.csv.read_csv(
        content,
        read_options=pyarrow.csv.ReadOptions(column_names=list(types), use_threads=False, block_size=block),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
