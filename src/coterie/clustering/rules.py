"""The forms of a rule that gives a row its segment: centres, Gaussians, latent classes, KAMILA, prototypes.

All sums run column by column in a fixed order instead of through matrix products, whose last bits depend on the size
of the batch: one row alone, a million rows, and SQL must give the same segment.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from coterie.clustering.kernels.nearest_points import NearestPoints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.clustering.table import Rows

#: Prototypes that vote for the segment of a row.
VOTERS = 5


class Rule(Protocol):
    """Scores of each segment for each row; the highest wins, the lowest label among equals."""

    kind: ClassVar[str]

    @property
    def n_segments(self) -> int:
        """Number of segments."""

    def scores(self, rows: Rows) -> np.ndarray:
        """Scores of shape (n_segments, n)."""

    def confidence(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """How sure the label is, shape (n,), in [0, 1]."""

    def parameters(self) -> dict[str, Any]:
        """What is not an array."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays by name."""


def posterior(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Softmax over segments, taken at the label."""
    top = scores[labels, np.arange(scores.shape[1])]
    total = np.zeros(scores.shape[1])
    for row in scores:
        total += np.exp(row - top)
    return np.asarray(1 / total)


def _gather(component_scores: list[np.ndarray], segment_of: np.ndarray, *, add: bool) -> np.ndarray:
    """Scores of segments from those of their components: the best one, or the logarithm of the summed weights."""
    join = np.logaddexp if add else np.maximum
    segments: list[np.ndarray | None] = [None] * (int(segment_of.max()) + 1)
    for segment, score in zip(segment_of.tolist(), component_scores, strict=True):
        known = segments[segment]
        segments[segment] = score if known is None else join(known, score)
    return np.array(segments)


def category_scores(codes: np.ndarray, log_levels: np.ndarray, n_levels: np.ndarray) -> np.ndarray:
    """Summed log-probabilities of each row's categories, shape (n,); missing and unseen levels say nothing."""
    total = np.zeros(len(codes))
    first = 0
    for code, levels in zip(codes.T, n_levels.tolist(), strict=True):
        table = np.append(log_levels[first : first + levels], 0.0)  # the last entry: missing or never seen
        total += table[np.where((code >= 0) & (code < levels), code, levels)]
        first += levels
    return total


@dataclass(frozen=True)
class CentreRule:
    """Nearest centre, in the linear form 2 c·x - |c|² that every SQL engine computes fast.

    Attributes
    ----------
    points : float array of shape (k, d)
    segment_of : int array of shape (k,): several centres may make one segment
    variance : float, mean squared deviation per column inside the clusters; scales the confidence
    agreement : float in [0, 1]
        Where the centres stand in for a vote of prototypes, the share of unseen rows to which both give one segment.
    """

    kind: ClassVar[str] = "centres"
    points: np.ndarray
    segment_of: np.ndarray
    variance: float
    agreement: float = 1.0

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.segment_of.max()) + 1

    def scores(self, rows: Rows) -> np.ndarray:
        """Linear scores divided by twice the variance: log-density of round clusters, up to a term of the row."""
        scale = 1 / (2 * self.variance)
        columns = np.ascontiguousarray(rows.X.T)
        term = np.empty(len(rows))
        found = []
        for point in self.points:
            score = np.full(len(rows), -float(sum(c * c for c in point.tolist())))
            for column, c in zip(columns, point.tolist(), strict=True):
                np.multiply(column, 2 * c, out=term)
                score += term
            score *= scale
            found.append(score)
        return _gather(found, self.segment_of, add=False)

    def confidence(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Posterior under round clusters of equal spread and weight."""
        return posterior(scores, labels)

    def parameters(self) -> dict[str, Any]:
        """The variance; the agreement where the centres stand in for another rule."""
        return {"variance": self.variance} | ({"agreement": self.agreement} if self.agreement < 1 else {})

    def arrays(self) -> dict[str, np.ndarray]:
        """Centres and their segments."""
        return {"points": self.points, "segment_of": self.segment_of}


@dataclass(frozen=True)
class GaussianRule:
    """Highest posterior of a Gaussian mixture.

    Attributes
    ----------
    log_weights : float array of shape (k,), log of the share plus half the log-determinant of the precision
    means : float array of shape (k, d)
    whitening : float array of shape (k, d, d), lower triangular L' with |L'(x - m)|² the Mahalanobis distance
    segment_of : int array of shape (k,)
    """

    kind: ClassVar[str] = "gaussians"
    log_weights: np.ndarray
    means: np.ndarray
    whitening: np.ndarray
    segment_of: np.ndarray

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.segment_of.max()) + 1

    def scores(self, rows: Rows) -> np.ndarray:
        """Log of share times density, up to a constant. O(n k d²)."""
        columns = np.ascontiguousarray(rows.X.T)
        shifted, total, term = np.empty_like(columns), np.empty(len(rows)), np.empty(len(rows))
        found = []
        for weight, mean, whitening in zip(self.log_weights, self.means, self.whitening, strict=True):
            np.subtract(columns, mean[:, None], out=shifted)
            square = np.zeros(len(rows))
            for a, factors in enumerate(whitening.tolist()):
                total.fill(0.0)
                for b in range(a + 1):
                    if factors[b] != 0.0:
                        np.multiply(shifted[b], factors[b], out=term)
                        total += term
                np.multiply(total, total, out=term)
                square += term
            found.append(weight - 0.5 * square)
        return _gather(found, self.segment_of, add=True)

    def confidence(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Posterior of the segment."""
        return posterior(scores, labels)

    def parameters(self) -> dict[str, Any]:
        """Nothing beside the arrays."""
        return {}

    def arrays(self) -> dict[str, np.ndarray]:
        """All of the mixture."""
        return {name: getattr(self, name) for name in ("log_weights", "means", "whitening", "segment_of")}


@dataclass(frozen=True)
class LatentClassRule:
    """Highest posterior of a latent-class mixture; missing cells are left out.

    Attributes
    ----------
    log_shares : float array of shape (k,)
    means, variances : float arrays of shape (k, p)
    log_levels : float array of shape (k, total number of levels)
    n_levels : int array of shape (c,)
    segment_of : int array of shape (k,)
    freedom : float or None, degrees of freedom of Student's t that the numbers follow; None for normal numbers
    """

    kind: ClassVar[str] = "latent_classes"
    log_shares: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    log_levels: np.ndarray
    n_levels: np.ndarray
    segment_of: np.ndarray
    freedom: float | None = None

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.segment_of.max()) + 1

    def scores(self, rows: Rows) -> np.ndarray:
        """Log of share times density, up to a constant of the row."""
        found = []
        for c in range(len(self.log_shares)):
            score = np.full(len(rows), self.log_shares[c])
            categories = category_scores(rows.codes, self.log_levels[c], self.n_levels)
            found.append(score + self._numbers(rows, c) + categories)
        return _gather(found, self.segment_of, add=True)

    def _numbers(self, rows: Rows, c: int) -> np.ndarray:
        square, logs, known = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
        for j, variance in enumerate(self.variances[c].tolist()):
            seen = np.isfinite(rows.numeric[:, j])
            square += np.where(seen, (rows.numeric[:, j] - self.means[c, j]) ** 2 / variance, 0.0)
            logs += np.where(seen, 0.5 * float(np.log(variance)), 0.0)
            known += seen
        if self.freedom is None:
            return -0.5 * square - logs
        return -0.5 * (self.freedom + known) * np.log1p(square / self.freedom) - logs

    def confidence(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Posterior of the segment."""
        return posterior(scores, labels)

    def parameters(self) -> dict[str, Any]:
        """The degrees of freedom."""
        return {"freedom": self.freedom}

    def arrays(self) -> dict[str, np.ndarray]:
        """All else of the mixture."""
        names = ("log_shares", "means", "variances", "log_levels", "n_levels", "segment_of")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class KamilaRule:
    """Highest posterior of KAMILA's clusters; missing cells are left out.

    Attributes
    ----------
    log_shares : float array of shape (k,)
    points : float array of shape (k, p), the centres
    log_levels : float array of shape (k, total number of levels)
    n_levels : int array of shape (c,)
    radii, log_density : float arrays of shape (m,), log-density of the numbers at distances from a centre
    segment_of : int array of shape (k,)
    slope : float, change of the log-density per unit of distance beyond the last radius
    """

    kind: ClassVar[str] = "kamila"
    log_shares: np.ndarray
    points: np.ndarray
    log_levels: np.ndarray
    n_levels: np.ndarray
    radii: np.ndarray
    log_density: np.ndarray
    segment_of: np.ndarray
    slope: float

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.segment_of.max()) + 1

    def scores(self, rows: Rows) -> np.ndarray:
        """Log of share times density: numbers by their distance, scaled up where some are missing."""
        found = []
        for share, point, log_levels in zip(self.log_shares, self.points, self.log_levels, strict=True):
            score = np.full(len(rows), share) + self._numbers(rows, point)
            found.append(score + category_scores(rows.codes, log_levels, self.n_levels))
        return _gather(found, self.segment_of, add=True)

    def _numbers(self, rows: Rows, point: np.ndarray) -> np.ndarray:
        square, known = np.zeros(len(rows)), np.zeros(len(rows))
        for j, centre in enumerate(point.tolist()):
            seen = np.isfinite(rows.numeric[:, j])
            square += np.where(seen, (rows.numeric[:, j] - centre) ** 2, 0.0)
            known += seen
        p = max(len(point), 1)
        distance = np.sqrt(square * (p / np.maximum(known, 1)))
        beyond = np.maximum(distance - self.radii[-1], 0.0)
        density = np.interp(distance, self.radii, self.log_density) + self.slope * beyond
        return np.asarray(density * (known / p))

    def confidence(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Posterior of the segment."""
        return posterior(scores, labels)

    def parameters(self) -> dict[str, Any]:
        """The slope."""
        return {"slope": self.slope}

    def arrays(self) -> dict[str, np.ndarray]:
        """All else."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "slope"}


@dataclass(frozen=True)
class PrototypeRule:
    """Majority of the five nearest labelled prototypes.

    Equal votes go to the segment of the nearest prototype, then to the nearest mean of prototypes.

    Attributes
    ----------
    points : float array of shape (m, d), all different
    label_of : int array of shape (m,), every label 0 … n_segments - 1 present
    """

    kind: ClassVar[str] = "prototypes"
    points: np.ndarray
    label_of: np.ndarray

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.label_of.max()) + 1

    @cached_property
    def _search(self) -> NearestPoints:
        return NearestPoints(self.points)

    @cached_property
    def _means(self) -> np.ndarray:
        """Mean of the prototypes of each segment."""
        return np.array([self.points[self.label_of == s].mean(axis=0) for s in range(self.n_segments)])

    def nearest_labels(self, rows: Rows, count: int) -> np.ndarray:
        """Labels of the nearest prototypes, nearest first, int array of shape (n, at most `count`)."""
        return np.asarray(self.label_of[self._search.query(rows.X, min(count, len(self.points)))])

    def scores(self, rows: Rows) -> np.ndarray:
        """Share of votes; the tie-breaks weigh less than a vote."""
        return self.votes(rows, self.nearest_labels(rows, VOTERS))

    def votes(self, rows: Rows, nearest: np.ndarray) -> np.ndarray:
        """Scores from the labels of each row's nearest prototypes, of which the first five vote."""
        labels = nearest[:, :VOTERS]
        scores = np.array([(labels == s).sum(axis=1) / labels.shape[1] for s in range(self.n_segments)])
        scores[labels[:, 0], np.arange(len(rows))] += 1e-3
        columns = np.ascontiguousarray(rows.X.T)
        for score, mean in zip(scores, self._means.tolist(), strict=True):
            square = np.zeros(len(rows))
            for column, m in zip(columns, mean, strict=True):
                square += (column - m) ** 2
            score -= 1e-6 * square / (1 + square)
        return scores

    def confidence(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Share of the voters that agree."""
        voters = min(VOTERS, len(self.points))
        return np.asarray(np.round(scores[labels, np.arange(scores.shape[1])] * voters) / voters)

    def parameters(self) -> dict[str, Any]:
        """Nothing beside the arrays."""
        return {}

    def arrays(self) -> dict[str, np.ndarray]:
        """Prototypes and their labels."""
        return {"points": self.points, "label_of": self.label_of}


_KINDS: dict[str, type[Any]] = {
    r.kind: r for r in (CentreRule, GaussianRule, LatentClassRule, KamilaRule, PrototypeRule)
}


def rule_from_parts(kind: str, parameters: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Rule:
    """Rebuild a rule; raises KeyError naming what is missing."""
    made = _KINDS[kind]
    names = [field.name for field in fields(made) if field.name not in parameters and field.default is MISSING]
    rule: Rule = made(**{name: np.asarray(arrays[name]) for name in names}, **parameters)
    return rule
