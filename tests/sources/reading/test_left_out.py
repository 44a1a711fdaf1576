"""The account of rows that were left out."""

from __future__ import annotations

from coterie.sources.left_out import create_left_out, set_aside


def test_rows_are_added_with_table_and_reason(engine):
    assert set_aside(engine, "it's.csv", "too few fields", "SELECT 7 UNION ALL SELECT 3") == 2
    assert set_aside(engine, "it's.csv", "nothing", "SELECT 1 WHERE false") == 0
    assert engine.rows("FROM left_out") == [("it's.csv", 3, "too few fields"), ("it's.csv", 7, "too few fields")]


def test_the_account_is_there_before_anything_is_left_out(engine):
    create_left_out(engine)
    create_left_out(engine)
    assert engine.columns("left_out") == {"table_name": "VARCHAR", "source_row": "BIGINT", "reason": "VARCHAR"}
