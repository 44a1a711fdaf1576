"""Assign rows to segments: the fitted rule, how sure it is, and its form on disk."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering.calibration import Calibration, calibration_from, second_share, with_margins
from coterie.clustering.rules import Rule, rule_from_parts
from coterie.clustering.table import Rows, take
from coterie.errors import InputError, StudyError
from coterie.memory import let_go, parked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coterie.clustering.table import PreparedTable

T = TypeVar("T")

#: A customer belongs to the core of a segment from this confidence on …
CORE_CONFIDENCE = 0.7
#: … unless farther from the segment's centre than this share of its members.
CORE_DISTANCE = 0.9
#: A customer stands between two segments when the second is at least this many times as probable as the first.
NEARLY_AS_PROBABLE = 0.6
#: Rows that are placed in one go; with fewer, threads wait for each other.
_CHUNK = 32_768
_FORMAT = 1


@dataclass(frozen=True)
class Assignment:
    """The segment of every row.

    Attributes
    ----------
    labels : int array of shape (n,), 0 … n_segments - 1
    confidence : float array of shape (n,), in [0, 1]: the probability that such a row gets the same segment when the
        segments are made again from other customers, measured by refits. Where nothing was measured (`calibration` is
        None): for mixtures the posterior of the label, for centres the posterior under round clusters of equal spread,
        for neighbours the share of the five nearest prototypes that agree
    is_core : bool array of shape (n,): confidence at least 0.7 and not among the farthest tenth of the segment
    second : int array of shape (n,), the next best label (the label itself where there is one segment)
    distance : float array of shape (n,), Euclidean, to the segment's mean in the prepared matrix
    second_confidence : float array of shape (n,), in [0, 1]: what of the remaining probability goes to `second`
    """

    labels: np.ndarray
    confidence: np.ndarray
    is_core: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    second_confidence: np.ndarray

    @property
    def is_between(self) -> np.ndarray:
        """Rows for which the second segment is nearly as probable: at least 0.6 times; bool array of shape (n,)."""
        return np.asarray(~self.is_core & (self.second_confidence >= NEARLY_AS_PROBABLE * self.confidence))


@dataclass(frozen=True)
class Assigner:
    """A rule that gives each row a segment, row by row: a row's result does not depend on the rows beside it.

    Attributes
    ----------
    rule : Rule
    centres : float array of shape (n_segments, d), mean of each segment's rows when it was fitted
    reach : float array of shape (n_segments,), distance from the centre within which nine tenths of the rows lay
    columns : names of the d columns of the matrix
    calibration : Calibration or None, what turns margins into probabilities
    """

    rule: Rule
    centres: np.ndarray
    reach: np.ndarray
    columns: tuple[str, ...]
    calibration: Calibration | None = None

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.centres)

    def assign(self, prepared: PreparedTable) -> Assignment:
        """Assign every row.

        Raises
        ------
        InputError
            If the columns are not those of the fit.
        """
        if tuple(prepared.names) != self.columns:
            raise InputError(
                "The prepared columns are not those that the segments were built on.",
                found=f"Expected {', '.join(self.columns)}; found {', '.join(prepared.names)}.",
                remedy="Prepare the customers with the recipe of the same study.",
            )
        parts = _side_by_side(lambda start: self._assign(take(prepared, slice(start, start + _CHUNK))), len(prepared.X))
        return Assignment(*(parked(np.concatenate([getattr(p, name) for p in parts])) for name in _FIELDS))

    def labels(self, prepared: PreparedTable) -> np.ndarray:
        """The segment of every row and nothing else, int array of shape (n,): a part of the time of `assign`."""

        def of(start: int) -> np.ndarray:
            return np.asarray(self.rule.scores(take(prepared, slice(start, start + _CHUNK))).argmax(axis=0))

        return np.concatenate(_side_by_side(of, len(prepared.X)))

    def _assign(self, rows: Rows) -> Assignment:
        placed = with_margins(self.rule, rows)
        scores, labels, margins, _ = placed
        if self.calibration is None:
            confidence = self.rule.confidence(scores, labels)
        else:
            confidence = self.calibration.probability(margins, labels)
        others = scores.copy()
        others[labels, np.arange(len(rows))] = -np.inf
        second = others.argmax(axis=0) if self.n_segments > 1 else labels
        doubt = second_share(placed, second) if self.n_segments > 1 else np.zeros(len(rows))
        distance = distance_to(rows.X, self.centres, labels)
        is_core = (confidence >= CORE_CONFIDENCE) & (distance <= self.reach[labels])
        second_confidence = np.minimum((1 - confidence) * doubt, confidence)
        return Assignment(
            labels.astype(np.int64), confidence, is_core, second.astype(np.int64), distance, second_confidence
        )

    def margins(self, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Label and margin of each row: what a calibration is made from."""
        placed = with_margins(self.rule, rows)
        return placed.labels, placed.margins

    def to_dict(self) -> dict[str, Any]:
        """Everything but the arrays, fit for JSON."""
        return {
            "format": _FORMAT,
            "rule": self.rule.kind,
            "n_segments": self.n_segments,
            "columns": list(self.columns),
            "parameters": self.rule.parameters(),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by name; none holds objects."""
        curve = self.calibration.arrays() if self.calibration else {}
        return {"centres": self.centres, "reach": self.reach, **self.rule.arrays(), **curve}

    @classmethod
    def from_parts(cls, data: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Assigner:
        """Rebuild from `to_dict` and `arrays`; assigns bit for bit alike.

        Raises
        ------
        StudyError
            If parts are missing or of another format version.
        """
        if data.get("format") != _FORMAT:
            raise StudyError(
                "The stored assignment rule has a format that this version does not know.",
                found=f"Format {data.get('format')!r}, known: {_FORMAT}.",
                remedy="Run the segmentation again, or use the version that wrote the study.",
            )
        try:
            rule = rule_from_parts(data["rule"], data["parameters"], arrays)
            centres, reach = np.asarray(arrays["centres"]), np.asarray(arrays["reach"])
            return cls(rule, centres, reach, tuple(data["columns"]), calibration_from(arrays))
        except KeyError as cause:
            raise StudyError(
                "The stored assignment rule is incomplete.",
                found=f"Missing: {cause.args[0]}.",
                remedy="Copy the whole study folder again, or run the segmentation again.",
            ) from cause


def _side_by_side(work: Callable[[int], T], n: int) -> list[T]:
    """Work on each chunk of n rows, on as many threads as there are cores; a row's result hangs on no other row."""
    starts = range(0, max(n, 1), _CHUNK)
    if len(starts) == 1:
        return [work(0)]

    def one(start: int) -> T:
        done = work(start)
        let_go()
        return done

    # One thread each for matrix products: more of them would wait for each other.
    with threadpool_limits(limits=1), ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as threads:
        return list(threads.map(one, starts))


_FIELDS = ("labels", "confidence", "is_core", "second", "distance", "second_confidence")


def make_assigner(rule: Rule, rows: Rows) -> Assigner:
    """Complete a rule with the centre and reach of each segment, measured on some rows.

    A segment without a row gets the overall mean as its centre.
    """
    segments = rule.n_segments
    labels = rule.scores(rows).argmax(axis=0)
    overall = rows.X.mean(axis=0)
    centres = np.array([rows.X[labels == s].mean(axis=0) if (labels == s).any() else overall for s in range(segments)])
    centres = significant(centres)
    distance = distance_to(rows.X, centres, labels)
    reach = [np.quantile(distance[labels == s], CORE_DISTANCE) if (labels == s).any() else 0.0 for s in range(segments)]
    # A hair of slack: the quantile is rounded, and rows exactly at it stay inside.
    return Assigner(rule, centres, significant(np.array(reach) * (1 + 1e-9)), rows.names)


def distance_to(X: np.ndarray, centres: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Distance of each row to its own centre, summed column by column so that it never depends on the batch."""
    total = np.zeros(len(X))
    for column, places in zip(X.T, np.ascontiguousarray(centres.T), strict=True):
        total += (column - places.take(labels)) ** 2
    return np.asarray(np.sqrt(total))


def significant(values: np.ndarray, digits: int = 12) -> np.ndarray:
    """Round to significant digits, so that Python and every engine's SQL compute with the same numbers."""
    flat = [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=np.float64).ravel().tolist()]
    return np.array(flat).reshape(np.shape(values))
