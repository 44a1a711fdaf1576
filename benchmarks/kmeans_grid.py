"""K-Means over numbers of clusters, starts and bootstrap samples, against the same grid written as scikit-learn loops.

Run `python benchmarks/kmeans_grid.py [--quick]`; writes `results/kmeans_grid.json`. 20,000 rows in 12 columns from six
overlapping groups, k = 2..12, ten starts, twenty bootstrap samples of 20,000 rows, one thread, in the same run.

The scikit-learn loop: for each k, `KMeans(k, n_init=10).fit(X)`; then for each of the twenty samples
`KMeans(k, n_init=1).fit(X[drawn])`, `predict(X)`, and `adjusted_rand_score` with the labels of the first fit. All
other options as scikit-learn has them. CPU seconds are user and system time of the process; the seconds to import each
library are counted beside them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering.kernels.kmeans_grid import KMeansFit, kmeans_grid

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = Path(__file__).parent / "results" / "kmeans_grid.json"
KS = range(2, 13)
STARTS, BOOTSTRAPS = 10, 20


def six_groups(n: int, d: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(6, d))[rng.integers(0, 6, n)] * 1.2 + rng.normal(size=(n, d))
    return np.asarray((X - X.mean(axis=0)) / X.std(axis=0))


def peer(X: np.ndarray) -> dict[int, tuple[float, float]]:
    """Inertia and mean stability for each k, by loops."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    found = {}
    rng = np.random.default_rng(1)
    for k in KS:
        model = KMeans(k, n_init=STARTS, random_state=0).fit(X)
        agreement = []
        for b in range(BOOTSTRAPS):
            again = KMeans(k, n_init=1, random_state=b).fit(X[rng.integers(0, len(X), len(X))])
            agreement.append(adjusted_rand_score(model.labels_, again.predict(X)))
        found[k] = (float(model.inertia_), float(np.mean(agreement)))
    return found


def ours(X: np.ndarray) -> dict[int, tuple[float, float]]:
    fits: dict[int, KMeansFit] = kmeans_grid(X, list(KS), n_init=STARTS, bootstraps=BOOTSTRAPS)
    return {k: (fit.inertia, float(fit.stability.mean())) for k, fit in fits.items()}


def timed(
    work: Callable[[np.ndarray], dict[int, tuple[float, float]]], X: np.ndarray, rounds: int
) -> dict[str, object]:
    """Least CPU and wall seconds of some rounds, and what was found."""
    cpu, wall = [], []
    for _ in range(rounds):
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        found = work(X)
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        wall.append(time.perf_counter() - start)
    return {"cpu_seconds": round(min(cpu), 3), "wall_seconds": round(min(wall), 3), "found": found}


def import_seconds(statement: str) -> float:
    code = f"import time; import numpy; t = time.process_time(); {statement}; print(time.process_time() - t)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return round(float(done.stdout), 3)


def compared(n: int, rounds: int, seed: int) -> dict[str, object]:
    X = six_groups(n, 12, seed)
    with threadpool_limits(1):
        ours(X[:2_000])
        peer(X[:500])  # both warm: imports are counted apart
        a, b = timed(ours, X, rounds), timed(peer, X, rounds)
    mine, theirs = a.pop("found"), b.pop("found")
    return {
        "seed": seed,
        "coterie": a,
        "scikit_learn_loops": b,
        "times_less_cpu": round(b["cpu_seconds"] / a["cpu_seconds"], 2),  # type: ignore[operator]
        "inertia_ratio": {k: round(mine[k][0] / theirs[k][0], 6) for k in KS},  # type: ignore[index]
        "stability": {k: [round(mine[k][1], 3), round(theirs[k][1], 3)] for k in KS},  # type: ignore[index]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 rows, one round, nothing written")
    quick = parser.parse_args().quick
    n, rounds, seeds = (2_000, 1, (0,)) if quick else (20_000, 2, (0, 1, 2))
    report = {
        "rows": n,
        "columns": 12,
        "import_cpu_seconds": {
            "coterie": import_seconds("import coterie.clustering.kernels.kmeans_grid"),
            "scikit_learn": import_seconds("import sklearn.cluster, sklearn.metrics"),
        },
        "runs": [compared(n, rounds, seed) for seed in seeds],
    }
    text = json.dumps(report, indent=1)
    if not quick:
        RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
