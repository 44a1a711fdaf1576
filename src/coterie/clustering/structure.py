"""Is there any structure? The sample against reference data without groups but with the same margins and dependence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.special import ndtr, ndtri

from coterie.clustering.graph import smooth_density
from coterie.clustering.kernels.dip import concave_majorant, convex_minorant, dip
from coterie.clustering.kernels.kmeans_grid import lloyd_together, nearest_centres
from coterie.clustering.kernels.lloyd import spread_seeds
from coterie.clustering.kernels.modes import Slopes
from coterie.clustering.kernels.neighbours import MANY_COLUMNS, nearest_rows
from coterie.clustering.kernels.silhouette import mean_silhouettes
from coterie.clustering.lumps import Lump, find_lumps, spread, unevenly_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


#: Rows on which density and dip are computed, and those on which the silhouette is.
TEST_ROWS, SILHOUETTE_ROWS = 2_000, 500
#: Rows from which the margins and the dependence of the reference are taken.
MARGIN_ROWS = 5_000
STATISTICS = ("silhouette", "prominence", "dip")
#: Smallest standard deviations by which differences are divided: a reference that hardly varies proves nothing.
FLOORS = np.array([0.01, 0.008, 0.08])
#: Modes with a smaller share of rows above their saddle do not count.
MODE_SHARE = 0.02
#: Standard errors by which a saddle must lie below a peak.
SADDLE_ERRORS = 3.5
#: A column whose dip is larger (times √n; a uniform column reaches it twice in a thousand) is looked at by itself.
COLUMN_DIP = 0.48
#: A dip is evidence where its trough has at most this share of the density beside it.
THIN = 0.70
#: Evidence of separate dense groups from this many standard deviations on.
DENSITY_EVIDENCE = 3.0
#: Drawing may end after this many references, when each statistic was reached by so many of them.
FEWEST_DRAWS, SETTLED = 9, 4
#: Tells the random numbers of references from those of all else.
_STREAM = 6
#: Where a centre is put that shall have no rows, in standard deviations.
_FAR_AWAY = 1e4


@dataclass(frozen=True)
class StructureTest:
    """Outcome of the test.

    Attributes
    ----------
    p_value : float, share of references (and the sample) at least as clustered as the sample
    z : dict, for silhouette, prominence and dip: distance from the references in standard deviations
    observed : dict, the statistics of the sample
    lumps : tuple of Lump, values that many rows share; they were set aside and are no evidence of groups
    trough : float, at most 1, density in the trough of the widest dip / beside it; 1 where there is no dip beyond the
        references
    note : str, empty unless something about how it was computed should be known
    """

    p_value: float
    z: dict[str, float]
    observed: dict[str, float]
    lumps: tuple[Lump, ...] = ()
    trough: float = 0.0
    note: str = ""

    @property
    def departs(self) -> bool:
        """Whether the sample is more clustered than data without groups, at the 5 % level."""
        return self.p_value <= 0.05

    @property
    def dense_groups(self) -> bool:
        """Whether there are separate dense groups: prominence or a dip that is thin far beyond the references."""
        by_dip = self.z["dip"] >= DENSITY_EVIDENCE and self.trough <= THIN
        return self.departs and (by_dip or self.z["prominence"] >= DENSITY_EVIDENCE)


def structure_test(X: np.ndarray, draws: int, *, seed: int) -> StructureTest:
    """Compare the sample with `draws` references that have no groups.

    Parameters
    ----------
    X : float array of shape (n, d), prepared
    draws : int, at least 19
    seed : int

    Notes
    -----
    Lumps (such as many exact zeros) are set aside and lattices spread first, since neither is a group; a column of
    averages of few counts keeps the order of its rows, but gets the closest unimodal distribution. A reference is a
    Gaussian copula with the rank correlations of the sample and, column by column, the closest unimodal distribution
    (the fit behind the dip). A parametric bootstrap in the manner of Hennig and Lin (2015, Statistics and Computing 25)
    and Silverman (1981). Drawing ends early once every statistic has been reached by several references: then no
    further draw can show a departure (Besag and Clifford 1991, Biometrika 78). About 0.05 s per draw.
    """
    bootstrap = ParametricBootstrap(X, seed)
    drawn: list[np.ndarray] = []
    while len(drawn) < draws and not settled(bootstrap.observed, drawn):
        drawn.append(bootstrap.reference(len(drawn)))
    return bootstrap.outcome(drawn)


class ParametricBootstrap:
    """The sample and what it is held against, for a test whose references are made in any order and anywhere.

    Parameters
    ----------
    X, seed : as for `structure_test`

    Attributes
    ----------
    observed : float array of shape (3,), the statistics of the sample
    """

    def __init__(self, X: np.ndarray, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._seed = seed
        self._lumps = find_lumps(X)
        X = without_shared_values(X, self._lumps, rng)
        X = X[:, X.std(axis=0) > 0]
        self._sample = X[rng.permutation(len(X))[:TEST_ROWS]]
        self._reference = Reference(X[np.sort(rng.choice(len(X), min(MARGIN_ROWS, len(X)), replace=False))])
        self._spreads = X.std(axis=0)
        self._columns = dipping(self._sample)
        self.observed = statistics(self._sample, self._columns, rng)

    def reference(self, number: int) -> np.ndarray:
        """Statistics of one reference of the sample's size, shape (3,); each number has its own draw."""
        rng = np.random.default_rng([self._seed, _STREAM, number])
        made = self._reference.draw(len(self._sample), rng)
        made = (made - made.mean(axis=0)) / np.maximum(made.std(axis=0), 1e-9) * self._spreads
        return statistics(made, self._columns, rng)

    def outcome(self, references: Sequence[np.ndarray]) -> StructureTest:
        """Hold the sample against the statistics of its references, in the order of their numbers."""
        drawn = np.array(references)
        z = _z_scores(self.observed, drawn)
        left_out = [_z_scores(drawn[b], np.delete(drawn, b, axis=0)).max() for b in range(len(drawn))]
        p_value = (1 + int((np.array(left_out) >= z.max()).sum())) / (len(drawn) + 1)
        return StructureTest(
            p_value,
            dict(zip(STATISTICS, z.tolist(), strict=True)),
            dict(zip(STATISTICS, self.observed.tolist(), strict=True)),
            self._lumps,
            trough(self._sample, self._columns) if z[2] >= DENSITY_EVIDENCE else 1.0,
        )


