"""What DuckDB may take of the memory that a whole run may take."""

from __future__ import annotations

import pytest

from coterie.engines.duckdb import DuckDBEngine, own_limit
from coterie.errors import EngineError


@pytest.mark.parametrize(
    ("memory", "own"),
    [
        ("2GB", "1200MB"),
        ("4 GB", "2400MB"),
        ("300MB", "300MB"),
        ("800MB", "500MB"),
        ("1GiB", "644MB"),
        ("1.5GB", "900MB"),
    ],
)
def test_duckdb_leaves_room_for_the_rest_of_the_run(memory, own):
    assert own_limit(memory) == own


def test_the_engine_starts_with_its_own_limit_and_keeps_order_unless_told():
    with DuckDBEngine("2GB", 1) as engine:
        assert engine.value("SELECT current_setting('memory_limit')") == "1.1 GiB"
        with engine.unordered():
            assert not engine.value("SELECT current_setting('preserve_insertion_order')")
        assert engine.value("SELECT current_setting('preserve_insertion_order')")


def test_trouble_in_the_middle_of_a_result_is_told_as_at_its_beginning():
    late = "SELECT CASE WHEN i < 200000 THEN i ELSE error('late') END AS x FROM range(300000) AS t(i)"
    with DuckDBEngine("500MB", 1) as engine:
        parts = engine.batches(late, "placing customers")
        assert len(next(parts))
        with pytest.raises(EngineError, match="DuckDB refused a query at step 'placing customers'"):
            list(parts)
