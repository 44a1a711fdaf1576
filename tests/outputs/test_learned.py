"""What a measured campaign taught reaches the next study."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coterie.campaigns import STOP, Costs
from coterie.config import SourcesSettings
from coterie.errors import StudyError
from coterie.outputs.learned import beside, learned_for, read_learned
from coterie.outputs.plan import PlanOptions, load_plan, make_plan, write_plan
from coterie.outputs.results import measure_plan, write_results
from outputs.test_plan import answers

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.outputs import Study

DEAR = Costs(margin=0.4, contact=3.0)


@pytest.fixture
def planned(study: Study, tmp_path: Path) -> tuple[Study, Path]:
    """A study in a folder, and its plan where `coterie plan` puts it."""
    keyed = tuple(replace(one, play=replace(one.play, key="loyal")) for one in study.profiled)
    copy = replace(study, profiled=keyed, folder=tmp_path / "study")
    made = make_plan(copy, PlanOptions(DEAR, baseline=0.2, order_value=40.0, share=0.3))
    return copy, write_plan(made, tmp_path / "study-plan")


def measured(plan: Path, out: Path) -> Path:
    read = load_plan(plan)
    return write_results(measure_plan(read, answers(read, 0.2, -0.1), SourcesSettings(), {}), out)


def test_measuring_keeps_beside_the_plan_what_each_segment_taught(planned: tuple[Study, Path], tmp_path: Path) -> None:
    study, plan = planned
    before = sorted(path.name for path in plan.rglob("*"))
    out = measured(plan, tmp_path / "results")
    found = read_learned(beside(plan))
    assert read_learned(out) == found
    assert {test.segment_id for test in found} == {one.segment_id for one in study.profiled}
    assert {(test.play, test.title) for test in found} == {
        ("loyal", one.play.title) for one in study.profiled if one.play
    }
    assert STOP in {test.verdict for test in found}
    assert all(test.sentence for test in found)
    assert sorted(path.name for path in plan.rglob("*")) == before, "a plan stays as it was fixed beforehand"
    load_plan(plan)


def test_the_next_study_finds_it_beside_the_earlier_one_or_by_name(planned: tuple[Study, Path], tmp_path: Path) -> None:
    study, plan = planned
    assert learned_for(study, []) == ()
    out = measured(plan, tmp_path / "results")
    found = learned_for(study, [])
    assert len(found) == len(study.profiled)
    assert all(test.is_of_earlier for test in found)
    assert [test.is_of_earlier for test in learned_for(None, [out])] == [False] * len(found)


def test_what_an_earlier_study_had_learned_is_not_lost(planned: tuple[Study, Path]) -> None:
    study, plan = planned
    measured(plan, plan.with_name("results"))
    entries = json.loads(beside(plan).read_text())["tests"]
    later = replace(study, manifest={**study.manifest, "learned": entries}, folder=None)
    assert learned_for(later, []) == learned_for(study, [])


def test_results_without_a_plan_of_ours_teach_nothing(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"sentences": []}')
    with pytest.raises(StudyError, match="measure PLAN RESULTS"):
        read_learned(tmp_path)
    with pytest.raises(StudyError, match="cannot be read"):
        read_learned(tmp_path / "gone")
