"""Of divisions that fit about as well, the one that other samples give again is taken."""

from __future__ import annotations

import numpy as np

from coterie.clustering.judging import Judge
from coterie.clustering.portfolio import Trial
from coterie.clustering.selection import Scored
from coterie.clustering.table import from_matrix
from coterie.config import SearchSettings
from coterie.progress import SILENT


def scored(trial: Trial, score: float) -> Scored:
    return Scored(trial, trial.labels, np.arange(trial.k), trial.k, {"score": score, "valley": 0.5})


def three_groups() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = np.arange(450) % 3
    return np.array([[0.0, 0], [8, 0], [0, 8]])[truth] + rng.normal(size=(450, 2)), truth


def test_of_nearly_equal_scores_the_steadier_number_wins() -> None:
    X, truth = three_groups()
    halves = truth.copy()
    halves[(truth == 0) & (X[:, 0] > 0)] = 3  # a cut through one group: other samples turn it
    judge = Judge(from_matrix(X), SearchSettings(bootstraps=6), 0, SILENT)
    ranked = [scored(Trial("kmeans", {"k": 4}, halves), 0.80), scored(Trial("kmeans", {"k": 3}, truth), 0.78)]
    decision = judge.found_again(ranked)
    assert decision.winner.n_segments == 3
    assert decision.by_stability
    assert not decision.by_score
    assert decision.mean > 0.95


def test_a_much_better_score_is_not_given_up_for_steadiness() -> None:
    X, truth = three_groups()
    two = np.minimum(truth, 1)
    judge = Judge(from_matrix(X), SearchSettings(bootstraps=6), 0, SILENT)
    decision = judge.found_again(
        [scored(Trial("kmeans", {"k": 3}, truth), 0.9), scored(Trial("kmeans", {"k": 2}, two), 0.7)]
    )
    assert decision.winner.n_segments == 3
    assert decision.by_score


def test_the_same_groups_are_given_by_the_method_that_finds_them_again() -> None:
    X, truth = three_groups()
    unsteady = Trial("hdbscan", {"min_cluster_size": 200, "min_samples": 5, "rows": 450}, truth)
    steady = Trial("ward", {"k": 3}, truth)
    judge = Judge(from_matrix(X), SearchSettings(bootstraps=6), 0, SILENT)
    assert judge.stability(scored(unsteady, 0.9), 6).mean < 0.8
    decision = judge.found_again([scored(unsteady, 0.9), scored(steady, 0.7)])
    assert decision.winner.trial.method == "ward"
    assert decision.by_method
    assert decision.mean > 0.95
