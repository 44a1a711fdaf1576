"""A playbook of one's own: whole or in part, chosen by stages and numbers, refused with the play and key named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from campaigns.test_plays import plays_of
from coterie.campaigns import bundled_text, lifecycle_stages, load_playbook, suggest_plays
from coterie.campaigns.conditions import FACTS, parse_condition
from coterie.cli.main import main
from coterie.config import Config, PlaybookSettings
from coterie.errors import ConfigError
from coterie.profiles import describe
from profiles.factories import assigned, basis_of, chosen, shop

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

WHOLE = """
title = "A visit by the owner"
goal = "Meet them."
offer = "Coffee."
timing_plain = "In spring."
message = "Come in."
avoid = "Letters."
kpi = "Visits."
channel = "The shop"
movable = 0.2
effort = 3
urgency = 5
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "playbook.toml"
    path.write_text(text, encoding="utf-8")
    return path


def plays_by(path: Path, customers=None, labels=None):
    if customers is None:
        customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    config = Config(playbook=PlaybookSettings(file=str(path)))
    segments = suggest_plays(profiles, customers, lifecycle_stages(customers), config)
    return {label: segments[place - 1] for label, place in enumerate(profiles.id_of_label) if place}


def test_a_whole_copy_of_the_bundled_playbook_changes_nothing(tmp_path: Path) -> None:
    customers, labels = shop()
    bundled = plays_of(customers, labels)
    copied = plays_by(written(tmp_path, bundled_text()), customers, labels)
    assert {label: segment.play for label, segment in copied.items()} == {
        label: segment.play for label, segment in bundled.items()
    }


def test_a_part_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path, '[plays.new]\nmessage = "Hello there."\n[lines]\nweekend = "At {share} weekends."\n')
    book, bundled = load_playbook(path), load_playbook()
    assert book.plays["new"].words["message"] == "Hello there."
    assert book.plays["new"].words["goal"] == bundled.plays["new"].words["goal"]
    assert book.lines["weekend"] == "At {share} weekends."
    assert book.lines["evening"] == bundled.lines["evening"]
    assert plays_by(path)[2].play.message.startswith("Hello there.")


def test_a_play_of_ones_own_comes_first_where_its_numbers_fit(tmp_path: Path) -> None:
    customers, labels = shop()
    typical = [np.median(customers.frame["order_count"].to_numpy()[labels == label]) for label in range(5)]
    most = int(np.argmax(typical))
    text = f'[plays.visit]{WHOLE}[plays.visit.when]\norder_count = ">= {typical[most]:g}"\n'
    segments = plays_by(written(tmp_path, text), customers, labels)
    fitting = {label for label in range(5) if typical[label] >= typical[most]}
    assert {label for label, one in segments.items() if one.play.title == "A visit by the owner"} == fitting
    assert "Chosen by your own playbook: order count is" in segments[most].play.evidence
    assert segments[most].play.key == "visit"


def test_a_play_for_a_stage_is_for_segments_at_that_stage_only(tmp_path: Path) -> None:
    text = f'[plays.visit]{WHOLE}stages = ["At Risk", "Hibernating", "Lost", "Cannot Lose Them"]\n'
    segments = plays_by(written(tmp_path, text))
    assert [label for label, one in segments.items() if one.play.key == "visit"] == [3]
    assert "they are at the stage " in segments[3].play.evidence


def test_a_condition_on_what_the_shop_does_not_know_is_not_met(tmp_path: Path) -> None:
    text = f'[plays.visit]{WHOLE}[plays.visit.when]\nvisits_per_order = ">= 0"\n'
    assert all(one.play.key != "visit" for one in plays_by(written(tmp_path, text)).values())


def test_of_two_plays_that_fit_the_first_of_the_file_is_taken(tmp_path: Path) -> None:
    first = WHOLE.replace("A visit by the owner", "First")
    text = f'[plays.b]{first}when = {{ customers = "> 0" }}\n[plays.a]{WHOLE}when = {{ customers = "> 0" }}\n'
    assert {one.play.title for one in plays_by(written(tmp_path, text)).values()} == {"First"}


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [("<= 30", 30, True), ("< 30", 30, False), ("> 4", 5, True), (">= 4", 3.9, False), ("30..90", 90, True),
     ("30..90", 91, False), (7, 7.0, True), ("= -2", -2, True), ("> 4", float("nan"), False)],
)  # fmt: skip
def test_conditions_hold_where_they_say(text: object, value: float, holds: bool) -> None:
    assert parse_condition("mine", "order_count", text).holds({"order_count": value}) is holds


