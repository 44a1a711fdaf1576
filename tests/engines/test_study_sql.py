"""A study's query, run on the store's own table, places every customer as the study did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from coterie.outputs.sql import study_sql
from outputs import sql_study

if TYPE_CHECKING:
    import pandas as pd

    from coterie.engines.base import Engine

_HOSTILE = {"amount": 'a"; DROP TABLE orders; --', "customer_id": "select", "category": "Größe 😀", "status": "it's"}


def _run(engine: Engine, frame: pd.DataFrame, sql: str) -> dict[str, int]:
    engine.upload("orders", pa.Table.from_pandas(frame, preserve_index=False))
    try:
        found = engine.arrow(f"SELECT customer_id, segment_id FROM ({sql}) AS r")
    finally:
        engine.drop("orders")
    return dict(zip(found.column("customer_id").to_pylist(), found.column("segment_id").to_pylist(), strict=True))


@pytest.mark.parametrize("columns", [{}, _HOSTILE], ids=["plain", "hostile"])
def test_the_whole_journey_gives_the_segments_of_the_study(any_engine: Engine, columns: dict[str, str]) -> None:
    frame = sql_study.orders(columns=columns)
    study = sql_study.study(frame, columns)
    sql = study_sql(study, any_engine.dialect.name, tables={"orders": "orders"})
    found = _run(any_engine, frame, sql)
    assert len(set(study.customers["segment_id"])) == 2
    assert found == study.customers["segment_id"].to_dict()
