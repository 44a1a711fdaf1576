"""Small matrices with known groups, and a stand-in for what preparation hands over."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.spatial.distance import pdist


@dataclass(frozen=True)
class Table:
    """The fields of a prepared table."""

    X: np.ndarray
    names: tuple[str, ...]
    sources: tuple[str, ...]
    numeric: np.ndarray
    codes: np.ndarray
    n_levels: tuple[int, ...] = field(default=())


def numeric_table(X: np.ndarray) -> Table:
    names = tuple(f"feature_{j}" for j in range(X.shape[1]))
    return Table(X, names, names, X, np.zeros((len(X), 0), dtype=np.int64))


def mixed_table(numbers: np.ndarray, codes: np.ndarray, n_levels: tuple[int, ...]) -> Table:
    indicators = np.hstack([(codes[:, [j]] == np.arange(size)) * 0.5 for j, size in enumerate(n_levels)])
    names = tuple(f"number_{j}" for j in range(numbers.shape[1]))
    levels = tuple(f"category_{j}={level}" for j, size in enumerate(n_levels) for level in range(size))
    sources = names + tuple(name.split("=")[0] for name in levels)
    filled = np.nan_to_num(numbers)
    return Table(np.hstack([filled, indicators]), names + levels, sources, numbers, codes, n_levels)


def blobs(n: int, k: int, d: int, gap: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Round normal groups whose nearest centres lie `gap` standard deviations apart, columns standardised."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(k, d))
    centres *= gap / pdist(centres).min()
    truth = rng.integers(0, k, n)
    X = centres[truth] + rng.normal(size=(n, d))
    return (X - X.mean(axis=0)) / X.std(axis=0), truth


def moons(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two interlocked half circles."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, n)
    truth = np.arange(n) % 2
    X = np.where(
        truth[:, None] == 0,
        np.column_stack([np.cos(angle), np.sin(angle)]),
        np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)]),
    )
    X = X + rng.normal(scale=0.06, size=X.shape)
    return (X - X.mean(axis=0)) / X.std(axis=0), truth


@pytest.fixture(scope="session", name="numeric_table")
def _numeric_table():
    return numeric_table


@pytest.fixture(scope="session", name="mixed_table")
def _mixed_table():
    return mixed_table


@pytest.fixture(scope="session", name="blobs")
def _blobs():
    return blobs


@pytest.fixture(scope="session", name="moons")
def _moons():
    return moons
