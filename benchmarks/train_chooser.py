"""Train the chooser on generated sets with known groups, and write `src/coterie/clustering/chooser.json`.

    python benchmarks/train_chooser.py rows FIRST LAST FOLDER    # criteria of every candidate of sets FIRST … LAST-1
    python benchmarks/train_chooser.py fit FOLDER                # trees, calibration, and a check by folds of sets

No benchmark set and no real table is used (`generated.py`). Rows of a set that lie in the folder are not made again, so
that a run can go on where another ended, or several can share the work.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.isotonic import IsotonicRegression
from threadpoolctl import threadpool_limits

from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.limits import place_noise
from coterie.clustering.portfolio import compact
from coterie.clustering.segment_search import Search
from coterie.config import SearchSettings
from generated import generate

CHOOSER = Path(__file__).parents[1] / "src" / "coterie" / "clustering" / "chooser.json"
TREES, LEAVES, RATE, SUBSAMPLE, COLUMNS, LEAST = 300, 10, 0.06, 0.5, 0.3, 80
FOLDS = 5
#: Criteria that are not shown to the trees: the score itself.
LEFT_OUT = frozenset({"score"})


def rows_of_set(seed: int) -> tuple[list[str], np.ndarray]:
    """Names of the criteria, and the values of every candidate with its agreement with the truth in the last column."""
    made = generate(seed)
    search = Search(made.rows, SearchSettings(max_segments=50, smallest_share=0.0), assess=False, rows_per_segment=1)
    scored = [s for s in search.candidates() if not s.refused]
    known = made.truth >= 0
    truth = compact(made.truth)[known]
    names = sorted(set(scored[0].scores) - LEFT_OUT)
    values = []
    for s in scored:
        found = place_noise(made.rows.X, s.labels, 0.0)[0][known]
        values.append([*(s.scores[name] for name in names), adjusted_rand(truth, compact(found))])
    return names, np.array(values, dtype=np.float32)


def write_rows(first: int, last: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, last):
        path = folder / f"{seed}.npz"
        if path.exists():
            continue
        names, values = rows_of_set(seed)
        np.savez_compressed(path, names=np.array(names), values=values)
        print(seed, values.shape, f"best {values[:, -1].max():.3f}", flush=True)


def read_rows(folder: Path) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Names, criteria, agreement with the truth, and the set of each candidate."""
    names: list[str] = []
    parts, sets = [], []
    for path in sorted(folder.glob("*.npz"), key=lambda path: int(path.stem)):
        with np.load(path) as data:
            names = data["names"].tolist()
            parts.append(data["values"].astype(float))
            sets += [int(path.stem)] * len(parts[-1])
    values = np.concatenate(parts)
    return names, values[:, :-1], values[:, -1], np.array(sets)


def boosted(F: np.ndarray, y: np.ndarray, sets: np.ndarray) -> GradientBoostingRegressor:
    """Fit the trees; every set counts the same, however many candidates it has."""
    _, inverse, counts = np.unique(sets, return_inverse=True, return_counts=True)
    model = GradientBoostingRegressor(
        n_estimators=TREES,
        max_leaf_nodes=LEAVES,
        learning_rate=RATE,
        subsample=SUBSAMPLE,
        max_features=COLUMNS,
        min_samples_leaf=LEAST,
        random_state=0,
    )
    return model.fit(F, y, sample_weight=counts.mean() / counts[inverse])


def chosen(score: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Row of the best score of each set."""
    order = np.lexsort((-score, sets))
    return np.asarray(order[np.unique(sets[order], return_index=True)[1]])


def calibration(predicted: np.ndarray, actual: np.ndarray, bins: int = 8) -> np.ndarray:
    """Knots of a rising line from the score of a chosen candidate to the agreement that such candidates reach."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), bins)
    x = np.array([predicted[part].mean() for part in parts])
    rising = IsotonicRegression().fit(predicted, actual)
    y = np.array([rising.predict(predicted[part]).mean() for part in parts])
    return np.column_stack([x, np.minimum(y, 0.99) + 1e-4 * np.arange(bins)])


def tree_rows(tree: object) -> list[list[float]]:
    """One tree as rows of [criterion, threshold, left, right, value]; a leaf is its own left and right."""
    rows = []
    for node in range(tree.node_count):  # type: ignore[attr-defined]
        leaf = tree.children_left[node] < 0  # type: ignore[attr-defined]
        left, right = (node, node) if leaf else (tree.children_left[node], tree.children_right[node])  # type: ignore[attr-defined]
        column = 0 if leaf else tree.feature[node]  # type: ignore[attr-defined]
        threshold = 0.0 if leaf else float(f"{tree.threshold[node]:.6g}")  # type: ignore[attr-defined]
        value = round(RATE * float(tree.value[node, 0, 0]), 6) if leaf else 0  # type: ignore[attr-defined]
        rows.append([int(column), threshold, int(left), int(right), value])
    return rows


def fit(folder: Path) -> None:
    names, F, y, sets = read_rows(folder)
    different = np.unique(sets)
    fold = np.searchsorted(different, sets) % FOLDS
    score = np.empty(len(y))
    for f in range(FOLDS):
        score[fold == f] = boosted(F[fold != f], y[fold != f], sets[fold != f]).predict(F[fold == f])
    best = chosen(score, sets)
    print(f"{len(different)} sets, {len(y)} candidates; the best of each set {y[chosen(y, sets)].mean():.3f}")
    print(f"chosen by trees fitted on the other folds: {y[best].mean():.3f}, predicted {score[best].mean():.3f}")
    model = boosted(F, y, sets)
    used = np.flatnonzero(model.feature_importances_ > 0)
    print("most used:", ", ".join(names[i] for i in used[np.argsort(-model.feature_importances_[used])][:20]))
    data = {
        "about": "Trained by benchmarks/train_chooser.py on generated sets only. Each tree: rows of "
        "[criterion, threshold, left, right, value].",
        "sets": len(different),
        "start": round(float(model.init_.constant_[0, 0]), 6),
        "depth": max(int(tree.get_depth()) for tree in model.estimators_.ravel()),
        "knots": calibration(score[best], y[best]).round(6).tolist(),
        "features": names,
        "trees": [tree_rows(tree.tree_) for tree in model.estimators_.ravel()],
    }
    head = json.dumps({key: value for key, value in data.items() if key != "trees"}, indent=1)
    lines = ",\n  ".join(json.dumps(tree) for tree in data["trees"])
    CHOOSER.write_text(f'{head[:-2]},\n "trees": [\n  {lines}\n ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        if sys.argv[1] == "rows":
            write_rows(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
        else:
            fit(Path(sys.argv[2]))
