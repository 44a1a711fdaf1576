from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2_contingency, kruskal

from coterie.profiles import describe
from coterie.profiles.contrasts import index_of, is_marker, normal_scores
from coterie.profiles.descriptors import cramers_v, kruskal_wallis
from coterie.vocabulary import Kind
from profiles.factories import BASIS, assigned, basis_of, chosen, only, shop, table_with


@pytest.fixture(scope="module")
def described():
    customers, labels = shop()
    return customers, labels, describe(customers, assigned(labels), chosen(5), basis_of(customers))


def test_normal_scores_ignore_outliers_and_give_equal_values_equal_scores():
    calm, wild = normal_scores(np.array([1.0, 2, 2, 3])), normal_scores(np.array([1.0, 2, 2, 3e9]))
    assert np.allclose(calm, wild)
    assert calm[1] == calm[2]
    assert math.isclose(calm.std(), 1)


def test_normal_scores_are_nought_where_nothing_is_known_or_all_is_the_same():
    assert not normal_scores(np.array([np.nan, np.nan])).any()
    assert not normal_scores(np.array([5.0, 5, 5])).any()
    assert normal_scores(np.array([1.0, np.nan, 2]))[1] == 0


def test_an_index_needs_a_positive_average():
    assert index_of(3, 2) == 150
    assert all(math.isnan(index_of(*pair)) for pair in ((3, 0), (3, -2), (-3, 2), (math.nan, 2)))


def test_a_marker_differs_by_a_quarter_of_the_largest_mean_or_by_half_of_the_average():
    assert is_marker(mean=0.75, overall=0.5, largest=1.0, effect=0.5)
    assert not is_marker(mean=0.7, overall=0.5, largest=1.0, effect=0.5)
    assert is_marker(mean=0.16, overall=0.1, largest=1.0, effect=0.5)
    assert not is_marker(mean=0.75, overall=0.5, largest=1.0, effect=0.1)


def test_the_table_agrees_with_plain_pandas(described):
    customers, _, profiles = described
    ids = profiles.membership["segment_id"]
    spent = customers.frame["net_revenue"]
    rows = profiles.table[profiles.table["feature"] == "net_revenue"].set_index("segment_id")
    assert np.allclose(rows["segment_value"], spent.groupby(ids).median())
    assert np.allclose(rows["index"], 100 * spent.groupby(ids).mean() / spent.mean())
    weekend = profiles.table[profiles.table["feature"] == "weekend_share"].set_index("segment_id")
    assert np.allclose(weekend["segment_value"], customers.frame["weekend_share"].groupby(ids).mean())


def test_the_table_has_a_row_for_each_segment_and_feature(described):
    customers, _, profiles = described
    assert len(profiles.table) == 5 * len(customers.features)
    assert list(profiles.table.columns[:9]) == [
        "segment_id", "feature", "unit", "segment_value", "overall_value", "index", "effect_size", "is_marker",
        "spread",
    ]  # fmt: skip


def test_a_constant_column_marks_nobody():
    customers, labels = shop(300)
    customers = table_with(customers, discount_share=np.full(300, 0.2))
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    rows = profiles.table[profiles.table["feature"] == "discount_share"]
    assert not rows["is_marker"].any()
    assert (rows["effect_size"] == 0).all()


def test_levels_held_by_fewer_than_ten_customers_are_not_told():
    customers, _labels = shop(300)
    country = np.where(np.arange(300) < 9, "Rareland", "France").astype(object)
    customers = table_with(customers, country=country)
    profiles = describe(customers, assigned(np.where(np.arange(300) < 20, 0, 1)), chosen(2), basis_of(customers))
    assert "Rareland" not in set(profiles.table["level"])
    assert not profiles.descriptors["sentence"].str.contains("Rareland").any()


def test_segments_are_ordered_by_total_value_and_their_shares_add_up(described):
    _, _, profiles = described
    values = [segment.value for segment in profiles.segments]
    assert values == sorted(values, reverse=True)
    assert math.isclose(sum(segment.value_share for segment in profiles.segments), 1)


def test_segments_are_ordered_by_size_where_nothing_says_what_a_customer_is_worth():
    customers, labels = shop(300)
    bare = only(customers, "age", "income")
    profiles = describe(bare, assigned(labels), chosen(5), basis_of(bare, ("age", "income")))
    sizes = [segment.size for segment in profiles.segments]
    assert sizes == sorted(sizes, reverse=True)
    assert all(math.isnan(segment.value) for segment in profiles.segments)


def test_labels_keep_their_stability_when_segments_are_ordered(described):
    _, labels, profiles = described
    ids = profiles.membership["segment_id"].to_numpy()
    for label, segment_id in enumerate(profiles.id_of_label):
        assert set(ids[labels == label]) == {segment_id}
        segment = profiles.segments[segment_id - 1]
        assert math.isclose(segment.stability, 0.9 - 0.1 * label)
    badges = {segment.stability_badge for segment in profiles.segments}
    assert badges == {"stable", "pattern", "do not rely on it"}


def test_own_kruskal_wallis_equals_scipys():
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, 300)
    values = random.poisson(3, 300) + (codes == 2)
    statistic, p_value, effect = kruskal_wallis(values.astype(float), codes)
    expected = kruskal(*(values[codes == code] for code in range(4)))
    assert math.isclose(statistic, expected.statistic)
    assert math.isclose(p_value, expected.pvalue)
    assert math.isclose(effect, statistic / 299)


def test_chi_square_equals_scipys_and_v_is_corrected_for_bias():
    counts = np.array([[30, 20], [10, 40], [25, 25]])
    statistic, p_value, v = cramers_v(counts)
    expected = chi2_contingency(counts, correction=False)
    assert math.isclose(statistic, expected.statistic)
    assert math.isclose(p_value, expected.pvalue)
    raw = math.sqrt(statistic / counts.sum())
    assert 0 < v < raw
    assert cramers_v(np.array([[25, 25], [25, 25]]))[2] == 0


def test_differences_that_are_not_there_are_seldom_found():
    random = np.random.default_rng(5)
    customers, labels = shop(400)
    noise = {f"noise_{place}": random.normal(size=400) for place in range(20)}
    customers = table_with(only(customers, "order_count"), **noise)
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    told = profiles.descriptors["sentence"].str.contains("does not differ")
    assert told.sum() >= 19
    assert (profiles.descriptors["p_adjusted"] >= profiles.descriptors["p_value"]).all()


def test_descriptors_are_the_features_outside_the_basis(described):
    customers, _, profiles = described
    assert not set(profiles.descriptors["feature"]) & set(BASIS)
    expected = {
        name for name, feature in customers.features.items() if name not in BASIS and feature.kind is not Kind.DATE
    }
    assert set(profiles.descriptors["feature"]) == expected
