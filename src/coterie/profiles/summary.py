"""Sizes, values and stabilities of the segments, and the order in which they are numbered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles.contrasts import numeric_values
from coterie.profiles.small_cells import hidden_parts, is_dominated
from coterie.profiles.wording import SMALLEST_CELL

if TYPE_CHECKING:
    from coterie.clustering import Assignment, Choice
    from coterie.vocabulary import CustomerTable

#: Mean Jaccard similarity from which a segment counts as stable, and from which it is at least a pattern (Hennig 2007).
STABLE, PATTERN = 0.75, 0.6


@dataclass(frozen=True)
class Summary:
    """The segments in their order: arrays of shape (n_segments,), position 0 for segment 1.

    `codes` (n_customers,) holds `segment_id - 1` of each customer; `id_of_label` the segment id of each cluster label,
    0 for a label that nobody has. `untold` says whose value is not told: fewer than ten customers, one or two who make
    up most of it, or one more where the total would give the only such value away.
    """

    codes: np.ndarray
    labels: np.ndarray
    id_of_label: tuple[int, ...]
    sizes: np.ndarray
    worth: np.ndarray
    stabilities: np.ndarray
    untold: np.ndarray
    typical: np.ndarray  # median value of a customer

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def total_value(self) -> float:
        """Value of all the customers; NaN where there is no value feature."""
        return float(self.worth.sum())

    def value_share(self, code: int) -> float:
        """Give the segment's part of the total value; NaN where there is none or the total is not positive."""
        return float(self.worth[code] / self.total_value) if self.total_value > 0 else math.nan


def summarise(customers: CustomerTable, assignment: Assignment, choice: Choice) -> Summary:
    """Put the segments in order: by falling total value, or by size where nothing says what a customer is worth.

    Customers whose value is unknown count as 0. Labels that no customer has get no segment.
    """
    labels = np.asarray(assignment.labels, dtype=np.int64)
    n_labels = max(int(labels.max(initial=0)) + 1, choice.n_segments)
    sizes = np.bincount(labels, minlength=n_labels)
    values = _values(customers, labels, n_labels)
    each = _each(customers)
    parts = [np.array([]) if each is None else each[labels == label] for label in range(n_labels)]
    rank_by = np.where(np.isfinite(values), values, sizes)
    order = [label for label in np.lexsort((np.arange(n_labels), -sizes, -rank_by)) if sizes[label] > 0]
    code_of_label = np.full(n_labels, -1)
    code_of_label[order] = np.arange(len(order))
    known = (*choice.verdict.segment_stability, *[math.nan] * n_labels)
    return Summary(
        codes=code_of_label[labels],
        labels=np.array(order, dtype=np.int64),
        id_of_label=tuple(int(code) + 1 for code in code_of_label),
        sizes=sizes[order],
        worth=values[order],
        stabilities=np.array([known[label] for label in order], dtype=float),
        untold=_untold(sizes[order], values[order], [parts[label] for label in order]),
        typical=np.array([_median(parts[label]) for label in order], dtype=float),
    )


def _untold(sizes: np.ndarray, values: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    unsafe = [size < SMALLEST_CELL or is_dominated(part) for size, part in zip(sizes, parts, strict=True)]
    return hidden_parts(np.where(np.isfinite(values), values, sizes), np.array(unsafe, dtype=bool))


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) >= SMALLEST_CELL else math.nan


def badge(stability: float) -> str:
    """Say how far to trust a segment: `stable`, `pattern`, `do not rely on it`; "" where it was not measured."""
    if not math.isfinite(stability):
        return ""
    if stability >= STABLE:
        return "stable"
    return "pattern" if stability >= PATTERN else "do not rely on it"


def _each(customers: CustomerTable) -> np.ndarray | None:
    """Value of each customer; None where nothing says it."""
    if customers.value is None or customers.value not in customers.frame.columns:
        return None
    each = numeric_values(customers, customers.value)
    return each if np.isfinite(each).any() else None


def _values(customers: CustomerTable, labels: np.ndarray, n_labels: int) -> np.ndarray:
    each = _each(customers)
    if each is None:
        return np.full(n_labels, np.nan)
    # Cents are summed as whole numbers, so that the order of the customers cannot change a total.
    cents = np.rint(np.nan_to_num(each) * 100)
    return np.round(np.bincount(labels, weights=cents, minlength=n_labels) / 100, 2)
