"""Customer tables with planted segments, on which ways of preparing numbers are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.vocabulary import Block, Feature, Kind

#: Distance between the two nearest segments, in standard deviations within a segment.
SEPARATION = 4.0


@dataclass(frozen=True)
class Scenario:
    """A kind of table: how its numbers are distributed, and what is wrong with it."""

    name: str
    shape: str  # "lognormal", "gamma", "linear" or "mixed"
    outliers: float = 0.0  # share of rows multiplied by e to e^3
    repeats: int = 0  # columns that nearly repeat the first
    noise: int = 0  # columns without any segments


SCENARIOS = (
    Scenario("log-normal", "lognormal"),
    Scenario("log-normal, 1 % outliers", "lognormal", outliers=0.01),
    Scenario("gamma", "gamma"),
    Scenario("gamma, 1 % outliers", "gamma", outliers=0.01),
    Scenario("linear", "linear"),
    Scenario("mixed scales", "mixed"),
    Scenario("log-normal, money repeated three times", "lognormal", repeats=3),
    Scenario("log-normal, three noise columns", "lognormal", noise=3),
)


def planted_table(scenario: Scenario, seed: int, n: int = 1_500) -> tuple[np.ndarray, np.ndarray]:
    """Give a table of four or more columns and the planted segment of each row; 3 to 5 segments of unequal size."""
    random = np.random.default_rng(seed)
    k = int(random.integers(3, 6))
    truth = random.choice(k, n, p=random.dirichlet(np.full(k, 6)))
    X = _gamma(random, k, truth) if scenario.shape == "gamma" else _blobs(random, k, truth, scenario.shape)
    if scenario.repeats:
        X = np.hstack([X, X[:, :1] * np.exp(0.15 * random.normal(size=(n, scenario.repeats)))])
    if scenario.noise:
        X = np.hstack([X, np.exp(random.normal(size=(n, scenario.noise)))])
    if scenario.outliers:
        hit = random.random(n) < scenario.outliers
        X[hit] *= np.exp(random.uniform(1, 3, size=(int(hit.sum()), X.shape[1])))
    return X, truth


def _blobs(random: np.random.Generator, k: int, truth: np.ndarray, shape: str) -> np.ndarray:
    centres = random.normal(size=(k, 4))
    apart = np.sqrt(((centres[:, None] - centres) ** 2).sum(axis=-1)) + np.diag(np.full(k, np.inf))
    points = (centres * SEPARATION / apart.min())[truth] + random.normal(size=(len(truth), 4))
    if shape == "lognormal":
        X = np.exp(points * random.uniform(0.4, 0.9, size=4))
        X[:, 1] = np.floor(X[:, 1] * 3)
        return X
    if shape == "mixed":
        points[:, :2] = np.exp(0.9 * points[:, :2])
    return points - points.min(axis=0)


def _gamma(random: np.random.Generator, k: int, truth: np.ndarray) -> np.ndarray:
    shapes = np.exp(random.uniform(-0.3, 2, size=(k, 4)))
    scales = np.exp(random.normal(0, 1.1, size=(k, 4)))
    X = random.gamma(shapes[truth]) * scales[truth] * np.array([100, 1, 30, 1])
    X[:, 1] = random.poisson(scales[truth, 1] * 4 * np.exp(0.3 * random.normal(size=len(truth))))
    return X


def as_features(X: np.ndarray) -> tuple[tuple[Feature, ...], dict[str, np.ndarray]]:
    """Describe the columns: the second is a count, all others money, each of the block "other"."""
    kinds = [Kind.COUNT if column == 1 else Kind.MONEY for column in range(X.shape[1])]
    features = tuple(
        Feature(f"column_{j}", f"column {j}", "", kind, Block.OTHER, "Planted.") for j, kind in enumerate(kinds)
    )
    return features, {feature.name: X[:, j] for j, feature in enumerate(features)}
