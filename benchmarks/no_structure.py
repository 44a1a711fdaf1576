"""How often segments are called natural where there are none, and where there are some.

Run `python benchmarks/no_structure.py [--rows FILE] [--first-seed N] [--sets null|planted|all] [--only-report]`; writes
`results/no_structure.json`. Each set is one line appended to FILE, and sets that stand there are not computed again, so
that a run can be interrupted; `sets` in the results says how many there were. 200 sets without groups (five families,
200 to 20,000 rows, 2 to 10 columns) and 40 with planted groups (2,000 rows, 2 and 5 columns). On sets without groups
the whole search, which gives the stability, runs only where the structure test finds dense groups: elsewhere the word
cannot be `natural`. About 10 CPU minutes; one thread.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import norm, skew
from threadpoolctl import threadpool_limits

from coterie.clustering.segmenter import AutoSegmenter
from coterie.clustering.structure import structure_test
from coterie.clustering.verdict import REPRODUCIBLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RESULTS = Path(__file__).parent / "results" / "no_structure.json"
DRAWS = 39
SAMPLE = 4_000  # rows that the search sees

NULL_SIZES, NULL_COLUMNS, NULL_REPEATS = (200, 600, 2_000, 20_000), (2, 3, 5, 7, 10), 2
PLANTED_SIZE, PLANTED_COLUMNS, PLANTED_REPEATS = 2_000, (2, 5), 10


def correlated(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Standard normal columns with random correlations."""
    mix = rng.normal(size=(d, max(1, d // 2)))
    covariance = mix @ mix.T + np.eye(d)
    scale = np.sqrt(np.diag(covariance))
    return rng.multivariate_normal(np.zeros(d), covariance / np.outer(scale, scale), size=n, method="cholesky")


def gaussian(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    return correlated(n, d, rng)


def uniform(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(size=(n, d))


def purchases(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Log-normal money, counts from one on, days since the last order; dependent, without groups."""
    z = correlated(n, d, rng)
    makers: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
        lambda x: np.round(np.exp(3.5 + 1.1 * x), 2),
        lambda x: np.floor(np.exp(0.9 * x + 1)) + 1,
        lambda x: np.floor(-90 * np.log(norm.sf(x))),
        lambda x: np.round(np.exp(3.0 + 0.6 * x), 2),
    )
    return np.column_stack([makers[j % len(makers)](z[:, j]) for j in range(d)])


def banana(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """One bent ridge: the second column, and each further even one, follows the square of the one before."""
    X = rng.normal(size=(n, d))
    for j in range(1, d, 2):
        X[:, j] += X[:, j - 1] ** 2 - 1
    return X


def heavy_tails(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Student's t with three degrees of freedom: all columns of a row are large together."""
    return correlated(n, d, rng) / np.sqrt(rng.chisquare(3, size=(n, 1)) / 3)


def blobs(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Four round normal groups whose nearest centres lie four standard deviations apart."""
    centres = rng.normal(size=(4, d))
    centres *= 4 / pdist(centres).min()
    return centres[rng.integers(0, 4, n)] + rng.normal(size=(n, d))


def log_normal(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Four groups of log-normal amounts, the second column a count; the logarithms lie as in `blobs`."""
    points = blobs(n, d, rng)
    X = np.exp(0.9 * (points - points.mean(axis=0)) / points.std(axis=0))
    X[:, 1] = np.floor(8 * X[:, 1])
    return np.asarray(X)


NULLS = (gaussian, uniform, purchases, banana, heavy_tails)
PLANTED = (blobs, log_normal)


def prepared(X: np.ndarray) -> np.ndarray:
    """Logarithms of skewed amounts, all columns standardised, rows in the order of the search."""
    X = X.copy()
    for j in range(X.shape[1]):
        if X[:, j].min() >= 0 and skew(X[:, j]) > 1:
            X[:, j] = np.log1p(X[:, j] / max(np.median(X[:, j]), 1.0))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X[np.lexsort(X.T[::-1])] + 0.0


def sets(kind: str, first_seed: int) -> Iterator[tuple[str, Callable[..., np.ndarray], int, int, int]]:
    """Name, maker, rows, columns and seed of each set."""
    if kind == "null":
        makers, sizes, columns, repeats = NULLS, NULL_SIZES, NULL_COLUMNS, NULL_REPEATS
    else:
        makers, sizes, columns, repeats = PLANTED, (PLANTED_SIZE,), PLANTED_COLUMNS, PLANTED_REPEATS
    for seed in range(first_seed, first_seed + repeats):
        for n, d in product(sizes, columns):
            for family, maker in enumerate(makers):
                yield f"{kind} {maker.__name__} {n} x {d}, {seed}", maker, n, d, seed * 10 + family


def searched(X: np.ndarray) -> dict[str, Any]:
    """Run the whole search for its verdict."""
    begun = time.process_time()
    found = AutoSegmenter(null_draws=DRAWS).fit(X)
    verdict = found.verdict_
    return {
        "word": verdict.word.value,
        "natural": verdict.word.value == "natural",
        "stability": round(verdict.stability, 3),
        "segments": found.n_clusters_,
        "p": verdict.p_value,
        "z": {name: round(z, 2) for name, z in verdict.evidence.items()},
        "cpu_seconds": round(time.process_time() - begun, 2),
    }


def tested(X: np.ndarray) -> dict[str, Any]:
    """Test the rows that the search would see; where they show dense groups, run the search for the verdict."""
    rng = np.random.default_rng([0, 0])  # the draw of a search with seed 0
    rows = np.arange(len(X)) if len(X) <= SAMPLE else np.sort(rng.choice(len(X), SAMPLE, replace=False))
    begun = time.process_time()
    test = structure_test(X[rows], DRAWS, seed=0)
    found: dict[str, Any] = {
        "natural": False,
        "dense_groups": test.dense_groups,
        "p": test.p_value,
        "z": {name: round(z, 2) for name, z in test.z.items()},
        "cpu_seconds": round(time.process_time() - begun, 2),
    }
    return found | searched(X) if test.dense_groups else found


def run(kind: str, first_seed: int, path: Path, *, only_report: bool) -> list[dict[str, Any]]:
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {row["set"]: row for row in known}
    wanted = list(sets(kind, first_seed))
    for name, maker, n, d, seed in wanted:
        if name not in done and not only_report:
            X = prepared(maker(n, d, np.random.default_rng([seed, n, d])))
            judged = tested(X) if kind == "null" else searched(X)
            done[name] = {"set": name, "family": maker.__name__, "columns": d} | judged
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done[name]) + "\n")
            print(done[name], flush=True)
    return [done[name] for name, *_ in wanted if name in done]


def share(rows: list[dict[str, Any]], of: Callable[[dict[str, Any]], bool]) -> float:
    return round(float(np.mean([of(row) for row in rows])), 3)


def natural(row: dict[str, Any]) -> bool:
    return bool(row["natural"])


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["family"], []).append(row)
    return {
        "sets": len(rows),
        "natural": share(rows, natural),
        "natural_by_family": {name: share(part, natural) for name, part in groups.items()},
        "dense_groups": share(rows, lambda row: row.get("dense_groups", row["natural"])),
        "departs": share(rows, lambda row: row["p"] <= 0.05),
        "departs_by_family": {name: share(part, lambda row: row["p"] <= 0.05) for name, part in groups.items()},
        "cpu_seconds_mean": round(float(np.mean([row["cpu_seconds"] for row in rows])), 2),
        "unexpected": [row for row in rows if row["natural"] != row["set"].startswith("planted")],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=Path(tempfile.gettempdir()) / "no_structure.jsonl")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--sets", choices=("null", "planted", "all"), default="all")
    parser.add_argument("--only-report", action="store_true", help="compute nothing, sum up what stands in FILE")
    options = parser.parse_args()
    kinds = ("planted", "null") if options.sets == "all" else (options.sets,)
    with threadpool_limits(limits=1):
        found = {kind: run(kind, options.first_seed, options.rows, only_report=options.only_report) for kind in kinds}
    report = {kind: summary(rows) for kind, rows in found.items() if rows}
    print(json.dumps(report, indent=1))
    if options.sets == "all":
        what = f"share of sets called natural (dense groups and stability of {REPRODUCIBLE} or more); {DRAWS} draws"
        RESULTS.write_text(json.dumps({"what": what} | report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
