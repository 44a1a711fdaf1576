"""Is there any structure? The sample against reference data without groups but with the same margins and dependence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.stats import norm, rankdata
from sklearn.neighbors import NearestNeighbors

from coterie.clustering.graph import pieces, smooth_density
from coterie.clustering.kernels.dip import concave_majorant, convex_minorant, dip
from coterie.clustering.kernels.lloyd import lloyd, spread_seeds
from coterie.clustering.kernels.modes import mode_merges
from coterie.clustering.kernels.silhouette import mean_silhouettes
from coterie.clustering.lumps import Lump, find_lumps, spread

if TYPE_CHECKING:
    from collections.abc import Callable


#: Rows on which density and dip are computed, and those on which the silhouette is.
TEST_ROWS, SILHOUETTE_ROWS = 2_000, 700
#: Rows from which the margins and the dependence of the reference are taken.
MARGIN_ROWS = 5_000
STATISTICS = ("silhouette", "prominence", "dip")
#: Smallest standard deviations by which differences are divided: a reference that hardly varies proves nothing.
FLOORS = np.array([0.01, 0.012, 0.08])
#: Modes with a smaller share of rows above their saddle do not count.
MODE_SHARE = 0.02
#: Evidence of separate dense groups from this many standard deviations on.
DENSITY_EVIDENCE = 3.0
#: Drawing may end after this many references, when each statistic was reached by so many of them.
FEWEST_DRAWS, SETTLED = 19, 4
#: Columns from which on comparing all rows is faster than a search tree.
MANY_COLUMNS = 7


@dataclass(frozen=True)
class StructureTest:
    """Outcome of the test.

    Attributes
    ----------
    p_value : float, share of references (and the sample) at least as clustered as the sample
    z : dict, for silhouette, prominence and dip: distance from the references in standard deviations
    observed : dict, the statistics of the sample
    lumps : tuple of Lump, values that many rows share; they were set aside and are no evidence of groups
    note : str, empty unless something about how it was computed should be known
    """

    p_value: float
    z: dict[str, float]
    observed: dict[str, float]
    lumps: tuple[Lump, ...] = ()
    note: str = ""

    @property
    def departs(self) -> bool:
        """Whether the sample is more clustered than data without groups, at the 5 % level."""
        return self.p_value <= 0.05

    @property
    def dense_groups(self) -> bool:
        """Whether there are separate dense groups: prominence or dip far beyond the references."""
        return self.departs and max(self.z["prominence"], self.z["dip"]) >= DENSITY_EVIDENCE


def structure_test(X: np.ndarray, draws: int, *, seed: int) -> StructureTest:
    """Compare the sample with `draws` references that have no groups.

    Parameters
    ----------
    X : float array of shape (n, d), prepared
    draws : int, at least 19
    seed : int

    Notes
    -----
    Lumps (such as many exact zeros) are set aside and lattices spread first, since neither is a group. A reference is a
    Gaussian copula with the rank correlations of the sample and, column by column, the closest unimodal distribution
    (the fit behind the dip). A parametric bootstrap in the manner of Hennig and Lin (2015, Statistics and Computing 25)
    and Silverman (1981). Drawing ends early once every statistic has been reached by several references: then no
    further draw can show a departure (Besag and Clifford 1991, Biometrika 78). About 0.1 s per draw.
    """
    rng = np.random.default_rng(seed)
    lumps = find_lumps(X)
    X = spread(X, lumps, rng)
    X = X[:, X.std(axis=0) > 0]
    sample = X[rng.permutation(len(X))[:TEST_ROWS]]
    reference = Reference(X[np.sort(rng.choice(len(X), min(MARGIN_ROWS, len(X)), replace=False))])
    observed = statistics(sample, rng)
    drawn = _references(reference, X.std(axis=0), observed, draws, rng)
    z = _z_scores(observed, drawn)
    left_out = [_z_scores(drawn[b], np.delete(drawn, b, axis=0)).max() for b in range(len(drawn))]
    p_value = (1 + int((np.array(left_out) >= z.max()).sum())) / (len(drawn) + 1)
    return StructureTest(
        p_value,
        dict(zip(STATISTICS, z.tolist(), strict=True)),
        dict(zip(STATISTICS, observed.tolist(), strict=True)),
        lumps,
    )


def _references(
    reference: Reference, spreads: np.ndarray, observed: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Statistics of drawn references of the sample's size, shape (at most `draws`, 3)."""
    drawn = np.empty((draws, len(STATISTICS)))
    for b in range(draws):
        made = reference.draw(min(TEST_ROWS, reference.n), rng)
        made = (made - made.mean(axis=0)) / np.maximum(made.std(axis=0), 1e-9) * spreads
        drawn[b] = statistics(made, rng)
        if b + 1 >= FEWEST_DRAWS and ((drawn[: b + 1] >= observed).sum(axis=0) >= SETTLED).all():
            return drawn[: b + 1]
    return drawn


