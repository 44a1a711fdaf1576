"""Two studies held against each other: who moved, what drifted, keep the model or make a new study."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.metrics import adjusted_rand_score

import coterie
from coterie.cli.main import main
from coterie.outputs import compare_studies, comparison_document, comparison_lines, render_comparison
from coterie.outputs.advice import KEEP, RENEW, alike_from
from coterie.outputs.comparing import agreement_of
from coterie.outputs.fates import KEPT, MERGED, RENAMED, SPLIT
from coterie.outputs.shifts import feature_shifts, stability_index

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.outputs import Study

CENTRES = np.array([[30.0, 20, 15], [55, 90, 20], [40, 55, 85]])
SIZES = (120, 100, 80)


def people(
    centres: np.ndarray = CENTRES, sizes: tuple[int, ...] = SIZES, *, seed: int = 1, first: int = 0
) -> pd.DataFrame:
    """Customers with an age, an income and a score, in round groups."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    values = centres[group] + rng.normal(0, 4, (len(group), 3))
    frame = pd.DataFrame(values.round(1), columns=["age", "income", "score"])
    frame.insert(0, "customer_id", [f"P{number:04d}" for number in range(first, first + len(group))])
    return frame


def studied(frame: pd.DataFrame, segments: int, **options: object) -> Study:
    return coterie.segment(customers=frame, segments=str(segments), holdout=False, method="kmeans", **options)


@pytest.fixture(scope="module")
def old() -> Study:
    return studied(people(), 3, title="January")


@pytest.fixture(scope="module")
def moved() -> pd.DataFrame:
    """The same customers, of whom thirty went from the first group to the second, measured a little otherwise."""
    centres = CENTRES.copy()
    frame = people(seed=2)
    frame.loc[:29, ["age", "income", "score"]] = people(centres[[1]], (30,), seed=3)[
        ["age", "income", "score"]
    ].to_numpy()
    return frame


@pytest.fixture(scope="module")
def again(moved: pd.DataFrame, old: Study) -> Study:
    return studied(moved, 3, title="April", like=old)


@pytest.fixture(scope="module")
def finer(moved: pd.DataFrame) -> Study:
    """A new study in which one group came apart, without knowing of the earlier one."""
    frame = moved.copy()
    frame.loc[220:249, "age"] += 45
    return studied(frame, 4, title="July")


def test_a_study_beside_itself_is_the_same_in_every_number(old: Study) -> None:
    found = compare_studies(old, old)
    assert found.advice.action == KEEP
    assert found.agreement.index == 1.0
    assert found.replaced.really_moved == 0.0
    assert {fate.word for fate in found.fates} == {KEPT}
    assert (found.in_both, found.appeared, found.gone) == (300, 0, 0)
    assert all(shift.psi == 0 and shift.word == "steady" for shift in found.shifts)


def test_customers_who_moved_are_counted_and_the_model_is_kept(old: Study, again: Study) -> None:
    found = compare_studies(old, again)
    assert found.advice.action == KEEP, found.advice
    assert found.replaced.agreement.index > 0.95
    assert found.replaced.really_moved == pytest.approx(0.1, abs=0.02)
    went = found.moved[found.moved["from_segment_id"] != found.moved["to_segment_id"]]
    assert went["customers"].sum() == pytest.approx(30, abs=5)
    assert found.moved["customers"].sum() == 300
    assert found.moved.groupby("from_segment_id")["share_of_from"].sum().to_numpy() == pytest.approx(1.0)


def test_a_segment_that_came_apart_is_told_and_the_new_study_is_recommended(old: Study, finer: Study) -> None:
    found = compare_studies(old, finer)
    assert found.advice.action == RENEW, found.advice
    words = [fate.word for fate in found.fates]
    assert words.count(SPLIT) == 1
    back = compare_studies(finer, old)
    assert [fate.word for fate in back.fates].count(MERGED) == 1
    split = next(fate for fate in found.fates if fate.word == SPLIT)
    assert split.before is not None
    assert split.after is not None
    assert split.before[1] in split.sentence
    assert "97 %" in split.sentence


def test_segments_are_matched_by_their_people_whatever_their_numbers_and_names(old: Study) -> None:
    other = {1: 7, 2: 9, 3: 4}
    segments = tuple(
        replace(segment, segment_id=other[segment.segment_id], name=f"Group {segment.segment_id}")
        for segment in old.profiled
    )
    customers = old.customers.assign(segment_id=old.customers["segment_id"].map(other))
    renamed = replace(old, profiled=segments, customers=customers)
    found = compare_studies(old, renamed)
    assert {fate.word for fate in found.fates} == {RENAMED}
    assert {fate.before[0]: fate.after[0] for fate in found.fates if fate.before and fate.after} == other
    assert found.agreement.index == 1.0


def test_customers_of_one_study_only_are_counted_apart(old: Study) -> None:
    part = replace(old, customers=old.customers.iloc[40:])
    found = compare_studies(old, part)
    assert (found.in_both, found.appeared, found.gone) == (260, 0, 40)
    assert found.moved.loc[found.moved["to_segment_id"] == 0, "customers"].sum() == 40
    back = compare_studies(part, old)
    assert (back.appeared, back.gone) == (40, 0)


def test_studies_of_other_people_are_said_to_be_so_and_still_compared_by_the_model(old: Study) -> None:
    strangers = replace(old, customers=old.customers.set_axis([f"Q{n}" for n in range(300)], axis=0))
    found = compare_studies(old, strangers)
    assert found.in_both == 0
    assert np.isnan(found.agreement.index)
    assert found.replaced.agreement.index == 1.0
    assert any("No customer is in both" in line for line in comparison_lines(found))
    assert json.loads(json.dumps(comparison_document(found), allow_nan=False))["agreement"]["index"] is None


