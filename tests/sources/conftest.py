"""Shops from a few rows: raw tables by hand, opened with any settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from coterie.config import SourcesSettings
from coterie.sources import RawTable, Shop, open_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coterie.engines.duckdb import DuckDBEngine


def raw_table(
    engine: DuckDBEngine, rows: Sequence[dict[str, object]], *, name: str = "table.csv", kind=None, **formats
):
    """Lay rows into the engine as a reader would: text (or typed) columns and `source_row` from 2 on."""
    relation = f"raw_{name.replace('.', '_')}"
    columns = tuple(rows[0])
    data = pa.table({"source_row": list(range(2, len(rows) + 2)), **{c: [row.get(c) for row in rows] for c in columns}})
    engine.register(f"arrow_{relation}", data)
    engine.run(f'CREATE OR REPLACE TABLE "{relation}" AS SELECT * FROM "arrow_{relation}"')
    types = {c: t for c, t in engine.columns(relation).items() if c != "source_row"}
    return RawTable(name, relation, columns, types, len(rows), "fingerprint", formats, kind=kind)


@pytest.fixture
def opened(engine: DuckDBEngine) -> Callable[..., Shop]:
    """Open a shop from the rows of one table; keywords are settings of the sources."""

    def open_rows(rows, *, kind=None, as_of=None, min_customers=0, formats=None, ignore=(), **settings) -> Shop:
        raw = raw_table(engine, rows, kind=kind, **(formats or {}))
        return open_raw(
            [raw], engine, SourcesSettings(**settings), as_of=as_of, ignore=ignore, min_customers=min_customers
        )

    return open_rows


@pytest.fixture
def opened_tables(engine: DuckDBEngine) -> Callable[..., Shop]:
    """Open a shop from several tables: name -> rows."""

    def open_several(tables, *, min_customers=0, as_of=None, **settings) -> Shop:
        raws = [raw_table(engine, rows, name=name) for name, rows in tables.items()]
        return open_raw(raws, engine, SourcesSettings(**settings), as_of=as_of, min_customers=min_customers)

    return open_several


def order(
    customer: object = "A1", day: object = "2024-01-05", amount: object = "10.00", **more: object
) -> dict[str, object]:
    """Give one order line as a shop would export it."""
    return {"customer_id": customer, "order_date": day, "amount": amount, **more}


def finding(shop: Shop, code: str):
    """Give the one finding of a code."""
    (found,) = [f for f in shop.findings if f.code == code]
    return found
