"""Numbers and categories together: each step against a literal twin, published figures, and planted segments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_t, norm

from coterie.clustering.assign import Assigner, make_assigner
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.methods.joining import category_gain, join_misfits, shared_information, yeo_johnson
from coterie.clustering.methods.kamila import Kamila, density_in_clusters, distances_to, radial_density
from coterie.clustering.methods.latent_class import (
    Climb,
    LatentClass,
    cells,
    e_step,
    expectation_maximisation,
    radial_part,
)
from coterie.clustering.portfolio import Portfolio
from coterie.clustering.refine import make_rule
from coterie.clustering.selection import Scored
from coterie.clustering.table import take


def three_kinds(seed: int, n: int = 300, gap: float = 4.0, missing: float = 0.0):
    """Three segments in two numbers and two categories."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    numbers = gap * np.array([[0, 0], [1, 0], [0, 1]])[truth] + rng.normal(size=(n, 2))
    codes = np.column_stack([np.where(rng.random(n) < 0.8, truth, rng.integers(0, 3, n)), rng.integers(0, 2, n)])
    numbers[rng.random((n, 2)) < missing] = np.nan
    codes[rng.random((n, 2)) < missing] = -1
    return numbers, codes, (3, 2), truth


def literal_em(numbers, codes, n_levels, posterior, steps):
    """Textbook EM of normal numbers and categories without smoothing, cell by cell."""
    n, k = posterior.shape
    for _ in range(steps):
        density = np.empty((n, k))
        for c in range(k):
            weight = posterior[:, c]
            for i in range(n):
                density[i, c] = math.log(weight.sum() / n)
            for j in range(numbers.shape[1]):
                seen = ~np.isnan(numbers[:, j])
                mean = (weight[seen] * numbers[seen, j]).sum() / weight[seen].sum()
                variance = (weight[seen] * (numbers[seen, j] - mean) ** 2).sum() / weight[seen].sum()
                for i in np.flatnonzero(seen):
                    density[i, c] += norm.logpdf(numbers[i, j], mean, math.sqrt(variance))
            for j in range(len(n_levels)):
                seen = codes[:, j] >= 0
                for i in np.flatnonzero(seen):
                    same = codes[:, j] == codes[i, j]
                    density[i, c] += math.log(weight[same].sum() / weight[seen].sum())
        top = density.max(axis=1, keepdims=True)
        total = np.exp(density - top).sum(axis=1, keepdims=True)
        posterior = np.exp(density - top) / total
        likelihood = float((top + np.log(total)).sum())
    return posterior, likelihood


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_em_without_smoothing_equals_its_literal_twin(missing) -> None:
    numbers, codes, n_levels, _ = three_kinds(1, n=40, missing=missing)
    start = np.random.default_rng(2).dirichlet(np.full(3, 5.0), size=40)
    slow, slow_likelihood = literal_em(numbers, codes, n_levels, start, steps=4)
    table = cells(numbers, codes, n_levels)
    classes, fast, _ = expectation_maximisation(table, start, Climb(np.inf, 0.0, 4, -np.inf, floor=0.0))
    assert e_step(table, classes)[1] == pytest.approx(slow_likelihood, rel=1e-8)
    assert fast == pytest.approx(slow, abs=1e-6)


TINY_NUMBERS = np.array([0.1, 0.5, -0.3, 0.9, 0.2, -0.6, 3.1, 3.6, 2.4, 4.0, 3.3, 1.8])
TINY_CODES = np.array([0, 0, 1, 0, 2, 0, 1, 2, 1, 1, 2, 2])


