"""The small classification tree, held against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from coterie.profiles.cart import grow


def _table(seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Three uneven classes that overlap; some values unknown, some shared by many."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    X = rng.normal(size=(n, 5)) + codes[:, None] * rng.normal(size=5)
    X[:, 1] = X[:, 1].round()
    X[rng.random(n) < 0.2 * (codes == 1), 2] = np.nan
    return X.astype(np.float32).astype(float), codes  # scikit-learn rounds to single precision


@pytest.mark.parametrize("seed", range(6))
def test_the_tree_tells_the_classes_apart_as_scikit_learns_does(seed: int) -> None:
    X, codes = _table(seed)
    ours = grow(X, codes, max_leaves=6, min_leaf=5).predict(X)
    theirs = DecisionTreeClassifier(class_weight="balanced", max_leaf_nodes=6, min_samples_leaf=5, random_state=0).fit(
        X, codes
    )
    assert (ours == theirs.predict(X)).mean() > 0.995


def test_equal_splits_and_another_order_of_the_rows_give_the_same_tree() -> None:
    X, codes = _table(7)
    X = np.hstack([X, X])  # every split exists twice
    order = np.random.default_rng(0).permutation(len(X))
    one, other = (grow(X[rows], codes[rows], max_leaves=6, min_leaf=5) for rows in (np.arange(len(X)), order))
    assert one == other
    assert one.feature < 5


def test_rows_without_a_value_go_where_their_class_went() -> None:
    X = np.r_[np.full(30, np.nan), np.linspace(0, 1, 30), np.linspace(5, 6, 40)][:, None]
    codes = np.r_[np.ones(30, dtype=int), np.zeros(30, dtype=int), np.ones(40, dtype=int)]
    tree = grow(X, codes, max_leaves=4, min_leaf=5)
    assert 1 < tree.threshold < 5
    assert not tree.unknown_left
    assert (tree.predict(X) == codes).all()
    alone = grow(np.r_[np.full(20, np.nan), np.full(20, 3.0)][:, None], np.repeat([0, 1], 20), max_leaves=4, min_leaf=5)
    assert np.isinf(alone.threshold)
    assert alone.predict(np.array([[np.nan], [7.0]])).tolist() == [0, 1]


def test_no_leaf_is_smaller_than_allowed_and_one_class_needs_no_question() -> None:
    X, codes = _table(3)

    def smallest(node: object, rows: np.ndarray) -> int:
        ways = list(node.ways())  # type: ignore[attr-defined]
        if not ways:
            return len(rows)
        left = node.goes_left(X[rows, node.feature])  # type: ignore[attr-defined]
        return min(smallest(ways[0], rows[left]), smallest(ways[1], rows[~left]))

    assert smallest(grow(X, codes, max_leaves=12, min_leaf=40), np.arange(len(X))) >= 40
    assert grow(X, np.zeros(len(X), dtype=int), max_leaves=4, min_leaf=5).feature == -1
