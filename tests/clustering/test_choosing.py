"""What the choice rests on: criteria, votes of the pool, the trees, and the candidates that only this house makes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, silhouette_samples

from coterie.clustering.chooser import Chooser, chooser
from coterie.clustering.graph import neighbour_graph
from coterie.clustering.limits import place_noise
from coterie.clustering.methods.merging import entropy_merges
from coterie.clustering.methods.spectral import spectral_cuts
from coterie.clustering.pool import add_agreement, add_numbers, add_places
from coterie.clustering.portfolio import Portfolio
from coterie.clustering.selection import limited
from coterie.clustering.separation import Divisions, best_division, division
from coterie.clustering.table import from_matrix
from coterie.clustering.validity import criteria
from coterie.config import SearchSettings


def two_normals(gap: float, n: int = 4_000, d: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 2
    X = rng.normal(size=(n, d))
    X[:, 0] += gap * truth
    return X, truth


# -- divisions ---------------------------------------------------------------------------------------------------------


def test_the_gap_of_two_normals_is_half_their_distance_in_standard_deviations() -> None:
    X, truth = two_normals(4.0)
    found = division(X[truth == 0], X[truth == 1])
    assert found.gap == pytest.approx(2.0, abs=0.08)
    assert found.cut < 0.45


def test_the_halves_of_one_normal_show_no_gap_and_a_full_cut() -> None:
    X, _ = two_normals(0.0)
    found = best_division(X)
    assert found.gap == pytest.approx(2 * np.sqrt(2 / np.pi) / (2 * np.sqrt(1 - 2 / np.pi)), abs=0.1)
    assert found.cut > 0.9


def test_a_group_that_hides_two_is_cut_where_nobody_is() -> None:
    X, _ = two_normals(7.0)
    assert best_division(X).cut < 0.1


def test_divisions_do_not_depend_on_scale_and_turn_of_the_axes() -> None:
    X, truth = two_normals(3.0, d=4)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    members = [np.flatnonzero(truth == c) for c in range(2)]

    def told(Y: np.ndarray) -> dict[str, float]:
        return Divisions(Y).criteria(members, np.array([Y[rows].mean(axis=0) for rows in members]))

    assert told(5 * X @ turn) == pytest.approx(told(X), abs=1e-6)


# -- criteria ----------------------------------------------------------------------------------------------------------


def test_criteria_equal_their_definitions_on_a_small_table() -> None:
    X, truth = two_normals(3.0, n=300)
    found = criteria(neighbour_graph(X), [truth])[0]
    widths = silhouette_samples(X, truth)
    assert found["silhouette"] == pytest.approx(widths.mean())
    assert found["silhouette_worst"] == pytest.approx(min(widths[truth == c].mean() for c in range(2)))
    assert found["silhouette_negative"] == pytest.approx((widths < 0).mean())
    assert found["dispersion"] == pytest.approx(np.log(calinski_harabasz_score(X, truth)) - np.log(300))
    assert found["entropy"] == pytest.approx(1.0)


def test_the_true_groups_have_better_criteria_than_a_wrong_division() -> None:
    X, truth = two_normals(5.0, n=600)
    wrong = (X[:, 1] > 0).astype(np.int64)
    right, other = criteria(neighbour_graph(X), [truth, wrong])
    for name in ("crossing", "valley", "cut", "hidden_mode", "split_lost"):
        assert right[name] < other[name], name
    for name in ("gap", "silhouette", "likelihood", "likelihood_diagonal", "explained"):
        assert right[name] > other[name], name


def test_agreement_is_the_mean_over_other_families_of_their_best_match() -> None:
    a = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    b = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1])
    c = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2])
    scores = [{"k": float(one.max() + 1)} for one in (a, b, c, a)]
    add_agreement(scores, [a, b, c, a], ["ward", "kmeans", "kmeans", "genie"])
    best_kmeans = max(adjusted_rand_score(a, b), adjusted_rand_score(a, c))
    assert scores[0]["agreement"] == pytest.approx((best_kmeans + 1) / 2)
    assert scores[0]["voices"] == pytest.approx(0.5)
    assert scores[0]["agreement_same_k"] == pytest.approx((adjusted_rand_score(a, c) + 1) / 2)


def test_places_run_from_last_to_first_and_count_less_as_better_where_it_is() -> None:
    names = ("silhouette", "likelihood", "likelihood_diagonal", "agreement", "gap", "split_cut", "dispersion")
    scores = [dict.fromkeys((*names, "valley", "crossing", "cut"), value) for value in (0.1, 0.5, 0.3)]
    add_places(scores)
    assert [one["silhouette_place"] for one in scores] == [0.0, 1.0, 0.5]
    assert [one["valley_place"] for one in scores] == [1.0, 0.0, 0.5]
    assert [round(one["valley_behind"], 9) for one in scores] == [0.0, 0.4, 0.2]


def test_rules_of_thumb_name_their_numbers() -> None:
    explained = {2: 0.5, 3: 0.8, 4: 0.82, 5: 0.84, 6: 0.85}
    scores = [{"k": float(k), "explained": v, "best_bic": float(k == 4), "silhouette": -abs(k - 2) + 1.0}
              for k, v in explained.items()]  # fmt: skip
    add_numbers(scores, ["kmeans"] * 5, modes=6)
    at_three = scores[1]
    assert at_three["k_to_elbow"] == 0.0
    assert at_three["k_to_bic"] == pytest.approx(np.log(3 / 4))
    assert at_three["k_to_modes"] == pytest.approx(np.log(3 / 6))
    assert at_three["k_to_silhouette"] == pytest.approx(np.log(3 / 2))


# -- candidates --------------------------------------------------------------------------------------------------------


def test_merging_joins_the_components_that_overlap_most_first() -> None:
    rng = np.random.default_rng(0)
    owner = rng.integers(0, 4, 2_000)
    posterior = np.full((2_000, 4), 1e-3)
    posterior[np.arange(2_000), owner] = 1.0
    torn = owner <= 1  # components 0 and 1 share their rows half and half
    posterior[torn, 0] = posterior[torn, 1] = 0.5
    posterior /= posterior.sum(axis=1, keepdims=True)
    steps = dict(entropy_merges(posterior))
    assert sorted(steps) == [2, 3]
    assert steps[3][0] == steps[3][1]
    assert len(np.unique(steps[3])) == 3


def test_modes_are_counted_and_cut_where_they_meet() -> None:
    rng = np.random.default_rng(3)
    centres = np.array([[0.0, 0], [6, 0], [0, 6], [6, 6]])
    truth = rng.integers(0, 4, 1_200)
    graph = neighbour_graph(centres[truth] + rng.normal(size=(1_200, 2)))
    assert graph.modes.count() == 4
    cuts = dict(graph.modes.cuts(range(2, 9)))
    assert adjusted_rand_score(truth, cuts[4]) > 0.98
    for k, labels in cuts.items():
        assert len(np.unique(labels[labels >= 0])) == k


def test_spectral_clustering_separates_a_ring_from_its_core(ring_and_core: tuple[np.ndarray, np.ndarray]) -> None:
    X, truth = ring_and_core
    found = dict(spectral_cuts(neighbour_graph(X).neighbours, [2, 3]))
    assert adjusted_rand_score(truth, found[2]) > 0.95


def test_merged_mixtures_find_groups_that_no_ellipse_describes(ring_and_core: tuple[np.ndarray, np.ndarray]) -> None:
    X, truth = ring_and_core
    trials = Portfolio(from_matrix(X), range(2, 13), 0).trials("gaussian_mixture")
    merged = [t for t in trials if "merged" in t.parameters]
    plain = [t for t in trials if "merged" not in t.parameters]
    assert max(adjusted_rand_score(truth, t.labels) for t in merged) > 0.95
    assert max(adjusted_rand_score(truth, t.labels) for t in plain) < 0.9


@pytest.fixture(scope="module")
def ring_and_core() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    angle = rng.uniform(0, 2 * np.pi, 700)
    ring = 3 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(scale=0.15, size=(700, 2))
    core = rng.normal(scale=0.5, size=(500, 2))
    return np.concatenate([ring, core]), np.repeat([0, 1], [700, 500])


def test_without_a_smallest_share_noise_goes_to_the_nearest_group() -> None:
    X = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [1.0]])
    labels = np.array([0, 0, 0, 1, 1, 1, -1])
    assert place_noise(X, labels, 0.0)[0].tolist() == [0, 0, 0, 1, 1, 1, 0]
    assert place_noise(X, labels, 0.05)[1] == 2


# -- the trees ---------------------------------------------------------------------------------------------------------


def test_the_chooser_computes_what_the_trained_trees_say() -> None:
    rng = np.random.default_rng(0)
    F = rng.normal(size=(400, 3))
    y = F[:, 0] * (F[:, 1] > 0) + 0.1 * rng.normal(size=400)
    model = GradientBoostingRegressor(n_estimators=20, max_leaf_nodes=6, random_state=0).fit(F, y)
    trees = []
    for (fitted,) in model.estimators_:
        t = fitted.tree_
        leaf = t.children_left < 0
        nodes = np.arange(t.node_count)
        trees.append(
            np.column_stack([
                np.where(leaf, 0, t.feature),
                np.where(leaf, 0.0, t.threshold),
                np.where(leaf, nodes, t.children_left),
                np.where(leaf, nodes, t.children_right),
                np.where(leaf, 0.1 * t.value[:, 0, 0], 0.0),
            ]).tolist()
        )  # fmt: skip
    depth = max(fitted.get_depth() for (fitted,) in model.estimators_)
    stored = Chooser.from_dict({
        "features": ["a", "b", "c"], "start": y.mean(), "depth": depth, "trees": trees, "knots": [[-9, -9], [9, 9]],
    })  # fmt: skip
    rows = [dict(zip("abc", row, strict=True)) for row in F]
    assert stored.predict(rows) == pytest.approx(model.predict(F), abs=1e-6)


def test_the_calibration_rises_everywhere() -> None:
    knots = chooser().knots
    assert all(b[0] > a[0] and b[1] > a[1] for a, b in itertools.pairwise(knots))
    assert knots[-1, 1] <= 1


def test_the_chooser_prefers_the_true_groups_to_halves_of_them() -> None:
    rng = np.random.default_rng(1)
    centres = np.array([[0.0, 0, 0], [6, 0, 0], [0, 6, 0]])
    truth = rng.integers(0, 3, 900)
    X = centres[truth] + rng.normal(size=(900, 3))
    graph = neighbour_graph(X)
    portfolio = Portfolio(from_matrix(X), range(2, 9), 0, graph)
    trials = [t for m in ("kmeans", "ward", "gaussian_mixture", "genie") for t in portfolio.trials(m)]
    scored = limited(graph, trials, SearchSettings())
    predicted = chooser().predict([s.scores for s in scored])
    assert scored[int(predicted.argmax())].n_segments == 3
    halves = [p for s, p in zip(scored, predicted, strict=True) if s.n_segments == 6]
    assert max(halves) < predicted.max() - 0.1