@pytest.mark.parametrize(("missing", "share", "means", "variances", "levels", "likelihood"), [
    (False, 0.50048242, (0.13530744, 3.03415614), (0.24528556, 0.54278796), (0.666024063, 0.16649182, 0.167484117),
     -28.611172683777617),
    (True, 0.41666235, (0.12004317, 3.0332722), (0.28967341, 0.54244178), (0.800008293, 0.199991707, 0.0),
     -25.4849684582704),
])  # fmt: skip
def test_a_small_table_gives_the_figures_of_stepmix(missing, share, means, variances, levels, likelihood) -> None:
    # StepMix 3.0.0, gaussian_diag (without a ridge) beside categorical, and their _nan forms, on the same twelve rows,
    # five random starts, climbed until nothing changed. Its posteriors come from other starts but the same maximum.
    numbers, codes = TINY_NUMBERS.copy()[:, None], TINY_CODES.copy()[:, None]
    if missing:
        numbers[4], codes[7] = np.nan, -1
    start = np.where(np.arange(12)[:, None] < 6, [0.9, 0.1], [0.1, 0.9])
    table = cells(numbers, codes, (3,))
    classes, _, path = expectation_maximisation(table, start, Climb(np.inf, 0.0, 3_000, 1e-15, floor=0.0))
    assert path[-1] == pytest.approx(likelihood, abs=1e-6)
    assert classes.shares[0] == pytest.approx(share, abs=1e-6)
    assert classes.means[:, 0] == pytest.approx(means, abs=1e-5)
    assert classes.variances[:, 0] == pytest.approx(variances, abs=1e-5)
    assert classes.levels[0] == pytest.approx(levels, abs=1e-5)


def test_densities_of_heavy_tails_equal_those_of_the_multivariate_t() -> None:
    rng = np.random.default_rng(0)
    rows, variances = rng.normal(size=(7, 3)), np.array([0.5, 1.0, 2.0])
    squares = (rows**2 / variances).sum(axis=1, keepdims=True)
    found = radial_part(squares, np.full((7, 1), 3.0), 5.0)[:, 0] - 0.5 * np.log(variances).sum()
    assert found == pytest.approx(multivariate_t(np.zeros(3), np.diag(variances), df=5).logpdf(rows))


@pytest.mark.parametrize("seed", range(3))
def test_the_climb_never_falls_with_heavy_tails_and_missing_cells(seed) -> None:
    numbers, codes, n_levels, _ = three_kinds(seed, missing=0.1)
    numbers *= np.random.default_rng(seed).standard_t(2, size=(300, 1)) ** 2 + 0.2
    model = LatentClass(3).fit(cells(numbers / np.nanstd(numbers, axis=0), codes, n_levels))
    assert model.classes_.freedom < np.inf
    assert (np.diff(model.path_) >= -1e-7 * np.abs(model.path_[:-1])).all()


def test_numbers_with_few_far_rows_do_not_cost_a_segment() -> None:
    numbers, codes, n_levels, truth = three_kinds(3, n=600, gap=5.0)
    rng = np.random.default_rng(4)
    far = rng.random(600) < 0.05
    numbers[far] += 12 * rng.normal(size=(int(far.sum()), 2))
    table = cells(numbers / numbers.std(axis=0), codes, n_levels)
    heavy, normal = LatentClass(3).fit(table), LatentClass(3, freedom=np.inf).fit(table)
    assert adjusted_rand(heavy.labels_[~far], truth[~far]) > 0.93
    assert heavy.bic_ < normal.bic_


def test_normal_numbers_are_recognised_as_normal() -> None:
    numbers, codes, n_levels, _ = three_kinds(5, n=600)
    assert LatentClass(3).fit(cells(numbers, codes, n_levels)).classes_.freedom >= 15


