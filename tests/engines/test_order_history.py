"""The order histories of customers are the same on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

from coterie.campaigns import OrderHistory, order_history
from coterie.engines.duckdb import DuckDBEngine
from coterie.sources.shop import ORDER_LINE_COLUMNS, Shop
from coterie.vocabulary import TableKind
from engines.test_features import AS_OF, _order_lines, _put

if TYPE_CHECKING:
    from coterie.engines.base import Engine


def _history(engine: Engine) -> OrderHistory:
    _put(engine, "order_lines", ORDER_LINE_COLUMNS, _with_cancelled(_order_lines()))
    roles = {TableKind.ORDERS: frozenset(ORDER_LINE_COLUMNS)}
    try:
        found = order_history(Shop(engine, (), roles, (), (), AS_OF))
    finally:
        for name in ("order_lines", "order_lines_text"):
            engine.drop(name)
    assert found is not None
    return found


def _with_cancelled(lines: pa.Table) -> pa.Table:
    """Undo each fifth order, half of them a month later under its own number, half on its day under another."""
    frame = lines.to_pandas()
    number = frame["order_id"].str[1:].astype(int)
    back = frame[(number % 5 == 0) & (frame["is_return"] == "false")].copy()
    own = number[back.index] % 10 == 0
    later = pd.to_datetime(back["ordered_at"]) + pd.Timedelta(days=31)
    back.loc[own, "ordered_at"] = later[own].astype(str)
    back.loc[own, "ordered_on"] = later[own].dt.date.astype(str)
    back.loc[~own, "order_id"] = "back" + back["order_id"]
    back["is_return"] = "true"
    for name in ("quantity", "amount"):
        back[name] = "-" + back[name]
    return pa.Table.from_pandas(pd.concat([frame, back]), schema=lines.schema, preserve_index=False)


def _history_of_all_orders(lines: pd.DataFrame) -> int:
    """Days with a purchase, whatever went back."""
    bought = lines[(lines["is_return"] == "false") & (lines["is_charge"] == "false")]
    return len(bought[bought["ordered_on"] < str(AS_OF)].drop_duplicates(["customer_id", "ordered_on"]))


@pytest.mark.parametrize("name", ["postgres", "spark"])
def test_order_histories_are_the_same_on_every_engine(name: str, request: pytest.FixtureRequest) -> None:
    found = _history(request.getfixturevalue(f"{name}_engine"))
    with DuckDBEngine(memory="500MB", threads=1) as engine:
        expected = _history(engine)
    pd.testing.assert_frame_equal(found.frame, expected.frame, check_exact=True)
    pd.testing.assert_frame_equal(found.then, expected.then, check_exact=True)
    pd.testing.assert_frame_equal(found.days, expected.days, check_exact=True)
    assert (found.begins, found.split_on) == (expected.begins, expected.split_on)
    plain = _history_of_all_orders(_with_cancelled(_order_lines()).to_pandas())
    assert found.frame["order_days"].sum() < 0.9 * plain
    assert list(found.frame.index) == sorted(found.frame.index)
