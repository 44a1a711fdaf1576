from __future__ import annotations

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
        assert second.calls_answered == 1
    assert found == beside._here(cloud, 19, 0)


def test_without_an_answer_the_test_is_made_here_and_says_so(cloud: np.ndarray) -> None:
    with SecondProcess(["coterie.clustering.beside", "coterie.no_such_module"]), ThreadPoolExecutor(1) as executor:
        found = beside.begin_test(executor, cloud, 19, 0).result()
    assert "second process" in found.note
    assert replace(found, note="") == beside._here(cloud, 19, 0)
