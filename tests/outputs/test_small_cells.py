"""What a study keeps and shows of few customers, and of sums that one or two of them make up."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie.outputs import Study
from coterie.outputs.page import segments as page
from coterie.outputs.report import render_report
from coterie.outputs.small_cells import protected, untold, without_stakes
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from types import SimpleNamespace

    from coterie.vocabulary import Segment


@pytest.fixture(scope="module")
def segmentation() -> SimpleNamespace:
    """Five segments, of which the profiles leave out the value of two: one of eight people, one to protect it."""
    made = make_segmentation()
    hidden = {4: 8, 5: None}
    made.segments = tuple(
        replace(
            one,
            value=math.nan,
            value_share=math.nan,
            value_per_customer=math.nan,
            size=hidden[one.segment_id] or one.size,
        )
        if one.segment_id in hidden
        else one
        for one in made.segments
    )
    return made


@pytest.fixture(scope="module")
def study(segmentation: SimpleNamespace) -> Study:
    return Study.from_segmentation(segmentation)


def by_id(study: Study, segment_id: int) -> Segment:
    return next(one for one in study.profiled if one.segment_id == segment_id)


def test_no_table_holds_a_sum_of_a_segment_that_is_not_told(study: Study) -> None:
    assert untold(study.profiled) == {4, 5}
    for name in ("expected_value", "budget"):
        assert not set(study.tables[name]["segment_id"]) & {4, 5}
    hidden = study.segments[study.segments["segment_id"].isin([4, 5])]
    money = ["value", "value_share", "value_per_customer", "value_at_stake", "expected_value_12m", "value_at_risk_12m"]
    assert hidden[money].isna().all(axis=None)
    assert study.campaigns.set_index("segment_id").loc[[4, 5], "value_at_stake"].isna().all()
    assert study.segments.loc[~study.segments["segment_id"].isin([4, 5]), "value"].notna().all()


def test_the_small_segment_follows_from_no_total(study: Study) -> None:
    """An attacker who knows the total and every value that is told has two unknowns for one equation."""
    unknown = study.segments["value"].isna().sum()
    assert unknown >= 2


def test_shares_of_a_small_segment_do_not_follow_from_those_of_the_others(study: Study) -> None:
    table = study.profiles
    assert table.loc[table["segment_id"] == 4, "segment_value"].isna().all()
    if "statistic" in table:
        means = table[table["statistic"] != "median"].pivot_table(index="feature", columns="segment_id", values="size")
        assert (means.isna().sum(axis=1) != 1).all()


def test_stakes_and_reasons_with_amounts_go_with_the_value(segmentation: SimpleNamespace) -> None:
    reason = "Place 1 of 5 by what the play could move in a year (£1,234); counted at half."
    told = tuple(
        replace(one, play=replace(one.play, priority_reason=reason, value_at_stake=1234.0))
        for one in segmentation.segments
    )
    after = {one.segment_id: one.play for one in without_stakes(told)}
    assert after[4].priority_reason == "Place 1 of 5 by what the play could move in a year; counted at half."
    assert math.isnan(after[4].value_at_stake)
    assert after[1].priority_reason == reason
    assert after[1].value_at_stake == 1234.0


def test_the_report_says_that_it_is_not_shown_and_why(study: Study) -> None:
    cards = {card["number"]: card for card in page.describe_all(study)}
    assert cards[4]["value_note"] == "not shown: fewer than 10 customers"
    assert cards[5]["value_note"] == "not shown: it would show what single customers brought"
    assert cards[1]["value_note"] == ""
    text = render_report(study)
    assert "not shown: fewer than 10 customers" in text
    assert ">nan" not in text
    assert "unknown%" not in text


def test_a_study_without_money_or_small_segments_is_left_as_it_is() -> None:
    plain = Study.from_segmentation(make_segmentation())
    assert untold(plain.profiled) == frozenset()
    tables = {"segments": plain.segments, "profiles": plain.profiles}
    assert protected(tables, plain.profiled) == tables
    no_money = tuple(replace(one, value=math.nan) for one in plain.profiled)
    assert untold(no_money) == frozenset()


def test_means_of_the_next_smallest_segment_go_where_one_alone_is_small(segmentation: SimpleNamespace) -> None:
    sizes = {one.segment_id: one.size for one in segmentation.segments}
    beside = min((size, identity) for identity, size in sizes.items() if size >= 10)[1]
    table = pd.DataFrame(
        {"segment_id": [1, 2, 3, 4, 5] * 2, "feature": ["age"] * 5 + ["weekend_share"] * 5,
         "statistic": ["median"] * 5 + ["mean"] * 5, "segment_value": np.arange(10.0)}
    )  # fmt: skip
    found = protected({"segments": pd.DataFrame({"segment_id": []}), "profiles": table}, segmentation.segments)[
        "profiles"
    ]
    empty = set(zip(*found.loc[found["segment_value"].isna(), ["segment_id", "feature"]].to_numpy().T, strict=True))
    assert empty == {(4, "age"), (4, "weekend_share"), (beside, "weekend_share")}