def settled(observed: np.ndarray, references: Sequence[np.ndarray]) -> bool:
    """Whether the first references, as many as there are, leave no room for a departure."""
    return len(references) >= FEWEST_DRAWS and bool(((np.array(references) >= observed).sum(axis=0) >= SETTLED).all())


def without_shared_values(X: np.ndarray, lumps: tuple[Lump, ...], rng: np.random.Generator) -> np.ndarray:
    """Set lumps aside, spread lattices and smooth averages of few counts: none of them is a group by itself.

    Parameters
    ----------
    X : float array of shape (n, d)
    lumps : tuple of Lump, as `find_lumps` gave them for X
    rng : Generator
    """
    uneven = unevenly_shared(X)
    out = spread(X, tuple(lump for lump in lumps if lump.column not in uneven), rng)
    out[:, uneven] = _smoothed(out[:, uneven], rng)
    return out


def _smoothed(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each column the closest unimodal distribution, its rows in the same order, equal ones in any order."""
    out = np.empty_like(X)
    for j, x in enumerate(X.T):
        order = np.lexsort((rng.random(len(x)), x))
        out[order, j] = unimodal_quantiles(x)((np.arange(len(x)) + 0.5) / len(x))
    return out


def _z_scores(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return np.asarray((values - drawn.mean(axis=0)) / np.maximum(drawn.std(axis=0, ddof=1), FLOORS))


def statistics(X: np.ndarray, columns: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Silhouette, prominence and dip (of components and some columns) of rows in random order, shape (3,)."""
    return np.array([best_silhouette(X[:SILHOUETTE_ROWS], rng), prominence(X), widest_dip(X, columns)])


def best_silhouette(X: np.ndarray, rng: np.random.Generator, largest: int = 8) -> float:
    """Largest mean silhouette over K-Means with 2 to 8 clusters, two starts each."""
    most = min(largest, len(X) - 1)
    if most < 2:
        return 0.0
    seeds = [spread_seeds(X, most, rng) for _ in range(2)]  # the first k of them serve as the start for k
    starts = np.array([_padded(start[:k], most) for k in range(2, most + 1) for start in seeds])
    wide = np.column_stack([X, np.ones(len(X))])
    centres, inertia = lloyd_together(wide, starts, np.ones((len(starts), len(X))), 30, 1e-4)
    better = inertia.reshape(-1, len(seeds)).argmin(axis=1) + len(seeds) * np.arange(most - 1)
    labelings = [np.unique(found, return_inverse=True)[1] for found in nearest_centres(wide, centres[better])]
    return max(0.0, *mean_silhouettes(cdist(X, X), labelings))


def _padded(start: np.ndarray, most: int) -> np.ndarray:
    """A start with further centres so far away that no row ever comes to them: fits of all sizes run as one."""
    return np.vstack([start, np.full((most - len(start), start.shape[1]), _FAR_AWAY)])


def prominence(X: np.ndarray) -> float:
    """Largest (1 - saddle/peak) √share over density modes, share = rows of the mode denser than the saddle.

    A saddle counts as denser than it is by three and a half standard errors of the two densities: along a narrow ridge,
    chance makes one mode after the other. Pieces of the neighbour graph that are not connected at all have a saddle of
    zero; the largest one does not count. In [0, 1]; a chance mode is flat or small, a group is neither. In the spirit
    of the excess mass of Müller and Sawitzki (1991, Journal of the American Statistical Association 86).
    """
    n = len(X)
    found, distances = neighbourhoods(X)
    smallest = max(1, int(MODE_SHARE * n))
    whole = np.zeros(n, dtype=np.int64)
    slopes = Slopes(found, smooth_density(found, distances[:, -1]))
    doubt = np.exp(SADDLE_ERRORS * np.sqrt(2 / found.shape[1]) / local_dimension(distances))
    apart = np.sort(np.bincount(slopes.pieces(whole)))[-2::-1]
    strengths = [(1 - merge.ratio * doubt) * np.sqrt(merge.size / n) for merge in slopes.merges(whole, smallest)]
    return float(max([0.0, *strengths, *np.sqrt(apart[apart >= smallest] / n)]))


def neighbourhoods(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """About 0.9 √n nearest other rows and the distances to them, nearest first, both of shape (n, neighbours)."""
    neighbours = min(max(15, int(0.9 * np.sqrt(len(X)))), len(X) - 1)
    if X.shape[1] < MANY_COLUMNS:
        distances, found = cKDTree(X).query(X, neighbours + 1)
        return found[:, 1:].astype(np.int64), distances[:, 1:]
    return nearest_rows(X, neighbours)


def local_dimension(distances: np.ndarray) -> float:
    """How many dimensions the neighbourhoods have, at least 1 (Levina and Bickel 2004, averaged over rows).

    Parameters
    ----------
    distances : float array of shape (n, neighbours), rising along each row
    """
    steps = np.log(np.maximum(distances[:, -1:], 1e-12) / np.maximum(distances[:, :-1], 1e-12))
    return max(1.0, float(1 / max(steps.mean(), 1e-12)))


def components(X: np.ndarray, most: int = 5) -> np.ndarray:
    """Scores on the first principal components, shape (n, at most five)."""
    return np.asarray(np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[0][:, :most])


def widest_dip(X: np.ndarray, columns: Sequence[int] = ()) -> float:
    """Largest dip over the first five principal components and some columns, times the square root of n."""
    lines = [*components(X).T, *(X[:, j] for j in columns)]
    return float(max(dip(line) for line in lines) * np.sqrt(len(X)))


def dipping(X: np.ndarray) -> list[int]:
    """Columns that are hardly unimodal by themselves: among many others, no principal component would show it."""
    return [j for j in range(X.shape[1]) if dip(X[:, j]) * np.sqrt(len(X)) >= COLUMN_DIP]


def trough(X: np.ndarray, columns: Sequence[int] = ()) -> float:
    """How thin the widest dips are: density of the rows in their troughs / beside them, for the thinnest.

    Small where groups are apart; about 1 where a bent ridge only looks split from one side, such as a ring: in some
    plane through the line of the dip the ridge runs on. So a trough is looked at in the plane that shows the most and,
    since with many columns some plane shows much by chance, in all columns at once; the smaller one counts.
    """
    scores = components(X)
    found, distances = neighbourhoods(X)
    density = smooth_density(found, distances[:, -1]) ** local_dimension(distances)
    thinnest = 1.0
    for line in _wide_dips([*scores.T, *(X[:, j] for j in columns)]):
        order = np.argsort(line, kind="stable")
        places = _trough_and_sides(line[order], max(5, len(X) // 40))
        most = min(thinnest, _against_the_sides(density[order], places))
        planes = (_thinness(line[order], other[order], places) for other in [*scores.T, *X.T])
        thinnest = min(most, _largest_below(planes, most))
    return float(thinnest)


def _largest_below(values: Iterable[float], limit: float) -> float:
    """Largest value; the limit, as soon as one reaches it: the rest, each of which takes a search, cannot matter."""
    found = -np.inf
    for value in values:
        found = max(found, value)
        if found >= limit:
            return limit
    return found


def _wide_dips(lines: list[np.ndarray]) -> list[np.ndarray]:
    """The line with the widest dip, and those that are hardly unimodal and at least half as wide."""
    dips = np.array([dip(line) for line in lines]) * np.sqrt(len(lines[0]))
    wide = (dips >= max(COLUMN_DIP, dips.max() / 2)) | (dips == dips.max())
    return [line for line, is_wide in zip(lines, wide.tolist(), strict=True) if is_wide]


def _trough_and_sides(line: np.ndarray, width: int) -> tuple[slice, slice, slice]:
    """Positions in the sorted line: around the place with the most crowded places on both sides, and those two."""
    crowding = 1 / np.maximum(line[width:] - line[:-width], 1e-12)
    left, right = np.maximum.accumulate(crowding), np.maximum.accumulate(crowding[::-1])[::-1]
    at = int((crowding / np.minimum(left, right)).argmin())
    sides = int(crowding[: at + 1].argmax()), at + int(crowding[at:].argmax())
    return slice(at, at + width), slice(sides[0], sides[0] + width), slice(sides[1], sides[1] + width)


def _thinness(line: np.ndarray, other: np.ndarray, places: tuple[slice, slice, slice]) -> float:
    """Median density at the first of three places / the smaller one at the other two, in the plane of two columns."""
    plane = np.column_stack([line / line.std(), other / other.std()])
    found, distances = neighbourhoods(plane)
    return _against_the_sides(smooth_density(found, distances[:, -1]) ** 2, places)


def _against_the_sides(density: np.ndarray, places: tuple[slice, slice, slice]) -> float:
    """Median density at the first of three places / the smaller one at the other two."""
    at, first, second = (float(np.median(density[place])) for place in places)
    return at / max(min(first, second), 1e-300)


class Reference:
    """Draws rows without groups that keep the margins and the rank dependence of a sample.

    Parameters
    ----------
    X : float array of shape (n, d), no constant column
    """

    def __init__(self, X: np.ndarray) -> None:
        self.n, d = X.shape
        normal = ndtri((np.column_stack([mean_ranks(column) for column in X.T]) - 0.5) / self.n)
        correlation = np.atleast_2d(np.corrcoef(normal.T)) if d > 1 else np.eye(1)
        self.factor = np.linalg.cholesky(0.999 * correlation + 0.001 * np.eye(d))
        self.quantiles = [unimodal_quantiles(X[:, j]) for j in range(d)]

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n rows."""
        uniform = ndtr(rng.normal(size=(n, len(self.factor))) @ self.factor.T)
        return np.column_stack([quantile(uniform[:, j]) for j, quantile in enumerate(self.quantiles)])


def mean_ranks(x: np.ndarray) -> np.ndarray:
    """Rank of each value, 1 … n; equal values share the mean of their ranks."""
    _, at, counts = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[at])


def unimodal_quantiles(x: np.ndarray, grid: int = 300, modes: int = 41) -> Callable[[np.ndarray], np.ndarray]:
    """Quantile function of the unimodal distribution closest to a sample.

    Its distribution function is the greatest convex minorant of the empirical one left of the mode and the least
    concave majorant right of it, with the mode of smallest largest difference.
    """
    points = np.unique(np.quantile(x, np.linspace(0, 1, min(grid, len(x)))))
    empirical = np.searchsorted(np.sort(x), points, side="right") / len(x)
    empirical[0], empirical[-1] = 0.0, 1.0
    fits = [
        _unimodal_fit(points, empirical, int(m)) for m in np.unique(np.linspace(0, len(points) - 1, modes).astype(int))
    ]
    fitted = np.maximum.accumulate(min(fits, key=lambda fit: fit[0])[1])
    return lambda u: np.asarray(np.interp(u, fitted, points))


def _unimodal_fit(x: np.ndarray, y: np.ndarray, mode: int) -> tuple[float, np.ndarray]:
    left = convex_minorant(x[: mode + 1], y[: mode + 1])
    right = mode + concave_majorant(x[mode:], y[mode:])
    corners = np.unique(np.concatenate([left, right]))
    fitted = np.interp(x, x[corners], y[corners])
    return float(np.abs(fitted - y).max()), fitted
