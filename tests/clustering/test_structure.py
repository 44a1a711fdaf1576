"""The structure test, its reference data, and the words of the verdict."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from coterie.clustering import beside, structure
from coterie.clustering.lumps import Lump, find_lumps, spread, unevenly_shared
from coterie.clustering.stability import Stability
from coterie.clustering.structure import Reference, StructureTest, prominence, structure_test
from coterie.clustering.table import Rows, from_matrix
from coterie.clustering.verdict import lump_sentences, make_verdict, verdict_word
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


def test_counts_are_spread_over_cells_that_meet_but_do_not_fill_a_gap() -> None:
    rng = np.random.default_rng(0)
    counts = np.repeat([1.0, 2.0, 3.0, 20.0, 21.0], 200)[:, None]
    out = spread(counts, (), rng)[:, 0]
    assert np.array_equal(np.floor(out[counts[:, 0] == 2] + 0.5), np.full(200, 2.0))
    assert not ((out > 5) & (out < 18)).any()
    assert len(np.unique(out)) == 1_000


def test_values_of_one_row_stay_where_they_are() -> None:
    X = np.random.default_rng(0).normal(size=(100, 2))
    assert np.array_equal(spread(X, (), np.random.default_rng(1)), X)


@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).poisson(1.0, 1_000).astype(float),
        np.log1p(np.random.default_rng(0).geometric(0.5, 1_000)),
        np.round(np.random.default_rng(0).lognormal(3, 1, 1_000), 0),
        (np.random.default_rng(0).random(1_000) < 0.1).astype(float),
    ],
    ids=["Poisson counts", "geometric counts", "rounded money", "a flag"],
)
def test_frequent_counts_are_no_lumps(x: np.ndarray) -> None:
    assert find_lumps(x[:, None]) == ()


def zero_inflated(n: int, share: float) -> np.ndarray:
    """Correlated log-normal money and orders without groups; the money of some customers is zero."""
    rng = np.random.default_rng(0)
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], n)
    money = np.where(rng.random(n) < share, 0.0, np.log1p(np.exp(3 + z[:, 0])))
    X = np.column_stack([money, z[:, 1]])
    return (X - X.mean(axis=0)) / X.std(axis=0)


def test_many_zeros_are_reported_as_what_they_are_and_are_no_groups() -> None:
    X = zero_inflated(1_000, 0.4)
    test = structure_test(X, 19, seed=0)
    assert not test.dense_groups
    assert [(lump.column, lump.lowest) for lump in test.lumps] == [(0, True)]
    assert test.lumps[0].share == pytest.approx(0.4, abs=0.05)
    assert "lowest value in x0" in lump_sentences(test, from_matrix(X))[0]
    assert lump_sentences(test, from_matrix(X))[-1].endswith("beyond, we found no separate groups.")


def test_many_columns_with_zeros_are_told_in_one_sentence() -> None:
    rng = np.random.default_rng(0)
    table = from_matrix(rng.uniform(size=(100, 6)))
    lumps = tuple(Lump(column, 0.0, 0.1 + column / 10, True) for column in range(6))
    told = lump_sentences(replace(outcome(0.5), lumps=lumps), table)
    assert told[0] == (
        "In 6 columns many customers share the lowest value and split from the others: "
        "x5 (60 %), x4 (50 %), x3 (40 %), x2 (30 %) and 2 more."
    )
    assert len(told) == 2


def test_groups_beside_many_zeros_are_still_found(blobs) -> None:
    X, _ = blobs(1_000, 3, 2, 6.0, seed=0)
    money = zero_inflated(1_000, 0.4)[:, :1]
    test = structure_test(np.hstack([money, X]), 19, seed=0)
    assert [lump.column for lump in test.lumps] == [0]
    assert test.dense_groups


def table_with_lumps(any_flag: str, unknown: bool) -> Rows:
    x = np.array([0.0] * 40 + list(np.linspace(-1, 1, 60)))
    numeric = np.where(x == 0.0, np.nan, x)[:, None] if unknown else x[:, None]
    X = np.column_stack([x, np.where(x == 0.0, -0.5, 0.5)])
    codes = (x != 0.0).astype(np.int64)[:, None]
    return Rows(X, ("returned_value", any_flag), ("returned_value", "returned_value"), numeric, codes, (2,))


def test_zeros_that_preparation_told_apart_are_named_and_values_for_missing_ones_are_not() -> None:
    test = replace(outcome(0.025, prominence=9.0), lumps=(Lump(0, 0.0, 0.4, False),))
    told = lump_sentences(test, table_with_lumps("returned_value: any", unknown=True))
    assert told[0] == (
        "Your customers split into those with zero and those above zero in returned value (40 % have zero)."
    )
    assert told[1].endswith("beyond, there are separate groups as well.")
    assert lump_sentences(test, table_with_lumps("other", unknown=True)) == ()
    assert (
        "exactly the same value in returned value" in lump_sentences(test, table_with_lumps("other", unknown=False))[0]
    )


def test_unconnected_groups_are_prominent_and_one_group_is_not() -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(100, 2)), rng.normal(loc=50, size=(100, 2))])
    assert prominence(X) == pytest.approx(0.5**0.5)
    assert prominence(X[:100]) < 0.3


def test_the_test_in_its_own_process_gives_the_same_bits() -> None:
    X = zero_inflated(300, 0.3)
    assert beside._in_a_process(X, 19, 0) == beside._here(X, 19, 0)


def test_a_process_that_fails_is_told_and_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(3, "python", stderr=b"a value of a customer")

    X = zero_inflated(300, 0.3)
    monkeypatch.setattr(beside, "cores", lambda: 2)
    monkeypatch.setattr(subprocess, "run", failing)
    with ThreadPoolExecutor(1) as executor:
        found = beside.begin_test(executor, X, 19, 0).result()
    assert "it ended with code 3" in found.note
    assert "customer" not in found.note
    assert replace(found, note="") == beside._here(X, 19, 0)


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
    assert "at most once in 40 times), but the same segments do not come back surely enough" in told.details[0]


def test_a_segment_of_customers_who_fit_nowhere_is_no_group_that_is_really_there() -> None:
    stability = Stability(np.full(20, 0.95), np.full((20, 5), 0.9))
    test = outcome(0.025, prominence=9.0)
    told = make_verdict(VerdictWord.NATURAL, test, stability, n_segments=5, valley=0.2, unusual=0.06)
    assert "4 groups that are really there" in told.sentence
    assert "6 % of the customers fit into none of them" in told.sentence
    assert any("not part of that comparison" in sentence for sentence in told.details)
    plain = make_verdict(VerdictWord.NATURAL, test, stability, n_segments=5, valley=0.2)
    assert "5 groups that are really there" in plain.sentence
    assert not any("not part of that comparison" in sentence for sentence in plain.details)


def test_few_customers_are_said_to_stand_between_groups_only_where_they_are_few() -> None:
    stability, test = Stability(np.full(20, 0.95), np.full((20, 3), 0.9)), outcome(0.025, prominence=9.0)
    said = [
        make_verdict(VerdictWord.NATURAL, test, stability, n_segments=3, valley=valley).sentence
        for valley in (0.3, 0.7, 0.9)
    ]
    assert "few customers stand between them, and" in said[0]
    assert "fewer customers stand between them than inside them" in said[1]
    assert "run through crowded places" in said[2]


def test_the_meaning_of_the_word_follows_the_sentence() -> None:
    test = outcome(0.025)
    sure, half = (Stability(np.full(20, s), np.full((20, 3), 0.8)) for s in (0.9, 0.73))
    for stability, words in ((sure, "almost unchanged"), (half, "for the most part")):
        told = make_verdict(VerdictWord.REPRODUCIBLE, test, stability, n_segments=3, valley=0.9)
        assert words in told.sentence
        assert words in told.meaning


def test_groups_that_the_borders_do_not_follow_are_not_called_segments_of_their_own() -> None:
    stability = Stability(np.full(20, 0.9), np.full((20, 3), 0.9))
    test = outcome(0.025, prominence=9.0)
    apart = make_verdict(VerdictWord.NATURAL, test, stability, n_segments=3, valley=0.4)
    crowded = make_verdict(VerdictWord.NATURAL, test, stability, n_segments=3, valley=0.95)
    assert "fall into 3 groups that are really there" in apart.sentence
    assert "not each of the 3 is a group of its own" in crowded.sentence


@pytest.mark.parametrize("word", [VerdictWord.REPRODUCIBLE, VerdictWord.CONSTRUCTIVE])
def test_where_there_are_crowded_areas_the_sentence_does_not_deny_them(word: VerdictWord) -> None:
    stability = Stability(np.full(20, 0.72), np.full((20, 3), 0.8))
    with_groups = make_verdict(word, outcome(0.025, prominence=9.0), stability, n_segments=3, valley=0.9).sentence
    without = make_verdict(word, outcome(0.025), stability, n_segments=3, valley=0.9).sentence
    assert with_groups.startswith("There are crowded places")
    assert "crowded" not in without


@pytest.mark.parametrize(("n", "d"), [(40, 3), (100, 20), (60, 40)])
def test_few_rows_in_many_columns_never_show_dense_groups_by_chance(n: int, d: int) -> None:
    for seed in range(2):
        X = np.random.default_rng(seed).normal(size=(n, d))
        assert not structure_test(X, 19, seed=0).dense_groups


def shop_without_groups(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of orders, spend per order and pieces per order; and whether a customer is one of two price groups."""
    rng = np.random.default_rng(seed)
    orders = 1 + rng.poisson(rng.gamma(0.8, 1.4, n))
    pieces = np.array([1 + rng.poisson(0.7, k).mean() for k in orders])
    price = rng.lognormal(2.6, 0.35, n)
    X = np.log(np.column_stack([orders, pieces * price, pieces]))
    return (X - X.mean(axis=0)) / X.std(axis=0), rng.random(n) < 0.4


