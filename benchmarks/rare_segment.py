"""A rare group of 0.5 % planted among five million customers: how often it is found, and what the search costs.

Run `python benchmarks/rare_segment.py [--quick]`; writes `results/rare_segment.json`. Six normal groups of uneven size
and shape in twelve columns; the rare group, of spread 0.6, lies six standard deviations from the centre of one of
them, in a direction drawn at random (at 100,000 customers five as well). Settings are the defaults, without the
verdict. Recall and precision of the segment that is most like the group, over all customers; CPU seconds of the search
and of placing everyone; what the search costs at 100,000 customers beside it; five seeds.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np

from coterie.clustering.segment_search import Search, search
from coterie.clustering.table import from_matrix
from coterie.config import SearchSettings

RESULTS = Path(__file__).parent / "results" / "rare_segment.json"
SHARE = 0.005
GROUPS, COLUMNS = 6, 12


def customers(n: int, gap: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Standardised rows of shape (n, COLUMNS), and which belong to the rare group; made in parts."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(GROUPS, COLUMNS)) * 2
    shapes = np.eye(COLUMNS) * 0.7 + rng.normal(size=(GROUPS, COLUMNS, COLUMNS)) * 0.2
    sizes = rng.dirichlet(np.full(GROUPS, 4.0))
    way = rng.normal(size=COLUMNS)
    middle = centres[rng.integers(GROUPS)] + gap * way / np.sqrt((way**2).sum())
    X, rare = np.empty((n, COLUMNS)), np.empty(n, dtype=bool)
    for begin in range(0, n, 500_000):
        part = slice(begin, min(begin + 500_000, n))
        size = part.stop - begin
        group = rng.choice(GROUPS, size, p=sizes)
        noise = rng.normal(size=(size, COLUMNS))
        rare[part] = rng.random(size) < SHARE
        for g in range(GROUPS):
            mine = np.flatnonzero(group == g)
            X[begin + mine] = centres[g] + noise[mine] @ shapes[g]
        X[part][rare[part]] = middle + 0.6 * noise[rare[part]]
    X -= X.mean(axis=0)
    X /= X.std(axis=0)
    return X, rare


def likest(labels: np.ndarray, rare: np.ndarray) -> tuple[float, float]:
    """Recall and precision of the segment with the largest Jaccard similarity."""
    both = np.bincount(labels[rare], minlength=int(labels.max()) + 1)
    sizes = np.bincount(labels)
    best = int((both / (sizes + rare.sum() - both)).argmax())
    return float(both[best] / rare.sum()), float(both[best] / sizes[best])


def one(n: int, gap: float, seed: int) -> dict[str, object]:
    X, rare = customers(n, gap, seed)
    table = from_matrix(X)
    start = time.process_time()
    choice = search(table, SearchSettings(), seed=0, assess=False)
    searched = time.process_time() - start
    start = time.process_time()
    labels = choice.assigner.labels(table)
    placed = time.process_time() - start
    recall, precision = likest(labels, rare)
    print(f"{n} customers, gap {gap}, seed {seed}: recall {recall:.3f}, precision {precision:.3f}", flush=True)
    return {
        "gap": gap,
        "seed": seed,
        "method": choice.method,
        "segments": choice.n_segments,
        "recall": round(recall, 4),
        "precision": round(precision, 4),
        "search_cpu_seconds": round(searched, 2),
        "placing_cpu_seconds": round(placed, 2),
        "told": [sentence for sentence in choice.reasons if "stands apart" in sentence],
    }


def without_a_second_look(n: int, gap: float, seed: int) -> float:
    """Recall times precision as it was before: the same search without the second look."""
    X, rare = customers(n, gap, seed)
    table = from_matrix(X)
    choice = Search(table, SearchSettings(rare_share=0.0), seed=0, assess=False).run()
    recall, precision = likest(choice.assigner.labels(table), rare)
    return round(recall * precision, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 customers, one seed, nothing written")
    quick = parser.parse_args().quick
    n, seeds = (100_000, range(1)) if quick else (5_000_000, range(5))
    runs = [one(n, 6.0, seed) for seed in seeds]
    report = {
        "customers": n,
        "columns": COLUMNS,
        "rare_share": SHARE,
        "worst_recall": min(run["recall"] for run in runs),
        "worst_precision": min(run["precision"] for run in runs),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "runs": runs,
        "at_100000_customers": [one(100_000, gap, seed) for gap in (6.0, 5.0) for seed in seeds],
        "recall_times_precision_without_a_second_look": [without_a_second_look(100_000, 6.0, seed) for seed in seeds],
    }
    text = json.dumps(report, indent=1)
    if not quick:
        RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
