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
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.isotonic import IsotonicRegression
from threadpoolctl import threadpool_limits

from coterie.clustering.chooser import Chooser
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.limits import place_noise
from coterie.clustering.portfolio import compact
from coterie.clustering.segment_search import Search
from coterie.config import SearchSettings
from generated import generate

CHOOSER = Path(__file__).parents[1] / "src" / "coterie" / "clustering" / "chooser.json"
REPEATS, ROUNDS, LEAVES, RATE = 2, 160, 12, 0.08
COLUMNS, LEAST, RIDGE = 0.3, 80, 5.0
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


def boosted(F: np.ndarray, y: np.ndarray, sets: np.ndarray) -> list[HistGradientBoostingRegressor]:
    """Fit the trees, twice with other random parts of the criteria; every set counts the same."""
    _, inverse, counts = np.unique(sets, return_inverse=True, return_counts=True)
    weight = counts.mean() / counts[inverse]
    return [
        HistGradientBoostingRegressor(
            max_iter=ROUNDS,
            max_leaf_nodes=LEAVES,
            learning_rate=RATE,
            max_features=COLUMNS,
            min_samples_leaf=LEAST,
            l2_regularization=RIDGE,
            random_state=seed,
        ).fit(F, y, sample_weight=weight)
        for seed in range(REPEATS)
    ]


def predict(models: list[HistGradientBoostingRegressor], F: np.ndarray) -> np.ndarray:
    """Mean of the repeats."""
    return np.asarray(np.mean([model.predict(F) for model in models], axis=0))


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


def tree_rows(nodes: np.ndarray) -> list[list[float]]:
    """One tree as rows of [criterion, threshold, left, right, value]; a leaf is its own left and right."""
    rows: list[list[float]] = []
    for at, node in enumerate(nodes):
        if node["is_leaf"]:
            rows.append([0, 0.0, at, at, round(float(node["value"]) / REPEATS, 6)])
        else:
            threshold = float(f"{node['num_threshold']:.6g}")
            rows.append([int(node["feature_idx"]), threshold, int(node["left"]), int(node["right"]), 0])
    return rows


def trees_of(models: list[HistGradientBoostingRegressor]) -> tuple[float, int, list[list[list[float]]]]:
    """Start, depth and trees of the mean of the models."""
    # scikit-learn has no public way to its histogram trees; `fit` compares what is written with what they predict.
    fitted = [tree for model in models for (tree,) in model._predictors]
    start = float(np.mean([model._baseline_prediction for model in models]))
    depth = max(int(tree.nodes["depth"].max()) for tree in fitted)
    return round(start, 6), depth, [tree_rows(tree.nodes) for tree in fitted]


def fit(folder: Path) -> None:
    names, F, y, sets = read_rows(folder)
    different = np.unique(sets)
    fold = np.searchsorted(different, sets) % FOLDS
    score = np.empty(len(y))
    for f in range(FOLDS):
        score[fold == f] = predict(boosted(F[fold != f], y[fold != f], sets[fold != f]), F[fold == f])
    best = chosen(score, sets)
    print(f"{len(different)} sets, {len(y)} candidates; the best of each set {y[chosen(y, sets)].mean():.3f}")
    print(f"chosen by trees fitted on the other folds: {y[best].mean():.3f}, predicted {score[best].mean():.3f}")
    models = boosted(F, y, sets)
    start, depth, trees = trees_of(models)
    head = {
        "about": "Trained by benchmarks/train_chooser.py on generated sets only. Each tree: rows of "
        "[criterion, threshold, left, right, value].",
        "sets": len(different),
        "start": start,
        "depth": depth,
        "knots": calibration(score[best], y[best]).round(6).tolist(),
        "features": names,
    }
    lines = ",\n  ".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    CHOOSER.write_text(f'{json.dumps(head, indent=1)[:-2]},\n "trees": [\n  {lines}\n ]\n}}\n', encoding="utf-8")
    _compare(models, F[:: max(len(F) // 2_000, 1)], names)


def _compare(models: list[HistGradientBoostingRegressor], F: np.ndarray, names: list[str]) -> None:
    """Read the file again and predict with it: rounded thresholds may move a candidate now and then, not the rest."""
    stored = Chooser.from_dict(json.loads(CHOOSER.read_text("utf-8")))
    raw = stored.raw([dict(zip(names, row, strict=True)) for row in F])
    apart = np.abs(raw - predict(models, F))
    print(f"written: {len(stored.feature)} trees; differs from the fitted ones by {np.median(apart):.1e} (median)")
    if np.median(apart) > 1e-4:
        raise SystemExit("The trees that were written do not say what the fitted ones say.")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        if sys.argv[1] == "rows":
            write_rows(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
        else:
            fit(Path(sys.argv[2]))
