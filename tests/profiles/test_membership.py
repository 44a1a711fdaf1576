from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coterie.profiles import describe, membership
from profiles.factories import assigned, basis_of, chosen, shop


@pytest.fixture(scope="module")
def described():
    customers, labels = shop()
    return customers, labels, describe(customers, assigned(labels), chosen(5), basis_of(customers))


def test_every_customer_has_a_place_and_a_reason(described):
    customers, _, profiles = described
    places = profiles.membership
    told = ["segment_id", "segment", "confidence", "is_core", "reason", "place", "second_segment_id", "second_segment"]
    assert list(places.columns) == told
    assert places.index.equals(customers.frame.index)
    assert places["reason"].str.len().between(20, 250).all()
    assert places["confidence"].between(0, 1).all()


def test_a_reason_quotes_the_customers_own_numbers(described):
    customers, _, profiles = described
    lapsed = profiles.segments[profiles.id_of_label[3] - 1]
    mine = profiles.membership[profiles.membership["segment_id"] == lapsed.segment_id]
    quoted = mine["reason"].str.extract(r"ast ordered (\d+) days ago")[0].dropna().astype(float)
    assert len(quoted) > 0.8 * (customers.frame.loc[mine.index, "recency_days"] < 730).sum()
    assert (quoted == customers.frame.loc[quoted.index, "recency_days"]).all()


def test_core_customers_are_like_most_and_others_stand_near_a_neighbour(described):
    _, _, profiles = described
    like_most = profiles.membership["reason"].str.contains("like most of")
    assert (like_most == profiles.membership["is_core"]).all()


def test_customers_between_two_segments_are_told_so_with_both_names(described):
    _, labels, profiles = described
    places = profiles.membership
    between = places["place"] == "between"
    assert (between == assigned(labels).is_between).all()
    assert between.any()
    for row in places[between].itertuples():
        assert f"between '{row.segment}' and '{row.second_segment}'" in row.reason
    assert not places.loc[~between, "reason"].str.contains(": between '").any()
    assert ((places["place"] == "core") == places["is_core"]).all()
    ids = {segment.name: segment.segment_id for segment in profiles.segments}
    assert (places["second_segment"].map(ids) == places["second_segment_id"]).all()
    assert (places["second_segment_id"] != places["segment_id"]).all()


def test_one_segment_has_no_second(described):
    customers, labels, _ = described
    whole = describe(customers, assigned(labels * 0, 1), chosen(1), basis_of(customers)).membership
    assert (whole["second_segment_id"] == 0).all()
    assert (whole["second_segment"] == "").all()
    assert whole["reason"].str.contains("one segment holds all customers").all()


def test_equal_customers_get_equal_reasons(described):
    customers, labels, _ = described
    frame = pd.concat([customers.frame, customers.frame.rename(index=lambda name: f"d{name}")])
    twice = replace(customers, frame=frame)
    half = assigned(labels)
    both = type(half)(*(np.concatenate([part, part]) for part in vars(half).values()))
    places = describe(twice, both, chosen(5), basis_of(customers)).membership
    first, second = places.iloc[: len(labels)], places.iloc[len(labels) :]
    assert (first["reason"].to_numpy() == second["reason"].to_numpy()).all()


def test_typical_customers_are_nearest_to_the_centre_and_edge_customers_least_sure(described):
    customers, labels, profiles = described
    assignment = assigned(labels)
    for label, segment_id in enumerate(profiles.id_of_label):
        segment = profiles.segments[segment_id - 1]
        mine = pd.Series(assignment.distance, index=customers.frame.index)[labels == label]
        assert set(mine[list(segment.typical)]) <= set(mine.nsmallest(5))
        sure = pd.Series(assignment.confidence, index=customers.frame.index)[labels == label]
        assert set(sure[list(segment.edge)]) <= set(sure.nsmallest(5))


def test_the_same_input_gives_the_same_words(described):
    customers, labels, profiles = described
    again = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    assert again.membership.equals(profiles.membership)
    assert again.segments == profiles.segments or str(again.segments) == str(profiles.segments)


@pytest.mark.parametrize("n", [0, 3, 5, 6, 400])
def test_the_smallest_values_come_first_and_of_equal_ones_those_that_stand_first(n):
    values = np.random.default_rng(n).integers(0, 4, n) / 2
    expected = np.argsort(values, kind="stable")[: membership.N_EXAMPLES]
    assert np.array_equal(membership._smallest(values), expected)
