"""A sentence on the choice is said where the numbers of the study bear it, and not where they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coterie.clustering import reasons
from coterie.clustering.account import Told
from coterie.clustering.alternatives import alternatives
from coterie.clustering.calibration import matched
from coterie.clustering.chooser import chooser
from coterie.clustering.decision import Compared, Decision, ahead, compared
from coterie.clustering.portfolio import Trial
from coterie.clustering.selection import Scored, outcomes, same_groups, weaknesses
from coterie.clustering.stability import Stability
from coterie.clustering.trust import trust_of
from coterie.clustering.verdict import not_assessed
from coterie.config import SearchSettings
from coterie.vocabulary import Verdict, VerdictWord

N = 120


def made(k: int, score: float, method: str = "kmeans", **criteria: float) -> Scored:
    labels = np.arange(N) % k
    names = (*chooser().features, "agreement", "valley", "hidden_mode", "silhouette", "likelihood", "smallest")
    scores = dict.fromkeys(names, 0.5) | {"score": score} | criteria
    return Scored(Trial(method, {"k": k}, labels), labels, np.arange(k), k, scores)


def pairs(*values: float) -> Stability:
    return Stability(np.array(values), np.zeros((len(values), 2)))


def facts(scored: list[Scored], decision: Decision, **more: object) -> Told:
    winner = decision.winner
    settings = more.pop("settings", SearchSettings())
    base = Told(
        scored=scored,
        decision=decision,
        verdict=not_assessed(winner.n_segments),
        trust=trust_of(decision, settings),
        settings=settings,
        alternatives=alternatives(
            scored, winner, None, winner.labels, place=lambda labels: labels, judged=lambda *_: (float("nan"), None)
        ),
        shares=tuple(np.bincount(winner.labels) / N),
        against=lambda _: None,
    )
    return replace(base, **more)


def told(scored: list[Scored], decision: Decision, **more: object) -> dict[str, str]:
    return {part: " ".join(said) for part, said in reasons.explain(facts(scored, decision, **more)).items()}


def by_score(winner: Scored) -> Decision:
    return Decision(winner, winner, winner)


REAL = Verdict(VerdictWord.REPRODUCIBLE, "", 0.025, {}, 0.9, (0.9, 0.9))


# -- stability on common pairs -----------------------------------------------------------------------------------------


def test_only_the_pairs_that_both_were_fitted_to_are_compared() -> None:
    long = pairs(0.9, 0.8, 0.7, 0.6, 0.1, 0.1, 0.1)
    short = pairs(0.8, 0.7, 0.6, 0.5)
    found = compared(long, short)
    assert found is not None
    assert found.pairs == 4
    assert (found.mine, found.other) == (pytest.approx(0.75), pytest.approx(0.65))
    assert found.sure
    assert long.mean < short.mean  # means over different pairs would say the opposite
    assert ahead(long, short, most=7) == pytest.approx(0.1)


def test_a_difference_that_the_draws_do_not_agree_on_is_not_sure() -> None:
    found = compared(pairs(0.9, 0.5, 0.9, 0.5), pairs(0.5, 0.8, 0.6, 0.7))
    assert found is not None
    assert not found.sure
    assert found.low < 0 < found.high


def test_the_range_is_that_of_a_t_test_of_pairs() -> None:
    from scipy.stats import ttest_rel

    a, b = pairs(0.9, 0.8, 0.75, 0.7, 0.6), pairs(0.7, 0.75, 0.6, 0.65, 0.5)
    interval = ttest_rel(a.pairs, b.pairs).confidence_interval(0.95)
    found = compared(a, b)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert (found.turned().low, found.turned().high) == (pytest.approx(-interval.high), pytest.approx(-interval.low))


def test_too_few_common_pairs_tell_nothing() -> None:
    assert compared(pairs(0.9, 0.8, 0.7), pairs(0.1, 0.1, 0.1)) is None
    assert compared(None, pairs(0.1, 0.1, 0.1, 0.1)) is None


# -- why this number ---------------------------------------------------------------------------------------------------


def test_the_best_score_is_not_said_to_come_back_most_surely() -> None:
    number = told([made(3, 0.8), made(5, 0.6)], by_score(made(3, 0.8)))["number"]
    assert "surely" not in number


def test_only_numbers_that_were_compared_are_said_to_have_been() -> None:
    number = told([made(10, 0.8)], by_score(made(10, 0.8)), settings=SearchSettings(min_segments=10, max_segments=12))
    assert (
        number["number"] == "Only a division into 10 could be used; you allowed 10 to 12, and no other number gave "
        "one that keeps to the limits."
    )
    several = told([made(2, 0.8), made(3, 0.5), made(8, 0.4)], by_score(made(2, 0.8)))["number"]
    assert "divisions into 2, 3 and 8 segments" in several
    assert "2 to 12 segments" not in several


def test_a_number_that_scored_nearly_as_well_but_comes_back_less_surely_is_told_so() -> None:
    winner, near = made(3, 0.80), made(5, 0.79)
    less = Compared(0.6, 0.8, -0.25, -0.15, 10)
    number = told([winner, near], by_score(winner), against=lambda s: less if s is near else None)["number"]
    assert "5 scored nearly as well, but it comes back less surely" in number
    unsure = Compared(0.75, 0.8, -0.15, 0.05, 10)
    number = told([winner, near], by_score(winner), against=lambda s: unsure if s is near else None)["number"]
    assert "5 scored nearly as well, so choose" in number


def test_clearly_best_needs_the_lead_the_agreement_and_a_choice_that_was_tested() -> None:
    winner, other = made(3, 0.9), made(5, 0.6)
    assert "clearly best" in told([winner, other], by_score(winner), verdict=REAL)["number"]
    assert "clearly best" not in told([made(3, 0.9), made(5, 0.88)], by_score(made(3, 0.9)), verdict=REAL)["number"]
    disputed = made(3, 0.9, agreement=0.3)
    assert "clearly best" not in told([disputed, other], by_score(disputed), verdict=REAL)["number"]
    settings = SearchSettings(smallest_share=0.3)
    assert "clearly best" not in told([winner, other], by_score(winner), verdict=REAL, settings=settings)["number"]


def test_a_steadier_number_is_told_with_both_figures_from_the_same_pairs() -> None:
    best, taken = made(5, 0.80), made(3, 0.77)
    decision = Decision(taken, best, taken)
    less = Compared(0.70, 0.85, -0.2, -0.1, 10)
    number = told([best, taken], decision, against=lambda _: less)["number"]
    assert "5 segments by K-Means scored 0.03 better" in number
    assert "0.85 against 0.70 in the same 10 pairs of samples" in number
    assert "may be chance" not in number
    perhaps = Compared(0.80, 0.85, -0.12, 0.02, 10)
    assert "may be chance" in told([best, taken], decision, against=lambda _: perhaps)["number"]


def test_a_practical_division_is_not_called_the_best_or_the_steadiest_of_all() -> None:
    best, taken = made(2, 0.80), made(4, 0.30)
    number = told([best, taken], Decision(taken, best, best, practical=True))["number"]
    assert "No division of a good score came back surely" in number
    assert "K-Means divisions into 3 to 7" in number
    assert "one of the best" not in number


def test_a_number_asked_for_is_called_best_in_score_only_where_it_is() -> None:
    settings = SearchSettings(min_segments=4, max_segments=4)
    best, taken = made(4, 0.8, "ward"), made(4, 0.7)
    assert "this one scored best" in told([best, taken], by_score(best), settings=settings)["number"]
    assert "scored best" not in told([best, taken], Decision(taken, best, taken), settings=settings)["number"]


def test_a_smallest_share_that_was_given_up_is_told_with_what_came_of_it() -> None:
    winner = made(5, 0.5)
    settings = SearchSettings(min_segments=5, max_segments=5, smallest_share=0.3)
    assert "that limit was given up: 5 of the 5 are smaller" in told(
        [winner], by_score(winner), settings=settings, dropped_share=True
    )["limits"]  # fmt: skip
    assert "limits" not in told([winner], by_score(winner), settings=settings)


# -- how sure ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        SearchSettings(method="kmeans"),
        SearchSettings(min_segments=3, max_segments=3),
        SearchSettings(smallest_share=0.4),
        SearchSettings(must_differ="value"),
    ],
    ids=["method", "number", "share", "difference"],
)
def test_a_choice_that_was_not_free_is_no_tested_estimate(settings: SearchSettings) -> None:
    winner = made(3, 0.8)
    assert trust_of(by_score(winner), SearchSettings()).tested
    assert not trust_of(by_score(winner), settings).tested
    sure = told([winner], by_score(winner), settings=settings)["sure"]
    assert "outside what we tested" in sure
    assert "on average" not in sure


def test_a_winner_that_did_not_have_the_best_score_is_no_tested_estimate() -> None:
    best, taken = made(5, 0.80), made(3, 0.77)
    assert not trust_of(Decision(taken, best, taken), SearchSettings()).tested


def test_below_what_was_tested_only_a_bound_is_given() -> None:
    least = float(chooser().knots[0, 1])
    winner = made(3, least - 0.2)
    trust = trust_of(by_score(winner), SearchSettings())
    assert trust.below
    assert trust.value == pytest.approx(least, abs=0.006)
    sure = told([winner], by_score(winner))["sure"]
    assert "less than 0.48" in sure
    assert f"{least - 0.2:.2f}" not in sure


def test_other_methods_are_spoken_of_only_where_some_were_tried() -> None:
    winner = made(3, 0.8, agreement=0.0)
    alone = told([winner, made(4, 0.7, agreement=0.0)], by_score(winner))
    assert "Other methods" not in alone["doubt"]
    assert "Other methods" not in alone["method"]
    both = told([winner, made(4, 0.7, "ward", agreement=0.0)], by_score(winner))
    assert "Other methods divide your customers in other ways" in both["doubt"]


def test_missing_values_are_a_doubt_where_there_are_many() -> None:
    winner = made(3, 0.8)
    assert "40 % of the values" in told([winner], by_score(winner), missing=(0.4, 0.04))["doubt"]
    assert "missing" not in told([winner], by_score(winner), missing=(0.01, 0.0))["doubt"]


# -- why the others lost -----------------------------------------------------------------------------------------------


def test_a_loser_is_never_said_to_be_weak_where_its_figure_is_the_better_one() -> None:
    rng = np.random.default_rng(0)
    figures = {
        "other methods agree with it less": ("agreement", 1),
        "its borders run through more crowded areas": ("valley", -1),
        "more of a further group hides inside a segment": ("hidden_mode", -1),
        "its segments lie less apart": ("silhouette", 1),
        "it describes the customers less well": ("likelihood", 1),
        "its smallest segment is smaller": ("smallest", 1),
    }
    made_up = [made(3, 0.5) for _ in range(40)]
    for one in made_up:
        one.scores.update({name: float(rng.random()) for name in one.scores})
    winner, said = made_up[0], set()
    for loser, words in zip(made_up[1:], weaknesses(made_up[1:], winner), strict=True):
        if words in figures:
            name, sign = figures[words]
            assert sign * (winner.scores[name] - loser.scores[name]) > 0, words
            said.add(words)
    assert len(said) > 2


def test_less_sure_is_said_of_a_loser_only_where_it_was_measured() -> None:
    best, taken, third = made(5, 0.80), made(3, 0.70), made(6, 0.78)
    decision = Decision(taken, best, taken)
    less = Compared(0.70, 0.85, -0.2, -0.1, 10)
    found = outcomes([best, taken, third], decision, lambda s: less if s is best else None)
    assert found[0].outcome == "chosen"
    assert "came back less surely (0.70 against 0.85 in the same 10 pairs of samples)" in found[1].outcome
    assert "was not asked" in found[2].outcome
    unsure = Compared(0.80, 0.85, -0.12, 0.02, 10)
    assert "may be chance" in outcomes([best, taken], decision, lambda _: unsure)[1].outcome
    assert "less surely" not in found[2].outcome


def test_the_same_division_by_another_method_is_told_as_the_same() -> None:
    winner, same = made(3, 0.8), made(3, 0.79, "ward")
    same.labels = (winner.labels + 1) % 3
    assert same_groups(winner, same)
    assert not same_groups(winner, made(4, 0.8))
    found = outcomes([winner, same, made(4, 0.6)], by_score(winner), lambda _: None)
    assert found[1].outcome == "the same segments as the chosen ones"
    assert found[2].outcome.startswith("runner-up")


def test_clusters_of_a_refit_go_where_the_segments_that_they_match_went() -> None:
    before, into = np.repeat([0, 1, 2], 10), np.array([0, 1, 1])
    assert matched(before, np.repeat([2, 0, 1], 10), into).tolist() == np.repeat([0, 1, 1], 10).tolist()
