"""Order lines of a big store with planted segments as one Parquet file, made inside DuckDB.

Run `python benchmarks/big_store.py FILE [CUSTOMERS] [--seed N] [--money decimal]`; about twenty order lines a customer,
20 million lines for the default of a million customers. The same arguments give the same rows with one version of DuckDB
(its `hash` gives the draws). Lines lie in the order of time, as a shop writes them, those of one order side by side.
"""

# ruff: noqa: E501  SQL stays in one line

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

from coterie.sources.synthetic.segments import CATEGORIES, PLANTED

DAYS = 730
MORE_CATEGORIES = ("Pets", "Food & drink", "Electronics", "Travel")
PRODUCTS_PER_CATEGORY = 300
#: Orders per customer are stretched so that there are about twenty lines a customer.
ORDERS = 1.06


def uniform(key: str, salt: int, seed: int) -> str:
    """SQL of a number in [0, 1) that is drawn by hashing; hashes of one number each do not lean on each other."""
    return f"(CAST(hash({key} * 64 + {seed * 1_000_000_007 + salt}) >> 11 AS DOUBLE) / 9007199254740992.0)"


def segments_sql() -> str:
    rows, upper = [], 0.0
    for place, one in enumerate(PLANTED):
        upper += one.share
        tastes = (*one.tastes, *(0.3 for _ in MORE_CATEGORIES))
        total, sums = sum(tastes), []
        for taste in tastes:
            sums.append(round((sums[-1] if sums else 0.0) + taste / total, 6))
        rows.append(
            f"({place}, {upper if one is not PLANTED[-1] else 1.0:.4f}, {one.start_from}, {one.start_to}, {one.end_from}, "
            f"{one.end_to}, {one.order_rate}, {one.line_count}, {one.unit_count}, {one.price_level}, "
            f"{one.discount_chance}, {one.return_chance}, {one.weekend}, {one.evening}, {one.app}, {sums})"
        )
    names = "segment, upper_share, start_from, start_to, end_from, end_to, order_rate, line_count, unit_count, "
    names += "price_level, discount_chance, return_chance, weekend, evening, app, tastes"
    return f"(VALUES {', '.join(rows)}) AS planted({names})"


def customers_sql(customers: int, seed: int) -> str:
    """One row a customer: its segment, the days between which it buys, and its number of orders."""
    u = [uniform("number", salt, seed) for salt in range(6)]
    return f"""
        WITH drawn AS (SELECT range AS number FROM range({customers})),
        placed AS (SELECT number, (SELECT count(*) FROM {segments_sql()} WHERE upper_share <= {u[0]}) AS segment FROM drawn),
        spanned AS (SELECT number, planted.*,
            CAST({DAYS} * (start_from + {u[1]} * (start_to - start_from)) AS INTEGER) AS first_day,
            CAST({DAYS} * (end_from + {u[2]} * (end_to - end_from)) AS INTEGER) AS last_day
            FROM placed JOIN {segments_sql()} ON planted.segment = placed.segment)
        SELECT number, segment, first_day, greatest(last_day - first_day, 1) AS days,
            1 + CAST(floor(-ln(1 - {u[3]}) * {ORDERS} * order_rate * greatest(last_day - first_day, 1) / 30) AS INTEGER) AS orders
        FROM spanned"""


def orders_sql(seed: int) -> str:
    """One row an order, in the order of time."""
    u = [uniform("(number * 4096 + place)", 8 + salt, seed) for salt in range(6)]
    return f"""
        WITH placed AS (SELECT number, segment, first_day, days, unnest(range(orders)) AS place FROM customers),
        timed AS (SELECT number, place, planted.*, CAST(first_day + {u[0]} * days AS INTEGER) AS day,
            CASE WHEN {u[1]} < evening THEN 18 + CAST(floor(5 * {u[2]}) AS INTEGER)
            ELSE 8 + CAST(floor(10 * {u[2]}) AS INTEGER) END AS hour, {u[1]} AS wish, {u[3]} AS lines, {u[4]} AS way
            FROM placed JOIN {segments_sql()} USING (segment))
        SELECT row_number() OVER (ORDER BY moment, number, place) AS order_number, * FROM (
            SELECT number, place, segment, TIMESTAMP '2023-01-01' + to_hours(24 * day + hour) +
            to_seconds(CAST(floor(3600 * wish) AS INTEGER)) AS moment, way < app AS by_app,
            1 + CAST(floor(-ln(1 - lines) * (line_count - 0.5)) AS INTEGER) AS lines FROM timed) ORDER BY order_number"""


