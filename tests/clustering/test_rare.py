"""Groups too rare for the sample of the search are found by a second look, and only groups are."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.clustering import search
from coterie.clustering.assign import make_assigner
from coterie.clustering.kernels.bridges import groups_of
from coterie.clustering.rare import jaccard, look_again
from coterie.clustering.refine import prototypes
from coterie.clustering.rules import CentreRule, GaussianRule, KamilaRule, LatentClassRule
from coterie.clustering.table import Rows, from_matrix
from coterie.config import SearchSettings


def two_groups_and_a_rare_one(n: int = 30_000, share: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rare = rng.random(n) < share
    X = np.where(rng.random(n) < 0.6, -3.0, 3.0)[:, None] * np.array([1.0, 0.0, 0.0]) + rng.normal(size=(n, 3))
    X[rare] = np.array([-3.0, 6.0, 0.0]) + 0.6 * rng.normal(size=(int(rare.sum()), 3))
    return X, rare


SETTINGS = SearchSettings(sample=1_000, rare_share=0.009)


def rule_of(kind: str, X: np.ndarray) -> object:
    """A rule with a segment for each large group, the first column's sign."""
    labels = (X[:, 0] > 0).astype(np.int64)
    means = np.array([X[labels == s].mean(axis=0) for s in (0, 1)])
    both, log_half = np.arange(2), np.log([0.5, 0.5])
    none, empty = np.zeros((2, 0)), np.zeros(0, dtype=np.int64)
    return {
        "centres": lambda: CentreRule(means, both, 1.0),
        "gaussians": lambda: GaussianRule(log_half, means, np.array([np.eye(3)] * 2), both),
        "latent_classes": lambda: LatentClassRule(log_half, means, np.ones((2, 3)), none, empty, both),
        "kamila": lambda: KamilaRule(
            log_half, means, none, empty, np.linspace(0, 6, 50), -(np.linspace(0, 6, 50) ** 2) / 2, both, -6.0
        ),
        "prototypes": lambda: prototypes(X[:2_000], labels[:2_000], 0),
    }[kind]()


@pytest.mark.parametrize("kind", ["centres", "gaussians", "latent_classes", "kamila", "prototypes"])
def test_every_kind_of_rule_can_hold_a_rare_group(kind):
    X, rare = two_groups_and_a_rare_one()
    table = from_matrix(X)
    assigner = make_assigner(rule_of(kind, X), table)
    look = look_again(table, assigner, SETTINGS, seed=0, assess=False)
    labels = look.assigner.labels(table)
    assert look.assigner.n_segments == 3
    assert (labels[rare] == 2).mean() > 0.9
    assert rare[labels == 2].mean() > 0.9
    assert (labels[~rare] == assigner.labels(table)[~rare]).mean() > 0.99
    assert look.shares == pytest.approx([0.01], abs=0.002)
    again = look.assigner.from_parts(look.assigner.to_dict(), look.assigner.arrays())
    assert np.array_equal(again.assign(table).labels, labels)


def test_a_group_that_is_there_comes_back_in_looks_at_other_customers():
    X, _ = two_groups_and_a_rare_one()
    assigner = make_assigner(rule_of("centres", X), from_matrix(X))
    look = look_again(from_matrix(X), assigner, SETTINGS, seed=0, assess=True)
    assert look.again.shape[1] == 1
    assert look.again.min() > 0.8
    assert look.draws(np.ones((7, 2))).shape == (7, 3)


def test_customers_without_a_rare_group_get_no_further_segment_and_are_told_what_could_escape():
    X, _ = two_groups_and_a_rare_one(share=0.0)
    table = from_matrix(X)
    assigner = make_assigner(rule_of("centres", X), table)
    look = look_again(table, assigner, SETTINGS, seed=0, assess=False)
    assert look.assigner is assigner
    assert len(look.sentences) == 1
    assert "second look" in look.sentences[0]
    assert "22,223 of 30,000 customers" in look.sentences[0]
    assert "0.9 % of the customers can escape" in look.sentences[0]


def test_a_single_skewed_cloud_is_one_group():
    X = np.random.default_rng(1).gamma(2.0, size=(8_000, 4))
    assert groups_of(np.sqrt(X), np.random.default_rng(0)).max() == 0


def test_what_few_customers_have_in_common_is_no_group():
    # One column is 0 for all but 1 % of the customers: a lump, not a crowd of a kind of its own.
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20_000, 3))
    X[:, 2] = np.where(rng.random(20_000) < 0.01, 3 + rng.normal(size=20_000) * 0.3, 0.0)
    table = from_matrix(X)
    assigner = make_assigner(rule_of("centres", X), table)
    assert look_again(table, assigner, SETTINGS, seed=0, assess=False).assigner is assigner


def test_no_segment_is_added_where_their_number_is_full_but_the_group_is_told_of():
    X, _ = two_groups_and_a_rare_one()
    table = from_matrix(X)
    assigner = make_assigner(rule_of("centres", X), table)
    full = SETTINGS.model_copy(update={"min_segments": 2, "max_segments": 2})
    look = look_again(table, assigner, full, seed=0, assess=False)
    assert look.assigner is assigner
    assert "no segment of its own" in look.sentences[-1]


def test_small_tables_are_seen_whole_and_get_no_second_look():
    X, _ = two_groups_and_a_rare_one(n=900)
    assigner = make_assigner(rule_of("centres", X), from_matrix(X))
    look = look_again(from_matrix(X), assigner, SETTINGS, seed=0, assess=False)
    assert look.assigner is assigner
    assert look.sentences == ()


def test_categories_of_a_rare_group_are_part_of_its_class():
    X, rare = two_groups_and_a_rare_one()
    codes = np.where(rare, 1, np.random.default_rng(3).integers(0, 2, len(X)))[:, None]
    rows = Rows(np.hstack([X, codes]), ("a", "b", "c", "d"), ("a", "b", "c", "d"), X, codes, (2,))
    even = np.log(np.full((2, 2), 0.5))
    means = np.array([[-3.0, 0, 0], [3.0, 0, 0]])
    rule = LatentClassRule(np.log([0.6, 0.4]), means, np.ones((2, 3)), even, np.array([2]), np.arange(2))
    look = look_again(rows, make_assigner(rule, rows), SETTINGS, seed=0, assess=False)
    assert np.exp(look.assigner.rule.log_levels[2, 1]) > 0.95
    assert jaccard(look.assigner.labels(rows) == 2, rare) > 0.9


def test_a_centre_that_stands_on_the_group_already_makes_way_for_it():
    X, rare = two_groups_and_a_rare_one()
    table = from_matrix(X)
    points = np.array([[-3.0, 0.0, 0.0], X[rare].mean(axis=0) + 0.1, [3.0, 0.0, 0.0]])
    assigner = make_assigner(CentreRule(points, np.array([0, 0, 1]), 1.0), table)
    look = look_again(table, assigner, SETTINGS, seed=0, assess=False)
    assert jaccard(look.assigner.labels(table) == 2, rare) > 0.9


def test_what_was_not_seen_is_told_in_customers():
    X, _ = two_groups_and_a_rare_one(n=5_000)
    settings = SearchSettings(sample=300, method="kmeans", max_segments=3, rare_share=0.0)
    choice = search(from_matrix(X), settings, assess=False)
    assert choice.account["doubt"][0].startswith("We searched among 300 of 5,000 customers")
