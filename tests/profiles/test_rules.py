from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from coterie.profiles import describe
from coterie.profiles.rules import rounded_cut
from coterie.profiles.tree import fidelity_unseen
from coterie.vocabulary import Block, CustomerTable, Feature, Kind
from profiles.factories import assigned, basis_of, chosen, shop


@pytest.fixture(scope="module")
def described():
    customers, labels = shop()
    return customers, describe(customers, assigned(labels), chosen(5), basis_of(customers))


def test_a_threshold_is_as_round_as_the_values_allow():
    assert rounded_cut(np.array([1.0, 2, 3, 7, 8, 9]), 4.73) == 5
    assert rounded_cut(np.array([0.12, 0.13, 0.31]), 0.2234) == 0.2
    assert rounded_cut(np.array([100.0, 117.31, 117.39]), 117.35) == 117.35


def test_rounding_moves_hardly_anybody():
    values = np.sort(np.random.default_rng(0).lognormal(4, 1, 2000))
    for cut in np.quantile(values, [0.1, 0.33, 0.5, 0.9]):
        moved = abs((values <= rounded_cut(values, cut)).sum() - (values <= cut).sum())
        assert moved <= 8


def test_precision_and_recall_are_those_of_the_printed_conditions(described):
    customers, profiles = described
    for segment in profiles.segments:
        assert 1 <= len(segment.rule.conditions) <= 3
        inside = np.ones(len(customers), dtype=bool)
        for name, operator, threshold in segment.rule.conditions:
            values = customers.frame[name].to_numpy(dtype=float)
            inside &= values <= threshold if operator == "<=" else values > threshold
        mine = (profiles.membership["segment_id"] == segment.segment_id).to_numpy()
        assert segment.rule.precision == pytest.approx((inside & mine).sum() / inside.sum())
        assert segment.rule.recall == pytest.approx((inside & mine).sum() / mine.sum())


def test_planted_segments_have_good_rules_and_a_faithful_tree(described):
    _, profiles = described
    assert profiles.rule_fidelity > 0.9
    assert all(segment.rule.precision > 0.8 and segment.rule.recall > 0.8 for segment in profiles.segments)
    assert all(segment.name in profiles.tree_text for segment in profiles.segments)


def test_small_segments_are_not_lost_by_the_tree():
    random = np.random.default_rng(0)
    n = 1000
    labels = np.where(np.arange(n) < 30, 1, 0)
    frame = pd.DataFrame({"income": np.where(labels == 1, 80, 50) + random.normal(0, 12, n)})
    frame.index = pd.Index([f"{place:04d}" for place in range(n)], name="customer_id")
    features = {"income": Feature("income", "income", "", Kind.NUMBER, Block.DEMOGRAPHICS, "")}
    customers = CustomerTable(frame, features, None, None)
    profiles = describe(customers, assigned(labels), chosen(2), basis_of(customers, ("income",)))
    assert profiles.segments[1].name in profiles.tree_text


def test_whole_numbers_are_told_with_at_least(described):
    _, profiles = described
    regulars = next(segment for segment in profiles.segments if "regulars" in segment.name)
    assert "number of orders: at least" in regulars.rule.text


def test_a_customer_of_whom_a_value_is_unknown_fulfils_no_condition():
    values = np.array([1.0] * 40 + [np.nan] * 40 + [9.0] * 40)
    labels = np.repeat([0, 1, 1], 40)
    frame = pd.DataFrame({"x": values}, index=pd.Index([f"{place:03d}" for place in range(120)], name="customer_id"))
    features = {"x": Feature("x", "x", "", Kind.NUMBER, Block.OTHER, "")}
    customers = CustomerTable(frame, features, None, None)
    profiles = describe(customers, assigned(labels), chosen(2), basis_of(customers, ("x",)))
    rule = profiles.segments[profiles.id_of_label[1] - 1].rule
    assert (rule.precision, rule.recall) == (1.0, 0.5)
    assert "not known" in profiles.tree_text or "or unknown" in profiles.tree_text


def test_the_tree_accounts_for_every_customer_and_counts_those_told_right(described):
    customers, profiles = described
    leaves = [branch for branch in profiles.tree if branch.segment_id]
    assert sum(branch.customers for branch in leaves) == len(customers)
    assert sum(branch.right for branch in leaves) / len(customers) == pytest.approx(profiles.rule_fidelity)
    assert len(leaves) <= 2 * len(profiles.segments)
    assert min(branch.customers for branch in leaves) >= 4
    for branch, following in itertools.pairwise(profiles.tree):
        assert following.depth == branch.depth + 1 if not branch.segment_id else following.depth <= branch.depth


def test_fidelity_on_unseen_customers_tells_when_a_tree_only_learned_by_heart():
    random = np.random.default_rng(0)
    X, chance = random.normal(size=(300, 6)), random.integers(0, 2, 300)
    known = (X[:, 0] > 0).astype(int)
    assert fidelity_unseen(X, chance, 2) < 0.6
    assert fidelity_unseen(X, known, 2) > 0.95
