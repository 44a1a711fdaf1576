"""Tables of made-up customers with planted segments, for measuring the whole choice; nothing is trained on them.

The two nearest segments are about four standard deviations apart, on the scale on which they are round; segments hold 2
to 40 % of the customers; columns are skewed money, counts and days, repeats of the money, noise, and categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist

from coterie.preparation import Basis, Prepared, fit_recipe
from coterie.vocabulary import Block, Feature, Kind

#: Distance between the two nearest segments, in standard deviations within a segment.
SEPARATION = 4.0
SIZES = (200, 500, 1_000, 2_000, 5_000, 15_000, 50_000)
FORMS = ("log-normal", "gamma", "linear", "mixed scales")


@dataclass(frozen=True)
class PlantedCustomers:
    """A prepared table, the planted segment of each row, and what was done to it."""

    name: str
    prepared: Prepared
    truth: np.ndarray


def planted_customers(seed: int) -> PlantedCustomers:
    """Make the table of one seed."""
    rng = np.random.default_rng([seed, 505])
    n = SIZES[seed % len(SIZES)]
    k = int(rng.integers(3, 9)) if n >= 500 else int(rng.integers(3, 6))
    truth = rng.choice(k, n, p=_shares(rng, k))
    form = FORMS[seed % len(FORMS)]
    X = _numbers(rng, truth, int(rng.integers(4, 8)), form)
    told = [form, f"n = {n}", f"k = {k}"]
    if rng.random() < 0.3:
        times = int(rng.integers(1, 4))
        X = np.column_stack([X, X[:, :1] * np.exp(0.15 * rng.normal(size=(n, times)))])
        told.append(f"money repeated {times}")
    if rng.random() < 0.3:
        times = int(rng.integers(1, 4))
        X = np.column_stack([X, np.exp(rng.normal(size=(n, times)))])
        told.append(f"noise {times}")
    if rng.random() < 0.2:
        hit = rng.random(n) < 0.01
        X[hit] *= np.exp(rng.uniform(1, 2.5, size=(int(hit.sum()), X.shape[1])))
        told.append("outliers")
    categories: list[np.ndarray] = []
    if rng.random() < 0.35:
        categories = [
            _category(rng, truth, informative=j == 0 or rng.random() < 0.5) for j in range(rng.integers(1, 4))
        ]
        told.append(f"categories {len(categories)}")
    return PlantedCustomers(f"{seed}: {', '.join(told)}", _prepared(X, categories), truth)


def _shares(rng: np.random.Generator, k: int) -> np.ndarray:
    shares = np.clip(rng.dirichlet(np.full(k, 2.5)), 0.02, 0.4)
    for _ in range(20):
        shares = np.clip(shares / shares.sum(), 0.02, 0.4)
    return np.asarray(shares / shares.sum())


def _numbers(rng: np.random.Generator, truth: np.ndarray, d: int, form: str) -> np.ndarray:
    n, k = len(truth), int(truth.max()) + 1
    if form == "gamma":
        forms = np.exp(rng.uniform(0, 2.2, size=(k, d)))
        scales = np.exp(rng.normal(0, 1.1, size=(k, d)))
        X = rng.gamma(forms[truth]) * scales[truth] * 10
        X[:, 1] = rng.poisson(scales[truth, 1] * 4 * np.exp(0.3 * rng.normal(size=n)))
        return np.asarray(X)
    centres = rng.normal(size=(k, d))
    points = (centres * SEPARATION / pdist(centres).min())[truth] + rng.normal(size=(n, d))
    if form == "log-normal":
        X = np.exp(points * rng.uniform(0.4, 0.9, size=d))
        X[:, 1] = np.floor(X[:, 1] * 3)
        return np.asarray(X)
    if form == "mixed scales":
        points[:, :2] = np.exp(0.9 * points[:, :2])
    return np.asarray(points - points.min(axis=0))


def _category(rng: np.random.Generator, truth: np.ndarray, *, informative: bool) -> np.ndarray:
    levels, k = int(rng.integers(2, 6)), int(truth.max()) + 1
    shares = (
        rng.dirichlet(np.full(levels, 0.7), size=k)
        if informative
        else np.tile(rng.dirichlet(np.full(levels, 3)), (k, 1))
    )
    drawn = (rng.random(len(truth))[:, None] > shares.cumsum(axis=1)[truth]).sum(axis=1)
    return np.array([f"level {value}" for value in np.minimum(drawn, levels - 1)], dtype=object)


def _prepared(X: np.ndarray, categories: list[np.ndarray]) -> Prepared:
    columns: dict[str, np.ndarray] = {}
    features = []
    for j in range(X.shape[1]):
        kind = Kind.COUNT if j == 1 else Kind.MONEY
        features.append(Feature(f"column_{j}", f"column {j}", "", kind, Block.OTHER, "Planted."))
        columns[f"column_{j}"] = X[:, j].astype(float)
    for j, values in enumerate(categories):
        features.append(Feature(f"category_{j}", f"category {j}", "", Kind.CATEGORY, Block.OTHER, "Planted."))
        columns[f"category_{j}"] = values
    basis = Basis(tuple(features), dict.fromkeys(columns, 1.0), {}, ())
    return fit_recipe(basis, columns).transform(columns)
