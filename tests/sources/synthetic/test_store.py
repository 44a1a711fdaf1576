from __future__ import annotations

import pytest

from coterie.engines.duckdb import DuckDBEngine
from coterie.errors import ConfigError
from coterie.sources.synthetic import customers_for, generate, make_store, store, write_store

SHOP = ("orders", "customers", "events", "responses")


def _rows(engine, relation):
    return engine.rows(f"SELECT * FROM {relation} ORDER BY ALL")


@pytest.fixture(scope="module")
def made():
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        yield engine, make_store(engine, customers=600, seed=1)


def test_every_customer_has_an_order_and_every_row_a_known_customer(made):
    engine, shop = made
    assert engine.value(f"SELECT count(DISTINCT customer_id) FROM {shop.orders}") == 600
    for table in SHOP:
        strangers = f"SELECT count(*) FROM {getattr(shop, table)} ANTI JOIN {shop.truth} USING (customer_id)"
        assert engine.value(strangers) == 0, table


def test_the_amount_of_a_line_is_price_times_quantity_less_the_discount(made):
    engine, shop = made
    bought = f"FROM {shop.orders} WHERE status = 'completed'"
    assert engine.value(f"SELECT count(*) {bought} AND amount <> quantity * unit_price - discount") == 0
    assert engine.value(f"SELECT count(*) {bought} AND (quantity < 1 OR discount < 0 OR amount <= 0)") == 0


def test_a_return_takes_back_a_line_that_was_bought_earlier(made):
    engine, shop = made
    orphans = f"""SELECT count(*) FROM {shop.orders} r WHERE status = 'returned' AND NOT EXISTS (
        SELECT 1 FROM {shop.orders} b WHERE b.status = 'completed' AND b.order_id = r.order_id
        AND b.product = r.product AND b.amount = -r.amount AND b.quantity = -r.quantity
        AND b.ordered_at < r.ordered_at)"""
    assert engine.value(f"SELECT count(*) FROM {shop.orders} WHERE status = 'returned'") > 100
    assert engine.value(orphans) == 0


def test_a_clean_store_repeats_no_line(made):
    engine, shop = made
    repeated = (
        f"SELECT count(*) FROM (SELECT order_id, product, status FROM {shop.orders} GROUP BY ALL HAVING count(*) > 1)"
    )
    assert engine.value(repeated) == 0


def test_an_order_has_one_time_one_channel_and_one_customer(made):
    engine, shop = made
    mixed = f"""SELECT count(*) FROM (SELECT order_id FROM {shop.orders} WHERE status = 'completed' GROUP BY order_id
        HAVING count(DISTINCT (ordered_at, channel, customer_id)) > 1)"""
    assert engine.value(mixed) == 0


@pytest.mark.parametrize("months", [12, 24, 36])
def test_the_history_has_the_months_asked_for_and_nobody_orders_before_signing_up(engine, months):
    shop = make_store(engine, customers=500, months=months)
    first, last = engine.row(f"SELECT min(ordered_at), max(ordered_at) FROM {shop.orders}")
    assert str(last.date()) == "2025-06-30"
    assert 0 <= (first.date() - shop.plan.first_day).days <= 31
    early = f"""SELECT count(*) FROM {shop.orders} JOIN {shop.customers} USING (customer_id)
        WHERE CAST(ordered_at AS DATE) < signed_up_on"""
    assert engine.value(early) == 0


def test_more_is_sold_before_christmas(made):
    engine, shop = made
    months = dict(engine.rows(f"SELECT month(ordered_at), count(DISTINCT order_id) FROM {shop.orders} GROUP BY 1"))
    assert months[12] > 1.5 * sum(months.values()) / 12


def test_the_truth_stands_in_no_table_that_a_shop_would_have(made):
    engine, shop = made
    names = {name for (name,) in engine.rows(f"SELECT DISTINCT segment FROM {shop.truth}")}
    assert len(names) == 6
    for table in SHOP:
        relation = getattr(shop, table)
        assert "segment" not in engine.columns(relation)
        texts = [column for column, kind in engine.columns(relation).items() if kind == "VARCHAR"]
        for column in texts:
            found = {value for (value,) in engine.rows(f"SELECT DISTINCT {column} FROM {relation}")}
            assert not found & names, (table, column)


def test_a_customer_id_says_nothing_about_the_segment(made):
    engine, shop = made
    halves = engine.rows(f"""SELECT segment, avg(CAST(substr(customer_id, 2) AS INTEGER)), count(*) FROM {shop.truth}
        GROUP BY segment""")
    for segment, mean, size in halves:
        assert abs(mean - 300.5) < 4 * 173 / size**0.5, segment


