"""The search: what it finds, what it refuses to claim, and on what its result may not depend."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from coterie.clustering import search
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.limits import absorb_small, place_noise
from coterie.config import SearchSettings
from coterie.errors import NotEnoughDataError
from coterie.vocabulary import VerdictWord

QUICK = {"null_draws": 19, "bootstraps": 4}


@pytest.mark.parametrize("k", [2, 3, 5])
def test_planted_groups_are_found_without_their_number(k: int, blobs, numeric_table) -> None:
    X, truth = blobs(500, k, 4, 6.0, seed=k)
    choice = search(numeric_table(X), SearchSettings(**QUICK))
    assert choice.n_segments == k
    assert adjusted_rand(choice.assigner.assign(numeric_table(X)).labels, truth) > 0.95
    assert choice.verdict.word is VerdictWord.NATURAL
    assert len(choice.verdict.segment_stability) == k
    assert min(choice.verdict.segment_stability) > 0.8


def test_interlocked_moons_are_told_apart(moons, numeric_table) -> None:
    X, truth = moons(600, seed=0)
    choice = search(numeric_table(X), SearchSettings(**QUICK))
    assert choice.n_segments == 2
    assert adjusted_rand(choice.assigner.assign(numeric_table(X)).labels, truth) > 0.95


@pytest.mark.parametrize("kind", ["uniform", "gaussian", "counts"])
@pytest.mark.parametrize("seed", [0, 1])
def test_data_without_groups_are_never_called_natural(kind: str, seed: int, numeric_table) -> None:
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        X = rng.uniform(-1.7, 1.7, size=(500, 3))
    elif kind == "gaussian":
        X = rng.multivariate_normal(np.zeros(3), [[1, 0.6, 0.2], [0.6, 1, 0], [0.2, 0, 1]], size=500)
    else:
        X = np.log1p(np.floor(np.exp(rng.normal(size=(500, 3)) + 1)))
    choice = search(numeric_table(X), SearchSettings(**QUICK))
    assert choice.verdict.word in (VerdictWord.CONSTRUCTIVE, VerdictWord.REPRODUCIBLE)
    assert choice.n_segments >= 2
    assert choice.verdict.sentence


def test_categories_alone_can_make_the_segments(mixed_table) -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 600)
    codes = np.where(rng.random((600, 6)) < 0.85, truth[:, None], rng.integers(0, 3, (600, 6)))
    table = mixed_table(rng.normal(size=(600, 2)), codes, (3,) * 6)
    choice = search(table, SearchSettings(**QUICK))
    assert adjusted_rand(choice.assigner.assign(table).labels, truth) > 0.85


def test_equal_customers_are_refused_as_without_variation(numeric_table) -> None:
    with pytest.raises(NotEnoughDataError, match="no variation"):
        search(numeric_table(np.ones((100, 3))), SearchSettings(**QUICK))


def test_too_few_customers_are_refused_with_the_number_needed(numeric_table) -> None:
    X = np.random.default_rng(0).normal(size=(19, 2))
    with pytest.raises(NotEnoughDataError, match="at least 20 are needed"):
        search(numeric_table(X), SearchSettings(**QUICK))


@pytest.mark.parametrize(
    "X",
    [
        np.random.default_rng(0).normal(size=(80, 1)),
        np.repeat(np.random.default_rng(0).normal(size=(4, 2)), 25, axis=0),
        np.column_stack([np.random.default_rng(0).normal(size=90), np.ones(90), np.zeros(90)]),
        np.random.default_rng(0).integers(0, 2, size=(120, 3)).astype(float),
        np.append(np.zeros((99, 2)), [[1.0, 1.0]], axis=0),
    ],
    ids=["one column", "four different rows", "constant columns", "yes and no only", "one row differs"],
)
def test_odd_tables_are_segmented_without_complaint(X: np.ndarray, numeric_table) -> None:
    choice = search(numeric_table(X), SearchSettings(**QUICK))
    labels = choice.assigner.assign(numeric_table(X)).labels
    assert set(labels) == set(range(choice.n_segments))
    assert choice.reasons
    assert np.isfinite(choice.verdict.stability) or choice.verdict.word is VerdictWord.NONE


def test_nothing_useful_left_is_told_as_such(numeric_table) -> None:
    X = np.append(np.zeros((99, 2)), [[1.0, 1.0]], axis=0)
    choice = search(numeric_table(X), SearchSettings(**QUICK))
    assert choice.n_segments == 1
    assert choice.verdict.word is VerdictWord.NONE
    assert all(candidate.outcome.startswith("refused: ") for candidate in choice.candidates)


@pytest.mark.parametrize("k", [3, 6])
def test_a_number_that_was_asked_for_is_given(k: int, blobs, numeric_table) -> None:
    X, _ = blobs(400, 4, 3, 5.0, seed=1)
    choice = search(numeric_table(X), SearchSettings(min_segments=k, max_segments=k, **QUICK))
    assert choice.n_segments == k
    assert len(np.unique(choice.assigner.assign(numeric_table(X)).labels)) == k


def test_a_smallest_share_that_no_division_keeps_to_is_given_up_in_every_step_and_told(blobs, numeric_table) -> None:
    X, _ = blobs(400, 4, 3, 6.0, seed=1)
    asked = {"min_segments": 4, "max_segments": 4, **QUICK}
    choice = search(numeric_table(X), SearchSettings(smallest_share=0.4, **asked))
    plain = search(numeric_table(X), SearchSettings(smallest_share=0.0, **asked))
    assert choice.verdict.segment_stability == plain.verdict.segment_stability
    assert any("that limit was given up" in sentence for sentence in choice.account["limits"])
    assert not any("given up" in sentence for sentence in plain.account.get("limits", ()))


def test_what_a_wish_costs_is_held_against_what_the_free_choice_really_is(blobs, numeric_table) -> None:
    X, _ = blobs(400, 3, 3, 3.0, seed=4)
    free = search(numeric_table(X), SearchSettings(**QUICK))
    beyond = search(numeric_table(X), SearchSettings(min_segments=14, max_segments=14, **QUICK))
    left_free = next(a for a in beyond.alternatives if a.is_free)
    chosen = next(a for a in free.alternatives if a.is_chosen)
    assert (left_free.method, left_free.n_segments) == (free.method, free.n_segments)
    assert left_free.score == pytest.approx(chosen.score, abs=1e-12)


def test_random_categories_are_not_said_to_crowd_together(mixed_table) -> None:
    rng = np.random.default_rng(3)
    codes = np.column_stack([rng.integers(0, k, 300) for k in (2, 3, 3)])
    choice = search(mixed_table(np.zeros((300, 0)), codes, (2, 3, 3)), SearchSettings(max_segments=6, **QUICK))
    assert np.isnan(choice.verdict.p_value)
    assert "crowded places" not in choice.verdict.sentence
    assert any("can only be tested on numbers" in sentence for sentence in choice.verdict.details)
    assert choice.verdict.word is not VerdictWord.NATURAL


def test_wishes_that_cannot_be_met_are_no_word_on_groups(blobs, numeric_table) -> None:
    X, _ = blobs(300, 4, 2, 6.0, seed=2)
    choice = search(numeric_table(X), SearchSettings(smallest_share=0.5, **QUICK))
    assert choice.verdict.word is VerdictWord.NONE
    assert "no division keeps to what you asked for" in choice.verdict.sentence
    assert "chance" not in choice.verdict.meaning


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture", "ward", "genie", "dbscan", "hdbscan", "latent_class"])
def test_a_method_that_was_asked_for_is_used(method: str, blobs, numeric_table) -> None:
    X, _ = blobs(300, 3, 2, 7.0, seed=2)
    choice = search(numeric_table(X), SearchSettings(method=method, max_segments=5, **QUICK))
    assert choice.method == method
    assert {candidate.method for candidate in choice.candidates} == {method}
    if method != "dbscan":  # its radius is a guess: it may see two of the groups as one
        assert choice.n_segments - (choice.unusual_label is not None) == 3


def test_no_segment_falls_below_the_smallest_share(blobs, numeric_table) -> None:
    X, _ = blobs(600, 4, 3, 5.0, seed=3)
    X = np.concatenate([X, X[:8] + 9.0])  # eight customers far away: 1.3 %
    choice = search(numeric_table(X), SearchSettings(smallest_share=0.05, **QUICK))
    assert (np.bincount(choice.assigner.assign(numeric_table(X)).labels) >= 0.05 * len(X)).all()


def test_each_candidate_says_why_it_lost(blobs, numeric_table) -> None:
    X, _ = blobs(300, 3, 2, 6.0, seed=2)
    candidates = search(numeric_table(X), SearchSettings(**QUICK)).candidates
    outcomes = [candidate.outcome for candidate in candidates]
    assert outcomes[0] == "chosen"
    assert sum(outcome.startswith("runner-up") for outcome in outcomes) == 1
    assert all(outcomes)


def assignment_of(X: np.ndarray, numeric_table, **settings) -> tuple[np.ndarray, tuple]:
    choice = search(numeric_table(X), SearchSettings(**QUICK, **settings))
    return choice.assigner.assign(numeric_table(X)).confidence, choice.reasons


def test_the_number_of_threads_changes_nothing(blobs, numeric_table) -> None:
    X, _ = blobs(600, 3, 5, 3.0, seed=7)
    results = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            results.append(assignment_of(X, numeric_table, sample=300, max_segments=5))
    assert np.array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


def test_small_clusters_join_the_nearest_and_noise_joins_none() -> None:
    X = np.array([[0.0], [0.1], [0.2], [0.3], [1.0], [9.0], [9.1], [9.2], [50.0], [9.3]])
    labels, group = absorb_small(X, np.array([0, 0, 0, 0, 1, 2, 2, 2, -1, 2]), 0.2)
    assert labels.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, -1, 1]
    assert group.tolist() == [0, 0, 1]


def test_noise_is_a_segment_only_where_it_is_neither_tiny_nor_large() -> None:
    X = np.arange(100.0)[:, None]
    clusters = np.repeat([0, 1], 50)
    for share, own in ((1, False), (10, True), (30, False)):
        labels = clusters.copy()
        labels[:share] = -1
        placed, unusual = place_noise(X, labels, 0.05)
        assert (unusual == 2) is own
        assert placed.min() >= 0
        assert placed[0] == (2 if own else 0)
