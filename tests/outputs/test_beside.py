from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from coterie.beside import SecondProcess
from coterie.errors import StudyError
from coterie.outputs.charts import NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.outputs import Study

DRAWING = ["coterie.outputs.charts.drawing"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_study_is_the_same_whether_a_second_process_draws_or_not(study: Study, tmp_path: Path) -> None:
    alone = dataclasses.replace(study).write(tmp_path / "alone")
    with SecondProcess(DRAWING) as second:
        beside = dataclasses.replace(study).write(tmp_path / "beside", second=second)
        assert second.calls_answered >= 1
    assert contents(beside) == contents(alone)


def test_of_many_customers_the_second_process_draws_what_needs_none_of_them(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = dataclasses.replace(study).write(tmp_path / "alone")
    monkeypatch.setattr("coterie.outputs.charts.beside.MOST_CUSTOMERS", 1)
    with SecondProcess(DRAWING) as second:
        beside = dataclasses.replace(study).write(tmp_path / "beside", second=second)
        assert second.calls_answered >= 1
    assert contents(beside) == contents(alone)


def test_charts_are_drawn_here_where_the_second_process_fails(study: Study, tmp_path: Path) -> None:
    with SecondProcess(["coterie.no_such_module"]) as second:
        folder = dataclasses.replace(study).write(tmp_path / "failed", second=second)
    assert (folder / "charts" / "segment_sizes.png").read_bytes()[:4] == b"\x89PNG"
    assert (folder / "report.html").is_file()


def test_a_disk_that_fails_while_charts_are_drawn_leaves_nothing(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coterie.outputs.writing._put_lists", full)
    with SecondProcess(DRAWING) as second, pytest.raises(StudyError, match="No space left"):
        dataclasses.replace(study).write(tmp_path / "full", second=second)
    assert list(tmp_path.iterdir()) == []


class Told:
    """Keeps how far the drawing was told to be."""

    def __init__(self) -> None:
        self.fractions: list[float] = []

    def stage(self, title: str) -> None:
        raise AssertionError(title)

    def advance(self, fraction: float) -> None:
        self.fractions.append(fraction)


@pytest.mark.parametrize("beside", [False, True])
def test_each_chart_is_told_to_the_progress(study: Study, tmp_path: Path, beside: bool) -> None:
    told = Told()
    with SecondProcess(DRAWING) if beside else nullcontext() as second:
        dataclasses.replace(study).write(tmp_path / "told", second=second, progress=told)
    assert len(told.fractions) == len(NAMES)
    assert told.fractions == sorted(told.fractions)
    assert told.fractions[0] > 0
    assert 0.9 < told.fractions[-1] < 1
