"""A result that stays: written as a table of the schema that the user named, whole or not at all.

The table is made under a name that nothing else has and takes its own name at the end. A table of that name that we did
not write is never touched.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.postgres import PostgresEngine
from coterie.engines.spark import SparkEngine
from coterie.errors import ConfigError, EngineError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coterie.engines.base import Engine

#: Comment by which we know a table of ours again: only such a one is replaced.
MARK = "Written by Coterie, which replaces this table when it is written again."
_STEP = "writing the table"
_BESIDE = "coterie_written_to"


@dataclass(frozen=True)
class Target:
    """Where a result goes: a table of a schema, and the file where that is a database file on this machine."""

    schema: str
    table: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"

    @classmethod
    def parse(cls, text: str, file: str = "") -> Target:
        """Take SCHEMA.TABLE apart.

        Raises
        ------
        ConfigError
            It is not two names with a dot between them.
        """
        schema, dot, table = (part.strip().strip('"') for part in text.partition("."))
        if not (dot and schema and table) or "." in table:
            raise ConfigError(
                f"--into '{text}' has no meaning.", remedy="Name a schema and a table, as in --into analytics.segments."
            )
        return cls(schema, table, file)


def publish(engine: Engine, select: str, target: Target) -> None:
    """Write the result of a SELECT as a table that stays.

    Parameters
    ----------
    engine : Engine
        PostgreSQL and DuckDB write within one transaction, which on PostgreSQL ends with it: nothing else can be asked
        afterwards. On Spark the old table makes room a moment before the new one takes its name.
    select : str
    target : Target
        Its schema must be there.

    Raises
    ------
    InputError
        A table of that name is there that we did not write, or the schema is not there.
    EngineError
        A missing right, a full disk, a lost connection: the table is as it was before.
    """
    if isinstance(engine, PostgresEngine):
        _in_postgres(engine, select, target)
    elif isinstance(engine, SparkEngine):
        _in_spark(engine, select, target)
    elif isinstance(engine, DuckDBEngine) and target.file:
        _in_duckdb(engine, select, target)
    else:
        raise ConfigError(
            "There is no database to write the table to: the tables are files.",
            remedy="Write a file instead: --out scored.csv.",
        )


def _making() -> str:
    return f"coterie_{uuid.uuid4().hex}"


def _in_postgres(engine: PostgresEngine, select: str, target: Target) -> None:
    quote, text = engine.dialect.quote, engine.dialect.text
    may = engine.rows(
        f"SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = {text(target.schema)}", _STEP
    )
    if not may:
        raise _no_schema(target)
    if not may[0][0]:
        raise EngineError(
            f"The user may not make tables in the schema '{target.schema}'.",
            remedy=f"Ask the database's owner for: GRANT CREATE ON SCHEMA {quote(target.schema)} TO the user.",
        )
    found = engine.rows(
        "SELECT relkind = 'r', obj_description(pg_class.oid, 'pg_class') FROM pg_class "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        f"WHERE nspname = {text(target.schema)} AND relname = {text(target.table)}",
        _STEP,
    )
    if found and found[0] != (True, MARK):
        raise _not_ours(target)
    making, schema, table = quote(_making()), quote(target.schema), quote(target.table)
    engine.run(f"CREATE TABLE {schema}.{making} AS\n{select}", _STEP)
    engine.run(f"COMMENT ON TABLE {schema}.{making} IS {text(MARK)}", _STEP)
    if found:
        engine.run(f"DROP TABLE {schema}.{table}", _STEP)
    engine.run(f"ALTER TABLE {schema}.{making} RENAME TO {table}", _STEP)
    engine.commit(_STEP)


def _in_spark(engine: SparkEngine, select: str, target: Target) -> None:
    quote = engine.dialect.quote
    made, old = (f"{quote(target.schema)}.{quote(_making())}" for _ in range(2))
    table = f"{quote(target.schema)}.{quote(target.table)}"
    if not engine.session.catalog.databaseExists(target.schema):
        raise _no_schema(target)
    there = engine.session.catalog.tableExists(f"{target.schema}.{target.table}")
    if there and not _is_ours_in_spark(engine, table):
        raise _not_ours(target)
    try:
        engine.run(f"CREATE TABLE {made} COMMENT {engine.dialect.text(MARK)} AS\n{select}", _STEP)
    except EngineError:
        engine.run(f"DROP TABLE IF EXISTS {made}", _STEP)
        raise
    if there:
        engine.run(f"ALTER TABLE {table} RENAME TO {old}", _STEP)
    try:
        engine.run(f"ALTER TABLE {made} RENAME TO {table}", _STEP)
    except EngineError:
        if there:
            engine.run(f"ALTER TABLE {old} RENAME TO {table}", _STEP)
        engine.run(f"DROP TABLE IF EXISTS {made}", _STEP)
        raise
    engine.theirs.catalog.refreshTable(f"{target.schema}.{target.table}")  # their session may remember the old files
    if there:
        engine.run(f"DROP TABLE {old}", _STEP)


def _is_ours_in_spark(engine: SparkEngine, table: str) -> bool:
    described = engine.rows(f"DESCRIBE TABLE EXTENDED {table}", _STEP)
    return ("Comment", MARK) in {(str(row[0]), str(row[1])) for row in described}


def _in_duckdb(engine: DuckDBEngine, select: str, target: Target) -> None:
    quote, text = engine.dialect.quote, engine.dialect.text
    making, table = quote(_making()), quote(target.table)
    with _attached(engine, target):
        found = engine.rows(
            f"SELECT comment FROM duckdb_tables() WHERE database_name = {text(_BESIDE)} "
            f"AND schema_name = {text(target.schema)} AND table_name = {text(target.table)} "
            f"UNION ALL SELECT 'a view' FROM duckdb_views() WHERE database_name = {text(_BESIDE)} "
            f"AND schema_name = {text(target.schema)} AND view_name = {text(target.table)}",
            _STEP,
        )
        if found and found[0] != (MARK,):
            raise _not_ours(target)
        schema = f"{_BESIDE}.{quote(target.schema)}"
        engine.run("BEGIN TRANSACTION", _STEP)
        try:
            engine.run(f"CREATE TABLE {schema}.{making} AS\n{select}", _STEP)
            if found:
                engine.run(f"DROP TABLE {schema}.{table}", _STEP)
            engine.run(f"ALTER TABLE {schema}.{making} RENAME TO {table}", _STEP)
            engine.run(f"COMMENT ON TABLE {schema}.{table} IS {text(MARK)}", _STEP)
        except EngineError:
            engine.run("ROLLBACK", _STEP)
            raise
        engine.run("COMMIT", _STEP)


@contextmanager
def _attached(engine: DuckDBEngine, target: Target) -> Iterator[None]:
    """Open the file for writing, for a while."""
    text = engine.dialect.text
    try:
        engine.run(f"ATTACH {text(target.file)} AS {_BESIDE}", _STEP)
    except EngineError as cause:
        raise InputError(
            "The database file cannot be opened for writing.",
            remedy="Close the program that has it open, and check that you may write to it.",
        ) from cause
    try:
        schemas = engine.rows(f"SELECT schema_name FROM duckdb_schemas() WHERE database_name = {text(_BESIDE)}", _STEP)
        if (target.schema,) not in schemas:
            raise _no_schema(target)
        yield
    finally:
        engine.run(f"DETACH {_BESIDE}", _STEP)


def _no_schema(target: Target) -> InputError:
    return InputError(
        f"There is no schema '{target.schema}' to write the table to.",
        remedy="Make it in the database first, or name another one with --into SCHEMA.TABLE.",
    )


def _not_ours(target: Target) -> InputError:
    return InputError(
        f"'{target}' is there already, and Coterie did not write it; nothing was changed.",
        remedy="Name another table with --into SCHEMA.TABLE.",
    )
