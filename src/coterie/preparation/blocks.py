"""How much each side of a customer counts: balance between blocks, and columns that say the same thing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from coterie.errors import ConfigError
from coterie.memory import parts
from coterie.preparation.rounding import significant
from coterie.vocabulary import Block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.vocabulary import Feature

#: Features up to which each further one of a block counts in full (docs/decisions, block weights).
FULL_BLOCK = 3.0
#: Beyond them a block grows with this power of its number of features: thirty count as 3 (30 / 3)^0.25 = 5.3.
GROWTH = 0.25
#: Blocks that show what a customer does.
BEHAVIOUR = (Block.VALUE, Block.RHYTHM, Block.BASKET, Block.INTERESTS, Block.BROWSING)
#: What a feature counts, as a share of squared distances, where all usable features come together: who customers are
#: and by which channel they came count less than what they do.
BLOCK_WEIGHTS: Mapping[Block, float] = {block: 1.0 if block in BEHAVIOUR else 0.25 for block in Block}
#: The same where features were named one by one, or where little is known of what customers do.
ALIKE: Mapping[Block, float] = dict.fromkeys(Block, 1.0)
#: Absolute correlation above which columns form a group that says one thing.
SAME_THING = 0.85


def block_weights(
    features: Sequence[Feature],
    overrides: Mapping[Block, float],
    *,
    own: Mapping[Block, float] = BLOCK_WEIGHTS,
    full_block: float = FULL_BLOCK,
    growth: float = GROWTH,
) -> dict[str, float]:
    """Give the factor of each feature's columns, after the balance between blocks.

    Parameters
    ----------
    features : sequence of Feature
        The basis.
    overrides : mapping of Block to float
        Replaces a block's own weight; 2 makes the block count twice as much in squared distances, 0 takes it out.
    own : mapping of Block to float
        The blocks' own weights.
    full_block, growth : float
        A block of p > full_block features counts as full_block (p / full_block)^growth of them.

    Returns
    -------
    dict of str to float
        Feature -> factor, the square root of what it counts in squared distances.

    Raises
    ------
    ConfigError
        When a weight is negative or not a number, or when nothing is left to count.
    """
    weights = {**own, **_checked(overrides)}
    sizes = Counter(feature.block for feature in features)
    share = {block: weights[block] * min(1.0, full_block / size) ** (1 - growth) for block, size in sizes.items()}
    if features and not any(share.values()):
        raise ConfigError(
            "No feature of the basis counts.",
            found=f"[basis.weights] is 0 for {', '.join(sorted(sizes))}, and there is no other block in the basis.",
            remedy="Give at least one of these blocks a weight above 0.",
        )
    return {feature.name: significant(share[feature.block] ** 0.5) for feature in features}


def _checked(overrides: Mapping[Block, float]) -> dict[Block, float]:
    for block, weight in overrides.items():
        if not (np.isfinite(weight) and weight >= 0):
            raise ConfigError(
                f"The weight of block '{block}' in [basis.weights] is {weight}.",
                remedy="A weight is 0 (leaves the block out), 1 (counts normally) or any other number above 0.",
            )
    return {Block(block): float(weight) for block, weight in overrides.items()}


def group_sizes(X: np.ndarray) -> np.ndarray:
    """Count, for each column, the columns correlated with it by more than 0.85 in absolute value, itself included.

    Parameters
    ----------
    X : float array of shape (n, d)
        Complete.

    Returns
    -------
    int array of shape (d,)

    Notes
    -----
    Correlations are rounded to nine decimals before they are compared, so that the order of the rows, which changes the
    last bits of a sum, changes no group.
    """
    n, d = X.shape
    if n < 2 or d < 2:
        return np.ones(d, dtype=np.int64)
    mean, products = X.mean(axis=0), np.zeros((d, d))
    for rows in parts(n):
        centred = X[rows] - mean
        products += centred.T @ centred
    norms = np.sqrt(np.diag(products))
    unit = np.where(norms > 0, norms, 1.0)
    correlation = np.round(products / np.outer(unit, unit), 9)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray((np.abs(correlation) > SAME_THING).sum(axis=1), dtype=np.int64)