def split_by_correlation(seed: int):
    """Two segments with strongly correlated numbers; one category tells them apart."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1], 400)
    numbers = rng.normal(size=(800, 2)) @ np.array([[1.0, 0.9], [0.0, 0.3]]) + 4.0 * truth[:, None] * [1, -1]
    codes = np.where(rng.random((800, 2)) < 0.85, truth[:, None], 1 - truth[:, None])
    return cells(numbers / numbers.std(axis=0), codes, (2, 2)), truth


def joined_by_bic(table):
    best = min((LatentClass(k).fit(table) for k in range(1, 7)), key=lambda model: model.bic_)
    return best, join_misfits(table, best.classes_, best.posterior_)


def test_classes_that_only_correlation_asks_for_are_joined() -> None:
    table, truth = split_by_correlation(0)
    best, group = joined_by_bic(table)
    assert best.n_classes > 2
    assert group.max() == 1
    assert adjusted_rand(group[best.labels_], truth) > 0.95


def test_classes_that_only_skewness_asks_for_are_joined() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1], 400)
    numbers = rng.gamma(1.5, size=(800, 2)) + 7.0 * truth[:, None]
    codes = np.where(rng.random((800, 2)) < 0.85, truth[:, None], 1 - truth[:, None])
    best, group = joined_by_bic(cells((numbers - numbers.mean(axis=0)) / numbers.std(axis=0), codes, (2, 2)))
    assert best.n_classes > 2
    assert group.max() == 1
    assert adjusted_rand(group[best.labels_], truth) > 0.95


def test_classes_that_only_two_like_categories_ask_for_are_joined() -> None:
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1], 400)
    numbers = rng.normal(size=(800, 2)) + 4.0 * truth[:, None]
    first = rng.integers(0, 3, 800)
    codes = np.column_stack([first, np.where(rng.random(800) < 0.8, first, rng.integers(0, 3, 800)), truth])
    best, group = joined_by_bic(cells(numbers / numbers.std(axis=0), codes, (3, 3, 2)))
    assert best.n_classes > 2
    assert group.max() == 1
    assert adjusted_rand(group[best.labels_], truth) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_segments_that_lie_apart_are_not_joined(seed) -> None:
    numbers, codes, n_levels, _ = three_kinds(seed, n=600, gap=3.0)
    model = LatentClass(3).fit(cells(numbers, codes, n_levels))
    assert sorted(join_misfits(cells(numbers, codes, n_levels), model.classes_, model.posterior_)) == [0, 1, 2]


def test_shared_information_is_nought_for_independent_and_the_entropy_for_equal_categories() -> None:
    assert shared_information(np.outer([10.0, 30.0], [0.25, 0.75])) == pytest.approx(0)
    assert shared_information(np.diag([20.0, 20.0])) == pytest.approx(40 * math.log(2))
    assert shared_information(np.zeros((2, 2))) == 0


def test_each_category_depends_on_one_other_at_most() -> None:
    first = np.random.default_rng(0).integers(0, 2, 400)
    table = cells(np.zeros((400, 0)), np.column_stack([first] * 3), (2, 2, 2))
    # Three copies: two links tell all, a third would count the same bit twice.
    price = 3.0
    one = 400 * math.log(2) - price - 3 * math.log(3)
    assert category_gain(table, np.ones(400), price) == pytest.approx(2 * one, rel=0.01)


def test_the_power_transformation_has_its_special_cases() -> None:
    values = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    assert yeo_johnson(values, 1.0) == pytest.approx(values)
    assert yeo_johnson(values, 0.0)[3:] == pytest.approx(np.log1p(values[3:]))
    assert yeo_johnson(values, 2.0)[:2] == pytest.approx(-np.log1p(-values[:2]))


@pytest.mark.parametrize("p", [1, 2, 4])
def test_the_radial_density_of_normal_numbers_is_that_of_the_normal_distribution(p) -> None:
    distances = np.sqrt((np.random.default_rng(0).normal(size=(20_000, p)) ** 2).sum(axis=1))
    at = np.quantile(distances, (0.2, 0.5, 0.8))
    truth = -0.5 * at**2 - 0.5 * p * math.log(2 * math.pi)
    assert radial_density(distances, p).at(at) == pytest.approx(truth, abs=0.1)


def test_the_radial_density_on_a_grid_is_the_sum_of_a_kernel_over_every_row() -> None:
    distances = np.sqrt(np.random.default_rng(2).chisquare(3, 800))
    quartiles = np.quantile(distances, (0.25, 0.75))
    width = 0.9 * min(distances.std(), (quartiles[1] - quartiles[0]) / 1.34) * 800**-0.2
    at = np.quantile(distances, (0.1, 0.3, 0.6, 0.9))
    exact = norm.pdf(at[:, None], distances, width).mean(axis=1) / (4 * math.pi * at**2)
    assert radial_density(distances, 3).at(at) == pytest.approx(np.log(exact), abs=0.01)


def test_the_radial_density_falls_on_beyond_the_last_row() -> None:
    density = radial_density(np.random.default_rng(1).chisquare(3, 500), 3)
    far = density.at(np.array([20.0, 40.0, 80.0]))
    assert np.isfinite(far).all()
    assert (np.diff(far) < 0).all()


def test_distances_with_missing_cells_are_those_of_the_cells_seen_scaled_up() -> None:
    numbers = np.array([[1.0, 2.0, np.nan], [0.0, np.nan, np.nan], [np.nan] * 3])
    table = cells(numbers, np.zeros((3, 0), dtype=int), ())
    found = distances_to(table, np.array([[0.0, 0.0, 5.0], [1.0, 1.0, 1.0]]))
    assert found == pytest.approx(np.array([[math.sqrt(5 * 1.5), math.sqrt(1.5)], [0, math.sqrt(3)], [0, 0]]))


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_kamila_finds_planted_segments(missing) -> None:
    numbers, codes, n_levels, truth = three_kinds(0, n=600, gap=4.0, missing=missing)
    found = Kamila(3).fit(cells(numbers, codes, n_levels))
    assert adjusted_rand(found.labels_, truth) > (0.8 if missing else 0.9)
    assert found.posterior_.sum(axis=1) == pytest.approx(np.ones(600))
    assert (found.posterior_.argmax(axis=1) == found.labels_).all()


def test_kamila_takes_tables_without_numbers_or_without_categories() -> None:
    numbers, codes, n_levels, truth = three_kinds(0, n=600, gap=6.0)
    alone = Kamila(3).fit(cells(numbers, np.zeros((600, 0), dtype=int), ()))
    assert adjusted_rand(alone.labels_, truth) > 0.95
    only = Kamila(2).fit(cells(np.zeros((600, 0)), codes, n_levels))
    assert set(only.labels_) == {0, 1}


@pytest.mark.parametrize("method", ["latent_class", "kamila"])
def test_the_stored_rule_labels_as_the_fitted_model_does(method, mixed_table) -> None:
    numbers, codes, n_levels, _ = three_kinds(6, missing=0.1)
    numbers *= 1 + 3 * (np.random.default_rng(6).random((300, 1)) < 0.1)
    rows = take(mixed_table(numbers, codes, n_levels), np.arange(300))
    trial = next(t for t in Portfolio(rows, [3], 0).trials(method) if t.k == 3)
    rule = make_rule(Scored(trial, trial.labels, np.arange(3), 3), rows, trial.labels, rows, 0)
    whole = make_assigner(rule, rows)
    stored = Assigner.from_parts(whole.to_dict(), whole.arrays())
    assert (stored.assign(rows).labels == trial.labels).mean() > 0.98
    table = cells(numbers, codes, n_levels)
    model = trial.model
    joint = (
        e_step(table, model.classes_)[0] if method == "latent_class" else density_in_clusters(table, model.clusters_)
    )
    assert (joint.argmax(axis=1) == trial.labels).all()


def test_the_order_of_the_rows_does_not_change_kamila_from_given_starts() -> None:
    numbers, codes, n_levels, truth = three_kinds(7, n=200, gap=3.0)
    order = np.random.default_rng(0).permutation(200)
    one = Kamila(3).fit(cells(numbers, codes, n_levels), starts=[truth])
    other = Kamila(3).fit(cells(numbers[order], codes[order], n_levels), starts=[truth[order]])
    assert (one.labels_[order] == other.labels_).all()
