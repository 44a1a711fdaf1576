"""The SQLite file of the app's state: write-ahead log, one connection a thread, writes one after the other."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Version of the tables; a file with a higher one was made by a newer Coterie.
VERSION = 1
_WAIT_MS = 30_000
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no letters that look alike


def new_id() -> str:
    """A random word of 16 letters (80 bits) that names one thing of the store."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


class Database:
    """The app's state.

    Parameters
    ----------
    path : path
        File, made with mode 0600 when absent.
    schemas : sequence of str
        `CREATE TABLE IF NOT EXISTS …` of each subject.

    Raises
    ------
    StudyError
        The file is no state of the app, is damaged, or was made by a newer Coterie.
    """

    def __init__(self, path: object, schemas: Sequence[str]) -> None:
        self.path = Path(str(path))
        self._local = threading.local()
        self._writing = threading.Lock()  # threads take turns; SQLite's own waiting lets some wait for ever
        # Only a new file is opened by us: to close one that is in use would drop the locks of all this process's
        # connections to it, and another process could then take the log away from under them.
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            self._prepare(schemas)
        except sqlite3.DatabaseError as cause:
            raise StudyError(
                f"The app's state file '{self.path.name}' cannot be opened.",
                found=str(cause),
                remedy="Move it away to start with an empty one; the studies beside it stay as they are.",
            ) from cause

    def _prepare(self, schemas: Sequence[str]) -> None:
        (found,) = self._connection.execute("PRAGMA user_version").fetchone()
        if found > VERSION:
            raise StudyError(
                f"The app's state file '{self.path.name}' was made by a newer Coterie.",
                found=f"Its version is {found}, this Coterie knows {VERSION}.",
                remedy="Update Coterie, or name another home with --home DIR.",
            )
        for schema in schemas:
            self._connection.executescript(schema)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    @property
    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=_WAIT_MS / 1000, isolation_level=None)
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
        return connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all of the body's changes, or none of them; other writers wait."""
        connection = self._connection
        with self._writing:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Write with one statement; give the number of rows that it changed."""
        with self.transaction() as connection:
            return connection.execute(sql, values).rowcount

    def close(self) -> None:
        """Close this thread's connection; those of other threads end with their threads."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
