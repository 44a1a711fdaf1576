from __future__ import annotations

import pytest

from coterie.engines.duckdb import DuckDBEngine
from coterie.sources.synthetic import dirt, make_store, write_store


@pytest.fixture(scope="module")
def soiled():
    """A store in the clean, and the same one with dirt."""
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        clean = make_store(engine, customers=1500)
        for table in ("orders", "customers", "events"):
            engine.run(f"CREATE TABLE clean_{table} AS FROM {getattr(clean, table)}")
        yield engine, make_store(engine, customers=1500, dirt=True)


def test_each_kind_of_damage_has_its_declared_share(soiled):
    engine, shop = soiled
    lines = engine.value("SELECT count(*) FROM clean_orders")
    assert set(shop.dirt) == set(dirt.KINDS)
    for kind, share in dirt.KINDS.items():
        assert abs(shop.dirt[kind] - share * lines) < 5 * (share * lines) ** 0.5, kind


def test_the_damage_that_is_told_is_the_damage_that_is_there(soiled):
    engine, shop = soiled
    seen = {
        "missing_id": "customer_id IS NULL",
        "guest_id": "customer_id = 'guest'",
        "lower_case_id": "customer_id LIKE 'c%'",
        "padded_id": "customer_id LIKE 'C% '",
        "odd_date": "ordered_at LIKE '0000%'",
        "word_for_number": "amount = 'n/a'",
        "currency_sign": "amount LIKE '£%' AND unit_price LIKE '£%'",
        "shouted_name": "product_name LIKE ' %' AND product_name = upper(product_name)",
        "cancellation": "order_id LIKE 'C%' AND status = 'cancelled' AND CAST(quantity AS INTEGER) < 0",
        "charge": "product = 'POST' AND amount = '3.95'",
    }
    for kind, condition in seen.items():
        assert engine.value(f"SELECT count(*) FROM {shop.orders} WHERE {condition}") == shop.dirt[kind], kind


def test_only_the_kinds_that_add_a_line_change_the_number_of_lines(soiled):
    engine, shop = soiled
    added = sum(shop.dirt[kind] for kind in dirt.ADDS_A_LINE)
    clean = engine.value("SELECT count(*) FROM clean_orders")
    assert engine.value(f"SELECT count(*) FROM {shop.orders}") == clean + added


def test_lines_without_damage_are_those_of_the_clean_store(soiled):
    engine, shop = soiled
    as_text = """SELECT customer_id, order_id, strftime(ordered_at, '%Y-%m-%d %H:%M:%S'), CAST(amount AS VARCHAR)
        FROM clean_orders"""
    soiled_text = f"SELECT customer_id, order_id, ordered_at, amount FROM {shop.orders}"
    same = f"SELECT count(*) FROM ({as_text} INTERSECT ALL {soiled_text})"
    clean = engine.value("SELECT count(*) FROM clean_orders")
    changed = ("missing_id", "guest_id", "lower_case_id", "padded_id", "odd_date", "word_for_number", "currency_sign")
    assert engine.value(same) == clean - sum(shop.dirt[kind] for kind in changed)


def test_dirt_leaves_customers_and_events_alone(soiled):
    engine, shop = soiled
    for table in ("customers", "events"):
        relation = getattr(shop, table)
        assert engine.value(f"SELECT count(*) FROM (FROM clean_{table} EXCEPT ALL FROM {relation})") == 0


def test_a_clean_store_tells_of_no_dirt(engine):
    assert make_store(engine, customers=20).dirt == {}


def test_the_customers_of_a_dirty_store_are_written_as_windows_1252(engine, tmp_path):
    written = write_store(tmp_path / "dirty", engine=engine, customers=200, dirt=True)
    data = written.customers.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "Köln" in data.decode("cp1252")
    assert not list(tmp_path.rglob("*.part"))
