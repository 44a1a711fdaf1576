"""The primitives give the numbers that they promise, and nothing a merchant types can escape its quotes."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.steps import Step, chain, render
from coterie.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(memory="200MB", threads=1) as engine:
        yield engine


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("{{ days_between(date_of(2024, 2, 28), date_of(2024, 3, 1)) }}", 2),
        ("{{ days_between(date_of(2024, 3, 1), date_of(2024, 2, 28)) }}", -2),
        ("{{ hours_between(\"TIMESTAMP '2024-01-01 10:30:00'\", \"TIMESTAMP '2024-01-02 00:00:00'\") }}", 13.5),
        ("{{ weekday(date_of(2024, 1, 1)) }}", 1),
        ("{{ weekday(date_of(2024, 1, 7)) }}", 7),
        ("{{ month_start(\"TIMESTAMP '2024-05-17 10:00:00'\") }}", dt.date(2024, 5, 1)),
        ("{{ minus_days(date_of(2024, 3, 1), 2) }}", dt.date(2024, 2, 28)),
        ("{{ ratio('1', '0') }}", None),
        ("{{ ratio('1', '8') }}", 0.125),
        ("{{ median('x') }} FROM (VALUES (1), (2), (10), (11)) t(x)", 6.0),
        ("{{ quantile('x', 0.25) }} FROM (VALUES (0), (1), (2), (3), (4)) t(x)", 1.0),
    ],
)
def test_a_primitive_gives_its_documented_number(shared_engine: DuckDBEngine, sql: str, expected: object) -> None:
    parameters = {"date_of": lambda *parts: shared_engine.dialect.date(dt.date(*parts))}
    assert shared_engine.value("SELECT " + render(sql, parameters=parameters)) == expected


def test_hash_buckets_are_stable_and_even(shared_engine: DuckDBEngine) -> None:
    bucket = shared_engine.dialect.hash_bucket("CAST(i AS VARCHAR)", 7, 10)
    counts = shared_engine.rows(f"SELECT {bucket} b, count(*) FROM range(10000) t(i) GROUP BY b ORDER BY b")
    assert [row[0] for row in counts] == list(range(10))
    assert all(880 < row[1] < 1120 for row in counts)
    assert shared_engine.value("SELECT " + shared_engine.dialect.hash_bucket("'C-1'", 7, 1000)) == (
        int(hashlib.md5(b"7|C-1").hexdigest()[:15], 16) % 1000  # noqa: S324  no secret
    )


@given(value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=60, deadline=None)
def test_hostile_values_and_names_stay_inside_their_quotes(shared_engine: DuckDBEngine, value: str) -> None:
    dialect = shared_engine.dialect
    assert shared_engine.value(f"SELECT {dialect.text(value)}") == value
    if value:
        name = dialect.quote(value)
        assert shared_engine.value(f"SELECT {name} FROM (SELECT 42 AS {name}) AS t") == 42


def test_steps_are_chained_as_named_queries(shared_engine: DuckDBEngine) -> None:
    steps = [
        Step("one", "SELECT 1 AS a"),
        Step("two", "SELECT a + 1 AS b FROM one"),
        Step("end", "SELECT a, b FROM one, two"),
    ]
    assert shared_engine.rows(chain(steps)) == [(1, 2)]
    assert shared_engine.rows(chain(steps[:1])) == [(1,)]


def test_a_failed_query_names_its_step_and_not_the_data(shared_engine: DuckDBEngine) -> None:
    with pytest.raises(EngineError, match="DuckDB refused a query at step 'rhythm'"):
        shared_engine.run("SELECT nothing FROM nowhere", step="rhythm")


def test_the_spill_folder_is_private_and_goes_with_the_engine() -> None:
    with DuckDBEngine(memory="200MB", threads=1) as engine:
        folder = engine.folder
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_too_little_memory_is_told_with_the_option() -> None:
    with DuckDBEngine(memory="20MB", threads=1) as engine:
        engine.run("SET max_temp_directory_size = '1MB'")
        with pytest.raises(EngineError, match="did not fit into the memory limit") as caught:
            engine.run("CREATE TABLE big AS SELECT i, md5(CAST(i AS VARCHAR)) h FROM range(5000000) t(i)")
    assert "--memory" in str(caught.value)
