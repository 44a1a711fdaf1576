"""PostgreSQL: one moment is seen, nothing is left, and each kind of failure says which it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from coterie.engines.postgres import Address, PostgresEngine
from coterie.errors import EngineError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engines.servers import PostgresServer


@pytest.fixture
def address(postgres: PostgresServer) -> Address:
    return Address(postgres.host, postgres.port, postgres.database, postgres.user, postgres.password)


@pytest.fixture
def owner(postgres: PostgresServer) -> Iterator[Any]:
    """Somebody else's connection, who owns a table `visits` of three rows."""
    import psycopg

    with psycopg.connect(**postgres.parameters(), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS visits")
        connection.execute("CREATE TABLE visits AS SELECT generate_series(1, 3) AS n")
        yield connection
        connection.execute("DROP TABLE IF EXISTS visits")


def test_rows_that_come_meanwhile_are_not_seen(address: Address, owner: Any) -> None:
    with PostgresEngine(address) as engine:
        before = engine.value("SELECT COUNT(*) FROM visits")
        owner.execute("INSERT INTO visits VALUES (4)")
        assert engine.value("SELECT COUNT(*) FROM visits") == before == 3


@pytest.mark.parametrize("schema", ["", "work"])
def test_nothing_of_ours_is_left(address: Address, owner: Any, schema: str) -> None:
    owner.execute("CREATE SCHEMA IF NOT EXISTS work")
    relations = "SELECT COUNT(*) FROM pg_class"
    before = owner.execute(relations).fetchone()
    engine = PostgresEngine(address, schema=schema)
    engine.keep("visits", "SELECT n + 1 AS n FROM public.visits")
    engine.see("more", "SELECT * FROM visits")
    with engine.overlaid("visits", "SELECT n FROM visits WHERE n > 2"):
        assert engine.value("SELECT COUNT(*) FROM visits") == 2
    assert engine.value("SELECT MAX(n) FROM more") == 4
    engine.close()
    assert owner.execute(relations).fetchone() == before
    assert owner.execute("SELECT MAX(n) FROM visits").fetchone() == (3,)


def test_a_reader_without_any_right_to_write_can_use_it(address: Address, owner: Any) -> None:
    owner.execute("DROP ROLE IF EXISTS reader")
    owner.execute("CREATE ROLE reader LOGIN PASSWORD 'only'")
    owner.execute("GRANT SELECT ON visits TO reader")
    try:
        with PostgresEngine(replace(address, user="reader", password="only")) as engine:  # noqa: S106
            engine.keep("doubled", "SELECT 2 * n AS n FROM visits")
            assert engine.value("SELECT SUM(n) FROM doubled") == 12
    finally:
        owner.execute("DROP OWNED BY reader")
        owner.execute("DROP ROLE reader")


def test_a_missing_right_is_told(address: Address, owner: Any) -> None:
    owner.execute("CREATE ROLE stranger LOGIN PASSWORD 'only'")
    try:
        engine = PostgresEngine(replace(address, user="stranger", password="only"))  # noqa: S106
        with engine, pytest.raises(EngineError, match="may not do what is needed at step 'look'"):
            engine.value("SELECT COUNT(*) FROM visits", "look")
    finally:
        owner.execute("DROP ROLE stranger")


def test_a_statement_that_takes_too_long_is_told(address: Address) -> None:
    with PostgresEngine(address, timeout=1) as engine, pytest.raises(ServerError, match="took too long") as told:
        engine.value("SELECT pg_sleep(20)")
    assert "timeout=SECONDS" in told.value.remedy


def test_a_lost_connection_is_told(address: Address, owner: Any) -> None:
    with PostgresEngine(address) as engine:
        owner.execute(f"SELECT pg_terminate_backend({engine.value('SELECT pg_backend_pid()')})")
        with pytest.raises(ServerError, match="was lost at step 'next'"):
            engine.value("SELECT 1", "next")


def test_a_table_that_is_gone_is_told(address: Address) -> None:
    with PostgresEngine(address) as engine, pytest.raises(ServerError, match="A table is not there"):
        engine.value("SELECT COUNT(*) FROM nowhere")


def test_a_value_never_shows_in_a_message(address: Address) -> None:
    with PostgresEngine(address) as engine, pytest.raises(EngineError) as told:
        engine.value("SELECT CAST('anna@example.org' AS INTEGER)")
    assert "anna" not in str(told.value)
    assert "22P02" in str(told.value)


@pytest.mark.parametrize("changed", [{"port": 1}, {"password": "s3cret-word"}, {"database": "nowhere"}])
def test_no_connection_is_told_without_the_password(address: Address, changed: dict[str, Any]) -> None:
    wrong = replace(address, **changed)
    with pytest.raises(ServerError, match="No connection to the database") as told:
        PostgresEngine(wrong)
    assert wrong.password not in str(told.value)
    assert told.value.__cause__ is None