def test_a_model_that_lacks_a_column_cannot_be_kept(old: Study) -> None:
    features = {name: feature for name, feature in old.features.items() if name != "income"}
    lacking = replace(old, manifest=dict(old.manifest) | {"features": []})
    object.__setattr__(lacking, "features", features)
    found = compare_studies(old, lacking)
    assert found.advice.action == RENEW
    assert "income" in found.advice.reasons[0]
    assert np.isnan(found.replaced.really_moved)


def test_a_drift_is_told_in_plain_units_and_chance_is_no_drift(old: Study, again: Study) -> None:
    steady = {shift.feature.name: shift for shift in feature_shifts(old, again)}
    assert steady["age"].word == "steady"
    richer = replace(old, customers=old.customers.assign(income=old.customers["income"] + 25))
    drift = {shift.feature.name: shift for shift in feature_shifts(old, richer)}
    assert drift["income"].word == "moved far"
    assert drift["income"].after - drift["income"].before == pytest.approx(25)
    assert drift["age"].psi == 0
    assert next(iter(drift)) == "income"


def test_unknown_values_are_told_apart_from_values_that_moved(old: Study) -> None:
    holes = old.customers["income"].where(np.arange(300) % 3 > 0)
    (shift,) = (each for each in feature_shifts(old, replace(old, customers=old.customers.assign(income=holes)))
                if each.feature.name == "income")  # fmt: skip
    assert shift.word == "steady"
    assert shift.known == (1.0, pytest.approx(2 / 3))


def test_the_stability_index_is_the_published_sum_and_its_chance_level_holds() -> None:
    before, after = np.array([400, 300, 300]), np.array([300, 300, 400])
    p, q = (before + 0.5) / 1001.5, (after + 0.5) / 1001.5
    assert stability_index(before, after)[0] == pytest.approx(((q - p) * np.log(q / p)).sum())
    rng = np.random.default_rng(4)
    share = np.full(10, 0.1)
    beyond = [
        index > chance
        for index, chance in (
            stability_index(rng.multinomial(400, share), rng.multinomial(900, share)) for _ in range(1_000)
        )
    ]
    assert np.mean(beyond) == pytest.approx(0.05, abs=0.02)
    assert stability_index(np.array([10, 0]), np.array([0, 10]))[0] < np.inf


@pytest.mark.parametrize("seed", range(5))
def test_agreement_is_scikit_learns_adjusted_rand_index(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(1, 5, 200), rng.integers(3, 9, 200)
    other[:120] = one[:120]
    assert agreement_of(one, other).index == pytest.approx(adjusted_rand_score(one, other))


def test_agreement_of_one_group_with_itself_says_nothing() -> None:
    assert np.isnan(agreement_of(np.ones(5, int), np.ones(5, int)).index)
    assert np.isnan(agreement_of(np.ones(1, int), np.ones(1, int)).index)
    assert agreement_of(np.ones(6, int), np.array([1, 1, 1, 2, 2, 2])).index == 0.0


def test_agreement_of_a_few_customers_who_are_each_alone_in_both_says_nothing() -> None:
    assert np.isnan(agreement_of(np.array([1, 2]), np.array([2, 1])).index)
    assert agreement_of(np.array([1, 2, 3]), np.ones(3, int)).index == 0.0


def test_the_limit_is_what_two_samples_of_the_same_customers_reach(old: Study, again: Study) -> None:
    draws = [
        table[table["n_segments"] == 3]["adjusted_rand"] for table in (s.tables["stability"] for s in (old, again))
    ]
    assert min(np.quantile(each, 0.1) for each in draws) > 0.9
    assert alike_from(old, again) == 0.9
    shaky = old.tables["stability"].assign(adjusted_rand=lambda table: table["adjusted_rand"] - 0.3)
    less_sure = replace(old, tables=dict(old.tables) | {"stability": shaky})
    assert alike_from(less_sure, again) == pytest.approx(np.quantile(draws[0] - 0.3, 0.1))
    empty = replace(old, tables=dict(old.tables) | {"stability": old.tables["stability"].iloc[:0]})
    assert alike_from(empty, empty) == 0.8


def test_no_customer_is_named_on_the_page_or_in_the_lines(old: Study, finer: Study) -> None:
    found = compare_studies(old, finer)
    page = render_comparison(found)
    text = page + "\n".join(comparison_lines(found)) + json.dumps(comparison_document(found))
    assert not re.search(r"\bP0\d{3}\b", text)
    assert "<script" not in page
    assert "What became of the segments" in page


def test_the_command_tells_it_writes_a_page_and_gives_a_document(old: Study, again: Study, tmp_path: Path) -> None:
    folders = [str(study.write(tmp_path / name)) for study, name in ((old, "old"), (again, "new"))]
    page = tmp_path / "comparison.html"
    told = CliRunner().invoke(main, ["compare", *folders, "--out", str(page)])
    assert told.exit_code == 0, told.output
    assert "Keep the earlier model" in told.output
    assert "Two studies compared" in page.read_text()
    document = json.loads(CliRunner().invoke(main, ["compare", *folders, "--json"]).stdout)
    assert document["advice"]["action"] == "keep the model"
    assert document["customers"] == {"in_both": 300, "only_new": 0, "only_old": 0}
    wrong = CliRunner().invoke(main, ["compare", folders[0], str(tmp_path / "nowhere")])
    assert wrong.exit_code == 2
