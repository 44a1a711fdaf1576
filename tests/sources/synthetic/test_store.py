from __future__ import annotations

from coterie.sources.synthetic import make_store


def test_every_line_belongs_to_a_customer_and_every_customer_has_a_line(engine):
    store = make_store(engine, customers=200)
    assert engine.value(f"SELECT count(DISTINCT customer_id) FROM {store.customers}") == 200
    assert engine.value(f"SELECT count(*) FROM {store.orders} ANTI JOIN {store.customers} USING (customer_id)") == 0
    assert engine.value(f"SELECT count(*) FROM {store.customers} ANTI JOIN {store.orders} USING (customer_id)") == 0
