"""What a business can use: no segment below a smallest share, and a place for customers that fit nowhere."""

from __future__ import annotations

import numpy as np

from coterie.clustering.kernels.neighbours import nearest_point

#: Noise is a segment of its own up to this share of rows; beyond it, the word "unusual" would mean nothing.
LARGEST_NOISE = 0.15
#: A method that leaves out more than this share of rows is refused.
TOO_MUCH_NOISE = 0.5


def absorb_small(X: np.ndarray, labels: np.ndarray, smallest_share: float) -> tuple[np.ndarray, np.ndarray]:
    """Merge clusters below a share of all rows into the one with the nearest mean, smallest first.

    Parameters
    ----------
    X : float array of shape (n, d)
    labels : int array of shape (n,), 0 … k-1 all present, -1 = noise
    smallest_share : float in [0, 0.5]

    Returns
    -------
    labels : int array of shape (n,), 0 … m-1
    group : int array of shape (k,), the new label of each cluster
    """
    k = int(labels.max()) + 1
    group = np.arange(k)
    counts = np.bincount(labels[labels >= 0], minlength=k).astype(float)
    if not (counts < smallest_share * len(X)).any():
        return np.where(labels >= 0, labels, -1).astype(np.int64), group
    means = np.array([X[labels == c].mean(axis=0) for c in range(k)]).reshape(k, X.shape[1])
    alive = np.ones(k, dtype=bool)
    while alive.sum() > 1:
        small = int(np.where(alive, counts, np.inf).argmin())
        if counts[small] >= smallest_share * len(X):
            break
        alive[small] = False
        apart = np.where(alive, ((means - means[small]) ** 2).sum(axis=1), np.inf)
        target = int(apart.argmin())
        total = counts[small] + counts[target]
        means[target] = (means[target] * counts[target] + means[small] * counts[small]) / total
        counts[target] = total
        group[group == small] = target
    group = np.unique(group, return_inverse=True)[1]
    return np.where(labels >= 0, group[labels], -1), group


def place_noise(X: np.ndarray, labels: np.ndarray, smallest_share: float) -> tuple[np.ndarray, int | None]:
    """Give noise a place: its own segment of unusual customers, or each row the cluster of its nearest neighbour.

    Own segment where its share is at least `smallest_share` (and 2 %) and at most 15 %: large enough to act on,
    small enough for the word. Otherwise the nearest; so too where no smallest share is asked for.

    Returns
    -------
    labels : int array of shape (n,), none negative
    unusual : the label of the segment of unusual customers, or None
    """
    noise = labels < 0
    if not noise.any():
        return labels, None
    filled = labels.copy()
    if set_apart(labels, smallest_share):
        unusual = int(labels.max()) + 1
        filled[noise] = unusual
        return filled, unusual
    kept = np.flatnonzero(~noise)
    filled[noise] = labels[kept[nearest_point(X[kept], X[noise])]]
    return filled, None


def set_apart(labels: np.ndarray, smallest_share: float) -> bool:
    """Whether noise makes a segment of its own, see `place_noise`."""
    return smallest_share > 0 and max(smallest_share, 0.02) <= float((labels < 0).mean()) <= LARGEST_NOISE


def noise_word(labels: np.ndarray, unusual: int | None) -> str:
    """Where noise went: "none" where there was none, "own segment" or "nearest segment"."""
    if not (labels < 0).any():
        return "none"
    return "nearest segment" if unusual is None else "own segment"
