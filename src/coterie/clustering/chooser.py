"""Predict how well a division agrees with the true groups: small regression trees, learned, stored as plain numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Decimals of a criterion that count: thresholds must not hang on the last bits of a sum.
DECIMALS = 9
#: Slope of the calibration above its knots: it must rise, and say next to nothing more.
ABOVE = 0.01


@dataclass(frozen=True)
class Chooser:
    """A sum of regression trees over criteria (gradient boosting, Friedman 2001, Annals of Statistics 29).

    Attributes
    ----------
    features : names of the criteria
    start : float, the prediction before any tree
    feature, left, right : int arrays of shape (trees, nodes); a leaf is its own left and right
    threshold, value : float arrays of shape (trees, nodes); value is 0 except in leaves
    depth : int, steps from a root to the deepest leaf
    knots : float array of shape (m, 2): prediction of a chosen division, and the agreement that such divisions reached
    sets : int, generated data sets that it was trained and calibrated on
    """

    features: tuple[str, ...]
    start: float
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    depth: int
    knots: np.ndarray
    sets: int = 0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Chooser:
        """Read what the training wrote: each tree as rows of [feature, threshold, left, right, value]."""
        nodes = max(len(tree) for tree in data["trees"])
        table = np.zeros((len(data["trees"]), nodes, 5))
        for at, tree in enumerate(data["trees"]):
            table[at, : len(tree)] = tree
        return cls(
            tuple(data["features"]),
            float(data["start"]),
            table[:, :, 0].astype(np.int64),
            table[:, :, 1],
            table[:, :, 2].astype(np.int64),
            table[:, :, 3].astype(np.int64),
            table[:, :, 4],
            int(data["depth"]),
            np.array(data["knots"], dtype=float),
            int(data.get("sets", 0)),
        )

    def predict(self, rows: Sequence[Mapping[str, float]]) -> np.ndarray:
        """Predicted adjusted Rand index with the true groups, shape (len(rows),).

        Calibrated for the division that is chosen: of those with a prediction of 0.8 the index is 0.8 on average, on
        data like the generated ones.
        """
        return self._calibrated(self.raw(rows))

    def raw(self, rows: Sequence[Mapping[str, float]]) -> np.ndarray:
        """Sum of the trees, before calibration, shape (len(rows),)."""
        F = np.array([[row[name] for name in self.features] for row in rows]).round(DECIMALS)
        node = np.zeros((len(F), len(self.feature)), dtype=np.int64)
        trees = np.arange(len(self.feature))
        lines = np.arange(len(F))[:, None]
        for _ in range(self.depth):
            below = F[lines, self.feature[trees, node]] <= self.threshold[trees, node]
            node = np.where(below, self.left[trees, node], self.right[trees, node])
        return np.asarray(self.start + self.value[trees, node].sum(axis=1))

    def _calibrated(self, raw: np.ndarray) -> np.ndarray:
        """Piecewise linear and rising everywhere, so that the order of divisions stays as it is."""
        x, y = self.knots.T
        below, above = np.minimum(raw - x[0], 0.0), np.maximum(raw - x[-1], 0.0)
        return np.asarray(np.interp(raw, x, y) + below + ABOVE * above)

    def losses(
        self, rows: Sequence[Mapping[str, float]], best: Mapping[str, float], groups: Sequence[Sequence[str]]
    ) -> np.ndarray:
        """How much better each division would be predicted, had it one group of criteria of the best one.

        Returns
        -------
        float array of shape (len(rows), len(groups))
        """
        if not rows:
            return np.zeros((0, len(groups)))
        improved = [{**row, **{name: best[name] for name in names}} for row in rows for names in groups]
        after = self.predict(improved).reshape(len(rows), len(groups))
        return np.asarray(after - self.predict(rows)[:, None])


@cache
def chooser() -> Chooser:
    """Give the chooser of this version."""
    return Chooser.from_dict(json.loads(files("coterie.clustering").joinpath("chooser.json").read_text("utf-8")))
