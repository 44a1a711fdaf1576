"""Addresses of databases: what is understood, what is refused, and that a password never shows."""

from __future__ import annotations

import pytest

from coterie.cli.running import _slug
from coterie.errors import ConfigError
from coterie.sources.connect.address import Asked, is_address, parse
from coterie.sources.connect.place import refuse_more_than_a_select
from coterie.vocabulary import TableKind

SECRET = "s3cret/word"  # noqa: S105  of nobody


def test_an_address_names_server_tables_and_their_kinds() -> None:
    place = parse(
        "postgresql://ann:p%40ss@db.shop:5433/sales?orders=web.lines&customers=people&timeout=60&sslmode=require"
    )
    assert place.server.parameters() == {
        "host": "db.shop", "port": 5433, "dbname": "sales", "user": "ann", "password": "p@ss", "sslmode": "require",
    }  # fmt: skip
    assert place.asked == (Asked("web.lines", TableKind.ORDERS), Asked("people", TableKind.CUSTOMERS))
    assert place.timeout == 60


def test_a_query_keeps_its_plus_and_blanks() -> None:
    place = parse("postgres://db/sales?query=SELECT a+b AS amount FROM x WHERE c%3D1")
    assert place.asked[0].text == "SELECT a+b AS amount FROM x WHERE c=1"
    assert place.asked[0].is_query


@pytest.mark.parametrize("text", ["orders.csv", "https://shop/orders.csv", "C:/orders.csv", "s3://bucket/x", 3, None])
def test_files_and_other_addresses_are_no_databases(text: object) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("postgres://db/sales", "names no table"),
        ("postgres://db/sales?tabel=orders", "Did you mean 'table=…'?"),
        ("postgres://db/sales?table=orders&options=-c%20x", "'options'"),
        ("postgres://db/sales?table=orders&sslrootcert=/etc/passwd", "'sslrootcert'"),
        ("postgres://db/sales?table=orders&sslmode=maybe", "sslmode=maybe"),
        ("postgres://db/sales?table=orders&timeout=soon", "timeout=soon"),
        ("postgres://db:port/sales?table=orders", "cannot be read"),
    ],
)
def test_a_part_without_a_meaning_is_refused_with_a_hint(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("?", r"\?").replace("…", ".")):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"postgres://ann:{SECRET}@db/sales?tabel=x",
        f"postgres://ann:{SECRET}@db/sales",
        f"postgres://ann:{SECRET}@db:port/sales?table=x",
    ],
)
def test_no_refusal_shows_the_password(text: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse(text)
    assert "s3cret" not in str(refusal.value)
    assert "word" not in str(refusal.value).replace("PGPASSWORD", "").replace("password", "")


def test_a_place_shows_itself_without_its_password() -> None:
    place = parse("postgres://ann:s3cret@db/sales?table=orders")
    assert str(place) == "ann@db/sales"
    assert "s3cret" not in repr(place)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; DROP TABLE orders",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM orders",
        "SELECT FROM WHERE (",
    ],
)
def test_a_query_that_is_more_than_one_select_is_refused(query: str) -> None:
    with pytest.raises(ConfigError):
        refuse_more_than_a_select(Asked(query, None), "postgres")


def test_a_select_with_common_tables_is_taken() -> None:
    refuse_more_than_a_select(Asked("WITH a AS (SELECT 1 AS x) SELECT * FROM a UNION ALL SELECT 2", None), "postgres")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("postgres://ann:s3cret@db", "study"),
        ("postgres://ann:s3cret@db/sales?orders=web.lines&customers=people", "lines"),
        ("postgres://db/sales?query=SELECT * FROM x WHERE name %3D 'Anna'", "query"),
    ],
)
def test_a_study_folder_is_named_by_the_table_alone(data: str, name: str) -> None:
    assert _slug(data) == name
