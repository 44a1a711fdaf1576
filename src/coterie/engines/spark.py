"""The user's own Spark: a session beside theirs, temporary views, results through Arrow."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from coterie.engines.base import Common
from coterie.engines.dialect import SPARK
from coterie.errors import ConfigError, EngineError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from coterie.engines.dialect import SparkDialect

#: Settings of the user's session that hold in ours too: how their tables read, and how the work is shared out.
_TAKEN_OVER = ("spark.sql.session.timeZone", "spark.sql.shuffle.partitions", "spark.sql.adaptive.enabled")
#: Settings of ours. A table sent there is worked on by the executors: the planner would otherwise compute all that
#: follows from it alone, row by row in the driver. Long expressions become several methods, because Java's compiler
#: leaves out methods of more than 8,000 bytes, which then run many times slower.
_OURS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
    "spark.sql.codegen.hugeMethodLimit": "8000",
}
#: Rows of a result that Python holds at a time.
_BATCH = 50_000


class SparkEngine(Common):
    """A Spark cluster, asked through a session of our own beside the user's.

    Both share the cluster and the catalogue of tables. Names of ours are temporary views of our session alone, so that
    a view of the user's may have the same name. What is kept is cached (memory, then local disks) until it is dropped.

    Parameters
    ----------
    session : SparkSession
        The user's, which is neither changed nor stopped, unless `owned`.
    owned : bool
        Whether the session was started for this engine and ends with it.
    """

    dialect: SparkDialect = SPARK

    def __init__(self, session: SparkSession, *, owned: bool = False) -> None:
        self.theirs = session
        self.owned = owned
        self.session: SparkSession = session.newSession()
        for name in _TAKEN_OVER:
            self.session.conf.set(name, str(session.conf.get(name)))
        for name, value in _OURS.items():
            self.session.conf.set(name, value)
        self.session.catalog.setCurrentDatabase(session.catalog.currentDatabase())
        self._kept: dict[str, DataFrame] = {}
        self._lent: list[str] = []

    def close(self) -> None:
        """Drop every view and cached result of ours, and stop the session where it was started for us."""
        from py4j.protocol import Py4JError

        try:
            for name in list(self._kept):
                self.drop(name)
            for name in self._lent:
                self.theirs.catalog.dropGlobalTempView(name)
            self._lent.clear()
        except (EngineError, Py4JError, OSError):
            return  # a cluster that is gone keeps nothing of ours
        finally:
            if self.owned:
                self.theirs.stop()

    def borrow(self, frame: DataFrame) -> str:
        """Make a DataFrame of the user's session readable in ours, and give the name that queries use.

        Its plan is settled now: views that the user changes later, or that are named as ours, do not matter.
        """
        name = f"coterie_{uuid.uuid4().hex}"
        with self._told("reading the table"):
            frame.createGlobalTempView(name)
        self._lent.append(name)
        return f"global_temp.{name}"

    def run(self, sql: str, step: str = "") -> None:
        """Execute a statement whose result is not wanted."""
        with self._told(step):
            self.session.sql(sql).collect()

    def rows(self, sql: str, step: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        with self._told(step):
            return [tuple(row) for row in self.session.sql(sql).collect()]

    def arrow(self, sql: str, step: str = "") -> pa.Table:
        """Give a result as an Arrow table, in its order."""
        with self._told(step):
            return self.session.sql(sql).toArrow()

    def batches(self, sql: str, step: str = "") -> Iterator[pa.RecordBatch]:
        """Give a result in parts of at most 50,000 rows, in its order; a partition of it travels at a time."""
        import pyarrow as pa
        from pyspark.sql.pandas.types import to_arrow_schema

        with self._told(step):
            frame = self.session.sql(sql)
            schema = to_arrow_schema(frame.schema)
            rows = frame.toLocalIterator()
            while part := list(islice(rows, _BATCH)):
                cells = zip(*part, strict=True)
                arrays = [pa.array(column, field.type) for column, field in zip(cells, schema, strict=True)]
                yield pa.record_batch(arrays, schema=schema)

    def columns(self, relation: str) -> dict[str, str]:
        """Column names and engine types of one of our views, in order."""
        with self._told(relation):
            return {field.name: field.dataType.simpleString() for field in self.session.table(relation).schema}

    def keep(self, name: str, select: str, step: str = "") -> None:
        """Keep the result of a SELECT, cached, in place of an earlier one of that name."""
        with self._told(step or name):
            frame = self.session.sql(select).persist()
            frame.createOrReplaceTempView(name)
        before = self._kept.pop(name, None)
        self._kept[name] = frame
        if before is not None:
            before.unpersist()

    def see(self, name: str, select: str, step: str = "") -> None:
        """Make a temporary view of a SELECT, in place of an earlier one of that name; nothing is computed yet."""
        with self._told(step or name):
            frame = self.session.sql(select)
            frame.createOrReplaceTempView(name)
        self._kept[name] = frame

    def drop(self, name: str) -> None:
        """Forget what was kept, seen or uploaded under a name; nothing happens where there is none."""
        frame = self._kept.pop(name, None)
        if frame is None:
            return
        with self._told(name):
            self.session.catalog.dropTempView(name)
            if frame.is_cached:
                frame.unpersist()

    def upload(self, name: str, table: pa.Table) -> None:
        """Copy a small Arrow table into a view."""
        with self._told(name):
            frame = self.session.createDataFrame(table)
            frame.createOrReplaceTempView(name)
        self._kept[name] = frame

    @contextmanager
    def overlaid(self, name: str, select: str) -> Iterator[None]:
        """For a while, let `name` mean the result of a SELECT, which may read what `name` meant before."""
        whole = self._kept.pop(name)
        with self._told(name):
            self.keep(name, select)
        try:
            yield
        finally:
            self.drop(name)
            with self._told(name):
                whole.createOrReplaceTempView(name)
            self._kept[name] = whole

    def plain(self, x: str, type_: pa.DataType, zone: str | None) -> str:
        """Tell times as the user's session does, or in the zone of the settings."""
        import pyarrow as pa

        if not (pa.types.is_timestamp(type_) and type_.tz):
            return x
        told = f"CAST({x} AS TIMESTAMP_NTZ)"
        return f"CAST(CONVERT_TIMEZONE({self.dialect.text(zone)}, {told}) AS TIMESTAMP_NTZ)" if zone else told

    def matches(self, x: str, pattern: str) -> str:
        """Whether a pattern is found in a text."""
        return f"{x} RLIKE {self.dialect.text(pattern)}"

    def asked(self, query: str) -> DataFrame:
        """Give a query of the user's as a table of their session."""
        with self._told("the query"):
            return self.theirs.sql(query)

    @contextmanager
    def _told(self, step: str) -> Iterator[None]:
        """Turn Spark's errors into ours: which kind it was, at which step, and what to do."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            yield
        except PySparkException as cause:
            raise _translated(cause, step) from None
        except (Py4JError, ConnectionError) as cause:
            raise ServerError(
                f"The connection to Spark was lost{_at(step)}.",
                found=_first_line(str(cause)) if not isinstance(cause, ConnectionError) else "",
                remedy="Start the session again and run the same call; nothing of ours is left.",
            ) from None


def started(master: str = "") -> SparkEngine:
    """Start a session on a cluster, or on this machine, that ends with the engine.

    Parameters
    ----------
    master : str
        Address of the cluster, as `spark://host:7077`; empty for the one that the surroundings configure.
    """
    SparkSession = _spark()
    builder = SparkSession.builder.appName("coterie")
    if master:
        builder = builder.master(master)
    try:
        return SparkEngine(builder.getOrCreate(), owned=True)
    except Exception as cause:  # noqa: BLE001  whatever Java and the network can say
        raise ServerError(
            f"No Spark session could be started{f' on {master}' if master else ''}.",
            found=_first_line(str(cause)),
            remedy="Check the address, and that Java 17 or later is installed.",
        ) from None


def active() -> SparkSession | None:
    """Give the user's running session, if there is one."""
    return _spark().getActiveSession()


