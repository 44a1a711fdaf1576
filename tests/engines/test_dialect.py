"""The primitives give the numbers that they promise, and nothing a merchant types can escape its quotes."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.engines.dialect import DIALECTS
from coterie.engines.duckdb import DuckDBEngine
from coterie.engines.steps import Step, chain, render
from coterie.errors import EngineError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coterie.engines.base import Engine
    from coterie.engines.dialect import Dialect


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(memory="200MB", threads=1) as engine:
        yield engine


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("{{ days_between(date_of(2024, 2, 28), date_of(2024, 3, 1)) }}", 2),
        ("{{ days_between(date_of(2024, 3, 1), date_of(2024, 2, 28)) }}", -2),
        ("{{ hours_between(time_of('2024-01-01 10:30:00'), time_of('2024-01-02 00:00:00')) }}", 13.5),
        ("{{ weekday(date_of(2024, 1, 1)) }}", 1),
        ("{{ weekday(date_of(2024, 1, 7)) }}", 7),
        ("{{ hour(time_of('2024-05-17 23:10:00')) }}", 23),
        ("{{ month_start(time_of('2024-05-17 10:00:00')) }}", dt.date(2024, 5, 1)),
        ("{{ midnight(time_of('2024-05-17 10:00:00')) }}", dt.datetime(2024, 5, 17)),  # noqa: DTZ001  no zone
        ("{{ minus_days(date_of(2024, 3, 1), 2) }}", dt.date(2024, 2, 28)),
        ("{{ ratio('1', '0') }}", None),
        ("{{ ratio('1', '8') }}", 0.125),
        ("{{ f64('1') }} / 3", 1 / 3),
        ("{{ f64('1') }} - {{ number(-0.1) }}", 1.1),
        ("{{ f64('1') }} * {{ number(1.5e-12) }}", 1.5e-12),
        ("{{ money(f64('0.125')) }} * 100", 13),
        ("{{ decimal(f64('1') ~ ' / 3', 38, 12) }}", Decimal("0.333333333333")),
        ("{{ whole('99999999999') }} * {{ whole('99999999999') }}", Decimal(99999999999**2)),
        ("{{ median('x') }} FROM (VALUES (1), (2), (10), (11)) t(x)", 6.0),
        ("{{ median('x') }} FROM (VALUES (3), (CAST(NULL AS INT)), (10)) t(x)", 6.5),
        ("{{ quantile('x', 0.25) }} FROM (VALUES (0), (1), (2), (3), (4)) t(x)", 1.0),
        ("{{ string(date_of(2024, 3, 1)) }}", "2024-03-01"),
        ("MIN(x) FROM (SELECT {{ string('x') }} AS x FROM (VALUES ('a'), ('B'), ('Ä')) t(x)) AS u", "B"),
        ("{{ hash_bucket(customer, 7, 1000) }}", int(hashlib.md5(b"7|C-1").hexdigest()[:15], 16) % 1000),  # noqa: S324
    ],
)
def test_a_primitive_gives_its_documented_number(any_engine: Engine, sql: str, expected: object) -> None:
    dialect = any_engine.dialect
    parameters = {
        "customer": dialect.text("C-1"),
        "date_of": lambda *parts: dialect.date(dt.date(*parts)),
        "time_of": lambda text: f"CAST({dialect.text(text)} AS {dialect.timestamp})",
    }
    assert any_engine.value("SELECT " + render(sql, dialect, parameters)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", True),
        ("'1.7e308'", True),
        ("'NaN'", False),
        ("'Infinity'", False),
        ("'-Infinity'", False),
        ("NULL", False),
    ],
)
def test_only_numbers_are_finite(any_engine: Engine, value: str, expected: bool) -> None:
    dialect = any_engine.dialect
    found = any_engine.value(f"SELECT CASE WHEN {dialect.finite(dialect.f64(value))} THEN 1 ELSE 0 END")
    assert bool(found) is expected


@pytest.mark.parametrize(("value", "expected"), [("", True), (" \t\n\u00a0\u3000", True), (" a ", False)])
def test_every_white_space_is_blank(any_engine: Engine, value: str, expected: bool) -> None:
    dialect = any_engine.dialect
    assert any_engine.value(f"SELECT {dialect.is_blank(dialect.text(value))}") is expected


def test_hash_buckets_are_stable_and_even(shared_engine: DuckDBEngine) -> None:
    bucket = shared_engine.dialect.hash_bucket("CAST(i AS VARCHAR)", 7, 10)
    counts = shared_engine.rows(f"SELECT {bucket} b, count(*) FROM range(10000) t(i) GROUP BY b ORDER BY b")
    assert [row[0] for row in counts] == list(range(10))
    assert all(880 < row[1] < 1120 for row in counts)


_HOSTILE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=15)


@given(value=_HOSTILE | st.sampled_from(["'; DROP TABLE x; --", '"; --', "`", "\\'", "%s", "{x}", "$1", "/*", "😀"]))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_values_and_names_stay_inside_their_quotes(any_engine: Engine, value: str) -> None:
    dialect = any_engine.dialect
    assert any_engine.value(f"SELECT {dialect.text(value)}") == value
    if value:
        name = dialect.quote(value)
        assert any_engine.value(f"SELECT t.{name} FROM (SELECT 42 AS {name}) AS t") == 42


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@given(value=_HOSTILE | st.sampled_from(["'; DROP TABLE x; --", '"; --', "\\'", "\\", "a\nb"]))
@settings(max_examples=30, deadline=None)
def test_what_is_quoted_is_read_back_as_it_was(dialect: Dialect, value: str) -> None:
    read = sqlglot.parse_one(f"SELECT {dialect.text(value)}", read=dialect.name)
    assert read.find(sqlglot.exp.Literal).this == value
    try:
        name = dialect.quote(value)
    except InputError:
        return
    assert sqlglot.parse_one(f"SELECT {name}", read=dialect.name).find(sqlglot.exp.Identifier).this == value


@pytest.mark.parametrize(
    ("dialect", "name"),
    [("postgres", "é" * 32), ("bigquery", "a.b"), ("bigquery", "x`y"), ("duckdb", ""), ("spark", "a\0b")],
)
def test_a_name_that_an_engine_cannot_have_is_refused(dialect: str, name: str) -> None:
    with pytest.raises(InputError, match="cannot be named in SQL"):
        DIALECTS[dialect].quote(name)


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
