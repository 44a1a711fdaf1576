"""K-Means for many bootstrap samples at once: the same steps as one after the other, in a tenth of the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Samples that go through the steps together: their scores stay in the cache.
_TOGETHER = 10
#: Most steps, and the squared shift of the centres, in mean variances of the columns, at which a start stands still.
_STEPS, _STILL = 100, 1e-4


class Sample(NamedTuple):
    """Different rows, float array of shape (n, d), and how often each was drawn, shape (n,)."""

    X: np.ndarray
    times: np.ndarray


def kmeans_draws(samples: Sequence[Sample], starts: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Run Lloyd's iterations on each sample from each of its starts and keep the best.

    Parameters
    ----------
    samples : sequence of Sample
    starts : float array of shape (len(samples), starts, k, d)

    Returns
    -------
    list of (centres, labels), of each sample: float array of shape (k, d), int array of shape (n,)

    Notes
    -----
    Single precision; an empty cluster takes the row that lies farthest from its centre. O(n d k) time a step and start.
    """
    found = []
    for begin in range(0, len(samples), _TOGETHER):
        some = samples[begin : begin + _TOGETHER]
        runs = _Runs(some, starts[begin : begin + _TOGETHER])
        runs.climb()
        found += runs.best([len(sample.X) for sample in some])
    return found


class _Runs:
    """The starts of some samples, their rows beside each other; shorter samples end with rows that count nothing."""

    def __init__(self, samples: Sequence[Sample], starts: np.ndarray) -> None:
        b, s, k, d = starts.shape
        longest = max(len(sample.X) for sample in samples)
        self.wide = np.zeros((b, longest, d + 1), dtype=np.float32)
        self.times = np.zeros((b, longest), dtype=np.float32)
        for at, (X, times) in enumerate(samples):
            self.wide[at, : len(X), :d], self.wide[at, : len(X), d], self.times[at, : len(X)] = X, 1.0, times
        self.columns = np.ascontiguousarray(self.wide.transpose(0, 2, 1))
        self.heavy = self.wide * self.times[:, :, None]
        self.limit = _STILL * np.array([_mean_variance(*sample) for sample in samples])
        self.centres = starts.astype(np.float32)
        self.shape = (s, k, d)

    def climb(self) -> None:
        """Step until all starts of all samples stand still; a start that stands still stays where it is."""
        s, k, d = self.shape
        moving = np.ones(self.centres.shape[:2], dtype=bool)
        for _ in range(_STEPS):
            at = np.flatnonzero(moving.any(axis=1))
            if not at.size:
                return
            some = slice(None) if len(at) == len(moving) else at
            scores = self._scores(some)
            member = scores == scores.min(axis=2, keepdims=True)
            sums = (member.reshape(len(at), s * k, -1).astype(np.float32) @ self.heavy[some]).reshape(-1, s, k, d + 1)
            self._fill_empty(sums, at, scores)
            moved = np.where(moving[at][:, :, None, None], sums[..., :-1] / sums[..., -1:], self.centres[at])
            shift = ((moved - self.centres[at]) ** 2).sum(axis=(2, 3))
            self.centres[at] = moved
            moving[at] &= shift > self.limit[at, None]

    def _scores(self, some: slice | np.ndarray) -> np.ndarray:
        """Squared distances less |x|², shape (samples, starts, k, n)."""
        s, k, d = self.shape
        centres = self.centres[some]
        linear = np.concatenate([-2 * centres, (centres**2).sum(axis=3, keepdims=True)], axis=3)
        return np.asarray((linear.reshape(-1, s * k, d + 1) @ self.columns[some]).reshape(-1, s, k, self.wide.shape[1]))

    def _fill_empty(self, sums: np.ndarray, at: np.ndarray, scores: np.ndarray) -> None:
        """Give each empty cluster the row that lies farthest from its centre."""
        for b, s in zip(*np.nonzero((sums[..., -1] == 0).any(axis=2)), strict=True):
            empty = np.flatnonzero(sums[b, s, :, -1] == 0)
            wide = self.wide[at[b]]
            apart = np.where(self.times[at[b]] > 0, scores[b, s].min(axis=0) + (wide[:, :-1] ** 2).sum(axis=1), -np.inf)
            sums[b, s, empty] = wide[np.argsort(-apart, kind="stable")[: len(empty)]]

    def best(self, lengths: Sequence[int]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Centres and labels of the best start of each sample."""
        scores = self._scores(slice(None))
        reached = (scores.min(axis=2) * self.times[:, None]).sum(axis=2, dtype=np.float64)
        which = reached.argmin(axis=1)
        return [
            (self.centres[b, start].astype(np.float64), scores[b, start, :, :length].argmin(axis=0))
            for b, (start, length) in enumerate(zip(which.tolist(), lengths, strict=True))
        ]


def _mean_variance(X: np.ndarray, times: np.ndarray) -> float:
    middle = np.average(X, axis=0, weights=times)
    return float(np.average((X - middle) ** 2, axis=0, weights=times).mean())
