"""The way to a shop whose orders stay in the user's engine; customer tables, one row a customer, come here."""

# ruff: noqa: E501  SQL and messages stay in one line

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.errors import InputError, NotEnoughDataError
from coterie.progress import SILENT
from coterie.sources import opening
from coterie.sources.checks import FEWEST_CUSTOMERS, check_enough
from coterie.sources.connect.checks import check_known, count_known
from coterie.sources.connect.events import map_events
from coterie.sources.connect.looking import look
from coterie.sources.connect.orders import map_orders
from coterie.sources.connect.place import is_distant, sort
from coterie.sources.raw import Input, RawTable
from coterie.sources.reading import read_input
from coterie.sources.shop import RELATIONS, Shop
from coterie.sources.suppression import refuse_distant
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.progress import Progress
    from coterie.sources.connect.looking import Look
    from coterie.sources.connect.orders import Mapped
    from coterie.sources.connect.place import Near
    from coterie.vocabulary import Finding

#: Most rows of a customer table that come here.
MOST_CUSTOMERS = 10_000_000


def open_shop(
    inputs: Sequence[Input],
    engine: DuckDBEngine,
    settings: SourcesSettings,
    *,
    as_of: dt.date | None = None,
    ignore: Collection[str] = (),
    min_customers: int = FEWEST_CUSTOMERS,
    progress: Progress = SILENT,
) -> Shop:
    """Open a shop from tables of any place: see `coterie.sources.opening.open_shop` for files and dataframes.

    Orders and events of a database or a Spark cluster stay there, and `Shop.engine` is that engine; order lines never
    travel. Tables of customers come here, and what was understood of them goes there to be joined.

    Raises
    ------
    EngineError
        The database cannot be reached or refuses; the message says why and what to do.
    """
    if not any(is_distant(item.data) for item in inputs):
        return opening.open_shop(
            inputs, engine, settings, as_of=as_of, ignore=ignore, min_customers=min_customers, progress=progress
        )
    refuse_distant(settings)
    found = sort(inputs, engine, settings)
    near = [_read(item, engine, settings, number, progress) for number, item in enumerate(found.near)]
    progress.advance(0.3)
    looks: dict[TableKind, Look] = {}
    for number, table in enumerate(found.distant, len(near)):
        seen = look(table, engine, settings, ignore, number)
        kind = seen.understood.kind
        if kind not in (TableKind.ORDERS, TableKind.EVENTS):
            near.append(_brought(seen, settings, number))
        elif kind in looks:
            raise _two_of_a_kind(kind, looks[kind], seen)
        else:
            looks[kind] = seen
    progress.advance(0.5)
    if TableKind.ORDERS not in looks and TableKind.EVENTS not in looks:
        return opening.open_raw(near, engine, settings, as_of=as_of, ignore=ignore, min_customers=min_customers)
    return _united(looks, near, engine, settings, as_of, ignore, min_customers)


def _read(item: Near, engine: DuckDBEngine, settings: SourcesSettings, number: int, progress: Progress) -> RawTable:
    raw = read_input(item.input, engine, settings, number=number, progress=progress)
    return replace(raw, name=item.name, findings=(*raw.findings, *item.findings)) if item.name else raw


def _two_of_a_kind(kind: TableKind, one: Look, other: Look) -> InputError:
    return InputError(
        f"Both '{one.table.name}' and '{other.table.name}' are tables of {kind.value}.",
        remedy="Put them together with a query, as in &query=SELECT … UNION ALL SELECT …, or say what the other one is.",
    )


def _brought(seen: Look, settings: SourcesSettings, number: int) -> RawTable:
    """Bring a table of one row a customer here."""
    table = seen.table
    if seen.rows > MOST_CUSTOMERS:
        raise InputError(
            f"Table '{table.name}' has {seen.rows:,} rows; at most {MOST_CUSTOMERS:,} customers can be brought here.",
            remedy="Hand over the orders alone, or a part of the customers with a query.",
        )
    rows = table.engine.arrow(f"SELECT * FROM {table.relation}", table.name)
    raw = read_input(Input(rows, seen.understood.kind), seen.local, settings, number=number)
    seen.local.run(
        f"UPDATE left_out SET table_name = {seen.local.dialect.text(table.name)} "
        f"WHERE table_name = {seen.local.dialect.text(raw.name)}"
    )
    return replace(raw, name=table.name, formats={"format": f"table in {table.engine.dialect.title}"})


def _united(
    looks: dict[TableKind, Look],
    near: list[RawTable],
    local: DuckDBEngine,
    settings: SourcesSettings,
    as_of: dt.date | None,
    ignore: Collection[str],
    fewest: int,
) -> Shop:
    """Map what stays, read what is here, and put both beside each other in the user's engine."""
    mapped: dict[TableKind, Mapped] = {}
    enough: list[Finding] = []
    if TableKind.ORDERS in looks:
        mapped[TableKind.ORDERS] = map_orders(looks[TableKind.ORDERS], settings, as_of)
        as_of = mapped[TableKind.ORDERS].day
        enough = [] if near else check_enough(mapped[TableKind.ORDERS].customers, as_of, fewest)
    if TableKind.EVENTS in looks:
        mapped[TableKind.EVENTS] = map_events(looks[TableKind.EVENTS], settings, as_of)
        as_of = as_of or mapped[TableKind.EVENTS].day
    engine = next(iter(looks.values())).table.engine
    here = opening.open_raw(near, local, settings, as_of=as_of, ignore=ignore, min_customers=0) if near else None
    if here:
        for kind in here.roles:
            if kind in mapped:
                raise InputError(
                    f"Some {kind.value} lie in a database and some in a file.", remedy="Bring them into one place."
                )
            engine.upload(RELATIONS[kind], local.arrow(f"SELECT * FROM {RELATIONS[kind]}"))
    elif TableKind.ORDERS not in mapped:
        raise NotEnoughDataError(
            "There is neither a table of orders nor one of customers.",
            remedy="Hand over the orders as well, as in ?events=…&orders=….",
        )
    own = (*enough, *(finding for one in mapped.values() for finding in one.findings))
    if here and {TableKind.ORDERS, TableKind.CUSTOMERS} <= {*mapped, *here.roles}:
        own += (*check_enough(count_known(engine), as_of, fewest), *check_known(engine))
    return Shop(
        engine=engine,
        tables=(*(one.report for one in mapped.values()), *(here.tables if here else ())),
        roles={kind: one.roles for kind, one in mapped.items()} | dict(here.roles if here else {}),
        given=here.given if here else (),
        findings=tuple(dict.fromkeys((*own, *_of_all(here)))),
        as_of=as_of,
        currency=settings.currency
        or next((one.currency for one in mapped.values() if one.currency), here.currency if here else ""),
    )


def _of_all(here: Shop | None) -> list[Finding]:
    """Findings of the tables that are read here, but those about their number of customers: others have orders there."""
    return [finding for finding in here.findings if finding.code != "few-customers"] if here else []