def _spark() -> type[SparkSession]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as cause:
        raise ConfigError(
            "Working inside Spark needs the package 'pyspark'.", remedy='Install it with: pip install "coterie[spark]"'
        ) from cause
    return SparkSession


#: Beginnings of Spark's error conditions, what to say, and what to do.
_REMEDIES = (
    (
        ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND"),
        "A table is not there{place}.",
        "Check the name, with its schema, as in sales.orders; it may have been dropped meanwhile.",
    ),
    (
        ("INSUFFICIENT_PERMISSIONS", "PERMISSION", "INSUFFICIENT_PRIVILEGES"),
        "The user may not do what is needed{place}.",
        "Ask for SELECT on the tables.",
    ),
    (
        ("UNRESOLVED_COLUMN", "INCOMPATIBLE_VIEW_SCHEMA_CHANGE"),
        "A column is not there{place}.",
        "It may have been dropped or renamed meanwhile: run again.",
    ),
    (
        ("FAILED_READ_FILE", "FILE_NOT_EXIST", "PATH_NOT_FOUND"),
        "Files of a table changed or are gone{place}.",
        "Run again when nobody rewrites the table.",
    ),
)


def _translated(cause: Any, step: str) -> EngineError:  # noqa: ANN401  a PySparkException, imported where it is used
    condition = str(cause.getCondition() or "")
    for starts, what, remedy in _REMEDIES:
        if condition.startswith(starts):
            return ServerError(what.format(place=_at(step)), found=f"Spark says {condition}.", remedy=remedy)
    return EngineError(f"Spark refused a query{_at(step)}.", found=f"Spark says {condition or type(cause).__name__}.")


def _at(step: str) -> str:
    return f" at step '{step}'" if step else ""


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""