def test_segments_have_their_planted_shares(engine):
    shop = make_store(engine, customers=5000)
    shares = f"""SELECT segment, share, count(*) / 5000 FROM {shop.truth} JOIN {shop.effects} USING (segment)
        GROUP BY ALL"""
    for segment, planted, found in engine.rows(shares):
        assert abs(planted - found) < 4 * (planted / 5000) ** 0.5, segment


def test_a_seed_gives_the_same_store_and_another_seed_another(engine):
    first = _rows(engine, make_store(engine, customers=60, seed=5).orders)
    assert _rows(engine, make_store(engine, customers=60, seed=5).orders) == first
    assert _rows(engine, make_store(engine, customers=60, seed=6).orders) != first


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_threads_do_not_change_a_byte(tmp_path, ending):
    for threads in (1, 2, 5):
        with DuckDBEngine(memory="1GB", threads=threads) as engine:
            write_store(tmp_path / str(threads), engine=engine, customers=700, dirt=True, format=ending)
    files = sorted(path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.*"))
    assert len(files) == 7
    for name in files:
        contents = {(tmp_path / str(threads) / name).read_bytes() for threads in (1, 2, 5)}
        assert len(contents) == 1, name


@pytest.mark.parametrize("dirt", [False, True])
def test_a_store_made_in_chunks_is_the_store_made_at_once(engine, monkeypatch, dirt):
    tables = ("orders", "customers", "events", "responses", "truth")
    whole = make_store(engine, customers=150, dirt=dirt)
    at_once = {table: _rows(engine, getattr(whole, table)) for table in tables}
    monkeypatch.setattr(generate, "CHUNK", 40)
    in_chunks = make_store(engine, customers=150, dirt=dirt)
    for table in tables:
        assert _rows(engine, getattr(in_chunks, table)) == at_once[table], table
    assert in_chunks.dirt == whole.dirt


def test_a_large_store_is_written_as_folders_of_parts(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(generate, "CHUNK", 40)
    monkeypatch.setattr(store, "CHUNK", 40)
    written = write_store(tmp_path / "large", engine=engine, customers=100, format="parquet")
    assert [path.name for path in sorted(written.orders.iterdir())] == [f"part-{n:04d}.parquet" for n in range(3)]
    inside = make_store(engine, customers=100)
    assert _rows(engine, f"'{written.orders}/*.parquet'") == _rows(engine, inside.orders)


def test_the_written_tables_are_those_of_the_engine_and_the_truth_lies_apart(engine, tmp_path):
    written = write_store(tmp_path / "store", engine=engine, customers=50)
    assert sorted(path.name for path in written.inputs) == [
        "customers.csv",
        "events.csv",
        "orders.csv",
        "responses.csv",
    ]
    assert sorted(path.name for path in (tmp_path / "store" / "truth").iterdir()) == ["effects.csv", "segments.csv"]
    inside = make_store(engine, customers=50)
    for path, table in zip(written.inputs, SHOP, strict=True):
        columns = ", ".join(f"CAST({name} AS VARCHAR)" for name in engine.columns(getattr(inside, table)))
        from_file = engine.rows(f"SELECT * FROM read_csv('{path}', all_varchar = true) ORDER BY ALL")
        assert from_file == engine.rows(f"SELECT {columns} FROM {getattr(inside, table)} ORDER BY ALL"), table


@pytest.mark.parametrize(("months", "structure"), [(12, True), (24, True), (36, False)])
def test_a_store_sized_by_lines_has_about_that_many(engine, months, structure):
    customers = customers_for(40_000, months=months, structure=structure)
    shop = make_store(engine, customers=customers, months=months, structure=structure)
    assert abs(engine.value(f"SELECT count(*) FROM {shop.orders}") / 40_000 - 1) < 0.1


def test_nothing_of_the_making_is_left_in_the_engine(engine):
    make_store(engine, customers=20, dirt=True)
    tables = {name for (name,) in engine.rows("SELECT table_name FROM duckdb_tables()")}
    assert tables == {f"synthetic_{table}" for table in (*SHOP, "truth", "effects", "dirt")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"customers": 5},
            "The synthetic store cannot be made with customers = 5.\nUse customers from 20 to 10,000,000.",
        ),
        ({"months": 6}, "The synthetic store cannot be made with months = 6.\nUse months from 12 to 36."),
        (
            {"difficulty": "brutal"},
            "The synthetic store knows no such difficulty.\ndifficulty = 'brutal'\nUse one of easy, default, hard.",
        ),
    ],
)
def test_options_out_of_range_are_refused_by_name(engine, options, message):
    with pytest.raises(ConfigError) as refusal:
        make_store(engine, **options)
    assert str(refusal.value) == message


def test_a_folder_that_holds_something_is_left_alone(engine, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError) as refusal:
        write_store(tmp_path, engine=engine, customers=20)
    assert str(refusal.value) == (
        f"The folder '{tmp_path.name}' for the synthetic store is not empty.\nName a new one."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
