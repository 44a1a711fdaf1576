"""How good the choice of method and number of segments is, no number given, beside what users do today.

    python benchmarks/choosing.py sets FOLDER          # labelled benchmark sets: *.data.gz beside *.labels*.gz
    python benchmarks/choosing.py customers [TABLES]   # planted customer tables
    python benchmarks/choosing.py again FOLDER         # only Coterie's rows anew, beside the baselines that stand there
    python benchmarks/choosing.py summary              # tables and calibration from the rows so far

Writes `results/choosing_sets.json`, `choosing_customers.json` and `choosing.json`; what stands there is not run again.
The labelled sets are read from a folder of yours and are not part of the project.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from baselines import Baselines
from coterie.clustering import AutoSegmenter
from coterie.clustering.segment_search import Search
from coterie.config import SearchSettings
from customer_tables import PlantedCustomers, planted_customers

RESULTS = Path(__file__).parent / "results"
OURS = "Coterie"


def read_set(path: Path) -> tuple[np.ndarray, list[np.ndarray]]:
    """Standardised rows, and every reference labelling; 0 = noise."""
    X = np.loadtxt(path, ndmin=2).astype(float)
    spread = X.std(axis=0)
    stem = path.name.removesuffix(".data.gz")
    labels = [np.loadtxt(one, dtype=int) for one in sorted(path.parent.glob(f"{stem}.labels*.gz"))]
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1), labels


def judged(found: np.ndarray, references: list[np.ndarray]) -> dict[str, float]:
    """Best agreement over the references, and the difference to the nearest of their numbers of clusters."""
    k = max(len(np.unique(found[found >= 0])), 1)
    ari = max(adjusted_rand_score(one[one > 0], found[one > 0]) for one in references)
    off = min((k - len(np.unique(one[one > 0])) for one in references), key=abs)
    return {"ari": round(float(ari), 4), "k": int(k), "off": int(off)}


def ours_of_set(X: np.ndarray, references: list[np.ndarray]) -> dict[str, object]:
    start = time.process_time()
    model = AutoSegmenter(assess=False).fit(X)
    seconds = time.process_time() - start
    predicted = float(model.candidates_[0].scores["score"])
    return judged(model.labels_, references) | {"predicted": round(predicted, 4), "seconds": round(seconds, 2)}


def of_set(X: np.ndarray, references: list[np.ndarray]) -> dict[str, object]:
    row = {OURS: ours_of_set(X, references)}
    return row | {name: judged(labels, references) for name, labels in Baselines(X).all().items()}


def ours_of_customers(made: PlantedCustomers) -> dict[str, object]:
    start = time.process_time()
    choice = Search(made.prepared, SearchSettings(), assess=False).run()
    labels = choice.assigner.assign(made.prepared).labels
    seconds = time.process_time() - start
    predicted = float(choice.candidates[0].scores["score"])
    more = {"predicted": round(predicted, 4), "seconds": round(seconds, 2), "method": choice.method}
    return judged(labels, [made.truth + 1]) | more


def of_customers(seed: int) -> tuple[str, dict[str, object]]:
    made = planted_customers(seed)
    truth = [made.truth + 1]
    row = {OURS: ours_of_customers(made)}
    return made.name, row | {name: judged(found, truth) for name, found in Baselines(made.prepared.X).all().items()}


def keep(path: Path, name: str, row: dict[str, object]) -> None:
    rows = json.loads(path.read_text("utf-8")) if path.exists() else {}
    rows[name] = row
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(name, json.dumps(row[OURS]), flush=True)


def run_sets(folder: Path) -> None:
    path = RESULTS / "choosing_sets.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for file in sorted(folder.glob("*/*.data.gz"), key=lambda file: (file.stat().st_size, file.name)):
        name = f"{file.parent.name}/{file.name.removesuffix('.data.gz')}"
        if name not in known:
            keep(path, name, of_set(*read_set(file)))


def run_customers(tables: int) -> None:
    path = RESULTS / "choosing_customers.json"
    known = {name.split(":")[0] for name in json.loads(path.read_text("utf-8"))} if path.exists() else set()
    for seed in range(tables):
        if str(seed) not in known:
            keep(path, *of_customers(seed))


def again(folder: Path) -> None:
    """Run only Coterie, on every set and table that has a row."""
    path = RESULTS / "choosing_sets.json"
    for name, row in json.loads(path.read_text("utf-8")).items():
        keep(path, name, row | {OURS: ours_of_set(*read_set(folder / f"{name}.data.gz"))})
    path = RESULTS / "choosing_customers.json"
    for name, row in json.loads(path.read_text("utf-8")).items():
        keep(path, name, row | {OURS: ours_of_customers(planted_customers(int(name.split(":")[0])))})


def summary() -> None:
    report: dict[str, object] = {"what": "adjusted Rand index with the reference, the number of clusters not given"}
    predicted, actual = [], []
    for part in ("sets", "customers"):
        path = RESULTS / f"choosing_{part}.json"
        if not path.exists():
            continue
        rows = list(json.loads(path.read_text("utf-8")).values())
        report[part] = {
            name: {
                "mean": round(float(np.mean([row[name]["ari"] for row in rows])), 3),
                "median": round(float(np.median([row[name]["ari"] for row in rows])), 3),
                "exact_number": round(float(np.mean([row[name]["off"] == 0 for row in rows])), 3),
            }
            for name in rows[0]
        } | {"n": len(rows), "seconds": round(sum(row[OURS]["seconds"] for row in rows), 1)}
        predicted += [row[OURS]["predicted"] for row in rows]
        actual += [row[OURS]["ari"] for row in rows]
    report["calibration"] = calibration(np.array(predicted), np.array(actual))
    fresh = RESULTS / "calibration.json"
    if fresh.exists():
        rows = json.loads(fresh.read_text("utf-8"))["rows"]
        both = np.array([*zip(predicted, actual, strict=True), *rows])
        report["calibration_with_generated_sets"] = calibration(both[:, 0], both[:, 1])
    (RESULTS / "choosing.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


def calibration(predicted: np.ndarray, actual: np.ndarray, bins: int = 5) -> list[dict[str, float]]:
    """Predicted beside actual agreement, in bins of as many sets each."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), bins)
    return [
        {"predicted": round(float(predicted[p].mean()), 3), "actual": round(float(actual[p].mean()), 3), "n": len(p)}
        for p in parts
    ]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        if sys.argv[1] == "sets":
            run_sets(Path(sys.argv[2]))
        elif sys.argv[1] == "again":
            again(Path(sys.argv[2]))
        elif sys.argv[1] == "customers":
            run_customers(int(sys.argv[2]) if len(sys.argv) > 2 else 56)
        summary()
