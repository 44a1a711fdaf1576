"""Database files on this machine: the table is copied into the run's own folder and read from there like any file."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import EngineError, InputError
from coterie.sources.names import listing, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.engines.duckdb import DuckDBEngine
    from coterie.sources.connect.address import Asked, Place

#: Rows of an SQLite table that are in memory at a time.
_CHUNK = 50_000
_THEIRS = "coterie_theirs"


def copied(place: Place, asked: Asked, local: DuckDBEngine) -> Path:
    """Copy a table or the result of a query out of a database file, which is opened for reading only.

    Raises
    ------
    InputError
        The file or the table is not there, the file is no database, or another program holds it.
    """
    if not Path(place.path).is_file():
        raise InputError(f"There is no file '{Path(place.path).name}'.", remedy="Check the path after the two slashes.")
    folder = Path(tempfile.mkdtemp(prefix="database-", dir=local.folder))
    return (_from_duckdb if place.engine == "duckdb" else _from_sqlite)(place, asked, local, folder)


def _from_duckdb(place: Place, asked: Asked, local: DuckDBEngine, folder: Path) -> Path:
    text, quote = local.dialect.text, local.dialect.quote
    name, target = Path(place.path).name, folder / "table.parquet"
    try:
        local.run(f"ATTACH {text(place.path)} AS {_THEIRS} (READ_ONLY)")
    except EngineError as cause:
        raise InputError(
            f"'{name}' cannot be opened as a DuckDB database.",
            remedy="Close the program that has it open, and check that it is a DuckDB file.",
        ) from cause
    try:
        local.run(f"USE {_THEIRS}")
        known = [
            str(row[0])
            for row in local.rows(
                f"SELECT table_name FROM duckdb_tables() WHERE database_name = {text(_THEIRS)} "
                f"UNION SELECT view_name FROM duckdb_views() WHERE database_name = {text(_THEIRS)}"
            )
        ]
        source = f"({asked.text.rstrip('; ')})"
        if not asked.is_query:
            _refuse_unknown(asked.text.split(".")[-1], known, name)
            source = f"(FROM {'.'.join(quote(part) for part in asked.text.split('.'))})"
        local.run(f"COPY {source} TO {text(str(target))} (FORMAT parquet)", "copying the table")
    finally:
        local.run("USE memory")
        local.run(f"DETACH {_THEIRS}")
    return target


def _from_sqlite(place: Place, asked: Asked, _: DuckDBEngine, folder: Path) -> Path:
    """Write the rows as text, a chunk at a time: SQLite keeps no types that could be relied on."""
    name, target = Path(place.path).name, folder / "table.csv"
    address = Path(place.path).resolve().as_uri() + "?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            known = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type <> 'index'")]
            if not asked.is_query:
                _refuse_unknown(asked.text, known, name)
            source = asked.text if asked.is_query else 'SELECT * FROM "' + asked.text.replace('"', '""') + '"'
            cursor = connection.execute(source)
            with target.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([column[0] for column in cursor.description])
                while rows := cursor.fetchmany(_CHUNK):
                    writer.writerows(rows)
    except sqlite3.Error as cause:
        raise InputError(
            f"'{name}' cannot be read as an SQLite database.",
            found=type(cause).__name__,
            remedy="Check that it is one, and that no other program is writing to it.",
        ) from cause
    return target


def _refuse_unknown(table: str, known: Sequence[str], name: str) -> None:
    if table.casefold() in {one.casefold() for one in known}:
        return
    close = near(table, known)[:1]
    raise InputError(
        f"There is no table '{table}' in '{name}'.",
        found=listing(sorted(known)) if known else "It has no tables.",
        remedy=f"Did you mean '{close[0]}'?" if close else "",
    )
