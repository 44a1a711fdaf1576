"""The customer table of a synthetic store with the planted segment of each customer, without files in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.config import FeaturesSettings
from coterie.engines.duckdb import DuckDBEngine
from coterie.features import build
from coterie.sources.shop import EVENT_COLUMNS, ORDER_LINE_COLUMNS, Shop
from coterie.sources.synthetic import make_store
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from coterie.vocabulary import CustomerTable

#: Columns of `order_lines` that the store's own table does not have, as expressions over it.
DERIVED = {
    "ordered_on": "CAST(ordered_at AS DATE)",
    "product_name": "product",
    "is_return": "quantity < 0",
    "is_charge": "FALSE",
}


def customer_table(customers: int, seed: int, difficulty: str) -> tuple[CustomerTable, np.ndarray]:
    """Give one row a customer and the planted segment of each, both sorted by customer id."""
    with DuckDBEngine(memory="1GB", threads=1) as engine:
        store = make_store(engine, customers=customers, seed=seed, difficulty=difficulty)
        orders = ", ".join(
            f"CAST({DERIVED.get(name, name)} AS {kind}) AS {name}" for name, kind in ORDER_LINE_COLUMNS.items()
        )
        engine.run(f"CREATE TABLE order_lines AS SELECT {orders} FROM {store.orders}")
        known = engine.columns(store.events)
        events = ", ".join(
            f"CAST({name if name in known else 'NULL'} AS {kind}) AS {name}" for name, kind in EVENT_COLUMNS.items()
        )
        engine.run(f"CREATE TABLE site_events AS SELECT {events} FROM {store.events}")
        shop = Shop(
            engine=engine,
            tables=(),
            roles={
                TableKind.ORDERS: frozenset(ORDER_LINE_COLUMNS),
                TableKind.EVENTS: frozenset(EVENT_COLUMNS) & set(known),
            },
            given=(),
            findings=(),
            as_of=None,
        )
        table = build(shop, FeaturesSettings())
        truth = dict(engine.rows(f"SELECT customer_id, segment FROM {store.truth}"))
    return table, np.array([truth[customer] for customer in table.frame.index])
