"""What was wished for, what it costs, and how it is told."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.clustering import reasons
from coterie.clustering.account import Told
from coterie.clustering.alternatives import Alternative, alternatives, price
from coterie.clustering.decision import Compared, Decision
from coterie.clustering.portfolio import Trial
from coterie.clustering.selection import Scored
from coterie.clustering.table import from_matrix
from coterie.clustering.trust import trust_of
from coterie.clustering.verdict import not_assessed
from coterie.clustering.wishes import alike, columns_to_differ, free, has_wish, refuse_unwished, without_wishes
from coterie.config import SearchSettings
from coterie.errors import ConfigError
from coterie.vocabulary import Block

FOUR = np.repeat([0, 1, 2, 3], 5)
HALVES = np.repeat([0, 1], 10)
#: Four groups that differ in the first column; in the second only the last two differ from the first two.
X = np.column_stack([FOUR * 10.0, (FOUR > 1) * 10.0]) + np.tile([-1.0, -0.5, 0.0, 0.5, 1.0], 4)[:, None]
BLOCKS = {"x0": Block.VALUE, "x1": Block.RHYTHM}


def made(labels: np.ndarray, score: float, method: str = "kmeans") -> Scored:
    k = int(labels.max()) + 1
    scores = {"score": score, "agreement": 0.8}
    return Scored(Trial(method, {"k": k}, labels), labels, np.arange(k), k, scores)


def told(scored: list[Scored], winner: Scored, left_free: Scored | None = None) -> tuple[Alternative, ...]:
    def judged(s: Scored, _: bool) -> tuple[float, Compared | None]:
        mine, other = 1 - s.n_segments / 10, 1 - winner.n_segments / 10
        return mine, Compared(mine, other, mine - other - 0.04, mine - other + 0.04, 10)

    return alternatives(scored, winner, left_free, winner.labels, place=lambda labels: labels, judged=judged)


def test_segments_that_differ_in_no_column_that_counts_are_found() -> None:
    assert alike(X, FOUR) is None
    assert alike(X[:, 1:], FOUR) == (0, 1)
    assert alike(X[:, 1:], HALVES) is None


def test_half_a_standard_deviation_is_enough_and_less_is_not() -> None:
    column = np.tile([-1.0, 1.0], 10)[:, None]  # standard deviation 1
    assert alike(column + 0.49 * HALVES[:, None], HALVES) == (0, 1)
    assert alike(column + 0.51 * HALVES[:, None], HALVES) is None


def test_constant_columns_tell_segments_apart_only_by_their_value() -> None:
    assert alike(np.zeros((20, 1)), HALVES) == (0, 1)
    assert alike(HALVES[:, None] * 0.1, HALVES) is None


def test_the_columns_of_a_side_are_found_by_the_block_of_their_feature() -> None:
    rows = from_matrix(X)
    assert columns_to_differ(rows, BLOCKS, "value").tolist() == [True, False]
    assert columns_to_differ(rows, BLOCKS, "behaviour").tolist() == [False, True]


def test_a_side_that_no_column_shows_is_an_error_that_says_what_is_there() -> None:
    with pytest.raises(ConfigError, match=r"(?s)differ in behaviour.*value.*--must-differ"):
        columns_to_differ(from_matrix(X[:, :1]), {"x0": Block.VALUE}, "behaviour")


def test_wishes_refuse_but_keep_the_score() -> None:
    scored = [made(HALVES, 0.5), made(FOUR, 0.9)]
    refuse_unwished(scored, SearchSettings(max_segments=3), X, np.array([True, True]))
    assert [s.refused for s in scored] == ["", "has 4 segments, more than the 3 allowed"]
    assert scored[1].score == -np.inf
    assert [s.score for s in free(scored)] == [0.5, 0.9]


def test_divisions_with_two_like_segments_are_refused_for_it() -> None:
    scored = [made(HALVES, 0.5), made(FOUR, 0.9)]
    refuse_unwished(scored, SearchSettings(must_differ="behaviour"), X, np.array([False, True]))
    assert [s.refused for s in scored] == ["", "two of its segments hardly differ in behaviour"]


def test_usual_settings_are_no_wish_and_narrow_ones_are() -> None:
    assert not has_wish(SearchSettings())
    assert has_wish(SearchSettings(min_segments=5, max_segments=5))
    assert has_wish(SearchSettings(must_differ="value"))
    wide = without_wishes(SearchSettings(min_segments=5, max_segments=20))
    assert (wide.min_segments, wide.max_segments) == (2, 20)


def test_a_segment_that_splits_is_named_with_the_sizes_of_its_parts() -> None:
    winner, other = made(HALVES, 0.7), made(np.where(FOUR < 2, FOUR, 2), 0.6)
    two, three = told([winner, other], winner)
    assert two.is_chosen
    assert three.moved == pytest.approx(0.0)
    assert three.change(["A", "B"]) == "A comes apart into 2 (50 % and 50 % of it)"


def test_segments_that_merge_are_named_together() -> None:
    winner, other = made(FOUR, 0.7), made(np.where(FOUR < 2, 0, FOUR - 1), 0.6)
    three, _ = told([winner, other], winner)
    assert three.change(list("ABCD")) == "A and B become one"


def test_a_division_along_other_lines_is_not_told_as_splits() -> None:
    winner, across = made(HALVES, 0.7), made(np.arange(20) % 3, 0.6)
    assert told([winner, across], winner)[1].change(["A", "B"]).startswith("the lines are drawn elsewhere")


def test_the_best_division_stands_for_each_number() -> None:
    winner, good, poor = made(HALVES, 0.7), made(FOUR, 0.6, "ward"), made(FOUR[::-1].copy(), 0.3)
    found = told([poor, good, winner], winner)
    assert [(a.n_segments, a.method, a.score) for a in found] == [(2, "kmeans", 0.7), (4, "ward", 0.6)]


def test_a_small_part_that_comes_off_is_named_even_where_nobody_else_moves() -> None:
    labels = np.repeat([0, 1], [60, 40])
    cut = labels.copy()
    cut[:5] = 2
    winner = made(labels, 0.7)
    assert told([winner, made(cut, 0.6)], winner)[1].change(["A", "B"]) == (
        "A loses a part (8.3 % of it) that stands alone"
    )


def test_a_segment_that_is_shared_out_among_others_is_named() -> None:
    labels = np.repeat([0, 1, 2], [45, 45, 10])
    two = np.repeat([0, 1, 0, 1], [45, 45, 5, 5])
    winner = made(labels, 0.7)
    assert told([winner, made(two, 0.6)], winner)[0].change(list("ABC")) == (
        "C is shared out among the others; 5 % of the customers move to another segment besides"
    )


def test_with_the_same_number_customers_who_change_are_counted_in_both_directions() -> None:
    labels, other = np.repeat([0, 1], [70, 30]), np.repeat([0, 1, 1], [40, 30, 30])
    winner, left_free = made(labels, 0.7), made(other, 0.8)
    found = next(a for a in told([winner, left_free], winner, left_free) if a.is_free)
    assert found.moved == pytest.approx(0.3)


def test_the_price_names_what_is_lost_and_what_is_gained() -> None:
    flows = np.eye(2)
    mine, other = Alternative(5, "ward", 0.64, 0.8, flows), Alternative(4, "ward", 0.67, 0.71, flows)
    assert price(mine, other, Compared(0.8, 0.71, 0.05, 0.13, 10)) == (
        "costs 0.03 of score (0.64 instead of 0.67) but gains 0.09 of stability "
        "(0.80 instead of 0.71 in the same 10 pairs of samples, give or take 0.04)"
    )


def test_a_difference_of_stability_that_chance_explains_has_no_price() -> None:
    flows = np.eye(2)
    mine, other = Alternative(5, "ward", 0.67, 0.8, flows), Alternative(4, "ward", 0.67, 0.71, flows)
    assert price(mine, other, Compared(0.8, 0.71, -0.01, 0.19, 4)) == "costs nothing that we can measure"
    assert price(mine, other, None) == "costs nothing that we can measure"


def account_of(scored: list[Scored], winner: Scored, settings: SearchSettings, left_free: Scored | None = None) -> dict:
    decision = Decision(winner, winner, winner)
    facts = Told(
        scored=scored,
        decision=decision,
        verdict=not_assessed(winner.n_segments),
        trust=trust_of(decision, settings),
        settings=settings,
        alternatives=told(scored, winner, left_free),
        shares=tuple(np.bincount(winner.labels) / len(winner.labels)),
        against=lambda _: None,
    )
    return reasons.explain(facts)


def test_a_number_that_was_asked_for_is_told_with_its_price() -> None:
    winner, best = made(HALVES, 0.5), made(FOUR, 0.9)
    settings = SearchSettings(min_segments=2, max_segments=2)
    refuse_unwished([winner, best], settings, X, np.zeros(2, dtype=bool))
    account = account_of([winner, best], winner, settings, free([best])[0])
    assert account["number"] == ("You asked for 2 segments, and of the divisions into 2 this one scored best.",)
    assert account["price"] == (
        "Left free, we would have chosen 4 segments, by K-Means. 2 segments instead of 4 costs 0.40 of score "
        "(0.50 instead of 0.90) but gains 0.20 of stability (0.80 instead of 0.60 in the same 10 pairs of samples, "
        "give or take 0.04).",
    )


def test_a_wish_that_changes_nothing_costs_nothing() -> None:
    winner = made(HALVES, 0.5)
    settings = SearchSettings(min_segments=2, max_segments=2)
    account = account_of([winner], winner, settings, free([winner])[0])
    assert account["price"] == ("Left free, we would have chosen the same.",)


def test_a_free_choice_has_no_price() -> None:
    winner = made(HALVES, 0.5)
    assert "price" not in account_of([winner], winner, SearchSettings())


def test_the_account_says_that_the_true_groups_were_those_of_other_data() -> None:
    winner = made(HALVES, 0.55)
    sure = " ".join(account_of([winner], winner, SearchSettings())["sure"])
    assert "0.55 on average" in sure
    assert "not as a promise" in sure
