"""The structure test, its reference data, and the words of the verdict."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.clustering.stability import Stability
from coterie.clustering.structure import Reference, StructureTest, prominence, structure_test, unimodal_quantiles
from coterie.clustering.verdict import make_verdict, verdict_word
from coterie.vocabulary import VerdictWord


def outcome(p: float, prominence: float = 0.0, dip: float = 0.0) -> StructureTest:
    return StructureTest(p, {"silhouette": 4.0, "prominence": prominence, "dip": dip}, {})


@pytest.mark.parametrize(
    ("test", "stability", "word"),
    [
        (outcome(0.025, prominence=3.0), 0.80, VerdictWord.NATURAL),
        (outcome(0.025, dip=5.0), 0.79, VerdictWord.REPRODUCIBLE),
        (outcome(0.025), 0.95, VerdictWord.REPRODUCIBLE),
        (outcome(0.025), 0.70, VerdictWord.REPRODUCIBLE),
        (outcome(0.025, prominence=9.0), 0.69, VerdictWord.CONSTRUCTIVE),
        (outcome(0.30, prominence=9.0), 0.99, VerdictWord.REPRODUCIBLE),
        (outcome(0.30), 0.79, VerdictWord.CONSTRUCTIVE),
    ],
)
def test_natural_needs_dense_groups_and_stability_both(
    test: StructureTest, stability: float, word: VerdictWord
) -> None:
    assert verdict_word(test, stability) is word


def test_the_reference_keeps_margins_and_dependence_but_not_the_gap() -> None:
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, 2_000)
    X = np.column_stack([rng.normal(size=2_000) + 8 * side, rng.normal(size=2_000) + 8 * side])
    drawn = Reference(X).draw(2_000, rng)
    assert drawn.min() >= X.min()
    assert drawn.max() <= X.max()
    assert np.corrcoef(drawn.T)[0, 1] > 0.6
    middle = (np.abs(drawn[:, 0] - 4) < 1).mean()
    assert (np.abs(X[:, 0] - 4) < 1).mean() < 0.01
    assert middle > 0.05


def test_columns_of_few_values_keep_them() -> None:
    counts = np.random.default_rng(0).poisson(2, 500).astype(float)
    drawn = unimodal_quantiles(counts)(np.linspace(0.001, 0.999, 400))
    assert set(drawn) <= set(counts)


def test_unconnected_groups_have_full_prominence() -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(100, 2)), rng.normal(loc=50, size=(100, 2))])
    apart = np.sqrt(((X[:, None] - X) ** 2).sum(axis=-1))
    assert prominence(apart) >= 1
    assert prominence(apart[:100, :100]) < 0.6


def test_clear_groups_depart_from_the_reference_and_a_cloud_does_not(blobs) -> None:
    X, _ = blobs(400, 3, 2, 6.0, seed=0)
    found = structure_test(X, 19, seed=0)
    assert found.p_value == pytest.approx(0.05)
    assert found.dense_groups
    cloud = np.random.default_rng(1).normal(size=(400, 2))
    assert not structure_test(cloud, 19, seed=0).dense_groups


@pytest.mark.parametrize(("agreement", "words"), [(0.85, "almost unchanged"), (0.73, "for the most part")])
def test_the_verdict_does_not_claim_more_than_the_samples_showed(agreement: float, words: str) -> None:
    stability = Stability(np.full(20, agreement), np.full((20, 3), agreement))
    told = make_verdict(VerdictWord.REPRODUCIBLE, outcome(0.025), stability, n_segments=3, valley=0.9)
    assert f"come back {words} in other samples" in told.sentence


def test_crowded_areas_that_are_not_called_natural_groups_say_why() -> None:
    stability = Stability(np.full(20, 0.73), np.full((20, 3), 0.8))
    test = outcome(0.025, prominence=9.0)
    told = make_verdict(VerdictWord.REPRODUCIBLE, test, stability, n_segments=3, valley=0.9)
    assert "crowded areas (p = 0.025), but the same segments do not come back surely enough" in told.details[0]
