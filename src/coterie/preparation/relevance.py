"""A screen for features that have nothing to do with the others: they blur segments and cannot mark one.

Segments are groups of customers alike in several features at once, so a feature that takes part can be told, at least
in part, from the others. A feature that cannot be told from them adds the same scatter to every segment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from coterie.preparation.encoders import fit_encoder
from coterie.preparation.rounding import spread_rows
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.vocabulary import Feature

#: Features that are told from the others no better than this are screened out. Measured (`benchmarks/preparation.py`).
THRESHOLD = 0.02
#: Customers among whom neighbours are sought; fewer than the second number are too few to judge.
ROWS, FEWEST_ROWS = 1_000, 500
#: Neighbours whose mean foretells a value.
NEIGHBOURS = 15
#: With fewer features left than this, the screen has nothing to hold on to and drops none.
FEWEST_FEATURES = 4


def irrelevant(
    features: Sequence[Feature], columns: Mapping[str, np.ndarray], *, keep: Sequence[str] = ()
) -> dict[str, float]:
    """Find the features that the others say nothing about.

    Parameters
    ----------
    features : sequence of Feature
        Candidates of a basis.
    columns : mapping of str to array of shape (n,)
        Customers sorted by id; at most 1,000, evenly spaced, are looked at.
    keep : sequence of str
        Features that are never named.

    Returns
    -------
    dict of str to float
        Feature -> its relevance, at most 0.02. Categories and flags are never among them.

    Notes
    -----
    A feature with two clear groups of its own, which no other feature shares, is among them too.
    """
    n = len(next(iter(columns.values()))) if columns else 0
    if n < FEWEST_ROWS or len(features) <= FEWEST_FEATURES:
        return {}
    rows = spread_rows(n, ROWS)
    parts = [_matrix(feature, columns[feature.name][rows]) for feature in features]
    order = np.lexsort(
        np.hstack(parts).T
    )  # so that neighbours at equal distance do not depend on the order of the rows
    scores = relevance([part[order] for part in parts])
    found = {
        feature.name: float(score)
        for feature, score in zip(features, scores, strict=True)
        if score <= THRESHOLD and feature.name not in keep and feature.kind not in {Kind.CATEGORY, Kind.FLAG}
    }
    return found if len(features) - len(found) >= FEWEST_FEATURES else {}


def relevance(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Say how well each part of a matrix is told from the others.

    Parameters
    ----------
    parts : sequence of float arrays of shape (n, any)
        The standardised columns of each feature.

    Returns
    -------
    float array of shape (len(parts),)
        Share of variance, at most 1, that the mean of the 15 nearest neighbours in the other parts explains: of the
        values, or of their squared distances from the mean (which shows where two features part the customers
        crosswise), whichever is larger. Around -1/15 for a feature unlike all others. O(parts n² d) time.
    """
    return np.array([_told_from(part, np.hstack([*parts[:i], *parts[i + 1 :]])) for i, part in enumerate(parts)])


def _told_from(part: np.ndarray, others: np.ndarray) -> float:
    nearest = _nearest(others, min(NEIGHBOURS, len(part) - 1))
    targets = np.hstack([part, (part - part.mean(axis=0)) ** 2])
    errors = ((targets - targets[nearest].mean(axis=1)) ** 2).mean(axis=0)
    spread = targets.var(axis=0)
    explained = 1 - errors[spread > 0] / spread[spread > 0]
    return round(float(explained.max()), 9) if len(explained) else 0.0


def _nearest(X: np.ndarray, count: int) -> np.ndarray:
    """The nearest other rows of each row, of equally near ones the first; int array of shape (n, count), rising."""
    apart = cdist(X, X, "sqeuclidean")
    np.fill_diagonal(apart, np.inf)
    near = apart <= np.partition(apart, count - 1, axis=1)[:, count - 1 : count]
    for row in np.flatnonzero(near.sum(axis=1) > count):
        near[row] = False
        near[row, np.argsort(apart[row], kind="stable")[:count]] = True
    return np.asarray((np.flatnonzero(near) % len(X)).reshape(-1, count))


def _matrix(feature: Feature, values: np.ndarray) -> np.ndarray:
    encoded = fit_encoder(feature, values).encode(values)
    return np.hstack([encoded.numeric, encoded.indicators])
