from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from coterie.beside import SecondProcess
from coterie.clustering import beside


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
        second.call(
            "coterie.clustering.beside", {"seed": 0, "part": [0, 1]}, [beside._npy(cloud)]
        ).result()  # is loaded
        asked = beside.ask_test(halves, 39, 0)
        assert asked is not None
        until = time.monotonic() + 30
        while second.calls_answered < 3 and time.monotonic() < until:
            time.sleep(0.001)
        found = asked()
        assert 3 <= second.calls_answered < 1 + 39 / beside._AT_ONCE, "some references were drawn here"
    assert found == beside._here(halves, 39, 0)


def test_a_process_that_ends_in_the_middle_is_made_up_for(cloud: np.ndarray) -> None:
    halves = np.vstack([cloud - 3, cloud + 3])
    with SecondProcess(["coterie.clustering.beside"]) as second:
        asked = beside.ask_test(halves, 39, 0)
        assert asked is not None
        second._process.kill()
        found = asked()
    assert replace(found, note="") == beside._here(halves, 39, 0)
