"""Methods that the second process tries, held against those that are tried here."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
import pytest

from coterie.beside import BesideError, Message, SecondProcess
from coterie.clustering import Search, away
from coterie.clustering.graph import neighbour_graph
from coterie.clustering.npy import to_npy
from coterie.clustering.portfolio import Portfolio
from coterie.clustering.table import from_matrix
from coterie.config import SearchSettings


@pytest.fixture(scope="module")
def cloud() -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(size=(260, 3)) + rng.integers(0, 3, 260)[:, None] * 3.0


def test_trials_of_the_second_process_are_those_that_are_made_here(cloud: np.ndarray) -> None:
    graph = neighbour_graph(cloud, seed=0)
    with SecondProcess(["coterie.clustering.away"]):
        asked = away.ask_trials(graph, [2, 3, 4], ["kmeans", *away.METHODS], 0)
        assert asked is not None
        while not asked._asked.running() and not asked._asked.done():
            pass  # what has not begun would be taken back
        there = asked.trials()
    here = Portfolio(from_matrix(cloud), [2, 3, 4], 0, graph)
    assert list(there) == list(away.METHODS)
    for method, found in there.items():
        expected = here.trials(method)
        assert [trial.parameters for trial in found] == [trial.parameters for trial in expected]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one.labels, other.labels)


@pytest.mark.parametrize("how", ["not begun", "failed", "broken"])
def test_what_does_not_come_is_left_to_be_tried_here(how: str) -> None:
    asked: Future[Message] = Future()
    if how != "not begun":
        asked.set_running_or_notify_cancel()
    if how == "failed":
        asked.set_exception(BesideError("gone"))
    if how == "broken":
        asked.set_result(({"methods": ["genie"], "trials": [["spectral", {}]]}, [to_npy(np.zeros((1, 3)))]))
    assert away.Away(asked).trials() == {}


def test_a_search_finds_the_same_with_and_without_the_second_process(cloud: np.ndarray) -> None:
    rows, settings = from_matrix(cloud), SearchSettings(max_segments=4, bootstraps=5)
    alone = Search(rows, settings, assess=False).run()
    with SecondProcess(["coterie.clustering.away", "coterie.clustering.beside"]) as second:
        together = Search(rows, settings, assess=False).begin().run()
        assert second.calls_answered <= 1
    assert together.candidates == alone.candidates
    assert together.assigner.to_dict() == alone.assigner.to_dict()
