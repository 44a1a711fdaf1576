"""A small classification tree, grown where it gains most first (CART of Breiman, Friedman, Olshen and Stone 1984)."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

#: An improvement of the impurity below this is rounding.
_NOTHING = 1e-12


@dataclass
class Node:
    """A place in the tree: a leaf, or a question with two ways on.

    Attributes
    ----------
    code : int, the heaviest class among the rows that came here
    feature : int, column of the question; -1 in a leaf
    threshold : float, rows with at most this value go left; infinite where the known go left and the unknown right
    unknown_left : bool, where rows without a value go
    left, right : Node or None
    """

    code: int
    feature: int = -1
    threshold: float = np.inf
    unknown_left: bool = False
    left: Node | None = None
    right: Node | None = None

    def ways(self) -> Iterator[Node]:
        """Both children, the left one first; none of a leaf."""
        if self.left is not None and self.right is not None:
            yield self.left
            yield self.right

    def goes_left(self, values: np.ndarray) -> np.ndarray:
        """Which values of the question's column go left, bool array of shape (n,)."""
        return np.where(np.isnan(values), self.unknown_left, values <= self.threshold)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Class of each row, int array of shape (n,)."""
        found = np.full(len(X), self.code, dtype=np.int64)
        if self.left is not None and self.right is not None:
            left = self.goes_left(X[:, self.feature])
            found[left], found[~left] = self.left.predict(X[left]), self.right.predict(X[~left])
        return found


class _Split(NamedTuple):
    gain: float  # fall of the weighted Gini impurity
    feature: int
    threshold: float
    unknown_left: bool


def grow(X: np.ndarray, codes: np.ndarray, *, max_leaves: int, min_leaf: int) -> Node:
    """Grow a tree by Gini impurity, every class with the same weight in all.

    Parameters
    ----------
    X : float array of shape (n, p), NaN = unknown
    codes : int array of shape (n,), from 0
    max_leaves : int
    min_leaf : int, rows that a leaf has at least

    Returns
    -------
    Node
        The root. Of equal splits the one by the first column, at the lowest threshold, is taken. Rows may come in any
        order: they are counted, and weighted afterwards. O(p n log n + leaves p n k) time.
    """
    return _Growing(X, codes, min_leaf).grown(max_leaves)


class _Growing:
    """A tree in the making; the rows are sorted once by each column."""

    def __init__(self, X: np.ndarray, codes: np.ndarray, min_leaf: int) -> None:
        self.columns, self.codes, self.min_leaf = np.ascontiguousarray(X.T), codes, min_leaf
        counts = np.bincount(codes)
        self.classes = np.arange(len(counts))[:, None]
        self.weight = (len(codes) / np.maximum(counts, 1) / np.count_nonzero(counts))[:, None]

    def grown(self, max_leaves: int) -> Node:
        """Grow from the root, the split that gains most first."""
        order = np.argsort(self.columns, axis=1, kind="stable")  # unknown values come last
        root = Node(0)
        waiting: list[tuple[float, int, Node, np.ndarray, _Split]] = []
        self._offer(waiting, root, order, 0)
        for leaves in range(1, max_leaves):
            if not waiting:
                break
            _, _, node, order, split = heappop(waiting)
            _, node.feature, node.threshold, node.unknown_left = split
            left = np.zeros(len(self.codes), dtype=bool)
            left[order[0]] = node.goes_left(self.columns[node.feature, order[0]])
            node.left, node.right = Node(0), Node(0)
            for turn, (child, mine) in enumerate(((node.left, left[order]), (node.right, ~left[order]))):
                here = order[mine].reshape(len(order), -1)
                self._offer(waiting, child, here, 2 * leaves + turn, last=leaves == max_leaves - 1)
        return root

    def _offer(
        self,
        waiting: list[tuple[float, int, Node, np.ndarray, _Split]],
        node: Node,
        order: np.ndarray,
        number: int,
        *,
        last: bool = False,
    ) -> None:
        """Settle what a leaf says, and queue its best split unless it is one of the last."""
        total = np.bincount(self.codes[order[0]], minlength=len(self.classes))[:, None] * self.weight
        node.code = int(total.argmax())
        if last or len(order[0]) < 2 * self.min_leaf or np.count_nonzero(total) < 2:
            return
        best = max((self._best(order[j], j, total) for j in range(len(order))), key=lambda split: split.gain)
        if best.gain > _NOTHING * len(self.codes):
            heappush(waiting, (-best.gain, number, node, order, best))

    def _best(self, rows: np.ndarray, feature: int, total: np.ndarray) -> _Split:
        """The best split of some rows, sorted by a column with the unknown last."""
        values = self.columns[feature, rows]
        known = len(values) - int(np.isnan(values).sum())
        if not known:
            return _Split(-np.inf, feature, np.inf, unknown_left=False)
        counts = np.cumsum(self.codes[rows[:known]] == self.classes, axis=1, dtype=np.int32)
        at = np.flatnonzero(values[: known - 1] < values[1:known])
        unknown = total - counts[:, -1:] * self.weight
        before = float((total**2).sum() / total.sum())
        found = _Split(-np.inf, feature, np.inf, unknown_left=False)
        for goes_left in (False, True) if known < len(values) else (False,):
            ends = at if goes_left or known == len(values) else np.append(at, known - 1)
            ends = self._allowed(ends, len(values), (len(values) - known) if goes_left else 0)
            if len(ends):
                gain = _purity(counts[:, ends] * self.weight + (unknown if goes_left else 0.0), total) - before
                gain = gain.round(9)  # equal splits must not differ in their last digits
                place = int(gain.argmax())
                if gain[place] > found.gain:
                    found = self._split(values, int(ends[place]), known, feature, float(gain[place]), goes_left)
        return found

    def _allowed(self, ends: np.ndarray, n: int, unknown: int) -> np.ndarray:
        """Last rows on the left that leave enough rows on both sides."""
        left = ends + 1 + unknown
        return ends[(left >= self.min_leaf) & (n - left >= self.min_leaf)]

    def _split(self, values: np.ndarray, end: int, known: int, feature: int, gain: float, goes_left: bool) -> _Split:
        if end == known - 1:
            return _Split(gain, feature, np.inf, unknown_left=False)
        low, high = float(values[end]), float(values[end + 1])
        middle = low / 2 + high / 2
        larger_left = 2 * (end + 1) > len(values)  # who asks for a value that no row lacked goes with the most
        return _Split(
            gain, feature, middle if low <= middle < high else low, goes_left if known < len(values) else larger_left
        )


def _purity(left: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Weight times share of each class, squared and summed, on both sides; `left` of shape (k, m), the result (m,)."""
    inside, sums = np.einsum("km,km->m", left, left), left.sum(axis=0)
    outside = float((total**2).sum()) - 2 * (total.T @ left)[0] + inside
    return np.asarray(inside / np.maximum(sums, 1e-300) + outside / np.maximum(float(total.sum()) - sums, 1e-300))
