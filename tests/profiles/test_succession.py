"""Ids and names follow the people from one study to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coterie.outputs.charts.palette import SEGMENT_COLOURS, colour
from coterie.profiles import Earlier, describe
from coterie.profiles.succession import COLOURS
from profiles.factories import BASIS, assigned, basis_of, chosen, shop


@pytest.fixture(scope="module")
def first():
    customers, labels = shop()
    return customers, labels, describe(customers, assigned(labels), chosen(5), basis_of(customers))


def earlier_of(customers, profiles, *, ids=None, retired=()):
    """The first study as a later one sees it; `ids` gives its segments other numbers."""
    frame = customers.frame.copy()
    new = ids or {segment.segment_id: segment.segment_id for segment in profiles.segments}
    frame["segment_id"] = profiles.membership["segment_id"].map(new)
    names = {new[segment.segment_id]: segment.name for segment in profiles.segments}
    return Earlier("May", frame, names, BASIS, retired=frozenset(retired))


def described_again(customers, labels, earlier):
    return describe(customers, assigned(labels), chosen(int(labels.max()) + 1), basis_of(customers), earlier=earlier)


def test_the_same_people_keep_their_ids_and_names_and_nobody_moves(first):
    customers, labels, profiles = first
    again = described_again(customers, (labels + 2) % 5, earlier_of(customers, profiles))
    assert again.membership["segment_id"].equals(profiles.membership["segment_id"])
    assert again.membership["segment"].equals(profiles.membership["segment"])
    assert (again.change.moved["from_segment_id"] == again.change.moved["to_segment_id"]).all()
    assert "all kept their segment" in again.change.sentences[0]


def test_ids_of_the_earlier_study_are_taken_over_everywhere(first):
    customers, labels, profiles = first
    other = {1: 9, 2: 4, 3: 1, 4: 12, 5: 7}
    again = described_again(customers, labels, earlier_of(customers, profiles, ids=other))
    assert [segment.segment_id for segment in again.segments] == [1, 4, 7, 9, 12]
    assert again.membership["segment_id"].equals(profiles.membership["segment_id"].map(other))
    assert again.id_of_label == tuple(other[identity] for identity in profiles.id_of_label)
    old = profiles.table.set_index(["segment_id", "feature"])["segment_value"]
    new = again.table.set_index(["segment_id", "feature"])["segment_value"]
    for before, after in other.items():
        assert old.loc[before].equals(new.loc[after])


def test_a_split_keeps_the_name_for_the_larger_part_and_the_other_gets_an_id_never_used(first):
    customers, labels, profiles = first
    places = np.flatnonzero(labels == 1)
    split = labels.copy()
    split[places[: len(places) // 3]] = 5
    again = described_again(customers, split, earlier_of(customers, profiles, retired={6, 8}))
    assert again.change.new == (9,)
    assert again.change.vanished == {}
    kept = again.membership["segment_id"].to_numpy()[places[-1]]
    assert kept == profiles.membership["segment_id"].to_numpy()[places[-1]]
    names = [segment.name for segment in again.segments]
    assert len(set(names)) == 6
    assert {segment.name for segment in profiles.segments} < set(names)


def test_new_ids_share_no_colour_with_those_kept(first):
    customers, labels, profiles = first
    places = np.flatnonzero(labels == 1)
    split = labels.copy()
    split[places[: len(places) // 3]] = 5
    other = {1: 1, 2: 2, 3: 3, 4: 4, 5: 12}
    again = described_again(customers, split, earlier_of(customers, profiles, ids=other))
    assert again.change.new == (17,)
    assert len({colour(segment.segment_id) for segment in again.segments}) == 6
    assert len(SEGMENT_COLOURS) == COLOURS


def test_a_merger_tells_which_segment_is_gone_and_where_its_people_are(first):
    customers, labels, profiles = first
    merged = np.where(labels == 4, 3, labels)
    again = described_again(customers, merged, earlier_of(customers, profiles))
    (gone,) = again.change.vanished
    assert gone in again.change.retired
    assert gone not in again.membership["segment_id"].to_numpy()
    assert again.change.vanished[gone] not in {segment.name for segment in again.segments}
    told = f"Gone: '{again.change.vanished[gone]}'; of its customers who are still there, 100 % are now in '"
    assert any(sentence.startswith(told) for sentence in again.change.sentences)


def test_other_people_of_the_same_kinds_keep_the_segments(first):
    customers, labels, profiles = first
    others, other_labels = shop(seed=11)
    others.frame.index = pd.Index([f"n{number:05d}" for number in range(len(others))], name="customer_id")
    again = described_again(others, other_labels, earlier_of(customers, profiles))
    by_kind = profiles.membership["segment_id"].groupby(labels).first()
    assert again.membership["segment_id"].groupby(other_labels).first().equals(by_kind)
    assert again.change.sentences[0].startswith("No customer of the earlier study 'May' is in this one")


def test_other_people_of_another_kind_get_a_new_segment(first):
    customers, labels, _ = first
    without = labels != 4
    few, few_labels = (
        type(customers)(
            customers.frame[without], customers.features, customers.value, customers.as_of, customers.currency
        ),
        labels[without],
    )
    small = describe(few, assigned(few_labels), chosen(4), basis_of(few))
    others, other_labels = shop(seed=11)
    others.frame.index = pd.Index([f"n{number:05d}" for number in range(len(others))], name="customer_id")
    again = described_again(others, other_labels, earlier_of(few, small))
    assert again.change.new == (5,)
    assert set(again.membership["segment_id"][other_labels == 4]) == {5}


def test_moves_account_for_every_customer_of_both_studies(first):
    customers, labels, profiles = first
    some = type(customers)(
        customers.frame.iloc[100:], customers.features, customers.value, customers.as_of, customers.currency
    )
    drifted = labels[100:].copy()
    drifted[::17] = (drifted[::17] + 1) % 5
    moved = described_again(some, drifted, earlier_of(customers, profiles)).change.moved
    assert moved["customers"].sum() == 800
    assert moved.loc[moved["to_segment_id"] == 0, "customers"].sum() == 100
    changed = moved[(moved["to_segment_id"] > 0) & (moved["from_segment_id"] != moved["to_segment_id"])]
    assert changed["customers"].sum() == len(labels[100:][::17])


def test_all_customers_is_the_name_of_no_part_of_them(first):
    customers, labels, _ = first
    whole = describe(customers, assigned(np.zeros(800, dtype=int)), chosen(1), basis_of(customers))
    again = described_again(customers, labels, earlier_of(customers, whole))
    assert "All customers" not in {segment.name for segment in again.segments}
    assert again.change.kept == ()
    assert again.change.new == (2, 3, 4, 5, 6)


def test_where_the_segments_are_built_on_other_columns_it_says_what_a_kept_name_means(first):
    customers, labels, profiles = first
    earlier = earlier_of(customers, profiles)
    same = described_again(customers, labels, earlier)
    assert not any("same columns" in sentence for sentence in same.change.sentences)
    other = replace(earlier, basis=(*earlier.basis[1:], "spending_score"))
    told = described_again(customers, labels, other).change.sentences[-1]
    assert "no longer on spending score" in told
    assert "now also on" in told
    assert "not what they have in common now" in told
