"""One shallow tree that sorts customers into the segments, and how far it can be trusted to do so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles.cart import Node, grow
from coterie.profiles.rules import condition_text, rounded_cut, sample_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.profiles.rules import Columns

#: From this share of customers told right on, rules may stand for the segments; below it they are a rough guide.
FAITHFUL = 0.85
#: Parts of which each is told by a tree grown on the others, on at most so many customers.
FOLDS = 5
_UNSEEN_SAMPLE = 5_000


@dataclass(frozen=True)
class Branch:
    """One line of the tree: a condition, and the segment where the way ends."""

    depth: int  # 0 for the first question
    condition: str  # in words; "" where the whole tree is one leaf
    segment_id: int  # 0 where the way goes on
    customers: int  # who come this way
    right: int  # of them, those who are in that segment; 0 where the way goes on


@dataclass(frozen=True)
class Tree:
    """A shallow tree for all the segments.

    Attributes
    ----------
    branches : tuple of Branch, from the root down, each condition before what follows it
    text : str, the same, one line a condition
    fidelity : float, share of all customers whom the tree puts into their own segment
    unseen : float, the same share of customers whom a tree had not been grown on (five-fold cross-validation)
    """

    branches: tuple[Branch, ...]
    text: str
    fidelity: float
    unseen: float


def grow_tree(columns: Columns, codes: np.ndarray, names: Sequence[str]) -> Tree:
    """Describe all segments by one shallow tree, with class-weighted leaves so that small segments are not lost.

    Parameters
    ----------
    columns : Columns
    codes : int array of shape (n,)
        `segment_id - 1` of each customer.
    names : sequence of str
        Names of the segments.

    Returns
    -------
    Tree
        At most 2k leaves of at least max(5, n / 200) customers (CART of Breiman et al. 1984); thresholds rounded where
        that hardly moves anybody; `fidelity` is that of the rounded tree on all customers (NaN where there is nothing
        to grow it from).
    """
    if not columns.names or len(names) < 2:
        return Tree((), "", math.nan, math.nan)
    rows = sample_rows(len(codes))
    walk = _Walk(columns, codes, rows)
    walk.into(_fitted(columns.X[rows], codes[rows], len(names)), np.arange(len(codes)), 0, "")
    fidelity = sum(branch.right for branch in walk.branches) / len(codes)
    unseen = fidelity_unseen(columns.X, codes, len(names))
    return Tree(tuple(walk.branches), tree_text(walk.branches, names), fidelity, unseen)


def fidelity_unseen(X: np.ndarray, codes: np.ndarray, n_segments: int) -> float:
    """Share of customers told right by trees grown on others, in [0, 1]; five fits on at most 4,000 rows.

    Parameters
    ----------
    X : float array of shape (n, p), NaN = unknown
    codes : int array of shape (n,)
    n_segments : int

    Returns
    -------
    float
        NaN below ten rows.
    """
    rows = sample_rows(len(codes), _UNSEEN_SAMPLE)
    if len(rows) < 2 * FOLDS:
        return math.nan
    fold = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    right = 0
    for held in range(FOLDS):
        seen, kept = rows[fold != held], rows[fold == held]
        right += int((_fitted(X[seen], codes[seen], n_segments).predict(X[kept]) == codes[kept]).sum())
    return right / len(rows)


def tree_text(branches: Sequence[Branch], names: Sequence[str]) -> str:
    """Put a tree into lines, the conditions indented, each leaf with an arrow before its segment."""
    lines = []
    for branch in branches:
        lines += ["  " * branch.depth + branch.condition] if branch.condition else []
        if branch.segment_id:
            depth = branch.depth + 1 if branch.condition else branch.depth
            lines.append("  " * depth + f"→ {names[branch.segment_id - 1]}")
    return "\n".join(lines)


def _fitted(X: np.ndarray, codes: np.ndarray, n_segments: int) -> Node:
    return grow(X, codes, max_leaves=2 * n_segments, min_leaf=max(5, len(X) // 200))


class _Walk:
    """Visits a fitted tree from the root: rounds its thresholds, puts it into words, sends all customers down."""

    def __init__(self, columns: Columns, codes: np.ndarray, rows: np.ndarray) -> None:
        self.columns, self.codes = columns, codes
        self.sorted = [np.sort(column[np.isfinite(column)]) for column in columns.X[rows].T]
        self.branches: list[Branch] = []

    def leaf_codes(self, node: Node) -> set[int]:
        """Give the segments below a node; a branch whose leaves all say the same is told as one leaf."""
        return {code for child in node.ways() for code in self.leaf_codes(child)} or {node.code}

    def into(self, node: Node, rows: np.ndarray, depth: int, condition: str) -> None:
        """Send customers down to a node by a condition, telling the way."""
        leaf = self.leaf_codes(node)
        code = next(iter(leaf)) if len(leaf) == 1 else -1
        if condition or code >= 0:
            right = int((self.codes[rows] == code).sum())
            self.branches.append(Branch(depth, condition, code + 1, len(rows), right))
        if code >= 0:
            return
        below = depth + 1 if condition else depth
        for child, words, mine in self._ways(node, rows):
            self.into(child, mine, below, words)

    def _ways(self, node: Node, rows: np.ndarray) -> list[tuple[Node, str, np.ndarray]]:
        """Give both children of a node, with their conditions in words and who goes there."""
        place, name = node.feature, self.columns.names[node.feature]
        # An infinite threshold parts the known values from the unknown ones.
        cut = rounded_cut(self.sorted[place], node.threshold) if math.isfinite(node.threshold) else math.inf
        values = self.columns.X[rows, place]
        goes_left = np.where(np.isnan(values), node.unknown_left, values <= cut)
        tells_unknown = bool(np.isnan(self.columns.X[:, place]).any()) and math.isfinite(cut)
        ways = []
        for child, operator, here in zip(node.ways(), ("<=", ">"), (goes_left, ~goes_left), strict=True):
            words = condition_text((name, operator, cut), self.columns)
            words += " or unknown" if tells_unknown and node.unknown_left == (operator == "<=") else ""
            ways.append((child, words, rows[here]))
        return ways