def lines_sql(seed: int, money: str) -> str:
    """One row an order line, as a shop would export it."""
    u = [uniform("(order_number * 256 + line)", 20 + salt, seed) for salt in range(6)]
    categories = [*CATEGORIES, *MORE_CATEGORIES]
    names = "[" + ", ".join("'" + name.replace("'", "''") + "'" for name in categories) + "]"
    cents = "CAST(round(100 * (2 + 70 * power(rank, 2) + 0.1 * category_number)) AS BIGINT)"
    of = {
        "double": "(CAST({} AS DOUBLE) / 100)",
        "decimal": "CAST(CAST({} AS DECIMAL(18, 2)) / 100 AS DECIMAL(12, 2))",
    }[money]
    return f"""
        WITH listed AS (SELECT order_number, number, moment, by_app, segment, unnest(range(lines)) AS line FROM orders),
        chosen AS (SELECT listed.*, planted.*, {u[0]} AS taste, {u[1]} AS within, {u[2]} AS units_u, {u[3]} AS cut_u,
            {u[4]} AS back_u FROM listed JOIN {segments_sql()} USING (segment)),
        bought AS (SELECT *, len(list_filter(tastes, lambda t: t <= taste)) AS category_number,
            least(0.999, greatest(0.0, price_level + 0.6 * (within - 0.5))) AS rank FROM chosen),
        priced AS (SELECT *, least(category_number, {len(categories) - 1}) AS c,
            CAST(floor({PRODUCTS_PER_CATEGORY} * rank) AS INTEGER) AS p,
            (1 + CAST(floor(-ln(1 - units_u) * unit_count * 0.6) AS INTEGER)) * (CASE WHEN back_u < return_chance THEN -1 ELSE 1 END) AS units,
            {cents} AS price FROM bought),
        paid AS (SELECT *, CASE WHEN cut_u < discount_chance THEN CAST(round(0.2 * price) AS BIGINT) * abs(units) ELSE 0 END AS cut FROM priced)
        SELECT printf('C%08d', number) AS customer_id, order_number AS order_id, moment AS ordered_at,
            printf('%s-%04d', upper(left({names}[c + 1], 3)), p) AS product, {names}[c + 1] AS category,
            CASE WHEN by_app THEN 'app' ELSE 'web' END AS channel, CAST(units AS INTEGER) AS quantity,
            {of.format("price")} AS unit_price, {of.format("cut")} AS discount,
            {of.format("(units * price - sign(units) * cut)")} AS amount
        FROM paid"""


def make(
    path: Path, customers: int, *, seed: int = 0, money: str = "double", memory: str = "3GB", threads: int = 2
) -> int:
    """Write the file; gives the number of order lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as spill:
        config = {"memory_limit": memory, "temp_directory": spill, "threads": threads}
        with duckdb.connect(":memory:", config=config) as database:
            database.execute(f"CREATE TABLE customers AS {customers_sql(customers, seed)}")
            database.execute(f"CREATE TABLE orders AS {orders_sql(seed)}")
            database.execute(
                f"COPY ({lines_sql(seed, money)}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 250000)"
            )
            return int(database.execute(f"SELECT count(*) FROM '{path}'").fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("customers", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--money", choices=("double", "decimal"), default="double")
    given = parser.parse_args()
    start, cpu = time.perf_counter(), time.process_time()
    lines = make(given.file, given.customers, seed=given.seed, money=given.money)
    size = given.file.stat().st_size / 1e6
    print(
        f"{lines:,} lines, {size:,.0f} MB, {time.perf_counter() - start:.1f} s, {time.process_time() - cpu:.1f} CPU s"
    )


if __name__ == "__main__":
    main()
