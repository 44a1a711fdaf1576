"""Do two groups lie apart, and does one hide two? Seen along the one axis that tells them apart best."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Fewest rows that are looked at for a hidden division.
FEWEST = 20
#: Steps of 2-means on the way to the best division of a group.
STEPS = 6
#: Where along the way from one median to the other the density is looked at, and how wide, in shares of the way.
CUTS = (0.35, 0.5, 0.65)
WIDTH = 0.2
_LARGEST_GAP, _LARGEST_CUT = 10.0, 2.0


class Division(NamedTuple):
    """Two groups along their discriminant axis.

    `gap` = distance of the means / sum of the two standard deviations: about 1.3 for the halves of one Gaussian, 2 for
    two Gaussians four standard deviations apart. `cut` = least density between the medians / smaller density at a
    median: 0 = nothing in between, 1 and more = a cut through the middle.
    """

    gap: float
    cut: float


_ONE_GROUP = Division(0.0, _LARGEST_CUT)


def division(A: np.ndarray, B: np.ndarray) -> Division:
    """How two groups of rows lie to each other.

    Parameters
    ----------
    A, B : float arrays of shape (m, d) and (n, d)

    Notes
    -----
    The axis is Fisher's (1936), with the pooled covariance shrunk to a sphere where rows are few. O((m + n) d²) time.
    """
    middle_a, middle_b = A.mean(axis=0), B.mean(axis=0)
    rows, d = len(A) + len(B), A.shape[1]
    within = A.T @ A - len(A) * np.outer(middle_a, middle_a) + B.T @ B - len(B) * np.outer(middle_b, middle_b)
    own = rows / (rows + 2 * d)
    size = max(float(np.trace(within)), 0.0) / d
    within = own * within + ((1 - own) * size + 1e-6 * size + 1e-12) * np.eye(d)
    axis = np.linalg.solve(within, middle_a - middle_b)
    return _along(A @ axis, B @ axis)


def _along(a: np.ndarray, b: np.ndarray) -> Division:
    a.sort()
    b.sort()
    start, end = _middle(a), _middle(b)
    width = WIDTH * abs(end - start)
    if width <= 0:
        return _ONE_GROUP
    (mean_a, spread_a), (mean_b, spread_b) = _mean_and_spread(a), _mean_and_spread(b)
    spread = spread_a + spread_b
    gap = abs(mean_a - mean_b) / spread if spread > 0 else _LARGEST_GAP
    places = np.array([start, end, *(start + share * (end - start) for share in CUTS)])
    ends = np.concatenate([places - width, places + width])
    below = np.searchsorted(a, ends) + np.searchsorted(b, ends)
    crowd = below[len(places) :] - below[: len(places)]
    cut = crowd[2:].min() / max(crowd[:2].min(), 1)
    return Division(float(min(gap, _LARGEST_GAP)), float(min(cut, _LARGEST_CUT)))


def _middle(rising: np.ndarray) -> float:
    """Median of values that are sorted."""
    half = len(rising) // 2
    return float(rising[half] if len(rising) % 2 else (rising[half - 1] + rising[half]) / 2)


def _mean_and_spread(values: np.ndarray) -> tuple[float, float]:
    mean = float(values.mean())
    off = values - mean
    return mean, float(np.sqrt(off @ off / len(values)))


def best_division(R: np.ndarray) -> Division:
    """How the two halves of a group lie to each other, halved by 2-means from the longest axis on. O(n d²) time."""
    if len(R) < FEWEST:
        return _ONE_GROUP
    C = R - R.mean(axis=0)
    first = C @ np.linalg.eigh(C.T @ C)[1][:, -1] > 0
    for _ in range(STEPS):
        many = int(np.count_nonzero(first))
        if not _large_enough(many, len(C)):
            return _ONE_GROUP
        together = first.astype(float) @ C  # the others' sum is its opposite, since all together are centred
        one, other = together / many, -together / (len(C) - many)
        moved = C @ (one - other) > (one @ one - other @ other) / 2
        if np.array_equal(moved, first):
            break
        first = moved
    return division(C[first], C[~first]) if _large_enough(int(np.count_nonzero(first)), len(C)) else _ONE_GROUP


def _large_enough(many: int, rows: int) -> bool:
    return min(many, rows - many) >= FEWEST // 4


class Divisions:
    """Divisions of the clusters of many partitions of the same rows; each set of rows is looked at once.

    Parameters
    ----------
    X : float array of shape (n, d)
    """

    def __init__(self, X: np.ndarray) -> None:
        self.X = X
        self._inside: dict[bytes, Division] = {}
        self._between: dict[tuple[bytes, ...], Division] = {}

    def criteria(self, members: list[np.ndarray], middles: np.ndarray) -> dict[str, float]:
        """Criteria of one partition.

        Parameters
        ----------
        members : list of int arrays, the rows of each cluster
        middles : float array of shape (k, d), their means

        Returns
        -------
        dict with
            gap, gap_least : of each cluster to the nearest other one, weighted by size, and the least
            cut, cut_worst : likewise
            split_gap, split_gap_most, split_cut, split_cut_least : of the halves of each cluster
            split_lost : density missing between the halves of a cluster times the root of its share, the largest
        """
        keys = [rows.tobytes() for rows in members]
        sizes = np.array([len(rows) for rows in members], dtype=float)
        share = sizes / sizes.sum()
        gaps, cuts = self._nearest(members, keys, middles)
        halves = np.array([self._halves(rows, key) for rows, key in zip(members, keys, strict=True)])
        lost = np.maximum(0, 1 - halves[:, 1]) * np.sqrt(sizes / len(self.X))
        return {
            "gap": float(gaps @ share),
            "gap_least": float(gaps.min()),
            "cut": float(cuts @ share),
            "cut_worst": float(cuts.max()),
            "split_gap": float(halves[:, 0] @ share),
            "split_gap_most": float(halves[:, 0].max()),
            "split_cut": float(halves[:, 1] @ share),
            "split_cut_least": float(halves[:, 1].min()),
            "split_lost": float(lost.max()),
        }

    def _halves(self, rows: np.ndarray, key: bytes) -> Division:
        if key not in self._inside:
            self._inside[key] = best_division(self.X[rows])
        return self._inside[key]

    def _nearest(
        self, members: list[np.ndarray], keys: list[bytes], middles: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Smallest gap and largest cut of each cluster, among the pairs of a cluster and the one nearest to it."""
        apart = ((middles[:, None] - middles) ** 2).sum(axis=-1)
        np.fill_diagonal(apart, np.inf)
        gaps, cuts = np.full(len(members), np.inf), np.zeros(len(members))
        for pair in {tuple(sorted((c, int(apart[c].argmin())))) for c in range(len(members))}:
            key = tuple(sorted(keys[c] for c in pair))
            if key not in self._between:
                self._between[key] = division(*(self.X[members[c]] for c in pair))
            found = self._between[key]
            for c in pair:
                gaps[c], cuts[c] = min(gaps[c], found.gap), max(cuts[c], found.cut)
        return gaps, cuts
