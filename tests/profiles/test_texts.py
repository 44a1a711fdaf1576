"""Everything that people read, over believable and hostile customer tables."""

from __future__ import annotations

import dataclasses
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from coterie.campaigns import lifecycle_stages, suggest_plays
from coterie.config import Config
from coterie.profiles import Profiles, describe
from profiles.factories import basis_of
from profiles.hostile import CASES

if TYPE_CHECKING:
    from coterie.vocabulary import Segment

LEFTOVERS = re.compile(
    r"(?<![\w/])(nan|none|null|inf|NaN|None|NaT|-?inf)(?![\w/])|\bunknown\b|[{}<>]|\bTrue\b|\bFalse\b"
    r"|(?<![\d.,])0 days|(?<![\d.,])0\.0\b|(?<![\d.,])0(\.0)? times|np\.|dtype|  |\.\.|,,| ,| \.|\(\)|: \.|''"
    r"|−\d+ %|-\d+ %|−\d+ days|every less"
)


@lru_cache(maxsize=32)
def outcome(case) -> tuple[Profiles, tuple[Segment, ...]]:
    customers, assignment, choice, basis = case()
    profiles = describe(customers, assignment, choice, basis_of(customers, basis))
    stages = lifecycle_stages(customers)
    return profiles, suggest_plays(profiles, customers, stages, Config())


def texts(case) -> list[str]:
    profiles, segments = outcome(case)
    found = [*profiles.descriptors["sentence"], *profiles.membership["reason"].unique()]
    for segment in segments:
        found += [segment.name, segment.summary, segment.rule.text if segment.rule else "", *_facts(segment)]
        found += [value for value in dataclasses.asdict(segment.play).values() if isinstance(value, str)]
        found += segment.play.featured
    return found


def _facts(segment: Segment) -> list[str]:
    return [fact.sentence for fact in segment.facts]


every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)


@every_case
def test_no_text_holds_a_leftover(case):
    bad = {text for text in texts(case) if LEFTOVERS.search(text)}
    assert not bad


@every_case
def test_every_sentence_begins_with_a_capital_or_a_number_and_ends_with_a_stop(case):
    profiles, segments = outcome(case)
    sentences = [*profiles.descriptors["sentence"], *profiles.membership["reason"].unique()]
    for segment in segments:
        sentences += [segment.summary, *_facts(segment), segment.play.evidence, segment.play.priority_reason]
    wrong = [text for text in sentences if not text.endswith(".") or text[0].islower()]
    assert not wrong


@every_case
def test_names_are_short_and_each_is_given_once(case):
    _, segments = outcome(case)
    names = [segment.name.casefold() for segment in segments]
    assert len(set(names)) == len(names)
    assert all(len(name.replace("&", "").split()) <= 6 for name in names), names


@every_case
def test_every_segment_has_a_complete_play_and_its_own_priority(case):
    _, segments = outcome(case)
    assert sorted(segment.play.priority for segment in segments) == list(range(1, len(segments) + 1))
    for segment in segments:
        told = dataclasses.asdict(segment.play)
        words = [
            value
            for name, value in told.items()
            if isinstance(value, str) and name not in ("doubt", "left_alone", "tested")
        ]
        assert all(words)
        assert math.isnan(segment.play.value_at_stake) or segment.play.value_at_stake >= 0


@every_case
def test_no_two_plays_have_the_same_words(case):
    _, segments = outcome(case)
    plays = {
        tuple(
            value
            for key, value in dataclasses.asdict(segment.play).items()
            if key not in ("priority", "priority_reason")
        )
        for segment in segments
    }
    assert len(plays) == len(segments)


@every_case
def test_segments_account_for_every_customer(case):
    customers, *_ = case()
    profiles, segments = outcome(case)
    assert sum(segment.size for segment in segments) == len(customers)
    assert math.isclose(sum(segment.share for segment in segments), 1.0)
    counts = profiles.membership["segment_id"].value_counts()
    assert {segment.segment_id: segment.size for segment in segments} == counts.to_dict()
    assert [segment.segment_id for segment in segments] == list(range(1, len(segments) + 1))


@every_case
def test_every_segment_is_told_in_one_to_three_different_facts(case):
    _, segments = outcome(case)
    for segment in segments:
        assert 1 <= len(segment.facts) <= 3
        assert len(set(_facts(segment))) == len(segment.facts)
