from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coterie.config import Config
from coterie.errors import InputError
from coterie.outputs import Study, drift, score
from coterie.pipeline import arrays
from coterie.preparation import choose_basis, fit_recipe
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from types import SimpleNamespace

    from coterie.vocabulary import CustomerTable


@pytest.fixture(scope="module")
def segmentation() -> SimpleNamespace:
    """The made-up customers with a really fitted recipe and assigner."""
    from coterie.clustering import search

    made = make_segmentation()
    config = Config.model_validate(
        {"search": {"method": "kmeans", "min_segments": 5, "max_segments": 5, "null_draws": 19, "bootstraps": 2}}
    )
    columns = arrays(made.customers)
    basis = choose_basis(tuple(made.customers.features.values()), columns, config.basis)
    recipe = fit_recipe(basis, columns)
    prepared = recipe.transform(columns)
    choice = search(prepared, config.search, seed=0)
    assignment = choice.assigner.assign(prepared)
    members = made.profiles.membership.assign(segment_id=np.asarray(made.profiles.id_of_label)[assignment.labels])
    made.profiles.membership = members
    made.basis, made.recipe, made.choice, made.assignment = basis, recipe, choice, assignment
    return made


@pytest.fixture(scope="module")
def scored(segmentation: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = Study.from_segmentation(segmentation).write(tmp_path_factory.mktemp("scored") / "study")
    return Study.load(folder)


def test_the_customers_of_the_study_get_their_own_segments_again(scored: Study, segmentation: SimpleNamespace) -> None:
    scores = score(scored, segmentation.customers)
    pd.testing.assert_series_equal(
        scores["segment_id"], scored.customers["segment_id"], check_dtype=False, check_index_type=False
    )
    assert scores["confidence"].between(0, 1).all()
    assert scores.attrs["findings"] == ()


def test_a_customer_gets_the_same_segment_alone_as_in_company(scored: Study, segmentation: SimpleNamespace) -> None:
    everyone = score(scored, segmentation.customers)
    alone = score(scored, _with_frame(segmentation.customers, segmentation.customers.frame.iloc[[17]]))
    assert alone["segment_id"].tolist() == everyone["segment_id"].iloc[[17]].tolist()


def test_missing_features_are_named(scored: Study, segmentation: SimpleNamespace) -> None:
    name = scored.model.features[0]
    with pytest.raises(InputError, match="cannot be scored") as caught:
        score(scored, _with_frame(segmentation.customers, segmentation.customers.frame.drop(columns=name)))
    assert caught.value.found == f"Missing: {name}."


def test_text_in_place_of_a_number_is_refused(scored: Study, segmentation: SimpleNamespace) -> None:
    name = next(iter(scored.model.ranges))
    frame = segmentation.customers.frame.astype({name: object})
    frame[name] = "many"
    with pytest.raises(InputError, match=f"Column '{name}' holds text"):
        score(scored, _with_frame(segmentation.customers, frame))


def test_drift_is_told_when_more_than_one_customer_in_twenty_lies_outside(
    scored: Study, segmentation: SimpleNamespace
) -> None:
    name = next(iter(scored.model.ranges))
    frame = segmentation.customers.frame.copy()
    frame.iloc[:40, frame.columns.get_loc(name)] = scored.model.ranges[name][1] * 100
    assert name not in {
        finding.column for finding in drift(scored, _with_frame(segmentation.customers, frame.iloc[:0]))
    }
    frame.iloc[:60, frame.columns.get_loc(name)] = scored.model.ranges[name][1] * 100
    (finding,) = (found for found in drift(scored, _with_frame(segmentation.customers, frame)) if found.column == name)
    assert finding.code == "drift-range"
    assert 60 <= finding.count <= 60 + 0.01 * len(frame)


def _with_frame(customers: CustomerTable, frame: pd.DataFrame) -> CustomerTable:
    return dataclasses.replace(customers, frame=frame)
