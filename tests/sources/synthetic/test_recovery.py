from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from coterie.engines.duckdb import DuckDBEngine
from coterie.sources.synthetic import make_store
from coterie.sources.synthetic.segments import CATEGORIES

SHARES = ", ".join(
    f"sum(quantity * unit_price) FILTER (category = '{name}') / sum(quantity * unit_price) AS share_{number}"
    for number, name in enumerate(CATEGORIES)
)

#: An independent customer table: none of the product's own feature steps.
BEHAVIOUR = f"""
WITH bought AS (SELECT * FROM synthetic_orders WHERE quantity > 0),
orders AS (
    SELECT customer_id, CAST(ordered_at AS DATE) AS day, sum(amount) AS amount, count(*) AS lines
    FROM bought GROUP BY customer_id, order_id, ordered_at
),
rhythm AS (
    SELECT customer_id, DATE '2025-07-01' - max(day) AS recency, count(*) AS orders, avg(amount) AS order_value,
        avg(lines) AS basket, DATE '2025-07-01' - min(day) AS tenure
    FROM orders GROUP BY customer_id
),
tastes AS (
    SELECT customer_id, sum(discount) / sum(discount + amount) AS discount, avg(unit_price) AS price, {SHARES}
    FROM bought GROUP BY customer_id
)
SELECT * FROM rhythm JOIN tastes USING (customer_id) JOIN synthetic_truth USING (customer_id) ORDER BY customer_id
"""


def _standardised(values):
    return (values - values.mean()) / values.std()


def _behaviour(**options):
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        make_store(engine, **options)
        table = engine.frame(BEHAVIOUR)
    logged = table[["recency", "orders", "order_value", "basket", "tenure", "price"]].astype(float).apply(np.log1p)
    logged["discount"] = np.sqrt(table["discount"].astype(float))
    shares = np.sqrt(table.filter(like="share_").fillna(0).astype(float))
    spread = np.sqrt(shares.var().sum())
    X = pd.concat([_standardised(logged), (shares - shares.mean()) * np.sqrt(3) / spread], axis=1)
    return X.to_numpy(), table["segment"].to_numpy()


def _recovered(**options):
    X, segments = _behaviour(**options)
    return adjusted_rand_score(segments, KMeans(6, n_init=12, random_state=0).fit_predict(X))


@pytest.mark.parametrize("seed", range(3))
def test_a_plain_analysis_with_the_right_number_finds_the_segments_but_not_to_the_last_customer(seed):
    assert 0.85 <= _recovered(customers=2000, seed=seed) <= 0.99


def test_the_difficulty_orders_the_stores():
    easy, default, hard = (_recovered(customers=1500, difficulty=word) for word in ("easy", "default", "hard"))
    assert easy > default > hard
    assert hard < 0.8


def test_one_number_alone_does_not_give_the_segments_away():
    X, segments = _behaviour(customers=2000)
    for column in range(X.shape[1]):
        alone = KMeans(6, n_init=3, random_state=0).fit_predict(X[:, [column]])
        assert adjusted_rand_score(segments, alone) < 0.6


def test_a_store_without_structure_has_no_groups():
    grouped, _ = _behaviour(customers=2000)
    shapeless, segments = _behaviour(customers=2000, structure=False)
    assert set(segments) == {"everybody"}

    def best(X):
        tried = (KMeans(k, n_init=2, random_state=0).fit_predict(X) for k in range(2, 9))
        return max(silhouette_score(X, labels, sample_size=1000, random_state=0) for labels in tried)

    assert best(shapeless) < 0.2 < 0.3 < best(grouped)


def test_traits_are_skewed_as_real_ones_are():
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        shop = make_store(engine, customers=3000)
        totals = engine.frame(f"SELECT sum(amount) AS spend FROM {shop.orders} GROUP BY customer_id")
    spend = totals["spend"].astype(float)
    assert spend.skew() > 2
    top = spend.sort_values(ascending=False)
    assert 0.5 < top.head(600).sum() / top.sum() < 0.9


def test_age_leans_only_weakly_on_the_segment():
    with DuckDBEngine(memory="1GB", threads=2) as engine:
        shop = make_store(engine, customers=3000)
        people = engine.frame(f"""SELECT segment, year(birth_date) AS born FROM {shop.customers}
            JOIN {shop.truth} USING (customer_id)""")
    between = people.groupby("segment")["born"].transform("mean").var() / people["born"].var()
    assert 0.02 < between < 0.3
