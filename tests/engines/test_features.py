"""The features of a shop are the same on every engine, and every step can be read by every warehouse."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot

from coterie.config import FeaturesSettings
from coterie.engines.dialect import DIALECTS
from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.steps import chain
from coterie.features import build, plan
from coterie.features.categories import columns_for
from coterie.sources.shop import EVENT_COLUMNS, ORDER_LINE_COLUMNS, Shop
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from coterie.engines.base import Engine
    from coterie.engines.dialect import Dialect

AS_OF = dt.date(2024, 7, 1)
_SETTINGS = FeaturesSettings()


def _order_lines(n_orders: int = 900) -> pa.Table:
    """Orders with ties, returns, charges, missing cells, and texts that collations sort differently."""
    rng = np.random.default_rng(5)
    rows = []
    for order in range(n_orders):
        customer = f"{'aBäZ_'[order % 5]}{rng.integers(120)}"
        at = dt.datetime(2023, 1, 1) + dt.timedelta(minutes=int(rng.integers(0, 546 * 96)) * 15)  # noqa: DTZ001  no zone
        for _ in range(rng.integers(1, 4)):
            product = int(rng.integers(0, 40))
            quantity = int(rng.choice([1, 1, 2, 3, 12]))
            price = round(float(rng.choice([1.99, 4.5, 12.0, 99.95])), 2)
            is_return = rng.random() < 0.08
            rows.append({
                "customer_id": customer, "order_id": f"o{order}", "ordered_at": at.isoformat(sep=" "),
                "ordered_on": at.date().isoformat(), "product": f"p{product}",
                "category": [None, "Äpfel", "apples", "Bags", "_misc", "a'b\\c"][product % 6],
                "quantity": str(-quantity if is_return else quantity),
                "amount": f"{(-1 if is_return else 1) * quantity * price:.2f}",
                "discount": "1.00" if rng.random() < 0.2 else "0.00",
                "channel": ["web", "Shop", "äpp", None][order % 4],
                "country": ["DE", "at", "CH"][len(customer) % 3], "is_return": str(is_return).lower(),
                "is_charge": str(bool(rng.random() < 0.03)).lower(),
            })  # fmt: skip
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in ORDER_LINE_COLUMNS}
    return pa.table(columns)


def _events(n: int = 600) -> pa.Table:
    rng = np.random.default_rng(6)
    rows = [
        {
            "customer_id": f"{'aBäZ_'[i % 5]}{rng.integers(120)}",
            "happened_at": (dt.datetime(2024, 1, 1) + dt.timedelta(hours=int(rng.integers(0, 4000)))).isoformat(" "),  # noqa: DTZ001
            "category": ["Äpfel", "apples", "Bags", None][int(rng.integers(4))],
            "session_id": f"s{i // 3}", "duration_seconds": repr(float(rng.exponential(60))),
            "device": ["phone", "Desktop"][int(rng.integers(2))],
        }
        for i in range(n)
    ]  # fmt: skip
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in EVENT_COLUMNS})


def _cast(dialect: Dialect, name: str, type_: str) -> str:
    column = dialect.quote(name)
    if type_.startswith("DECIMAL"):
        return dialect.decimal(column, 18, int(type_[-2]))
    engine_type = {"VARCHAR": "", "DOUBLE": dialect.double, "TIMESTAMP": dialect.timestamp}.get(type_, type_)
    return f"CAST({column} AS {engine_type})" if engine_type else dialect.string(column)


def _put(engine: Engine, name: str, types: dict[str, str], table: pa.Table) -> None:
    dialect = engine.dialect
    engine.upload(f"{name}_text", table)
    casts = ", ".join(f"{_cast(dialect, column, type_)} AS {dialect.quote(column)}" for column, type_ in types.items())
    engine.keep(name, f"SELECT {casts} FROM {name}_text")


def _customer_frame(engine: Engine) -> pd.DataFrame:
    _put(engine, "order_lines", ORDER_LINE_COLUMNS, _order_lines())
    _put(engine, "site_events", EVENT_COLUMNS, _events())
    roles = {TableKind.ORDERS: frozenset(ORDER_LINE_COLUMNS), TableKind.EVENTS: frozenset(EVENT_COLUMNS)}
    try:
        return build(Shop(engine, (), roles, (), (), AS_OF), _SETTINGS).frame
    finally:
        for name in ("order_lines", "site_events", "order_lines_text", "site_events_text"):
            engine.drop(name)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    with DuckDBEngine(memory="500MB", threads=1) as engine:
        return _customer_frame(engine)


@pytest.mark.parametrize("name", ["postgres", "spark"])
def test_all_features_of_a_shop_are_equal_to_nine_digits(
    name: str, expected: pd.DataFrame, request: pytest.FixtureRequest
) -> None:
    found = _customer_frame(request.getfixturevalue(f"{name}_engine"))
    assert len(expected.columns) > 35
    assert list(found.index) == list(expected.index)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)


_EVERYTHING = {
    "as_of": "DATE '2024-07-01'", "dated": True, "grouped": False, "category": "bought.category", "recent": "TRUE",
    "weight_log": "weight", "amount": True, "channels": True, "countries": True, "sessions": False,
    "sources": ["orders", "given_customers"], "log_categories": "1.5",
}  # fmt: skip


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_every_step_can_be_parsed_in_every_dialect(dialect: Dialect, few: bool) -> None:
    class _Printed:
        pass

    _Printed.dialect = dialect
    shares = {
        f"{kind}_shares": columns_for(_Printed(), f"{family}<{word}>", ["Äpfel", "it's \\ -- ;"])
        for kind, family, word in (
            ("category", "share_", "category"),
            ("channel", "channel_share_", "channel"),
            ("browse", "browse_share_", "category"),
        )
    }
    parameters = {**_EVERYTHING, **shares, "few_channels": (dialect.text("app"), dialect.text("it's")) if few else ()}
    lines, *rest = plan.steps(plan.ORDER, dialect, parameters)
    kept = [plan.step(name, dialect, parameters) for name in ("orders", "customer_products", "customer_categories")]
    customers = plan.step("customers", dialect, {"columns": ["buying.recency_days"], "joined": ["buying"]})
    query = sqlglot.parse(chain([lines, *kept, *rest, customers]), read=dialect.name)
    assert len(query) == 1
    named = [cte.alias for cte in query[0].find_all(sqlglot.exp.CTE)]
    assert set(plan.ORDER) <= set(named)
