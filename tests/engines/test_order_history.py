"""The order histories of customers are the same on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from coterie.campaigns import OrderHistory, order_history
from coterie.engines.duckdb import DuckDBEngine
from coterie.sources.shop import ORDER_LINE_COLUMNS, Shop
from coterie.vocabulary import TableKind
from engines.test_features import AS_OF, _order_lines, _put

if TYPE_CHECKING:
    from coterie.engines.base import Engine


def _history(engine: Engine) -> OrderHistory:
    _put(engine, "order_lines", ORDER_LINE_COLUMNS, _order_lines())
    roles = {TableKind.ORDERS: frozenset(ORDER_LINE_COLUMNS)}
    try:
        found = order_history(Shop(engine, (), roles, (), (), AS_OF))
    finally:
        for name in ("order_lines", "order_lines_text"):
            engine.drop(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["postgres", "spark"])
def test_order_histories_are_the_same_on_every_engine(name: str, request: pytest.FixtureRequest) -> None:
    found = _history(request.getfixturevalue(f"{name}_engine"))
    with DuckDBEngine(memory="500MB", threads=1) as engine:
        expected = _history(engine)
    pd.testing.assert_frame_equal(found.frame, expected.frame, check_exact=True)
    pd.testing.assert_frame_equal(found.days, expected.days, check_exact=True)
    assert (found.begins, found.split_on) == (expected.begins, expected.split_on)
    assert list(found.frame.index) == sorted(found.frame.index)
