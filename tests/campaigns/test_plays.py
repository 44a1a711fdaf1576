from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from coterie.campaigns import lifecycle_stages, suggest_plays
from coterie.campaigns.figures import Figures
from coterie.campaigns.playbook import load_playbook
from coterie.campaigns.plays import choose_play
from coterie.campaigns.stakes import yearly_value
from coterie.config import CampaignsSettings, Config
from coterie.errors import ConfigError
from coterie.profiles import describe
from profiles.factories import assigned, basis_of, chosen, only, shop, table_with
from profiles.hostile import mall, no_value, unusual_segment


def plays_of(customers, labels, *, settings=None, choice=None, basis=None):
    """The segment of each label, with its play."""
    names = basis or basis_of(customers)
    profiles = describe(customers, assigned(labels), choice or chosen(int(labels.max()) + 1), names)
    segments = suggest_plays(
        profiles, customers, lifecycle_stages(customers), Config(campaigns=settings or CampaignsSettings())
    )
    return {label: segments[segment_id - 1] for label, segment_id in enumerate(profiles.id_of_label) if segment_id}


@pytest.fixture(scope="module")
def planned():
    customers, labels = shop()
    return customers, labels, plays_of(customers, labels)


def test_planted_behaviours_get_the_play_that_fits(planned):
    _, _, segments = planned
    book = load_playbook().plays
    titles = {key: play.words["title"] for key, play in book.items()}
    assert segments[0].play.title in (titles["champions"], titles["loyal"])
    assert segments[1].play.title == titles["bargain"]
    assert segments[2].play.title == titles["new"]
    assert segments[3].play.title in (titles["at_risk"], titles["lapsed"], titles["cannot_lose"])


def test_timing_comes_from_the_segments_own_rhythm(planned):
    customers, labels, segments = planned
    gap = np.nanmedian(customers.frame["median_gap_days"].to_numpy()[labels == 0])
    assert f"day {round(0.85 * gap)} after the last order" in segments[0].play.timing
    assert f"every {round(gap)} days" in segments[0].play.timing


def test_new_customers_are_timed_by_the_gap_of_all_who_came_back(planned):
    customers, _, segments = planned
    gap = np.nanmedian(customers.frame["median_gap_days"])
    assert f"come back after {round(gap)} days" in segments[2].play.timing


def test_those_who_pay_the_full_price_get_no_discount_and_bargain_hunters_an_offer(planned):
    _, _, segments = planned
    assert "No discount" in segments[4].play.offer
    assert "off is what they get" in segments[1].play.offer


def test_the_offer_speaks_of_the_favourite_category(planned):
    _, _, segments = planned
    assert "Gifts" in segments[2].play.offer


def test_letters_go_only_to_those_who_agreed(planned):
    customers, labels, segments = planned
    agreed = customers.frame["newsletter_consent"].to_numpy()[labels == 0].mean()
    assert f"Only {agreed:.0%}".replace("%", " %") in segments[0].play.channel
    nobody = table_with(customers, newsletter_consent=np.zeros(len(customers)))
    assert "Nobody here has agreed" in plays_of(nobody, labels)[0].play.channel


def test_value_at_stake_is_a_years_margin_times_the_movable_part(planned):
    customers, labels, segments = planned
    mine = labels == 3
    frame = customers.frame[mine]
    years = np.maximum(frame["tenure_days"] - frame["recency_days"], 365) / 365
    yearly, in_a_year = yearly_value(customers, mine)
    assert in_a_year
    assert yearly == pytest.approx((frame["net_revenue"] / years).sum(), abs=0.01)
    movable = {play.words["title"]: play.movable for play in load_playbook().plays.values()}[segments[3].play.title]
    assert segments[3].play.value_at_stake == pytest.approx(yearly * 0.4 * movable, abs=0.01)
    assert "40 % margin" in segments[3].play.value_at_stake_note


def test_the_margin_is_a_setting(planned):
    customers, labels, segments = planned
    thin = plays_of(customers, labels, settings=CampaignsSettings(margin=0.1))
    assert thin[0].play.value_at_stake == pytest.approx(segments[0].play.value_at_stake / 4, abs=0.01)
    assert "10 % margin" in thin[0].play.value_at_stake_note


def test_priorities_follow_the_stakes_and_doubt_counts_less():
    customers, labels = shop()
    sure = plays_of(customers, labels, choice=chosen(5, stability=(0.9,) * 5))
    first = next(label for label, segment in sure.items() if segment.play.priority == 1)
    assert sure[first].play.value_at_stake == max(segment.play.value_at_stake for segment in sure.values())
    doubted = plays_of(customers, labels, choice=chosen(5, stability=(0.3,) * 5))
    assert "counted at half" in doubted[first].play.priority_reason


def test_customer_tables_without_orders_get_plays_by_income_and_spending():
    customers, assignment, choice, basis = mall()
    segments = plays_of(customers, assignment.labels, choice=choice, basis=basis_of(customers, basis))
    titles = {segment.name: segment.play.title for segment in segments.values()}
    book = load_playbook().plays
    assert titles["Affluent careful spenders"] == book["potential"].words["title"]
    assert titles["Affluent big spenders"] == book["protect"].words["title"]
    assert titles["Low-income careful spenders"] == book["nurture"].words["title"]
    assert all(math.isnan(segment.play.value_at_stake) for segment in segments.values())
    assert not any(re.search(r"order every|last order", segment.play.timing) for segment in segments.values())


