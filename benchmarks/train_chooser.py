"""Fit the weights of the chooser's transparent score on generated data with known groups.

    python benchmarks/train_chooser.py rows FIRST LAST FILE      # criteria of every candidate of sets FIRST … LAST-1
    python benchmarks/train_chooser.py fit FILE...               # ridge regression, checked by folds of sets

No benchmark set and no real table is used: only round, elliptic, skewed, heavy-tailed, unbalanced and unequally dense
groups in 2 to 32 columns, overlapping ones as customers form them, and shapes (moons, rings, lines).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from scipy.spatial.distance import pdist
from threadpoolctl import threadpool_limits

from coterie.clustering.graph import neighbour_graph
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.portfolio import Portfolio, compact
from coterie.clustering.selection import WEIGHTS, score_trials, term_values
from coterie.clustering.table import from_matrix
from coterie.config import SearchSettings

PENALTY = 3.0
FOLDS = 5


def generate(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A standardised matrix of shape (n, d) and the true group of each row."""
    rng = np.random.default_rng([seed, 77])
    n = int(np.exp(rng.uniform(np.log(250), np.log(1_500))))
    X, truth = shapes(rng, n) if rng.random() < 0.22 else clouds(rng, n)
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1), truth


def clouds(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Groups around centres; the kind decides their form."""
    kind = rng.choice(["round", "elliptic", "skewed", "heavy", "unbalanced", "densities", "customers", "customers"])
    d = int(rng.choice([4, 5, 6, 8, 10, 12]) if kind == "customers" else rng.choice([2, 2, 2, 3, 4, 6, 10, 16, 32]))
    k = int(rng.integers(2, 8 if kind == "customers" else 12))
    shares = np.maximum(rng.dirichlet(np.full(k, 0.8 if kind == "unbalanced" else 6.0)), 15 / n)
    truth = rng.choice(k, n, p=shares / shares.sum())
    centres = rng.normal(size=(k, d))
    centres *= (rng.uniform(2.4, 4.5) if kind == "customers" else rng.uniform(2.3, 7.0)) / pdist(centres).min()
    noise = rng.normal(size=(n, d))
    if kind == "heavy" or (kind == "customers" and rng.random() < 0.4):
        noise /= np.sqrt(rng.standard_gamma(2.5, size=(n, 1)) / 2.5)
    if kind == "skewed":
        shape = rng.uniform(1, 4)
        noise = (rng.gamma(shape, size=(n, d)) - shape) / np.sqrt(shape) * rng.choice([-1, 1], size=d)
    for c in range(k):
        members = truth == c
        if kind in ("elliptic", "unbalanced", "customers"):
            turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
            noise[members] = (noise[members] * np.exp(rng.uniform(-0.7, 0.35, size=d))) @ turn.T
        if kind == "densities":
            noise[members] *= np.exp(rng.uniform(-1, 0.6))
    X = centres[truth] + noise
    if kind == "customers" and rng.random() < 0.3:
        X = np.column_stack([X, rng.normal(scale=X.std(), size=(n, int(rng.integers(1, 3))))])
    return X, truth


def shapes(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Moons, rings or lines in two columns."""
    kind = rng.choice(["moons", "rings", "lines"])
    k = 2 if kind == "moons" else int(rng.integers(2, 5))
    truth = rng.integers(0, k, n)
    along = rng.uniform(0, 1, n)
    if kind == "moons":
        angle = np.pi * along
        X = np.column_stack([np.cos(angle), np.sin(angle)]) * np.where(truth, -1, 1)[:, None]
        X += np.where(truth[:, None] == 1, [1.0, 0.45], [0.0, 0.0])
    elif kind == "rings":
        X = np.column_stack([np.cos(2 * np.pi * along), np.sin(2 * np.pi * along)]) * (0.3 + 0.7 * truth)[:, None]
    else:
        X = np.column_stack([along * rng.uniform(2, 5), 0.6 * truth])
    return X + rng.normal(scale=rng.uniform(0.02, 0.12), size=X.shape), truth


def rows_of_set(seed: int) -> list[dict[str, float]]:
    """The terms of every candidate's score, with its agreement with the truth."""
    X, truth = generate(seed)
    order = np.lexsort(X.T[::-1])
    X, truth = X[order], compact(truth[order])
    settings = SearchSettings(max_segments=15, smallest_share=0.0)
    graph = neighbour_graph(X)
    portfolio = Portfolio(from_matrix(X), range(2, min(15, len(X) // 8) + 1), 0)
    trials = [
        t for m in ("kmeans", "ward", "gaussian_mixture", "genie", "hdbscan", "dbscan") for t in portfolio.trials(m)
    ]
    scored = [s for s in score_trials(graph, trials, settings, mixed=False) if not s.refused]
    return [
        {"set": seed, "truth": adjusted_rand(truth, compact(s.labels + 1)), **term_values(s.scores, *X.shape)}
        for s in scored
    ]


def write_rows(first: int, last: int, path: Path) -> None:
    with threadpool_limits(1), path.open("w", encoding="utf-8") as file:
        for seed in range(first, last):
            file.writelines(json.dumps(row) + "\n" for row in rows_of_set(seed))
            file.flush()


def ridge(F: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of the terms, shrunk towards the present ones; the first is the intercept, which is not shrunk."""
    prior = np.array(list(WEIGHTS.values()))
    scale = np.sqrt((F**2 * weight[:, None]).sum(axis=0) / weight.sum())
    scale = np.where(scale > 0, scale, 1)
    G = F / scale
    penalty = np.diag(np.r_[0.0, np.full(F.shape[1] - 1, PENALTY)])
    change = np.linalg.solve(G.T @ (G * weight[:, None]) + penalty, G.T @ ((y - F @ prior) * weight))
    return np.asarray(prior + change / scale)


def fit(paths: list[Path]) -> None:
    rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    sets = np.array([row["set"] for row in rows])
    y = np.array([row["truth"] for row in rows])
    F = np.array([[row[name] for name in WEIGHTS] for row in rows])
    _, inverse, counts = np.unique(sets, return_inverse=True, return_counts=True)
    weight = 1 / counts[inverse] * 20
    fold = inverse % FOLDS
    predicted = np.empty(len(y))
    for f in range(FOLDS):
        predicted[fold == f] = F[fold == f] @ ridge(F[fold != f], y[fold != f], weight[fold != f])
    present = F @ np.array(list(WEIGHTS.values()))
    for name, score in (("present weights", present), ("fitted, other folds", predicted), ("best candidate", y)):
        best = [np.flatnonzero(inverse == s)[score[inverse == s].argmax()] for s in range(len(counts))]
        print(f"{name}: mean ARI of the chosen {y[best].mean():.3f}, predicted {score[best].mean():.3f}")
    print(json.dumps(dict(zip(WEIGHTS, ridge(F, y, weight).round(4).tolist(), strict=True)), indent=1))


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        write_rows(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        fit([Path(name) for name in sys.argv[2:]])
