"""How well a small tree, and one box of three conditions for each segment, tell what K-Means found.

For two tables of the literature and three planted ones, K-Means with a known number of segments is described by trees
with k, 2k and 4k leaves, with and without weights for small segments, and by one box a segment: the share told right
(fidelity), the same on customers unseen in five folds, the recall of the worst-told segment, and the mean precision
and recall of the boxes.

Run `python benchmarks/explanations.py [--tables FOLDER]`; FOLDER holds `yeast.data.gz` of the clustering benchmark of
Gagolewski (2022), which is left out where absent; wine comes with scikit-learn. Writes `results/explanations.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.tree import DecisionTreeClassifier

from coterie.profiles.rules import Columns, find_boxes
from coterie.profiles.tree import fidelity_unseen, grow_tree
from coterie.vocabulary import Block, Feature, Kind
from planted import SCENARIOS, planted_table

RESULTS = Path(__file__).parent / "results" / "explanations.json"


def standardised(X: np.ndarray) -> np.ndarray:
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def sets(folder: Path | None) -> dict[str, tuple[np.ndarray, np.ndarray, int]]:
    """Name -> the numbers as given, those that K-Means sees, and how many segments it is asked for."""
    wine = load_wine().data
    found = {"wine": (wine, standardised(wine), 3)}
    if folder is not None and (folder / "yeast.data.gz").is_file():
        yeast = np.loadtxt(folder / "yeast.data.gz")
        found["yeast"] = (yeast, standardised(yeast), 6)
    for scenario in SCENARIOS[:3]:
        X, truth = planted_table(scenario, 7, n=2_000)
        logs = np.log1p(np.maximum(X, 0) / np.median(np.abs(X), axis=0).clip(1e-9))
        found[scenario.name] = (X, standardised(logs), len(np.unique(truth)))
    return found


def columns_of(X: np.ndarray) -> Columns:
    names = tuple(f"x{place}" for place in range(X.shape[1]))
    return Columns(X, names, {name: Feature(name, name, "", Kind.NUMBER, Block.OTHER, "") for name in names}, "")


def plain_tree(X: np.ndarray, labels: np.ndarray, leaves: int, weight: str | None) -> dict[str, float]:
    model = DecisionTreeClassifier(
        max_leaf_nodes=leaves, class_weight=weight, min_samples_leaf=max(5, len(X) // 200), random_state=0
    ).fit(X, labels)
    told = model.predict(X)
    recalls = [(told[labels == k] == k).mean() for k in np.unique(labels)]
    return {"fidelity": round(float((told == labels).mean()), 3), "worst_recall": round(float(min(recalls)), 3)}


def account(X: np.ndarray, seen: np.ndarray, k: int) -> dict[str, object]:
    labels = KMeans(k, n_init=10, random_state=0).fit(seen).labels_
    columns = columns_of(X)
    tree = grow_tree(columns, labels, [str(place) for place in range(k)])
    boxes = [box for box in find_boxes(columns, labels, k) if box]
    return {
        "rows": len(X),
        "segments": k,
        "ours_2k_weighted_rounded": {
            "fidelity": round(tree.fidelity, 3),
            "unseen": round(fidelity_unseen(X, labels, k), 3),
        },
        "plain_k": plain_tree(X, labels, k, None),
        "weighted_k": plain_tree(X, labels, k, "balanced"),
        "weighted_2k": plain_tree(X, labels, 2 * k, "balanced"),
        "weighted_4k": plain_tree(X, labels, 4 * k, "balanced"),
        "boxes": {
            "precision": round(float(np.mean([box.precision for box in boxes])), 3),
            "recall": round(float(np.mean([box.recall for box in boxes])), 3),
            "conditions": round(float(np.mean([len(box.conditions) for box in boxes])), 2),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, default=None, help="folder with yeast.data.gz")
    options = parser.parse_args()
    report = {name: account(X, seen, k) for name, (X, seen, k) in sets(options.tables).items()}
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
