"""From an address or a DataFrame of a cluster to a view that the steps can read, in the engine where the rows lie."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from coterie.engines.postgres import PostgresEngine
from coterie.engines.spark import SparkEngine, active, started
from coterie.errors import ConfigError, InputError
from coterie.sources.connect.address import Asked, Place, is_address, parse
from coterie.sources.connect.files import copied
from coterie.sources.connect.handed import ConnectedTable, brought
from coterie.sources.names import listing, near
from coterie.sources.raw import Input

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from coterie.config import SourcesSettings
    from coterie.engines.base import DistantEngine
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.vocabulary import Finding, TableKind


@dataclass(frozen=True)
class Distant:
    """A table in the user's engine.

    `relation` is a temporary view of ours over it: plain columns alone, times without a zone.
    """

    name: str
    engine: DistantEngine
    relation: str
    schema: pa.Schema
    left_away: tuple[str, ...]  # columns whose type no step can use
    kind: TableKind | None = None


class Near(NamedTuple):
    """An input that is read here; `name` says how messages call it where its file does not."""

    input: Input
    name: str = ""
    findings: tuple[Finding, ...] = ()


class Sorted(NamedTuple):
    """Inputs by where they are: those to be read, and those that stay."""

    near: list[Near]
    distant: list[Distant]


def is_distant(data: object) -> bool:
    """Whether an input lies in a database or a cluster."""
    return isinstance(data, ConnectedTable) or is_address(data) or _is_spark_frame(data) or _is_spark_table(data)


def database_file(data: object) -> str:
    """Give the path of the DuckDB file whose address an input is; empty for everything else."""
    if not isinstance(data, str) or not is_address(data):
        return ""
    place = parse(data)
    return place.path if place.engine == "duckdb" else ""


def sort(inputs: Sequence[Input], local: DuckDBEngine, settings: SourcesSettings) -> Sorted:
    """Connect to the databases and clusters that the inputs name.

    The connections end with `local`.

    Raises
    ------
    EngineError
        No connection, no permission.
    InputError, ConfigError
        A table that is not there, an address without a meaning, tables in two databases.
    """
    found = Sorted([], [])
    engines: dict[object, DistantEngine] = {}
    for item in inputs:
        if not is_distant(item.data):
            found.near.append(Near(item))
        elif isinstance(item.data, str) and is_address(item.data):
            _at_address(parse(item.data, item.kind), local, settings, engines, found)
        elif isinstance(item.data, ConnectedTable):
            _at_connection(item.data, item.kind, local, settings, engines, found)
        else:
            engine = _spark_of(item.data, local, engines)
            found.distant.append(_view(engine, _frame(item.data), item.kind, settings, len(found.distant)))
    if len({id(distant.engine) for distant in found.distant}) > 1:
        raise InputError(
            "The tables lie in different databases.",
            remedy="Bring them into one, or export the smaller one and hand over the file.",
        )
    return found


def _at_address(
    place: Place, local: DuckDBEngine, settings: SourcesSettings, engines: dict[object, DistantEngine], found: Sorted
) -> None:
    if place.engine in ("duckdb", "sqlite"):
        for asked in place.asked:
            refuse_more_than_a_select(asked, place.engine)
            path = copied(place, asked, local)
            found.near.append(Near(Input(path, asked.kind), _called(asked)))
        return
    engine = _engine(place, place.schema or settings.work_schema, local, engines)
    for asked in place.asked:
        number = len(found.distant)
        if isinstance(engine, SparkEngine):
            found.distant.append(_view(engine, _asked_of_spark(engine, asked), asked.kind, settings, number))
        else:
            source = _asked_of_postgres(engine, asked, str(place))
            found.distant.append(_distant(engine, source, _called(asked), asked.kind, settings, number))


def _at_connection(
    data: ConnectedTable,
    kind: TableKind | None,
    local: DuckDBEngine,
    settings: SourcesSettings,
    engines: dict[object, DistantEngine],
    found: Sorted,
) -> None:
    """Take a table of an open connection: through PostgreSQL's own engine, or row by row."""
    asked = data.asked._replace(kind=kind)
    if data.is_postgres:
        _at_address(Place("postgres", (asked,), data.address()), local, settings, engines, found)
        return
    refuse_more_than_a_select(asked, data.dialect)
    came = brought(data, _called(asked), local, len(found.near))
    found.near.append(Near(Input(came.path, kind), _called(asked), (came.finding,)))


def _called(asked: Asked) -> str:
    return "the query" if asked.is_query else asked.text


def _engine(place: Place, schema: str, local: DuckDBEngine, engines: dict[object, DistantEngine]) -> Any:  # noqa: ANN401
    if schema and place.engine == "spark":
        raise ConfigError(
            f"What is kept for a while cannot lie in the schema '{schema}' of Spark.",
            remedy="Leave out the schema: Spark keeps it in its own cache, and forgets it at the end.",
        )
    key = (place.engine, place.path, place.server, schema)
    if key not in engines:
        if place.engine == "postgres":
            engines[key] = PostgresEngine(place.server, place.timeout, schema)
        else:
            running = active() if "pyspark" in sys.modules and not place.path else None
            engines[key] = SparkEngine(running) if running is not None else started(place.path)
        local.also_close(engines[key])
    return engines[key]


