"""What becomes of each segment when there is one segment more or one fewer: stability across solutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from coterie.clustering.limits import place_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.clustering.selection import Scored

#: Solutions with so many segments fewer or more are looked at.
REACH = 3


@dataclass(frozen=True)
class Solution:
    """One number of segments in a series of solutions; its clusters are numbered to follow the solution before.

    Attributes
    ----------
    label : int array of shape (k,), the label that each cluster has in the partition that was handed in
    shares : float array of shape (k,), share of all rows
    stability : float array of shape (k,) in [0, 1]
        1 where all rows of a cluster come from one cluster of the solution before, 0 where they come from all of them
        alike; NaN in the first solution, and after a solution with a single cluster.
    flows : float array of shape (clusters of the solution before, k)
        Share of all rows in the one and in the other; of shape (0, k) in the first solution.
    """

    label: np.ndarray
    shares: np.ndarray
    stability: np.ndarray
    flows: np.ndarray

    @property
    def n_segments(self) -> int:
        """Number of clusters."""
        return len(self.label)


def across_solutions(partitions: Sequence[np.ndarray]) -> tuple[Solution, ...]:
    """Follow the segments through solutions with rising numbers of segments.

    Parameters
    ----------
    partitions : sequence of int arrays of shape (n,), labels 0 … k-1 all present, k rising

    Returns
    -------
    tuple of Solution, one a partition

    Notes
    -----
    Segment level stability across solutions (Dolnicar and Leisch 2017, Marketing Letters 28): with p_j the share of a
    cluster's rows that stand in cluster j of the solution before, which has m, it is 1 + (sum of p_j log p_j) / log m.
    O(n + k³) time a solution.
    """
    solutions: list[Solution] = []
    before: np.ndarray | None = None
    for labels in partitions:
        k = int(labels.max()) + 1
        if before is None:
            order, flows = np.arange(k), np.zeros((0, k))
        else:
            flows = crossed(before, labels) / len(labels)
            order = follow(flows)
            flows = flows[:, order]
        place = np.empty(k, dtype=np.int64)
        place[order] = np.arange(k)
        before = place[labels]
        shares = np.bincount(before, minlength=k) / len(labels)
        solutions.append(Solution(order, shares, recruited_from_one(flows), flows))
    return tuple(solutions)


def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Number of rows with each pair of labels, int array of shape (labels of a, labels of b)."""
    width = int(b.max()) + 1
    return np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width)


def follow(flows: np.ndarray) -> np.ndarray:
    """Order the clusters of the larger solution so that each stands where most of its rows stood before.

    Clusters are matched one to one by the largest total overlap (Kuhn 1955); each that is left over is set beside
    the cluster of the smaller solution that it takes most rows from, the clearest case first.

    Parameters
    ----------
    flows : float array of shape (m, k), m <= k, rows in common

    Returns
    -------
    int array of shape (k,), a permutation
    """
    matched = linear_sum_assignment(flows, maximize=True)[1]
    order = [int(column) for column in matched]
    rest = sorted(set(range(flows.shape[1])) - set(order), key=lambda column: (-flows[:, column].max(), column))
    for column in rest:
        # Beside its source: on the right of it, or before the last cluster where the source is the last.
        order.insert(min(int(flows[:, column].argmax()) + 1, len(order) - 1), column)
    return np.array(order)


def recruited_from_one(flows: np.ndarray) -> np.ndarray:
    """One minus the entropy of where each cluster's rows come from, as a share of the largest possible entropy."""
    m, k = flows.shape
    if m < 2:
        return np.full(k, np.nan)
    shares = flows / flows.sum(axis=0)
    logs = np.log(shares, where=shares > 0, out=np.zeros_like(shares))
    return np.asarray(1 + (shares * logs).sum(axis=0) / np.log(m))


def solutions_around(
    scored: Sequence[Scored], winner: Scored, labels: np.ndarray, X: np.ndarray, smallest_share: float
) -> tuple[Solution, ...]:
    """Follow the chosen segments through the same method's solutions with up to three segments fewer and more.

    Parameters
    ----------
    scored : all that was tried
    winner : Scored, what was chosen
    labels : int array of shape (n,), the chosen partition; none negative
    X : float array of shape (n, d), the sample
    smallest_share : float

    Returns
    -------
    tuple of Solution, by rising number of segments, the chosen one among them
    """
    chosen = int(labels.max()) + 1
    partitions = {chosen: labels}
    for other in sorted(scored, key=lambda s: _likeness(s, winner), reverse=True):
        near = other.trial.method == winner.trial.method and 0 < abs(other.n_segments - chosen) <= REACH
        if near and other.n_segments > 1 and other.n_segments not in partitions:
            placed = place_noise(X, other.labels, smallest_share)[0]
            if int(placed.max()) + 1 == other.n_segments:
                partitions[other.n_segments] = placed
    return across_solutions([partitions[k] for k in sorted(partitions)])


def _likeness(scored: Scored, winner: Scored) -> tuple[int, float, str]:
    """Settings in common with the winner, then the score: with equal numbers of segments, the likest stands for all."""
    settings = winner.trial.parameters.items() - {("k", winner.trial.parameters.get("k"))}
    same = len(settings & scored.trial.parameters.items())
    return same, scored.scores.get("score", -np.inf), repr(sorted(scored.trial.parameters.items()))