@pytest.mark.parametrize("text", ["a lot", "90..30", "=> 4", "", True, ["> 3"], "> 3 and < 4"])
def test_a_condition_without_meaning_names_play_and_fact(text: object) -> None:
    with pytest.raises(ConfigError, match="condition 'recency_days' of the play 'mine'") as caught:
        parse_condition("mine", "recency_days", text)
    assert "[plays.mine.when]" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[plays.new]\nmesage = "x"', r"(?s)play 'new'.*unknown key 'mesage'.*Did you mean 'message'"),
        (f"[plays.visit]{WHOLE}", r"(?s)play 'visit' of the playbook is never chosen"),
        (f'[plays.lapsd]{WHOLE}', r"(?s)never chosen.*Did you mean 'lapsed'"),
        ('[plays.mine]\ntitle = "x"\nstages = ["Lost"]', r"(?s)play 'mine'.*not complete.*Missing: avoid"),
        ('[plays.new]\nstages = ["Champion"]', r"(?s)stage 'Champion'.*Did you mean 'Champions'"),
        ("[plays.new]\nmovable = 2", r"(?s)'movable' of the play 'new'.*It is 2.*from 0 to 1"),
        ('[plays.new]\neffort = "much"', r"(?s)'effort' of the play 'new'"),
        ('[plays.new]\noffer = "For {topc}"', r"(?s)'offer' of the play 'new'.*'topc'.*Did you mean 'topic'"),
        ('[plays.new]\noffer = "For {topic.__class__}"', r"(?s)Unknown in braces: 'topic.__class__'"),
        ('[plays.new]\noffer = "Half {"', r"'offer' of the play 'new' in the playbook cannot be filled"),
        ('[plays.new]\ngoal = ""', r"'goal' of the play 'new'"),
        ("[plays.new]\nleave_alone = 1", r"'when' or 'leave_alone' of the play 'new'"),
        ('[lines]\nweekened = "x"', r"(?s)unknown sentence 'weekened'.*Did you mean 'weekend'"),
        ('[lines]\nweekend = "{topic}"', r"(?s)'weekend'.*Unknown in braces: 'topic'.*: share"),
        ("[play.new]\nmovable = 0.1", r"(?s)unknown table 'play'.*Did you mean 'plays'"),
        ("plays = 3", r"'plays' of the playbook is no table"),
        ("[plays]\nnew = 3", r"'new' of the playbook is no table"),
        ("[plays.new", r"is not valid TOML"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_told_with_play_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_playbook(written(tmp_path, text))


def test_a_fact_that_no_shop_has_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    text = f'[plays.visit]{WHOLE}[plays.visit.when]\nrecency_day = "> 3"\n'
    with pytest.raises(ConfigError, match=r"(?s)play 'visit' asks for 'recency_day'.*Did you mean 'recency_days'"):
        plays_by(written(tmp_path, text))


def checked(path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["playbook", "--check", str(path), *options])


def test_the_check_refuses_a_misspelt_feature_and_names_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, f'[plays.visit]{WHOLE}[plays.visit.when]\norder_counts = "> 3"\n')
    told = checked(path)
    assert told.exit_code == 2
    assert "play 'visit' asks for 'order_counts'" in told.output
    assert "Did you mean 'order_count' or 'order_country'?" in told.output
    assert checked(path, "--column", "order_counts").exit_code == 0


def test_the_check_says_which_names_only_a_column_of_ones_own_can_be(tmp_path: Path) -> None:
    facts = 'loyalty_points = "> 3"\nrecency_days = "<= 30"\nshare_garden = "> 0.2"'
    told = checked(written(tmp_path, f"[plays.visit]{WHOLE}[plays.visit.when]\n{facts}\n"))
    assert told.exit_code == 0
    assert "No feature is named loyalty_points:" in told.output


def test_a_playbook_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"(?s)'none.toml' cannot be read.*coterie playbook"):
        load_playbook(tmp_path / "none.toml")


def test_every_fact_that_the_playbook_names_can_be_asked_for(tmp_path: Path) -> None:
    told = bundled_text().partition("# Numbers:")[2].partition("[plays.champions]")[0]
    assert all(fact in told for fact in FACTS)
    everything = "\n".join(f'{fact} = ">= -1000"' for fact in FACTS if fact != "alive_share")
    segments = plays_by(written(tmp_path, f"[plays.visit]{WHOLE}[plays.visit.when]\n{everything}\n"))
    assert {one.play.key for one in segments.values()} == {"visit"}


def test_every_stage_has_exactly_one_bundled_play() -> None:
    from coterie.campaigns import STAGES

    assert set(load_playbook().of_stage) == set(STAGES)
    named = [stage for play in load_playbook().plays.values() for stage in play.stages]
    assert len(named) == len(set(named))


def test_a_play_that_a_user_chose_is_never_replaced_by_doing_nothing(tmp_path: Path) -> None:
    customers, labels = shop()
    features = dict(customers.features)
    features["gap_variation"] = replace(features["spend_trend"], name="gap_variation", label="irregularity")
    frame = customers.frame.assign(gap_variation=0.05, overdue_ratio=0.4, order_count=30.0)
    regular = replace(customers, frame=frame, features=features)
    assert any(one.play.left_alone for one in plays_of(regular, labels).values())
    text = f'[plays.visit]{WHOLE}discount = 0.5\nwhen = {{ customers = "> 0" }}\n'
    own = plays_by(written(tmp_path, text), regular, labels)
    assert {one.play.key for one in own.values()} == {"visit"}
    assert not any(one.play.left_alone for one in own.values())


def test_a_mistake_in_the_playbook_is_told_before_any_table_is_read(tmp_path: Path) -> None:
    from coterie.api import segment

    path = written(tmp_path, "[plays.new]\nmesage = 'x'\n")
    with pytest.raises(ConfigError, match="unknown key 'mesage'"):
        segment(tmp_path / "no_such_table.csv", playbook=str(path))