def _is_spark_frame(data: object) -> bool:
    return type(data).__module__.startswith("pyspark.") and hasattr(data, "sparkSession")


def _is_spark_table(data: object) -> bool:
    """Whether a text is the name of a table of the running Spark session, and no file."""
    if not isinstance(data, str) or "pyspark" not in sys.modules:
        return False
    session = active()
    return session is not None and _has_table(session, data)


def _has_table(session: SparkSession, name: str) -> bool:
    from pyspark.errors import PySparkException

    try:
        return bool(session.catalog.tableExists(name))
    except PySparkException:
        return False


def _spark_of(data: Any, local: DuckDBEngine, engines: dict[object, DistantEngine]) -> SparkEngine:  # noqa: ANN401
    session: Any = active() if isinstance(data, str) else data.sparkSession
    key = ("spark", id(session))
    if key not in engines:
        engines[key] = SparkEngine(session)
        local.also_close(engines[key])
    return engines[key]  # type: ignore[return-value]  # put there above


class _Named(NamedTuple):
    name: str
    frame: DataFrame


def _frame(data: Any) -> _Named:  # noqa: ANN401  a DataFrame, or the name of a table
    if isinstance(data, str):
        return _Named(data, active().table(data))  # type: ignore[union-attr]  # asked for before
    return _Named("the Spark table", data)


def _asked_of_spark(engine: SparkEngine, asked: Asked) -> _Named:
    refuse_more_than_a_select(asked, "spark")
    session = engine.theirs
    if asked.is_query:
        return _Named("the query", engine.asked(asked.text))
    if not _has_table(session, asked.text):
        known = [table.name for table in session.catalog.listTables()]
        raise _no_table(asked.text, "Spark", known)
    return _Named(asked.text, session.table(asked.text))


def _view(
    engine: SparkEngine, named: _Named, kind: TableKind | None, settings: SourcesSettings, number: int
) -> Distant:
    return _distant(engine, engine.borrow(named.frame), named.name, kind, settings, number)


def _asked_of_postgres(engine: PostgresEngine, asked: Asked, where: str) -> str:
    """Give what follows FROM: a name with its schema, so that no table of ours can take its place, or the query."""
    refuse_more_than_a_select(asked, "postgres")
    if asked.is_query:
        return f"({asked.text.rstrip('; ')}) AS asked"
    quote, text = engine.dialect.quote, engine.dialect.text
    for written in (asked.text, asked.text.lower()):
        name = ".".join(quote(part.strip('"')) for part in written.split("."))
        found = engine.rows(
            "SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            f"WHERE pg_class.oid = to_regclass({text(name)})",
            "finding the table",
        )
        if found:
            return ".".join(quote(str(part)) for part in found[0])
    known = [f"{schema}.{name}" if schema != "public" else name for schema, name in engine.rows(
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2 LIMIT 1000")]  # fmt: skip
    raise _no_table(asked.text, where, known)


def _no_table(name: str, where: str, known: Sequence[str]) -> InputError:
    close = near(name, known)[:1]
    return InputError(
        f"There is no table '{name}' in {where}.",
        found=listing(known) if known else "The user sees no table there.",
        remedy=f"Did you mean '{close[0]}'?" if close else "Give its schema too, as in ?table=sales.orders.",
    )


def refuse_more_than_a_select(asked: Asked, dialect: str) -> None:
    """Refuse a query that is more than one SELECT.

    Raises
    ------
    ConfigError
        It cannot be read, holds several statements, or changes something.
    """
    if not asked.is_query:
        return
    import sqlglot
    from sqlglot import exp

    try:
        statements = sqlglot.parse(asked.text, dialect=dialect or None)
    except sqlglot.ParseError as cause:
        raise ConfigError("The query cannot be read as SQL.", remedy="Try it in the database first.") from cause
    changing = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Into)
    only = [statement for statement in statements if statement is not None]
    if len(only) != 1 or not isinstance(only[0], exp.Query) or only[0].find(*changing):
        raise ConfigError("The query is more than one SELECT.", remedy="Hand over one SELECT that changes nothing.")


def _distant(
    engine: DistantEngine, source: str, name: str, kind: TableKind | None, settings: SourcesSettings, number: int
) -> Distant:
    """Lay a view of plain columns over what the user named."""
    schema = engine.arrow(f"SELECT * FROM {source} LIMIT 0", f"looking at {name}").schema
    dialect = engine.dialect
    usable = [field for field in schema if is_usable(field.type)]
    if not usable:
        raise InputError(f"'{name}' has no column of a type that can be used.")
    shown = [
        f"{engine.plain(dialect.quote(field.name), field.type, settings.timezone)} AS {dialect.quote(field.name)}"
        for field in usable
    ]
    relation = f"coterie_source_{number}"
    engine.see(relation, f"SELECT {', '.join(shown)} FROM {source}", name)
    plain = engine.arrow(f"SELECT * FROM {relation} LIMIT 0", name).schema
    left_away = tuple(field.name for field in schema if not is_usable(field.type))
    return Distant(name, engine, relation, plain, left_away, kind)


def is_usable(type_: pa.DataType) -> bool:
    """Whether a column's type is a number, a text, a day, a time or a yes and no."""
    import pyarrow as pa

    return not (pa.types.is_nested(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_))
