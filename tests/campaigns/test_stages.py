from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from coterie.campaigns import NO_ORDER, STAGES, lifecycle_stages, stage_table
from coterie.campaigns.stages import scores_by_value, stage_of_code
from coterie.profiles import describe
from profiles.factories import assigned, basis_of, chosen, only, shop, table_with


def test_every_code_has_exactly_one_stage():
    codes = [code for codes in STAGES.values() for code in codes.split()]
    every = {"".join(digits) for digits in itertools.product("12345", repeat=3)}
    assert len(codes) == 125
    assert set(codes) == every
    assert {stage_of_code(code) for code in every} == set(STAGES)


@pytest.mark.parametrize(
    ("code", "stage"), [("555", "Champions"), ("111", "Lost"), ("155", "Cannot Lose Them"), ("512", "New Customers")]
)
def test_well_known_codes_have_their_stage(code, stage):
    assert stage_of_code(code) == stage


def test_scores_without_ties_are_quintiles():
    values = np.random.default_rng(0).permutation(100.0 * np.arange(100))
    scores = scores_by_value(values)
    assert np.bincount(scores).tolist() == [0, 20, 20, 20, 20, 20]
    assert (scores == 1 + (values // 2000)).all()


def test_equal_values_get_equal_scores_in_any_order():
    random = np.random.default_rng(1)
    values = random.poisson(2, 500).astype(float)
    scores = scores_by_value(values)
    for value in np.unique(values):
        assert len(set(scores[values == value])) == 1
    order = random.permutation(500)
    assert (scores_by_value(values[order]) == scores[order]).all()


def test_many_one_time_buyers_score_one_and_those_who_came_back_are_graded():
    values = np.array([1.0] * 90 + [2] * 4 + [3] * 2 + [4] * 2 + [9] * 2)
    assert {value: int(score) for value, score in zip(values, scores_by_value(values), strict=True)} == {
        1: 1, 2: 2, 3: 3, 4: 4, 9: 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"), [([1, 1, 1, 2], [1, 1, 1, 5]), ([1, 1, 2, 3], [1, 1, 3, 5]), ([7, 7, 7], [3, 3, 3])]
)
def test_few_different_values_are_spread_over_the_scale(values, expected):
    assert scores_by_value(np.array(values, dtype=float)).tolist() == expected


def test_the_most_recent_frequent_and_valuable_customer_is_a_champion():
    customers, _ = shop(300)
    best = table_with(
        customers,
        recency_days=np.r_[1.0, customers.frame["recency_days"][1:] + 1],
        order_count=np.r_[99.0, customers.frame["order_count"][1:]],
        net_revenue=np.r_[1e6, customers.frame["net_revenue"][1:]],
    )
    stages = lifecycle_stages(best)
    assert stages.iloc[0][["rfm_code", "stage"]].tolist() == ["555", "Champions"]
    assert stages[["r", "f", "m"]].isin(range(1, 6)).all().all()
    assert (stages["rfm_code"].map(stage_of_code) == stages["stage"]).all()


def test_customers_without_an_order_have_no_code():
    customers, _ = shop(300)
    none = np.arange(300) < 30
    customers = table_with(
        customers,
        recency_days=np.where(none, np.nan, customers.frame["recency_days"]),
        order_count=np.where(none, 0, customers.frame["order_count"]),
    )
    stages = lifecycle_stages(customers)
    assert (stages["stage"][none] == NO_ORDER).all()
    assert (stages["rfm_code"][none] == "").all()
    assert not (stages["stage"][~none] == NO_ORDER).any()


def test_there_are_no_stages_without_orders():
    customers, _ = shop(300)
    stages = lifecycle_stages(only(customers, "age", "income"))
    assert stages.index.equals(customers.frame.index)
    assert list(stages.columns) == []
    assert stage_table(stages, pd.DataFrame({"segment_id": []})).empty


def test_the_stage_table_counts_every_customer():
    customers, labels = shop(300)
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    table = stage_table(lifecycle_stages(customers), profiles.membership)
    assert table.to_numpy().sum() == 300
    assert table.sum(axis=1).tolist() == [segment.size for segment in profiles.segments]
    assert [stage for stage in STAGES if stage in table.columns] == list(table.columns)
