"""Rows in the order of another table are those that pandas gives."""

from __future__ import annotations

import pandas as pd
import pytest

from coterie.alignment import is_rising, places_in, reindexed

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


def test_objects_stay_objects() -> None:
    column = pd.Series(["p", None, "q"], dtype=object, index=["a", "b", "c"])
    index = pd.Index(["c", "x", "a"])
    pd.testing.assert_series_equal(reindexed(column, index), column.reindex(index))


@pytest.mark.parametrize(
    ("labels", "rising"), [([], True), (["a"], True), (["a", "b"], True), (["b", "a"], False), (["a", "a"], False)]
)
@pytest.mark.parametrize("kind", ["str", object])
def test_rising_is_by_code_point_and_without_repeats(labels: list[str], rising: bool, kind: object) -> None:
    assert is_rising(pd.Index(labels, dtype=kind)) is rising


def test_an_unknown_id_is_not_sorted() -> None:
    assert not is_rising(pd.Index(["a", "b", None], dtype="str"))


def test_places_of_labels_that_are_not_there_are_negative() -> None:
    assert places_in(pd.Index(["a", "b"]), pd.Index(["b", "c", "a"])).tolist() == [1, -1, 0]


@pytest.mark.parametrize("known", [["a1", "b2", "d4"], ["d4", "a1", "b2"], ["a1", "b2", "d44"], ["a\0", "ab", "é"]])
@pytest.mark.parametrize("sought", [["b2", "a0", "d4", "z9", "b2"], ["d44", "b2"], ["a\0", "é", "ab"], ["", "b2"]])
def test_texts_are_found_at_the_places_that_pandas_gives(known: list[str], sought: list[str]) -> None:
    index, labels = pd.Index(known, dtype="str"), pd.Index(sought, dtype="str")
    assert places_in(index, labels).tolist() == index.get_indexer(labels).tolist()


def test_a_part_of_sorted_texts_is_found_where_it_lies() -> None:
    index = pd.Index([f"C{number:04d}" for number in range(100)], dtype="str")
    assert places_in(index[10:], index[5:20]).tolist() == [-1] * 5 + list(range(10))
