"""Small shops made by hand: rows as dictionaries, put into the engine under our own column names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from coterie.sources.shop import EVENT_COLUMNS, ORDER_LINE_COLUMNS, RELATIONS, GivenColumn, Shop
from coterie.vocabulary import Kind, TableKind

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine

Row = Mapping[str, Any]

_ENGINE_TYPES = {Kind.CATEGORY: "VARCHAR", Kind.DATE: "DATE"}


def line(customer: str, order: str, day: str, amount: str = "10.00", **more: Any) -> Row:
    """An order line: `day` is an ISO date or date and time, `amount` exact."""
    return {
        "customer_id": customer,
        "order_id": order,
        "ordered_at": day,
        "ordered_on": day[:10],
        "amount": amount,
        "is_return": False,
        "is_charge": False,
        **more,
    }


def shop_of(
    engine: DuckDBEngine,
    lines: Sequence[Row] | None = None,
    *,
    events: Sequence[Row] | None = None,
    given: Sequence[Row] | None = None,
    columns: Sequence[GivenColumn] = (),
    as_of: str | None = "2024-01-01",
) -> Shop:
    """A shop with the given tables; `columns` says what the columns of `given` mean."""
    roles: dict[TableKind, frozenset[str]] = {}
    if lines is not None:
        fill(engine, RELATIONS[TableKind.ORDERS], ORDER_LINE_COLUMNS, lines)
        roles[TableKind.ORDERS] = frozenset(name for row in lines for name, value in row.items() if value is not None)
    if events is not None:
        fill(engine, RELATIONS[TableKind.EVENTS], EVENT_COLUMNS, events)
        roles[TableKind.EVENTS] = frozenset(name for row in events for name in row)
    if given is not None:
        types = {column.name: _ENGINE_TYPES.get(column.kind, "DOUBLE") for column in columns}
        fill(engine, RELATIONS[TableKind.CUSTOMERS], {"customer_id": "VARCHAR", **types}, given)
        roles[TableKind.CUSTOMERS] = frozenset({"customer_id", *(column.role for column in columns)})
    day = dt.date.fromisoformat(as_of) if as_of else None
    return Shop(engine, (), roles, tuple(columns), (), day, "£")


def fill(engine: DuckDBEngine, relation: str, types: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Make a table of ours with these rows; columns that a row leaves out are NULL."""
    quote = engine.dialect.quote
    cells = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in types}
    engine.register("cells", pa.table({name: pa.array(values, pa.string()) for name, values in cells.items()}))
    casts = ", ".join(f"CAST({quote(name)} AS {kind}) AS {quote(name)}" for name, kind in types.items())
    engine.run(f"CREATE OR REPLACE TABLE {relation} AS SELECT {casts} FROM cells")
    engine.connection.unregister("cells")