def test_without_money_the_rhythm_decides():
    customers, assignment, choice, basis = no_value()
    segments = plays_of(customers, assignment.labels, choice=choice, basis=basis_of(customers, basis))
    book = load_playbook().plays
    assert segments[0].play.title == book["loyal"].words["title"]
    assert segments[2].play.title == book["new"].words["title"]
    assert segments[3].play.title in (book["lapsed"].words["title"], book["at_risk"].words["title"])


def test_unusual_customers_are_looked_at_first():
    customers, assignment, choice, basis = unusual_segment()
    segments = plays_of(customers, assignment.labels, choice=choice, basis=basis_of(customers, basis))
    assert segments[2].play.title == load_playbook().plays["unusual"].words["title"]


def test_customers_who_are_not_late_are_never_told_to_be_lost():
    customers, labels = shop()
    calm = table_with(customers, overdue_ratio=np.full(len(customers), 0.3))
    losing = {
        load_playbook().plays[key].words["title"] for key in ("at_risk", "cannot_lose", "lapsed", "lost", "attention")
    }
    segments = plays_of(calm, labels)
    assert not losing & {segment.play.title for label, segment in segments.items() if label != 2}


def test_the_order_of_the_customers_does_not_matter_to_stakes():
    customers, labels = shop(300)
    order = np.random.default_rng(0).permutation(300)
    shuffled = replace(customers, frame=customers.frame.iloc[order])
    mine = labels == 1
    assert yearly_value(customers, mine) == yearly_value(shuffled, mine[order])


def test_a_table_without_money_is_not_valued():
    customers, labels = shop(300)
    assert math.isnan(yearly_value(only(customers, "age", "income", "order_count"), labels == 0)[0])


def test_a_playbook_with_a_missing_key_says_which(tmp_path):
    path = tmp_path / "playbook.toml"
    text = '[plays.mine]\ntitle = "x"\nmovable = 0.1\neffort = 1\nurgency = 2\nstages = ["Lost"]\n[lines]\n'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="avoid, channel, goal, kpi, message, offer, timing_plain"):
        load_playbook(path)


def test_every_play_can_be_told_without_any_number():
    book = load_playbook()
    parts = ("title", "goal", "offer", "timing", "message", "avoid", "kpi", "channel")
    assert all(play.fill(part, {}) for play in book.plays.values() for part in parts)


def test_a_long_pause_between_bursts_of_orders_asks_for_a_letter_before_the_season_not_for_a_win_back():
    customers, labels = shop()
    gaps = replace(customers.features["spend_trend"], name="gap_variation", label="irregularity of the gaps")
    told = table_with(customers, gap_variation=np.where(labels == 3, 2.3, 0.6))
    play = plays_of(replace(told, features={**told.features, "gap_variation": gaps}), labels)[3].play
    assert play.title == load_playbook().plays["seasonal"].words["title"]
    assert "come in bursts" in play.evidence
    assert "have not left" in play.avoid


def test_those_who_look_much_and_buy_little_are_helped_to_decide():
    figures = Figures(size=500, core=400, orders=4, mean_orders=4.7, overdue=0.6, looks=11.3, shop_looks=5.6, gap=100)
    customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    segment, table = profiles.segments[0], profiles.table
    key, evidence = choose_play(segment, replace(figures, scores=(3.0, 2.0, 1.5), scored=1.0), table, customers)
    assert key == "browsing"
    assert "11 visits for each order; customers overall 5.6 visits" in evidence
    ordinary = replace(figures, looks=5.0, scores=(3.0, 2.0, 1.5), scored=1.0)
    assert choose_play(segment, ordinary, table, customers)[0] != "browsing"


def test_segments_with_the_same_play_are_told_of_each_other():
    customers, labels = shop()
    halves = np.where(labels == 2, 5 + (np.arange(len(labels)) % 2), labels)
    halves = np.unique(halves, return_inverse=True)[1]
    segments = plays_of(customers, halves)
    twins = [segment for segment in segments.values() if segment.play.title == "Win the second order"]
    assert len(twins) == 2
    assert f"The same play as for '{twins[1].name}'" in twins[0].play.message
    others = [segment for segment in segments.values() if segment not in twins]
    titles = [segment.play.title for segment in others]
    assert all(("same play" in s.play.message) == (titles.count(s.play.title) > 1) for s in others)


def test_nobody_is_led_to_a_habit_long_after_the_habit_broke_off():
    customers, labels = shop()
    profiles = describe(customers, assigned(labels), chosen(5), basis_of(customers))
    late = Figures(
        size=500,
        core=400,
        orders=2,
        mean_orders=2.3,
        recency=373,
        gap=87,
        overdue=4.3,
        scores=(3.6, 2.3, 2.8),
        scored=1.0,
    )
    assert choose_play(profiles.segments[0], late, profiles.table, customers)[0] == "dozing"
    on_time = replace(late, recency=80, overdue=0.95)
    assert choose_play(profiles.segments[0], on_time, profiles.table, customers)[0] == "growing"
