"""Rows in the order of another table are those that pandas gives."""

from __future__ import annotations

import pandas as pd
import pytest

from coterie.alignment import reindexed

TABLE = pd.DataFrame(
    {
        "orders": [1, 2, 3],
        "spent": [1.5, float("nan"), 3.0],
        "stage": ["new", None, "lost"],
        "is_core": [True, False, True],
        "anything": pd.Series([1, "two", None], dtype=object),
        "joined": pd.to_datetime(["2024-01-01", "2024-01-02", None]),
    }
).set_axis(["d", "a", "x"])


@pytest.mark.parametrize("labels", [["a", "d"], ["a", "b", "c", "d"], ["d", "a", "x"], []])
@pytest.mark.parametrize("kind", ["str", object])
def test_rows_come_in_the_order_asked_for(labels: list[str], kind: object) -> None:
    index = pd.Index(labels, dtype=kind)
    pd.testing.assert_frame_equal(reindexed(TABLE, index), TABLE.reindex(index))
    for name in TABLE:
        pd.testing.assert_series_equal(reindexed(TABLE[name], index), TABLE[name].reindex(index))


def test_a_table_without_rows_gives_rows_without_values() -> None:
    index = pd.Index(["a", "b"])
    pd.testing.assert_frame_equal(reindexed(TABLE.iloc[:0], index), TABLE.iloc[:0].reindex(index))