def test_whole_numbers_of_customers_with_one_order_are_no_groups() -> None:
    X, dear = shop_without_groups(1500, seed=1)
    assert unevenly_shared(X) == [2]
    assert not structure_test(X, 19, seed=0).dense_groups
    X[:, 1] += 6.0 * dear
    assert structure_test(X, 19, seed=0).dense_groups


def _trough_in_all_planes(X: np.ndarray) -> float:
    """The trough without leaving out any plane."""
    scores = structure.components(X)
    found, distances = structure.neighbourhoods(X)
    density = structure.smooth_density(found, distances[:, -1]) ** structure.local_dimension(distances)
    thin = []
    for line in structure._wide_dips(list(scores.T)):
        order = np.argsort(line, kind="stable")
        places = structure._trough_and_sides(line[order], max(5, len(X) // 40))
        planes = [structure._thinness(line[order], other[order], places) for other in [*scores.T, *X.T]]
        thin.append(min(max(planes), structure._against_the_sides(density[order], places)))
    return min(thin)


@pytest.mark.parametrize("apart", [0.0, 3.0, 5.0])
def test_planes_that_are_not_looked_at_would_not_change_a_trough(apart: float) -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 3)) + apart * (np.arange(400) % 2)[:, None] * np.array([1.0, 0.0, 0.0])
    assert structure.trough(X) == min(1.0, _trough_in_all_planes(X))


def test_a_ring_has_no_trough_and_two_groups_have_one() -> None:
    rng = np.random.default_rng(4)
    angle = rng.uniform(0, 2 * np.pi, 600)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) + 0.1 * rng.normal(size=(600, 2))
    groups = rng.normal(size=(600, 2)) + 6 * (np.arange(600) % 2)[:, None]
    assert structure.trough(ring) > structure.THIN > structure.trough(groups)
