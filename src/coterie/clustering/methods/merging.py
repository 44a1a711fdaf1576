"""Merge the components of a mixture step by step: a group that is no ellipse is described by several of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


def entropy_merges(posterior: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Join, one pair after the other, the components whose union takes most doubt away.

    The pair is that whose merging lowers the entropy of the posteriors most, per row of the two (Baudry, Raftery,
    Celeux, Lo, Gottardo 2010, Journal of Computational and Graphical Statistics 19).

    Parameters
    ----------
    posterior : float array of shape (n, k), rows sum to 1

    Yields
    ------
    m, int array of shape (k,) : number of groups left, k - 1 down to 2, and the group of each component

    Notes
    -----
    O(n k²) time for the first step, O(n k) for each further one.
    """
    joint = posterior.copy()
    groups = [[c] for c in range(posterior.shape[1])]
    alive = list(range(len(groups)))
    mass = joint.sum(axis=0)
    entropy = _entropy(joint).sum(axis=0)
    gain = np.full((len(groups), len(groups)), -np.inf)

    def refresh(i: int) -> None:
        others = [j for j in alive if j != i]
        merged = _entropy(joint[:, [i]] + joint[:, others]).sum(axis=0)
        saved = (entropy[i] + entropy[others] - merged) / np.maximum(mass[i] + mass[others], 1e-12)
        gain[i, others] = gain[others, i] = saved

    for i in alive:
        refresh(i)
    while len(alive) > 2:
        i, j = sorted(int(v) for v in np.unravel_index(gain.argmax(), gain.shape))
        joint[:, i] += joint[:, j]
        mass[i] += mass[j]
        groups[i] += groups[j]
        alive.remove(j)
        gain[j] = gain[:, j] = -np.inf
        entropy[i] = _entropy(joint[:, [i]]).sum()
        refresh(i)
        group = np.zeros(posterior.shape[1], dtype=np.int64)
        for new, c in enumerate(alive):
            group[groups[c]] = new
        yield len(alive), group


def _entropy(shares: np.ndarray) -> np.ndarray:
    return np.asarray(-shares * np.log(np.maximum(shares, 1e-12)))
