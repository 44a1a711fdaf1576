"""CPU seconds of the whole choice, without the verdict, and of its parts.

Run `python benchmarks/choice_cost.py [ROWS] [COLUMNS]`; writes `results/choice_cost.json`. One thread, best of three.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering.graph import neighbour_graph
from coterie.clustering.portfolio import Portfolio
from coterie.clustering.selection import score_trials
from coterie.clustering.table import from_matrix
from coterie.config import SearchSettings

RESULTS = Path(__file__).parent / "results" / "choice_cost.json"
METHODS = ("ward", "kmeans", "gaussian_mixture", "genie", "spectral", "mode_seeking", "hdbscan", "dbscan")


def six_groups(n: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, d))[rng.integers(0, 6, n)] * 1.2 + rng.normal(size=(n, d))
    return np.asarray((X - X.mean(axis=0)) / X.std(axis=0))


def seconds_of_parts(X: np.ndarray) -> dict[str, float]:
    parts = {}
    start = time.process_time()
    graph = neighbour_graph(X)
    portfolio = Portfolio(from_matrix(X), range(2, 13), 0, graph)
    parts["neighbour graph"] = time.process_time() - start
    trials = []
    for method in METHODS:
        start = time.process_time()
        trials += portfolio.trials(method)
        parts[method] = time.process_time() - start
    start = time.process_time()
    score_trials(graph, trials, SearchSettings())
    parts["criteria and score"] = time.process_time() - start
    parts["all"] = sum(parts.values())
    parts["candidates"] = len(trials)
    return {name: round(value, 2) for name, value in parts.items()}


def main() -> None:
    n, d = (int(value) for value in (*sys.argv[1:3], *("4000", "12")[len(sys.argv) - 1 :]))
    X = six_groups(n, d)
    with threadpool_limits(1):
        runs = [seconds_of_parts(X) for _ in range(3)]
    report = {"rows": n, "columns": d, "cpu_seconds": min(runs, key=lambda run: run["all"])}
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
