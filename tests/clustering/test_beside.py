from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from coterie.beside import BesideError, Message, SecondProcess
from coterie.clustering import beside
from coterie.clustering.npy import to_npy
from coterie.clustering.structure import ParametricBootstrap, settled


@pytest.fixture(scope="module")
def cloud() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(120, 2))


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "cores", lambda: 2)


def test_the_second_process_of_a_run_gives_the_same_test(cloud: np.ndarray) -> None:
    with SecondProcess(["coterie.clustering.beside"]) as second, ThreadPoolExecutor(1) as executor:
        found = beside.begin_test(executor, cloud, 19, 0).result()
        assert second.calls_answered
    assert found == beside._here(cloud, 19, 0)


def test_without_an_answer_the_test_is_made_here_and_says_so(cloud: np.ndarray) -> None:
    with SecondProcess(["coterie.clustering.beside", "coterie.no_such_module"]), ThreadPoolExecutor(1) as executor:
        found = beside.begin_test(executor, cloud, 19, 0).result()
    assert "second process" in found.note
    assert replace(found, note="") == beside._here(cloud, 19, 0)


def test_both_processes_draw_and_the_test_is_the_same(cloud: np.ndarray) -> None:
    halves = np.vstack([cloud - 3, cloud + 3])  # a departure: every reference counts
    with SecondProcess(["coterie.clustering.beside"]) as second:
        second.call("coterie.clustering.beside", {"seed": 0, "part": [0, 1]}, [to_npy(cloud)]).result()  # is loaded
        asked = beside.ask_test(halves, 39, 0)
        assert asked is not None
        _answered(second, 3)
        found = asked()
        assert second.calls_answered >= 3
    assert found == beside._here(halves, 39, 0)


def test_a_process_that_ends_in_the_middle_is_made_up_for(cloud: np.ndarray) -> None:
    halves = np.vstack([cloud - 3, cloud + 3])
    with SecondProcess(["coterie.clustering.beside"]) as second:
        asked = beside.ask_test(halves, 39, 0)
        assert asked is not None
        _answered(second, 2)
        second.start().kill()
        found = asked()
    assert "second process" in found.note
    assert replace(found, note="") == beside._here(halves, 39, 0)


class _Broken:
    """A second process that failed with the first call and has not come to the others."""

    def __init__(self) -> None:
        self.calls = 0

    def call(self, *_: object) -> Future[Message]:
        self.calls += 1
        asked: Future[Message] = Future()
        if self.calls == 1:
            asked.set_running_or_notify_cancel()
            asked.set_exception(BesideError("gone"))
        return asked


def test_where_the_first_references_are_lost_no_others_are_drawn_in_vain(
    cloud: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    reference = ParametricBootstrap.reference

    def counted(self: ParametricBootstrap, number: int) -> np.ndarray:
        drawn.append(number)
        return reference(self, number)

    monkeypatch.setattr(ParametricBootstrap, "reference", counted)
    monkeypatch.setattr(beside, "running", lambda _: _Broken())
    asked = beside.ask_test(cloud, 199, 0)
    assert asked is not None
    found = asked()
    assert drawn == list(range(len(drawn)))
    assert len(drawn) < 199
    assert replace(found, note="") == beside._here(cloud, 199, 0)


def test_no_reference_is_drawn_that_cannot_matter(cloud: np.ndarray) -> None:
    first = beside.answer({"seed": 0, "part": [0, 100]}, [to_npy(cloud)])[0]["drawn"]
    assert len(first) < 100
    assert settled(ParametricBootstrap(cloud, 0).observed, [np.array(row) for row in first])
    assert beside.answer({"seed": 0, "part": [100, 103]}, [])[0]["drawn"] == []


def _answered(second: SecondProcess, calls: int) -> None:
    """Wait until so many calls have been answered."""
    until = time.monotonic() + 60
    while second.calls_answered < calls:
        assert time.monotonic() < until
        time.sleep(0.001)
