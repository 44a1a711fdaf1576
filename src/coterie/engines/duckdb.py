"""The embedded engine: one DuckDB connection with a memory limit and a private spill folder."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.engines.base import Common
from coterie.engines.dialect import DUCKDB, DuckDBDialect
from coterie.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pandas as pd
    import pyarrow as pa

    from coterie.engines.base import Engine


#: Rows of a result that Python holds at a time.
_BATCH = 50_000
#: Part of the allowed memory that DuckDB may take, and bytes up to which it may take all: the rest is for what it does
#: not count, the customer table in Python, and the libraries.
_SHARE, _ALL_OF = 0.6, 500_000_000
#: Rows of a table from which on it is kept in a file.
LONG = 4_000_000
#: Environment variable: folders, parted like a search path, beside which no engine of the process reaches any file.
ONLY_FOLDERS = "COTERIE_ONLY_FOLDERS"
_UNITS = {"MB": 10**6, "GB": 10**9, "MIB": 2**20, "GIB": 2**30}


def own_limit(memory: str) -> str:
    """Say what DuckDB may take of the memory that a run may take, so that the whole process stays within it."""
    found = re.fullmatch(r"([0-9.]+) ?([KMG]i?B)", memory.strip(), re.IGNORECASE)
    if not found or found[2].upper() not in _UNITS:
        return memory
    size = float(found[1]) * _UNITS[found[2].upper()]
    return f"{max(_SHARE * size, min(size, _ALL_OF)) / 1e6:.0f}MB"


class DuckDBEngine(Common):
    """A private in-memory DuckDB database that spills to a folder of its own.

    Parameters
    ----------
    memory : str
        What a run may take, such as "2GB". DuckDB's own limit is 0.6 of it where that is more than 500 MB.
    threads : int
        At least 1. Results do not depend on it.

    Notes
    -----
    Use as a context manager: the spill folder (mode 0700) is removed on exit.
    """

    dialect: DuckDBDialect = DUCKDB

    def __init__(self, memory: str = "2GB", threads: int | None = None) -> None:
        import duckdb

        self.folder = Path(tempfile.mkdtemp(prefix="coterie-"))
        self._beside = ExitStack()
        self._file: Path | None = None
        self.threads = threads or os.cpu_count() or 1
        try:
            self.connection: duckdb.DuckDBPyConnection = duckdb.connect(
                ":memory:",
                config={
                    "memory_limit": own_limit(memory),
                    "threads": self.threads,
                    "temp_directory": str(self.folder),
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
        except duckdb.Error as cause:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise EngineError(f"DuckDB could not start with --memory {memory}.", found=str(cause)) from cause
        self._confine()

    def _confine(self) -> None:
        """Reach no file outside the folders that the environment names, and those that this engine makes itself.

        Whatever a hostile table made us ask, DuckDB then refuses to read or write another file, to follow a link out of
        these folders, to load an extension, or to take any of this back.
        """
        folders = [folder for folder in os.environ.get(ONLY_FOLDERS, "").split(os.pathsep) if folder]
        if not folders:
            return
        own = [self.folder, *map(Path, folders)]
        allowed = dict.fromkeys(str(path) for folder in own for path in (folder, folder.resolve()))
        self.run(f"SET allowed_directories = [{', '.join(map(self.dialect.text, allowed))}]")
        self.run("SET enable_external_access = false")

    def close(self) -> None:
        """Close the connections and remove the spill folder."""
        self._beside.close()
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def also_close(self, engine: Engine) -> None:
        """Close another engine when this one is closed: the two work together."""
        self._beside.callback(engine.close)

    def run(self, sql: str, step: str = "") -> None:
        """Execute a statement whose result is not wanted."""
        self._execute(sql, step)

    def rows(self, sql: str, step: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self._execute(sql, step).fetchall()

    def frame(self, sql: str, step: str = "") -> pd.DataFrame:
        """Give a result as a pandas DataFrame."""
        return self._execute(sql, step).df()

    def arrow(self, sql: str, step: str = "") -> pa.Table:
        """Give a result as an Arrow table."""
        import duckdb

        try:
            return self.connection.sql(sql).to_arrow_table()
        except duckdb.Error as cause:
            raise self._translated(cause, step) from cause

    def batches(self, sql: str, step: str = "") -> Iterator[pa.RecordBatch]:
        """Give a result in parts of at most 50,000 rows, in its order; nothing else is asked until they are taken."""
        import duckdb
        import pyarrow as pa

        try:
            reader: pa.RecordBatchReader = self.connection.sql(sql).to_arrow_reader(_BATCH)
            yield from reader
        except duckdb.Error as cause:
            raise self._translated(cause, step) from cause
        except (OSError, pa.ArrowException) as cause:  # what DuckDB says once rows are on their way, as Arrow tells it
            kind = duckdb.OutOfMemoryException if "Out of Memory" in str(cause) else duckdb.Error
            raise self._translated(kind(str(cause)), step) from cause

    def register(self, name: str, data: object) -> None:
        """Make a dataframe or Arrow table readable under `name`, without a copy."""
        self.connection.register(name, data)

    def columns(self, relation: str) -> dict[str, str]:
        """Column names and engine types of a table or view, in order."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {self.dialect.quote(relation)}")}

    def keep(self, name: str, select: str, step: str = "") -> None:
        """Keep the result of a SELECT as a temporary table, in place of an earlier one of that name."""
        self.run(f"CREATE OR REPLACE TEMP TABLE {self.dialect.quote(name)} AS\n{select}", step or name)

    def see(self, name: str, select: str, step: str = "") -> None:
        """Make a temporary view of a SELECT, in place of an earlier one of that name; nothing is computed yet."""
        self.run(f"CREATE OR REPLACE TEMP VIEW {self.dialect.quote(name)} AS\n{select}", step or name)

    def drop(self, name: str) -> None:
        """Forget what was kept, seen or uploaded under a name; nothing happens where there is none."""
        import duckdb

        quoted = f"temp.{self.dialect.quote(name)}"
        try:
            self.run(f"DROP TABLE IF EXISTS {quoted}", name)  # to ask first what it is takes ten times as long
        except EngineError as refusal:
            if not isinstance(refusal.__cause__, duckdb.CatalogException):
                raise
            self.run(f"DROP VIEW IF EXISTS {quoted}", name)

    def upload(self, name: str, table: pa.Table) -> None:
        """Copy a small Arrow table into the engine as a temporary table."""
        self.connection.register("coterie_upload", table)
        self.keep(name, "SELECT * FROM coterie_upload")
        self.connection.unregister("coterie_upload")

    def lay_down(self, name: str, select: str, rows: int, step: str = "") -> None:
        """Make a table that stays for the whole run, of about `rows` rows in any order.

        A long one goes to a file in the private folder: its pages leave memory without being written again.
        """
        place = ""
        if rows > LONG:
            if not self._file:
                self._file = self.folder / "lasting.duckdb"
                self.run(f"ATTACH {self.dialect.text(str(self._file))} AS lasting", step)
                self.run("SET search_path = 'memory.main,lasting.main'", step)
            place = "lasting.main."
        with self.unordered():
            self.run("SET force_compression = 'uncompressed'", step)  # dearer to make than it saves for one run
            self.run(f"CREATE OR REPLACE TABLE {place}{self.dialect.quote(name)} AS {select}", step or name)
            self.run("SET force_compression = 'auto'", step)

    @contextmanager
    def unordered(self) -> Iterator[None]:
        """For a while, tables may be made in any order of rows, which takes less memory; an ORDER BY still counts."""
        self.run("SET preserve_insertion_order = false")
        try:
            yield
        finally:
            self.run("SET preserve_insertion_order = true")

    @contextmanager
    def overlaid(self, name: str, select: str) -> Iterator[None]:
        """For a while, let `name` mean the result of a SELECT, which may read what `name` meant before.

        A temporary table is found before a lasting one of the same name, which is what the SELECT reads.
        """
        self.run(f"CREATE TEMP TABLE {self.dialect.quote(name)} AS {select}", name)
        try:
            yield
        finally:
            self.drop(name)

    def _execute(self, sql: str, step: str) -> duckdb.DuckDBPyConnection:
        import duckdb

        try:
            return self.connection.execute(sql)
        except duckdb.Error as cause:
            raise self._translated(cause, step) from cause

    @staticmethod
    def _translated(cause: duckdb.Error, step: str) -> EngineError:
        import duckdb

        place = f" at step '{step}'." if step else "."
        found = str(cause).splitlines()[0]
        if isinstance(cause, duckdb.OutOfMemoryException):
            return EngineError(
                f"The work did not fit into the memory limit{place}",
                found=found,
                remedy="Raise the limit with --memory, for example --memory 4GB.",
            )
        return EngineError(f"DuckDB refused a query{place}", found=found)
