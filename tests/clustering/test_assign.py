"""Assignment: row by row, the same from memory and from disk, and honest about doubt."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coterie.clustering import Assigner, search
from coterie.clustering.assign import make_assigner
from coterie.clustering.methods.kmeans import KMeans
from coterie.clustering.refine import prototypes, stand_in
from coterie.clustering.rules import CentreRule
from coterie.clustering.table import from_matrix, take
from coterie.config import SearchSettings
from coterie.errors import InputError, StudyError

FIELDS = ("labels", "confidence", "is_core", "second", "distance", "second_confidence")
METHODS = ("kmeans", "gaussian_mixture", "ward", "genie", "hdbscan", "latent_class", "kamila")


def some(table, rows):
    return type(table)(
        table.X[rows], table.names, table.sources, table.numeric[rows], table.codes[rows], table.n_levels
    )


@pytest.fixture(scope="module")
def quick() -> dict[str, object]:
    return {"null_draws": 19, "bootstraps": 2, "max_segments": 4}


@pytest.fixture(scope="module", params=METHODS)
def fitted(request, blobs, numeric_table, quick):
    X, _ = blobs(400, 3, 3, 5.0, seed=4)
    table = numeric_table(X)
    return table, search(table, SearchSettings(method=request.param, **quick)).assigner


def test_a_stored_rule_assigns_bit_for_bit_alike(fitted) -> None:
    table, assigner = fitted
    stored = json.loads(json.dumps(assigner.to_dict()))
    again = Assigner.from_parts(stored, {name: a.copy() for name, a in assigner.arrays().items()})
    before, after = assigner.assign(table), again.assign(table)
    for name in FIELDS:
        assert np.array_equal(getattr(before, name), getattr(after, name)), name


def test_one_row_at_a_time_gives_what_all_rows_give(fitted) -> None:
    table, assigner = fitted
    whole = assigner.assign(table)
    for i in range(0, 400, 7):
        alone = assigner.assign(some(table, [i]))
        for name in FIELDS:
            assert getattr(alone, name)[0] == getattr(whole, name)[i], (name, i)


def test_equal_rows_get_equal_results(fitted) -> None:
    table, assigner = fitted
    found = assigner.assign(some(table, np.repeat(np.arange(50), 3)))
    for values in (found.labels, found.confidence, found.distance):
        assert (values.reshape(50, 3) == values[::3, None]).all()


def test_confidence_is_a_share_and_the_second_choice_is_another_segment(fitted) -> None:
    table, assigner = fitted
    found = assigner.assign(table)
    assert found.labels.min() == 0
    assert found.labels.max() == assigner.n_segments - 1
    assert ((found.confidence > 0) & (found.confidence <= 1)).all()
    assert (found.second != found.labels).all()
    assert 0.3 < found.is_core.mean() <= 0.92
    assert (found.confidence[found.is_core] >= 0.7).all()


def test_rows_halfway_between_two_centres_are_the_least_certain(blobs, numeric_table, quick) -> None:
    X, _ = blobs(400, 2, 2, 6.0, seed=0)
    table = numeric_table(X)
    assigner = search(table, SearchSettings(method="kmeans", min_segments=2, **{**quick, "max_segments": 2})).assigner
    ends = assigner.centres[:2]
    path = np.array([ends[0] + t * (ends[1] - ends[0]) for t in (0.0, 0.3, 0.5)])
    sure = assigner.assign(numeric_table(path)).confidence
    assert sure[0] >= sure[1] > sure[2]
    assert sure[0] > 0.99
    assert sure[2] < 0.6


def test_missing_cells_and_unseen_categories_are_assigned_by_the_rest(mixed_table, quick) -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 150)
    numbers = rng.normal(size=(300, 2)) + 5 * truth[:, None]
    codes = np.where(rng.random((300, 1)) < 0.9, truth[:, None], 1 - truth[:, None])
    assigner = search(mixed_table(numbers, codes, (2,)), SearchSettings(method="latent_class", **quick)).assigner
    holes = mixed_table(np.array([[np.nan, 0.0], [5.0, np.nan], [np.nan, np.nan]]), np.array([[-1], [7], [1]]), (2,))
    labels = assigner.assign(holes).labels
    clean = assigner.assign(mixed_table(np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([[0], [1]]), (2,))).labels
    assert labels.tolist() == [clean[0], clean[1], clean[1]]


def test_other_columns_than_those_of_the_fit_are_refused(fitted, numeric_table) -> None:
    _, assigner = fitted
    with pytest.raises(InputError, match="not those that the segments were built on"):
        assigner.assign(numeric_table(np.zeros((3, 5))))


def test_a_rule_of_another_format_is_refused(fitted) -> None:
    _, assigner = fitted
    with pytest.raises(StudyError, match="format"):
        Assigner.from_parts({**assigner.to_dict(), "format": 99}, assigner.arrays())
    with pytest.raises(StudyError, match="incomplete"):
        Assigner.from_parts(assigner.to_dict(), {})


def test_centres_stand_in_for_a_vote_of_prototypes_where_they_agree_with_it(blobs) -> None:
    X, _ = blobs(6_000, 3, 4, 6.0, seed=2)
    rows = from_matrix(X)
    voting = prototypes(X[:2_000], KMeans(3, random_state=0).fit(X).labels_[:2_000], 0)
    centres = stand_in(voting, rows, 0)
    assert isinstance(centres, CentreRule)
    same = centres.scores(rows).argmax(axis=0) == voting.scores(rows).argmax(axis=0)
    assert centres.agreement == pytest.approx(same[1::2].mean(), abs=1e-4)
    assert centres.agreement >= 0.97
    again = CentreRule(**centres.parameters(), **centres.arrays())
    assert again.agreement == centres.agreement


def test_no_centres_stand_in_for_a_vote_that_they_cannot_repeat() -> None:
    X = np.random.default_rng(0).normal(size=(4_000, 6))
    voting = prototypes(X[:2_000], (np.sin(9 * X[:2_000, 0]) > 0).astype(np.int64), 0)
    assert stand_in(voting, from_matrix(X), 0) is None


def test_labels_alone_are_those_of_the_whole_assignment_over_many_chunks(blobs) -> None:
    X, _ = blobs(140_000, 3, 2, 5.0, seed=3)
    rows = from_matrix(X)
    model = KMeans(3, random_state=0).fit(X[:2_000])
    assigner = make_assigner(CentreRule(model.cluster_centers_, np.arange(3), 1.0), take(rows, slice(0, 2_000)))
    assert np.array_equal(assigner.labels(rows), assigner.assign(rows).labels)
