"""Plays that failed with a segment give way to the next best."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.test_plays import plays_of
from coterie.campaigns import KEEP, STOP, UNSURE, lifecycle_stages, suggest_plays
from coterie.campaigns.figures import Figures
from coterie.campaigns.learned import NOTHING_LEFT, PlayTest, made_with, next_best, told_tests
from coterie.campaigns.playbook import load_playbook
from coterie.campaigns.plays import plan_plays
from coterie.config import Config
from coterie.profiles import describe
from profiles.factories import assigned, basis_of, chosen, shop

BOOK = load_playbook()


def made(play, verdict=STOP, *, segment_id=1, segment="Regulars", **more):
    return PlayTest(
        segment_id, segment, play, BOOK.plays[play].words["title"], verdict, f"{verdict}: as it was found.", **more
    )


def figures(*scores):
    return Figures(100, 80, scores=scores or None)


def test_a_play_stays_unless_it_failed():
    for verdict in (KEEP, UNSURE):
        assert next_best("at_risk", figures(2, 4, 4), BOOK, [made("at_risk", verdict)]) == "at_risk"
    assert next_best("at_risk", figures(2, 4, 4), BOOK, [made("champions")]) == "at_risk"


def test_the_next_best_play_is_that_of_the_nearest_stage():
    assert next_best("champions", figures(4.9, 4.8, 4.9), BOOK, [made("champions")]) == "loyal"
    both = [made("champions"), made("loyal")]
    assert next_best("champions", figures(4.9, 4.8, 4.9), BOOK, both) not in ("champions", "loyal")


def test_without_scores_it_is_to_keep_in_touch_and_after_all_failed_nothing():
    assert next_best("protect", figures(), BOOK, [made("protect")]) == "steady"
    every = [made(key) for key in BOOK.plays]
    assert next_best("protect", figures(3, 3, 3), BOOK, every) == NOTHING_LEFT
    assert BOOK.plays[NOTHING_LEFT].leave_alone


def test_a_test_belongs_to_a_segment_by_its_id_after_the_same_study_and_by_its_name_otherwise(planned):
    segment = planned[0][0].segment
    mine, other = {"segment_id": segment.segment_id, "segment": "Old name"}, {"segment_id": 99, "segment": segment.name}
    learned = [
        made("new", **mine),
        made("loyal", **mine, is_of_earlier=True),
        made("lapsed", **{**other, "segment": segment.name.upper()}),
        made("dozing", **other, is_of_earlier=True),
    ]
    assert [test.play for test in made_with(segment, learned)] == ["loyal", "lapsed"]


def test_the_last_test_of_a_play_counts():
    first, last = made("new", STOP, is_of_earlier=True), made("new", KEEP, is_of_earlier=True)
    segment = replace(shop_segment(), segment_id=1)
    assert made_with(segment, [first, last]) == (last,)


def shop_segment():
    customers, labels = shop()
    return next(iter(plays_of(customers, labels).values()))


@pytest.fixture(scope="module")
def planned():
    customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(int(labels.max()) + 1), basis_of(customers))
    stages = lifecycle_stages(customers)
    return plan_plays(profiles, customers, stages, Config()), profiles, customers, stages


def test_a_failed_play_is_replaced_in_the_plan_and_the_segment_says_so(planned):
    before, profiles, customers, stages = planned
    failed = before[0].segment
    learned = [made(failed.play.key, segment=failed.name, segment_id=failed.segment_id)]
    after = plan_plays(profiles, customers, stages, Config(), learned=learned)
    segment = after[0].segment
    assert segment.play.key != failed.play.key
    assert segment.play.title != failed.play.title
    assert segment.play.tested.startswith("Tested with this segment and failed, so the next best play is taken: “")
    assert "as it was found" in segment.play.tested
    assert [one.segment.play.key for one in after[1:]] == [one.segment.play.key for one in before[1:]]
    assert suggest_plays(profiles, customers, stages, Config()) == tuple(one.segment for one in before)


def test_what_worked_is_told_too():
    told = told_tests("new", "new", [made("new", KEEP)])
    assert told == "Tested with this segment and worth keeping: keep: as it was found."
    assert told_tests("new", "new", []) == ""
