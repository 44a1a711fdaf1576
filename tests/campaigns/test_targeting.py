"""Which segments to target, which to leave alone, what to show them: scales, ranks and reasons."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coterie.campaigns import Outreach, lifecycle_stages, load_playbook, make_strategy
from coterie.campaigns.alone import left_alone
from coterie.campaigns.criteria import SCALE_OF, Criterion, _beside_average, score_of
from coterie.campaigns.economics import Economics
from coterie.campaigns.featured import featured_categories
from coterie.campaigns.figures import Figures
from coterie.campaigns.plays import Planned
from coterie.campaigns.strategy import economics_in
from coterie.campaigns.targeting import choose_targets
from coterie.config import Config, make_config
from coterie.profiles import describe
from coterie.vocabulary import Play, Segment
from profiles.factories import assigned, basis_of, chosen, shop
from profiles.hostile import mall

MONEY = Economics(100, 12.0, 0.12, 3.0, 50.0, 0.03, 0.37, 4_000.0, 2.0)


def strategy_of(customers, labels, config=None, contact=None):
    profiles = describe(customers, assigned(labels), chosen(int(labels.max()) + 1), basis_of(customers))
    stages = lifecycle_stages(customers)
    return make_strategy(profiles, customers, stages, config or Config(), contact=contact)


@pytest.fixture(scope="module")
def decided():
    customers, labels = shop(1000)
    return customers, labels, strategy_of(customers, labels)


def segment(segment_id: int, **changes: object) -> Segment:
    play = Play("Title", "Goal.", "Offer.", "E-mail", "Now.", "Hello.", "Nothing.", "Kpi.", "Because.", 1.0, "", 1)
    known = Segment(
        segment_id, f"S{segment_id}", 100, 0.25, 1_000.0, 0.25, 10.0, 0.9, "stable", "Who.", (), (), None, play
    )
    return replace(known, **changes)


def planned(one: Segment, key: str = "loyal") -> Planned:
    return Planned(one, load_playbook().plays[key], Figures(one.size, one.size), {}, MONEY)


def criteria(attractive: float, strong: float, reach: float = 0.8) -> tuple[Criterion, ...]:
    return (
        Criterion("attractiveness", "value", 3.0, 1.0, attractive, "it is worth much"),
        Criterion("attractiveness", "size", 1.0, 1.0, attractive, "it is large"),
        Criterion("strength", "reach", 2.0, reach, strong, "many may be written to"),
    )


@pytest.mark.parametrize(
    ("ratio", "score"), [(1, 5), (2, 7.5), (4, 10), (40, 10), (0.5, 2.5), (0.25, 0), (0, 0), (-1, 0)]
)
def test_a_ratio_of_one_is_the_middle_and_each_doubling_two_and_a_half_points(ratio: float, score: float) -> None:
    assert score_of("value", ratio) == pytest.approx(score)


def test_a_share_is_ten_times_itself_and_the_unknown_stays_unknown() -> None:
    assert score_of("reach", 0.37) == pytest.approx(3.7)
    assert score_of("stability", 1.2) == 10
    assert math.isnan(score_of("alive", math.nan))
    weights = Config().targeting
    assert set(SCALE_OF) == {*weights.attractiveness.model_dump(), *weights.strength.model_dump()}


def test_segments_are_ranked_by_attractiveness_times_strength() -> None:
    several = [segment(1), segment(2), segment(3), segment(4)]
    scores = {1: criteria(6, 6), 2: criteria(9, 4), 3: criteria(4, 9), 4: criteria(2, 3)}
    found = choose_targets([planned(one) for one in several], scores)
    assert [one.rank for one in found] == [1, 2, 3, 4]  # equal scores: by id
    assert [one.score for one in found] == pytest.approx([3.6, 3.6, 3.6, 0.6])
    assert [one.decision for one in found] == ["target", "build strength first", "serve at little cost", "not now"]


def test_what_is_knocked_out_comes_last_whatever_its_scores() -> None:
    several = [
        planned(segment(1, is_unusual=True)),
        planned(segment(2), "costs_more"),
        planned(segment(3)),
        planned(segment(4)),
    ]
    scores = {1: criteria(9, 9), 2: criteria(9, 9), 3: criteria(1, 1), 4: criteria(8, 8, reach=0.0)}
    found = choose_targets(several, scores)
    assert found[2].rank == 1
    assert [one.decision for one in found] == ["look first", "leave alone", "not now", "leave alone"]
    assert found[3].knock_out == "Nobody in it may be written to."
    assert all(one.sentence.startswith(f"Place {one.rank} of 4, {one.decision}") for one in found if one.knock_out)


def test_the_sentence_names_the_strongest_and_the_weakest_point() -> None:
    (found,) = choose_targets(
        [planned(segment(1))],
        {1: (*criteria(8, 8), Criterion("strength", "fit", 1.0, 0.5, 2.5, "it buys nothing of its own"))},
    )
    assert found.sentence.startswith("The only segment, worth having and within reach (attractiveness 8 of 10")
    assert "Most in its favour: it is worth much." in found.sentence
    assert "Where others do better: it buys nothing of its own." in found.sentence


def test_weights_are_settings_and_none_leaves_a_criterion_out(decided) -> None:
    customers, labels, usual = decided
    sized = make_config({"targeting": {"attractiveness": {"value": 0, "alive": 0, "margin": 0, "gain": 0}}})
    found = strategy_of(customers, labels, sized)
    assert set(found.criteria.loc[found.criteria["side"] == "attractiveness", "name"]) == {"size"}
    by_size = found.targets.set_index("segment_id")["attractiveness"]
    sizes = {one.segment_id: one.size for one in found.segments}
    assert by_size.idxmax() == max(sizes, key=lambda key: sizes[key])
    assert set(usual.criteria["name"]) >= {"value", "size", "stability", "margin"}


def test_every_score_follows_from_the_criteria_that_are_listed(decided) -> None:
    _, _, found = decided
    for row in found.targets.to_dict("records"):
        for side in ("attractiveness", "strength"):
            mine = found.criteria[
                (found.criteria["segment_id"] == row["segment_id"]) & (found.criteria["side"] == side)
            ]
            assert row[side] == pytest.approx(np.average(mine["score"], weights=mine["weight"]), abs=1e-3)
    assert sorted(found.targets["rank"]) == [1, 2, 3, 4, 5]


def test_who_may_be_written_to_is_counted_and_limits_what_a_campaign_reaches(decided) -> None:
    customers, labels, _ = decided
    may = pd.Series((np.arange(len(labels)) % 4 == 0).astype(float), index=customers.frame.index)
    found = strategy_of(customers, labels, contact=Outreach(may, "consent"))
    reach = found.criteria[found.criteria["name"] == "reach"].set_index("segment_id")
    sizes = {one.segment_id: one.size for one in found.segments}
    money = found.money.set_index("segment_id")
    for key in money.index:
        assert money.loc[key, "customers"] == pytest.approx(reach.loc[key, "value"] * sizes[key], abs=0.6)
    assert "may be written to (by consent)" in reach["told"].iloc[0]
    nobody = strategy_of(customers, labels, contact=Outreach(may * 0, "consent"))
    assert set(nobody.targets["decision"]) == {"leave alone"}
    assert nobody.money.empty


def test_earlier_answers_count_where_they_are_enough(decided) -> None:
    customers, labels, _ = decided
    answers = pd.DataFrame({"sent": 2.0, "answered": np.where(labels == 1, 1.0, 0.2)}, index=customers.frame.index)
    found = strategy_of(customers, labels, contact=Outreach(answers=answers))
    values = found.criteria[found.criteria["name"] == "response"].set_index("segment_id")["value"]
    assert (values > 1).sum() == 1
    few = strategy_of(customers, labels, contact=Outreach(answers=answers.iloc[:9]))
    assert "response" not in set(few.criteria["name"])


def test_a_table_without_orders_or_money_still_has_targets() -> None:
    customers, assignment, choice, basis = mall()
    profiles = describe(customers, assignment, choice, basis_of(customers, basis))
    found = make_strategy(profiles, customers, lifecycle_stages(customers), Config())
    assert sorted(found.targets["rank"]) == list(range(1, len(found.segments) + 1))
    assert found.money.empty


def test_the_order_of_the_customers_does_not_matter(decided) -> None:
    customers, labels, usual = decided
    order = np.random.default_rng(0).permutation(len(labels))
    shuffled = strategy_of(replace(customers, frame=customers.frame.iloc[order]), labels[order])
    pd.testing.assert_frame_equal(shuffled.targets, usual.targets)
    pd.testing.assert_frame_equal(shuffled.money, usual.money)
    fields = ("key", "offer", "timing", "evidence", "featured", "value_at_stake", "left_alone")
    told = [[getattr(one.play, name) for name in fields] for one in usual.segments]
    assert [[getattr(one.play, name) for name in fields] for one in shuffled.segments] == told


def test_a_budget_of_the_settings_is_divided_in_the_table(decided) -> None:
    customers, labels, usual = decided
    money = strategy_of(customers, labels, make_config({"budget": {"amount": 40.0}})).money
    assert money["spend"].sum() <= 40.0 + 1e-9
    assert money["gain"].sum() > money["spend"].sum()
    assert "spend" not in usual.money
    assert set(economics_in(usual.money)) == set(usual.money.loc[~usual.money["left_alone"], "segment_id"])


REGULAR = Figures(100, 80, gap=30.0, burst=0.2, overdue=0.5, orders=12, mean_orders=12.0)


def test_buyers_like_a_clock_are_left_alone_where_the_play_costs_more_than_it_moves() -> None:
    loyal = load_playbook().plays["loyal"]
    found = left_alone(loyal, REGULAR, 0.95, MONEY, "£")
    assert found is not None
    assert found.key == "buys_anyway"
    assert "They order every 30 days" in found.reason
    assert "could move about £2.96 of margin" in found.reason
    assert "would cost £3.12, most of it for orders that come anyway" in found.reason
    cheap = replace(MONEY, giveaway=0.5)
    assert left_alone(loyal, REGULAR, 0.95, cheap, "£") is None


@pytest.mark.parametrize("change", [{"burst": 0.9}, {"overdue": 1.6}, {"mean_orders": 3.0}, {"burst": math.nan}])
def test_buyers_who_are_late_new_or_irregular_are_not_left_alone(change: dict[str, float]) -> None:
    assert left_alone(load_playbook().plays["loyal"], replace(REGULAR, **change), 0.95, MONEY, "£") is None
    assert left_alone(load_playbook().plays["loyal"], REGULAR, 0.4, MONEY, "£") is None


def test_without_money_only_a_clock_and_a_price_reduction_count() -> None:
    plays = load_playbook().plays
    found = left_alone(plays["loyal"], REGULAR, math.nan, None, "")
    assert found is not None
    assert "would mainly reach orders that come anyway" in found.reason
    assert left_alone(plays["loyal"], replace(REGULAR, burst=0.4), math.nan, None, "") is None
    assert left_alone(plays["champions"], REGULAR, math.nan, None, "") is None


def test_a_campaign_that_costs_more_than_it_brings_is_left_out_with_the_sum() -> None:
    lapsed = load_playbook().plays["lapsed"]
    dear = replace(MONEY, message_cost=40.0, giveaway=0.0)
    found = left_alone(lapsed, replace(REGULAR, burst=1.0), 0.2, dear, "£")
    assert found is not None
    assert found.key == "costs_more"
    assert "would cost £40 for each customer in a year (messages £40) and bring about £14.80 of margin" in found.reason
    losing = left_alone(lapsed, replace(REGULAR, burst=1.0), 0.2, replace(MONEY, margin=-0.1), "£")
    assert losing is not None
    assert "leaves no margin" in losing.reason


def test_plays_without_messages_are_never_replaced() -> None:
    assert left_alone(load_playbook().plays["unusual"], REGULAR, 0.9, replace(MONEY, message_cost=99.0), "£") is None


def test_categories_are_shown_by_their_part_of_the_spending_not_by_being_bought_once() -> None:
    customers, _ = shop(400)
    ids = np.repeat([1, 2], 200)
    names = [name for name in customers.features if name.startswith("share_")][:2]
    first = np.where(ids == 1, 0.6, 0.2) + np.tile([-0.02, 0.02], 200)
    frame = customers.frame.assign(**{names[0]: first, names[1]: np.full(400, 0.3)})
    kept = {name: feature for name, feature in customers.features.items() if not name.startswith("share_")}
    kept |= {name: customers.features[name] for name in names}
    found = featured_categories(replace(customers, frame=frame, features=kept), ids, 2)
    assert list(found) == [1]
    (best,) = found[1]
    assert best.lift == pytest.approx(0.6 / 0.4, rel=1e-3)
    assert 1 < best.low < best.lift
    assert (
        "60 % of their spending, 1.5 times as much as among all customers; 200 of 200 have bought it" in best.sentence
    )


def test_a_category_that_few_bought_is_not_shown_however_large_its_lift() -> None:
    customers, _ = shop(400)
    name = next(name for name in customers.features if name.startswith("share_"))
    values = np.zeros(400)
    values[:9] = 1.0
    kept = {key: one for key, one in customers.features.items() if not key.startswith("share_")}
    kept[name] = customers.features[name]
    few = replace(customers, frame=customers.frame.assign(**{name: values}), features=kept)
    assert featured_categories(few, np.repeat([1, 2], 200), 2) == {}


@pytest.mark.parametrize(
    ("ratio", "told"),
    [
        (1.0, "about the average"),
        (1.04, "about the average"),
        (2.0, "2 times the average"),
        (0.4, "0.4 times the average"),
    ],
)
def test_what_is_as_among_all_is_not_told_as_one_time_the_average(ratio: float, told: str) -> None:
    assert _beside_average(ratio) == told
