from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coterie.profiles import describe
from coterie.vocabulary import Kind
from profiles.factories import assigned, basis_of, chosen, only, shop, table_with
from profiles.hostile import mall, odd_categories, one_segment, unknown_numbers, unusual_segment


def names_of(case) -> list[str]:
    customers, assignment, choice, basis = case()
    return [segment.name for segment in describe(customers, assignment, choice, basis_of(customers, basis)).segments]


def test_planted_behaviours_are_named_as_a_marketer_would():
    customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    names = {label: profiles.segments[profiles.id_of_label[label] - 1].name for label in range(5)}
    assert "weekend regulars" in names[0]
    assert "bargain hunters" in names[1]
    assert names[2] == "New one-time gift buyers"
    assert names[3].startswith("Lapsed")
    assert "big-" in names[4].lower()


def test_income_and_spending_score_give_the_well_known_five():
    assert set(names_of(mall)) >= {
        "Affluent careful spenders", "Affluent big spenders", "Low-income careful spenders",
    }  # fmt: skip
    assert any("low-income big spenders" in name.lower() for name in names_of(mall))
    assert "Mid-income moderate spenders" in names_of(mall)


def test_unknown_numbers_are_named_by_their_labels():
    assert all("zz 1" in name and "loyalty points" in name for name in names_of(unknown_numbers))


def test_a_flag_that_nearly_all_have_enters_the_name_and_a_verb_does_not():
    customers, labels = shop(600)
    bare = table_with(only(customers, "recency_days", "order_count"), mens=(labels % 2).astype(float))
    for name, label in (("mens", "mens"), ("mens", "has children")):
        features = {**bare.features, name: replace(bare.features[name], kind=Kind.FLAG, label=label)}
        flagged = replace(bare, features=features)
        profiles = describe(flagged, assigned(labels % 2), chosen(2), basis_of(flagged, ("mens",)))
        named = profiles.segments[profiles.id_of_label[1] - 1].name
        assert ("mens" in named) == (label == "mens")
        assert "has children customers" not in named.lower()


def test_a_category_that_takes_little_of_the_money_names_nobody():
    customers, labels = shop(600)
    faint = np.where(labels == 0, 0.06, 0.03) + np.linspace(0, 0.001, 600)
    customers = table_with(customers, share_gifts=faint)
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers, ("share_gifts", "order_count")))
    assert "gift" not in profiles.segments[profiles.id_of_label[0] - 1].name.lower()


def test_what_they_buy_stands_next_to_the_noun_and_those_who_left_are_not_frequent():
    customers, labels = shop(600)
    frame = customers.frame
    lapsed = labels == 3
    customers = table_with(
        customers,
        median_gap_days=np.where(lapsed, 5.0, frame["median_gap_days"]),
        average_order_value=np.where(lapsed, 900.0, frame["average_order_value"]),
        share_books=np.where(lapsed, 0.9, 0.1 * frame["share_books"]),
    )
    basis = basis_of(customers, ("median_gap_days", "average_order_value", "share_books", "recency_days"))
    profiles = describe(customers, assigned(labels), chosen(5), basis)
    assert profiles.segments[profiles.id_of_label[3] - 1].name == "Lapsed big-ticket book shoppers"


def test_the_segment_of_noise_is_called_unusual():
    assert names_of(unusual_segment).count("Unusual customers") == 1


def test_a_single_segment_holds_all_customers():
    assert names_of(one_segment) == ["All customers"]


def test_names_do_not_depend_on_the_order_of_the_labels():
    customers, labels = shop(400)
    shuffled = np.array([3, 0, 4, 2, 1])[labels]
    one = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    other = describe(customers, assigned(shuffled), chosen(5), basis_of(customers))
    assert [segment.name for segment in one.segments] == [segment.name for segment in other.segments]


def test_two_segments_alike_get_different_names():
    customers, labels = shop(600)
    halves = np.where(labels == 1, np.where(np.arange(600) % 2, 1, 5), labels)
    profiles = describe(customers, assigned(halves), chosen(6), basis_of(customers))
    assert len({segment.name for segment in profiles.segments}) == 6


def test_markup_never_enters_a_name():
    assert not any(set("{}<>") & set(name) for name in names_of(odd_categories))


def test_facts_tell_the_direction_with_the_numbers_of_the_table():
    customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    lapsed = profiles.segments[profiles.id_of_label[3] - 1]
    fact = next(fact for fact in lapsed.facts if fact.feature == "recency_days")
    row = profiles.table.query("segment_id == @lapsed.segment_id and feature == 'recency_days'").iloc[0]
    assert (fact.segment_value, fact.overall_value) == (row["segment_value"], row["overall_value"])
    assert fact.sentence.startswith(f"Last ordered {round(row['segment_value'])} days ago, longer ago than")


def test_facts_come_from_different_blocks():
    customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    for segment in profiles.segments:
        blocks = [customers.features[fact.feature].block for fact in segment.facts]
        assert len(set(blocks)) == 3


@pytest.mark.parametrize("unknown", [0.9, 0.99])
def test_a_number_known_of_hardly_anyone_is_no_fact(unknown):
    customers, labels = shop(600)
    random = np.random.default_rng(0)
    gap = np.where((labels == 0) & (random.random(600) < unknown), np.nan, customers.frame["median_gap_days"])
    customers = replace(customers, frame=customers.frame.assign(median_gap_days=gap))
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    segment = profiles.segments[profiles.id_of_label[0] - 1]
    assert "median_gap_days" not in {fact.feature for fact in segment.facts}


def test_of_fewer_than_ten_customers_only_the_number_is_told():
    customers, labels = shop(600)
    few = np.where(np.arange(600) < 9, 5, labels)
    profiles = describe(customers, assigned(few), chosen(6), basis_of(customers))
    segment = profiles.segments[profiles.id_of_label[5] - 1]
    assert [fact.sentence for fact in segment.facts] == ["Counts 9 customers, 2 % of all."]
    assert math.isnan(segment.value)


def test_customers_whose_orders_come_in_bursts_are_seasonal_not_lapsed():
    customers, labels = shop()
    gaps = replace(customers.features["spend_trend"], name="gap_variation", label="irregularity of the gaps")
    bursts = np.where(labels == 3, 2.3, 0.6) + np.linspace(0, 0.01, len(customers))
    told = table_with(customers, gap_variation=bursts)
    told = replace(told, features={**told.features, "gap_variation": gaps})
    profiles = describe(told, assigned(labels), chosen(5), basis_of(told))
    names = [segment.name for segment in profiles.segments]
    assert names[profiles.id_of_label[3] - 1].startswith("Seasonal")
    assert not any(name.startswith("Lapsed") for name in names)
