"""What clustering needs to know of a prepared table: arrays, and which column stands for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class PreparedTable(Protocol):
    """The part of `coterie.preparation.Prepared` that this room reads."""

    @property
    def X(self) -> np.ndarray: ...  # noqa: D102, N802
    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def sources(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def numeric(self) -> np.ndarray: ...  # noqa: D102
    @property
    def codes(self) -> np.ndarray: ...  # noqa: D102
    @property
    def n_levels(self) -> tuple[int, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Rows:
    """Some rows of a prepared table.

    Attributes
    ----------
    X : float array of shape (n, d), complete; numeric columns first, then damped 0/1 indicators of categories
    names : names of the d columns
    sources : the feature behind each column
    numeric : float array of shape (n, p), NaN where missing
    codes : int array of shape (n, c), -1 where missing
    n_levels : number of levels of each of the c categories
    """

    X: np.ndarray
    names: tuple[str, ...]
    sources: tuple[str, ...]
    numeric: np.ndarray
    codes: np.ndarray
    n_levels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.X)

    @property
    def mixed(self) -> bool:
        """Whether there are categorical columns."""
        return len(self.n_levels) > 0

    @property
    def numeric_part(self) -> np.ndarray:
        """The columns of X that stand for numbers, shape (n, p); categories and flags have no density to look at."""
        return self.X[:, : self.numeric.shape[1]] if self.mixed else self.X


def missing_cells(rows: Rows) -> tuple[float, float]:
    """Share of the cells of numbers and categories that are missing, and of rows that miss more than half of theirs.

    The size of a number that is often zero is left out: it is unknown where it is zero, and nothing is missing.
    """
    p = rows.numeric.shape[1]
    known_as_zero = {name.removesuffix(": any") for name in rows.names if name.endswith(": any")}
    counted = [j for j in range(p) if rows.sources[j] not in known_as_zero]
    missing = np.column_stack([np.isnan(rows.numeric[:, counted]), rows.codes < 0])
    if not missing.size:
        return 0.0, 0.0
    return float(missing.mean()), float((missing.mean(axis=1) > 0.5).mean())


def take(prepared: PreparedTable, rows: np.ndarray | slice) -> Rows:
    """Some rows of a prepared table, in the order given."""
    return Rows(
        np.ascontiguousarray(prepared.X[rows], dtype=np.float64),
        tuple(prepared.names),
        tuple(prepared.sources),
        np.asarray(prepared.numeric[rows], dtype=np.float64),
        np.asarray(prepared.codes[rows], dtype=np.int64),
        tuple(prepared.n_levels),
    )


def from_matrix(X: np.ndarray) -> Rows:
    """Make a table out of a complete numeric matrix."""
    names = tuple(f"x{j}" for j in range(X.shape[1]))
    X = np.ascontiguousarray(X, dtype=np.float64)
    return Rows(X, names, names, X, np.zeros((len(X), 0), dtype=np.int64), ())
