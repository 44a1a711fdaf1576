"""How well K-Means and Gaussian mixtures find planted segments (their number given) after each way of preparation.

Run `python benchmarks/preparation.py [--tables N]`; writes `benchmarks/results/preparation.json`.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import PowerTransformer

from coterie.preparation import Basis, fit_recipe
from coterie.preparation.encoders import Number, ZeroOrMore
from coterie.preparation.relevance import irrelevant
from planted import SCENARIOS, as_features, planted_table

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = Path(__file__).parent / "results" / "preparation.json"


def standardise(X: np.ndarray) -> np.ndarray:
    return (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)


def logarithm(X: np.ndarray) -> np.ndarray:
    medians = np.array([np.median(column[column > 0]) for column in X.T])
    return standardise(np.log1p(X / medians))


def trimmed(X: np.ndarray, share: float) -> np.ndarray:
    return np.clip(X, np.quantile(X, share, axis=0), np.quantile(X, 1 - share, axis=0))


def recipe_matrix(X: np.ndarray, *, groups: bool = True, bound: float | None = None) -> np.ndarray:
    features, columns = as_features(X)
    basis = Basis(features, dict.fromkeys(columns, 1.0), {}, ())
    recipe = fit_recipe(basis, columns)
    if not groups:
        recipe = replace(recipe, groups=dict.fromkeys(columns, 1))
    if bound is not None:
        bounded = [
            replace(e, scale=replace(e.scale, bound=bound)) if isinstance(e, Number | ZeroOrMore) else e
            for e in recipe.encoders
        ]
        recipe = replace(recipe, encoders=tuple(bounded))
    return recipe.transform(columns).X


def screened(X: np.ndarray) -> np.ndarray:
    features, columns = as_features(X)
    unrelated = irrelevant(features, columns)
    return recipe_matrix(X[:, [feature.name not in unrelated for feature in features]])


PREPARATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "standardised only": standardise,
    "log1p(x / median), standardised": logarithm,
    "Yeo-Johnson of scikit-learn, standardised": lambda X: PowerTransformer().fit_transform(X),
    "the recipe": recipe_matrix,
    "the recipe after the screen": screened,
    "the recipe, no groups": lambda X: recipe_matrix(X, groups=False),
    "the recipe, limit 3": lambda X: recipe_matrix(X, bound=3.0),
    "the recipe, no limit": lambda X: recipe_matrix(X, bound=np.inf),
    "the recipe after trimming 0.5 %": lambda X: recipe_matrix(trimmed(X, 0.005)),
}


def scores(X: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    k = len(np.unique(truth))
    means = KMeans(k, n_init=5, random_state=0).fit_predict(X)
    mixture = GaussianMixture(k, n_init=2, random_state=0, reg_covar=1e-4, max_iter=100).fit_predict(X)
    return adjusted_rand_score(truth, means), adjusted_rand_score(truth, mixture)


def measure(tables: int) -> dict[str, dict[str, dict[str, float]]]:
    results: dict[str, dict[str, dict[str, float]]] = {}
    for name, prepare in PREPARATIONS.items():
        results[name] = {}
        for scenario in SCENARIOS:
            drawn = [planted_table(scenario, seed * 31 + 7) for seed in range(tables)]
            pairs = [scores(prepare(X), truth) for X, truth in drawn]
            kmeans, mixture = np.mean(pairs, axis=0)
            results[name][scenario.name] = {"kmeans": round(float(kmeans), 3), "mixture": round(float(mixture), 3)}
        every = [tuple(cell.values()) for cell in results[name].values()]
        kmeans, mixture = np.mean(every, axis=0)
        results[name]["mean"] = {"kmeans": round(float(kmeans), 3), "mixture": round(float(mixture), 3)}
        print(f"{name:45s} K-Means {kmeans:.3f}  mixture {mixture:.3f}")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=8, help="tables per scenario")
    options = parser.parse_args()
    start = time.process_time()
    results = measure(options.tables)
    report = {
        "what": "mean adjusted Rand index against planted segments, their number given",
        "tables_per_scenario": options.tables,
        "cpu_seconds": round(time.process_time() - start, 1),
        "results": results,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
