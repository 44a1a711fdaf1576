"""Groups of any size in many rows: small cells that are joined wherever no valley lies between them."""

from __future__ import annotations

from itertools import islice

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coterie.clustering.kernels.kmeans_grid import lloyd_together, nearest_centres
from coterie.clustering.kernels.lloyd import spreading_rows

#: Cells, steps of K-Means on the way to them, and rows among which their seeds are picked.
CELLS, STEPS, SEED_ROWS = 128, 8, 10_000
#: Cells beside each that it may be joined with.
BESIDE = 6
#: Rows that the ball around a cell's centre holds at least.
BALL_ROWS = 40
#: Places on the way between two centres at which rows are counted, in shares of the way.
PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)
#: A valley holds less than this share of the rows at its ends, and less by so many standard errors.
VALLEY_SHARE, VALLEY_ERRORS = 0.5, 3.0
_TRIALS, _TOGETHER = 4, 256


def groups_of(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Find groups with valleys all around them, however small, if they hold some hundred rows.

    Parameters
    ----------
    X : float array of shape (n, d)
    rng : Generator

    Returns
    -------
    int array of shape (n,), 0, 1, …

    Notes
    -----
    K-Means makes many small cells; two neighbours are joined unless there is a valley between them: some place on the
    straight way between their centres whose ball holds significantly fewer rows than the balls around both centres.
    Inside one group with a log-concave density, such as a Gaussian, there is none, because there the mass of a ball
    between two others of its size is at least that of the smaller one (Prékopa 1973). Two levels of clustering as in
    Vesanto and Alhoniemi (2000). O(n d (CELLS STEPS + BESIDE CELLS)) time.
    """
    centre = X.mean(axis=0)
    wide = np.column_stack([X - centre, np.ones(len(X))]).astype(np.float32)
    few = wide[np.sort(rng.choice(len(X), min(SEED_ROWS, len(X)), replace=False)), :-1]
    seeds = few[list(islice(spreading_rows(few, rng, _TRIALS), CELLS))]
    centres = lloyd_together(wide, seeds[None], np.ones((1, len(X)), dtype=np.float32), STEPS)[0]
    cell_of = nearest_centres(wide, centres)[0]
    used, cell_of = np.unique(cell_of, return_inverse=True)
    return np.asarray(_joined(wide, centres[0][used])[cell_of])


def _joined(wide: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Group of each cell, int array of shape (k,)."""
    k = len(centres)
    apart = ((centres[:, None] - centres) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    beside = np.argsort(apart, axis=1, kind="stable")[:, : min(BESIDE, k - 1)]
    pairs = np.unique(np.sort(np.column_stack([np.repeat(np.arange(k), beside.shape[1]), beside.ravel()])), axis=0)
    reach = _reach(wide, centres)
    radius = np.maximum(reach[pairs[:, 0]], reach[pairs[:, 1]])
    way = centres[pairs[:, 1]] - centres[pairs[:, 0]]
    places = np.array([0.0, 1.0, *PLACES], dtype=np.float32)
    probes = centres[pairs[:, 0], None] + places[None, :, None] * way[:, None]
    counts = _rows_around(wide, probes.reshape(-1, centres.shape[1]), np.repeat(radius, len(places)))
    counts = counts.reshape(len(pairs), len(places))
    ends, least = counts[:, :2].min(axis=1), counts[:, 2:].min(axis=1)
    valley = (least < VALLEY_SHARE * ends) & (ends - least > VALLEY_ERRORS * np.sqrt(ends + least))
    bridges = pairs[~valley]
    graph = coo_array((np.ones(len(bridges)), (bridges[:, 0], bridges[:, 1])), shape=(k, k))
    return np.asarray(connected_components(graph, directed=False)[1])


def _squares(wide: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Squared distances less |x|², shape (points, n)."""
    linear = np.column_stack([-2 * points, (points**2).sum(axis=1)])
    return np.asarray(linear @ wide.T)


def _reach(wide: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared radius of the ball around each centre that holds `BALL_ROWS` rows, shape (k,)."""
    least = min(BALL_ROWS, len(wide)) - 1
    own = (wide[:, :-1] ** 2).sum(axis=1)
    return np.array([np.partition(_squares(wide, c[None])[0] + own, least)[least] for c in centres])


def _rows_around(wide: np.ndarray, points: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Rows within a squared radius of each point, float array of shape (points,)."""
    # |x - p|² - r² as one product, so that a row is inside where it is not above zero.
    linear = np.column_stack([-2 * points, (points**2).sum(axis=1) - radius, np.ones(len(points))]).astype(np.float32)
    rows = np.column_stack([wide, (wide[:, :-1] ** 2).sum(axis=1)]).T
    found = np.zeros(len(points))
    for begin in range(0, len(wide), _TOGETHER):
        found += np.count_nonzero(linear @ rows[:, begin : begin + _TOGETHER] <= 0, axis=1)
    return found