def _z_scores(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return np.asarray((values - drawn.mean(axis=0)) / np.maximum(drawn.std(axis=0, ddof=1), FLOORS))


def statistics(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Silhouette, prominence and dip of rows in random order, shape (3,)."""
    return np.array([best_silhouette(X[:SILHOUETTE_ROWS], rng), prominence(X), widest_dip(X)])


def best_silhouette(X: np.ndarray, rng: np.random.Generator, largest: int = 8) -> float:
    """Largest mean silhouette over K-Means with 2 to 8 clusters, two starts each."""
    labelings = []
    most = min(largest, len(X) - 1)
    seeds = [spread_seeds(X, most, rng) for _ in range(2)]  # the first k of them serve as the start for k
    for k in range(2, most + 1):
        runs = [lloyd(X, start[:k], max_iter=30) for start in seeds]
        labelings.append(np.unique(min(runs, key=lambda run: run[2])[1], return_inverse=True)[1])
    return max(0.0, *mean_silhouettes(cdist(X, X), labelings)) if labelings else 0.0


def prominence(X: np.ndarray) -> float:
    """Largest (1 - saddle/peak) √share over density modes, share = rows of the mode denser than the saddle.

    Pieces of the neighbour graph that are not connected at all have a saddle of zero; the largest one does not count.
    In [0, 1]; a chance mode is either flat or small, a group neither. The excess mass of Müller and Sawitzki (1991,
    Journal of the American Statistical Association 86) on the modes of a neighbour graph.
    """
    n = len(X)
    found, radii = neighbourhoods(X, min(max(15, int(0.9 * np.sqrt(n))), n - 1))
    smallest = max(1, int(MODE_SHARE * n))
    whole = np.zeros(n, dtype=np.int64)
    merges = mode_merges(found, smooth_density(found, radii), whole, smallest)
    apart = np.sort(np.bincount(pieces(found, whole)))[-2::-1]
    strengths = [(1 - merge.ratio) * np.sqrt(merge.size / n) for merge in merges]
    return float(max([0.0, *strengths, *np.sqrt(apart[apart >= smallest] / n)]))


def neighbourhoods(X: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearest other rows, shape (n, neighbours), in any order, and the distance to the farthest of them, shape (n,)."""
    if X.shape[1] < MANY_COLUMNS:
        distances, found = cKDTree(X).query(X, neighbours + 1)
        return found[:, 1:].astype(np.int64), distances[:, -1]
    distances, found = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(X).kneighbors()
    return found.astype(np.int64), distances[:, -1]


def widest_dip(X: np.ndarray) -> float:
    """Largest dip over the first five principal components, times the square root of n."""
    components = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[0]
    return float(max(dip(components[:, j]) for j in range(min(X.shape[1], 5))) * np.sqrt(len(X)))


class Reference:
    """Draws rows without groups that keep the margins and the rank dependence of a sample.

    Parameters
    ----------
    X : float array of shape (n, d), no constant column
    """

    def __init__(self, X: np.ndarray) -> None:
        self.n, d = X.shape
        normal = norm.ppf((rankdata(X, axis=0) - 0.5) / self.n)
        correlation = np.atleast_2d(np.corrcoef(normal.T)) if d > 1 else np.eye(1)
        self.factor = np.linalg.cholesky(0.999 * correlation + 0.001 * np.eye(d))
        self.quantiles = [unimodal_quantiles(X[:, j]) for j in range(d)]

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n rows."""
        uniform = norm.cdf(rng.normal(size=(n, len(self.factor))) @ self.factor.T)
        return np.column_stack([quantile(uniform[:, j]) for j, quantile in enumerate(self.quantiles)])


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
