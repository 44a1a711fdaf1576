"""The assignment in SQL gives every customer the segment that Python gives, on every engine that runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coterie.outputs.sql.writing import assignment_steps, chained
from outputs import sql_cases

if TYPE_CHECKING:
    import pyarrow as pa

    from coterie.engines.base import Engine

#: Customers for the rule of centres; the other rules take more of an engine's time and get a part of them.
_N, _FEWER = 100_000, 10_000
_EXACT = ("centres", "gaussians", "diagonal", "latent_classes", "student", "kamila")


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return sql_cases.arrow(sql_cases.customers(_N, seed=11))


@pytest.mark.parametrize("name", _EXACT)
def test_sql_and_python_give_every_customer_the_same_segment(name: str, table: pa.Table, any_engine: Engine) -> None:
    recipe = sql_cases.fitted_recipe()
    rule = sql_cases.rules(recipe)[name]
    n = _N if name == "centres" else _FEWER
    table = table.slice(0, n)
    rows = recipe.transform({feature: cells[:n] for feature, cells in sql_cases.customers(_N, seed=11).items()})
    expected = np.array(sql_cases.SEGMENT_OF_LABEL)[rule.scores(rows).argmax(axis=0)]
    steps = assignment_steps(recipe, rule, sql_cases.SEGMENT_OF_LABEL, sql_cases.SEGMENT_NAMES, any_engine.dialect)
    any_engine.upload("uploaded", table)
    any_engine.keep("customers", "SELECT * FROM uploaded")
    found = any_engine.arrow(f"SELECT * FROM ({chained(steps, any_engine.dialect)}) AS r ORDER BY customer_id")
    for kept in ("customers", "uploaded"):
        any_engine.drop(kept)
    assert len(set(expected.tolist())) >= sql_cases.K - 1
    assert found.column("customer_id").to_pylist() == table.column("customer_id").to_pylist()
    np.testing.assert_array_equal(found.column("segment_id").to_numpy(), expected)
    names = [sql_cases.SEGMENT_NAMES[identity] for identity in expected.tolist()]
    assert found.column("segment").to_pylist() == names
