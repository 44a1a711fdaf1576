"""What bootstrap stability costs, and why its fits do not start from the segments of the whole sample.

Two tables of 4,000 rows: five round groups whose nearest centres lie 2.5 standard deviations apart (12 columns), and a
single normal distribution (8 columns). For K-Means with 3 to 6 segments, ten pairs of bootstrap samples each:

- `fresh`: the fits as the product makes them, each from starts of its own;
- `warm`: started from the segments of the whole sample, as the cheap alternative would.

Mean adjusted Rand index of the pairs, and CPU seconds. Rerun with

    python benchmarks/stability.py

which takes about half a minute of one core and writes benchmarks/results/stability.json.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from scipy.spatial.distance import pdist
from threadpoolctl import threadpool_limits

from coterie.clustering.kernels.lloyd import lloyd, squared_distances
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.methods.kmeans import KMeans
from coterie.clustering.stability import Bootstraps
from coterie.clustering.table import from_matrix

NUMBERS = (3, 4, 5, 6)
PAIRS = 10
ROWS = 4_000
RESULTS = Path(__file__).parent / "results" / "stability.json"


def tables() -> dict[str, np.ndarray]:
    """The two tables."""
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(5, 12))
    centres *= 2.5 / pdist(centres).min()
    groups = centres[rng.integers(0, 5, ROWS)] + rng.normal(size=(ROWS, 12))
    cloud = rng.normal(size=(ROWS, 8)) * np.linspace(1.5, 0.5, 8)
    return {"five groups": groups / groups.std(axis=0), "one normal distribution": cloud}


def fresh(X: np.ndarray) -> list[float]:
    """Mean agreement of pairs, by number of segments, as the product measures it."""
    bootstraps = Bootstraps(from_matrix(X), smallest_share=0.0, seed=0)
    nobody = np.zeros(len(X), dtype=np.int64)
    return [bootstraps.stability("kmeans", {"k": k}, nobody, range(PAIRS)).mean for k in NUMBERS]


def warm(X: np.ndarray) -> list[float]:
    """The same where each fit starts from the centres found on the whole sample."""
    judged = X[: len(X) // 4]
    means = []
    for k in NUMBERS:
        centres = KMeans(k, random_state=0).fit(X).cluster_centers_
        agreement = []
        for pair in range(PAIRS):
            rng = np.random.default_rng([0, 2, pair])
            found = [lloyd(X[rng.integers(0, len(X), 1_000)], centres)[0] for _ in range(2)]
            agreement.append(adjusted_rand(*(squared_distances(judged, one).argmin(axis=1) for one in found)))
        means.append(float(np.mean(agreement)))
    return means


def main() -> None:
    """Measure and write."""
    results = {}
    with threadpool_limits(limits=1):
        for name, X in tables().items():
            for kind, measure in (("fresh", fresh), ("warm", warm)):
                begun = time.process_time()
                means = measure(X)
                seconds = time.process_time() - begun
                results[f"{name}, {kind}"] = {
                    "mean_adjusted_rand": {str(k): round(m, 3) for k, m in zip(NUMBERS, means, strict=True)},
                    "cpu_seconds": round(seconds, 2),
                }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
