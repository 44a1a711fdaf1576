"""Methods that a run's second process tries, while the run goes on reading: fed with plain arrays, told in labels.

They need nothing of what the other methods find. Whatever keeps the process from answering, or from beginning in time,
the methods are tried here: the trials are the same, it only takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.beside import BesideError, running
from coterie.clustering.graph import NeighbourGraph
from coterie.clustering.npy import from_npy, to_npy
from coterie.clustering.portfolio import Portfolio, Trial
from coterie.clustering.table import from_matrix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from typing import Any

    from coterie.beside import Message

#: Methods that label rows by their distances and neighbours alone, without a model to assign others by.
METHODS = ("genie", "spectral", "hdbscan", "dbscan")


class Away:
    """Methods that are being tried elsewhere.

    Parameters
    ----------
    asked : Future of Message
    """

    def __init__(self, asked: Future[Message]) -> None:
        self._asked = asked

    def trials(self) -> Mapping[str, list[Trial]]:
        """Wait for the trials of each method; nothing where they have not been begun by now, or did not come."""
        if self._asked.cancel():
            return {}
        try:
            header, blobs = self._asked.result()
            labels = from_npy(blobs[0]).astype(np.int64)
            found: dict[str, list[Trial]] = {method: [] for method in header["methods"]}
            for (method, parameters), each in zip(header["trials"], labels, strict=True):
                found[method].append(Trial(method, parameters, each))
        except (BesideError, ValueError, TypeError, KeyError):
            return {}
        return found


def ask_trials(graph: NeighbourGraph, ks: Sequence[int], methods: Sequence[str], seed: int) -> Away | None:
    """Ask the run's second process, if there is one, to try those of some methods that it can.

    Parameters
    ----------
    graph : NeighbourGraph, of the sample
    ks : numbers of clusters, rising
    methods, seed : as for the portfolio
    """
    second = running(__name__)
    wanted = [method for method in methods if method in METHODS]
    if second is None or not wanted:
        return None
    header = {"ks": list(ks), "methods": wanted, "seed": seed}
    return Away(second.call(__name__, header, [to_npy(graph.X), to_npy(graph.neighbours)]))


def answer(header: dict[str, Any], blobs: list[bytes]) -> Message:
    """Try the methods that another process asks for."""
    X, neighbours = (from_npy(blob) for blob in blobs)
    nothing = np.zeros(0)  # of the graph, these methods read the neighbours alone
    graph = NeighbourGraph(X, neighbours, nothing, nothing, nothing)
    portfolio = Portfolio(from_matrix(X), header["ks"], header["seed"], graph)
    with threadpool_limits(limits=1):
        trials = [trial for method in header["methods"] for trial in portfolio.trials(method)]
    labels = np.array([trial.labels for trial in trials], dtype=np.int16).reshape(len(trials), len(X))
    told = [(trial.method, trial.parameters) for trial in trials]
    return {"methods": header["methods"], "trials": told}, [to_npy(labels)]
