"""One bootstrap sample: what fits of several methods and numbers of segments to it share, and the fits themselves."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.graph import neighbour_graph
from coterie.clustering.kernels.gaussian_draws import climb_together
from coterie.clustering.kernels.gaussian_em import Quadratic, quadratic
from coterie.clustering.kernels.kmeans_draws import Sample, kmeans_draws
from coterie.clustering.kernels.lloyd import spreading_rows, squared_distances
from coterie.clustering.kernels.neighbours import nearest_point
from coterie.clustering.kernels.spanning_tree import minimum_spanning_tree
from coterie.clustering.methods.dbscan import DBSCAN
from coterie.clustering.methods.gaussian_mixture import GaussianMixture, variance_floor
from coterie.clustering.methods.genie import genie_cuts
from coterie.clustering.methods.hdbscan import DenseAreas
from coterie.clustering.methods.joining import join_misfits
from coterie.clustering.methods.kamila import Kamila, density_in_clusters
from coterie.clustering.methods.latent_class import Cells, LatentClass, cells, log_densities
from coterie.clustering.methods.merging import entropy_merges
from coterie.clustering.methods.spectral import spectral_cuts
from coterie.clustering.methods.ward import cut, ward_tree
from coterie.clustering.portfolio import compact, gaussian_posterior, joined_labels
from coterie.clustering.table import take

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coterie.clustering.graph import NeighbourGraph
    from coterie.clustering.kernels.gaussian_em import Components
    from coterie.clustering.table import Rows

    Parameters = Mapping[str, float | int | str]

#: Random starts of K-Means, and the rows that each next seed is the best of.
STARTS = 2
TRIALS = 3
#: Genie gives all numbers of segments up to this in one run.
USUAL = 16
#: Most steps of a mixture.
_MIXTURE_STEPS = 40
_FEWEST_FOR_A_GRAPH = 4


class _Series:
    """Rows far from each other, picked as they are asked for."""

    def __init__(self, X: np.ndarray, rng: np.random.Generator) -> None:
        self._X = X
        self._coming = spreading_rows(X, rng, TRIALS)
        self._rows: list[int] = []

    def first(self, k: int) -> np.ndarray:
        """The first k rows, or all there are."""
        self._rows.extend(islice(self._coming, max(k - len(self._rows), 0)))
        return np.asarray(self._X[self._rows[:k]])


class Judged:
    """The rows that every fit labels.

    Parameters
    ----------
    rows : Rows
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.X = rows.X
        self._products: dict[bool, Quadratic] = {}

    @cached_property
    def cells(self) -> Cells:
        """The rows as the latent-class mixture wants them."""
        return cells(self.rows.numeric, self.rows.codes, self.rows.n_levels)

    def products(self, *, full: bool) -> Quadratic:
        """The rows as the Gaussian mixtures want them."""
        if full not in self._products:
            self._products[full] = quadratic(self.X, full=full)
        return self._products[full]


class Draw:
    """Rows drawn with replacement, and the fits to them; trees, seeds and products are made once and kept.

    Parameters
    ----------
    rows : Rows, what is drawn from
    picked : int array, row numbers, with repetitions
    judged : Judged
    seed : int

    Notes
    -----
    Every fit starts afresh from the draw. K-Means started from the segments of the whole sample takes half the time,
    but finds them again more often than the data do: on a single normal distribution the mean adjusted Rand index of
    pairs is 0.62 instead of 0.36 (`benchmarks/stability.py`). Starts for k segments are the first k rows of one series,
    the same for every k.
    """

    def __init__(self, rows: Rows, picked: np.ndarray, judged: Judged, seed: int) -> None:
        self.rows = rows
        self.judged = judged
        self.seed = seed
        self.different, self.times = np.unique(picked, return_counts=True)
        self.X = np.ascontiguousarray(rows.X[self.different])
        self._partitions: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._products: dict[bool, Quadratic] = {}
        self._mixtures: dict[tuple[str, int], GaussianMixture] = {}
        self._genie: dict[float, dict[int, np.ndarray]] = {}

    def labels(self, method: str, parameters: Parameters) -> np.ndarray:
        """Fit a method and label the judged rows with it: 0, 1, … without gaps or noise."""
        return compact(_FITS[method](self, parameters))

    @cached_property
    def copies(self) -> np.ndarray:
        """The drawn rows, as often as they were drawn, float array of shape (size, d)."""
        return np.repeat(self.X, self.times, axis=0)

    @cached_property
    def distinct(self) -> np.ndarray:
        """Each different row once: for methods that work on distances to neighbours, copies would be dense spots."""
        return np.ascontiguousarray(self.X[np.sort(np.unique(self.X, axis=0, return_index=True)[1])])

    @cached_property
    def nearest(self) -> np.ndarray:
        """The distinct row nearest to each judged row."""
        return nearest_point(self.distinct, self.judged.X)

    @cached_property
    def ward_tree(self) -> np.ndarray:
        """Ward's tree of the distinct rows."""
        return ward_tree(self.distinct)

    @cached_property
    def spanning_tree(self) -> np.ndarray:
        """Edges of the minimum spanning tree of the distinct rows, shortest first."""
        return np.asarray(minimum_spanning_tree(self.distinct)[0])

    def genie(self, k: int, gini_threshold: float) -> np.ndarray:
        """Genie's partition of the distinct rows; one run gives all the usual numbers."""
        k = min(k, len(self.distinct))
        known = self._genie.setdefault(gini_threshold, {})
        if k not in known:
            known.update(genie_cuts(self.spanning_tree, {k, *range(2, USUAL + 1)}, gini_threshold))
        return known[k]

    @cached_property
    def graph(self) -> NeighbourGraph:
        """Neighbours and densities of the distinct rows."""
        return neighbour_graph(self.distinct, seed=self.seed)

    @cached_property
    def cells(self) -> Cells:
        """The drawn rows as the latent-class mixture wants them."""
        drawn = take(self.rows, np.repeat(self.different, self.times))
        return cells(drawn.numeric, drawn.codes, drawn.n_levels)

    def products(self, *, full: bool) -> Quadratic:
        """The drawn rows as the Gaussian mixtures want them."""
        if full not in self._products:
            self._products[full] = quadratic(self.X, full=full, times=self.times, precision=np.float32)
        return self._products[full]

    @cached_property
    def floor(self) -> float:
        """Variance below which no component of a mixture may shrink."""
        return variance_floor(self.copies)

    def kmeans(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Centres of K-Means, and the label of each row of `X`."""
        if k not in self._partitions:
            fit_kmeans([self], k)
        return self._partitions[k]

    def mixture(self, kind: str, components: int) -> GaussianMixture:
        """The Gaussian mixture with so many components, from where K-Means ends."""
        if (kind, components) not in self._mixtures:
            fit_mixtures([self], kind, components)
        return self._mixtures[kind, components]

    @cached_property
    def _starts(self) -> list[_Series]:
        return [_Series(self.copies, np.random.default_rng([self.seed, start])) for start in range(STARTS)]

    def follow(self, labels: np.ndarray) -> np.ndarray:
        """Give each judged row the label of its nearest distinct row that is no noise."""
        kept = np.flatnonzero(labels >= 0)
        if not kept.size:
            return np.zeros(len(self.judged.X), dtype=np.int64)
        if len(kept) == len(labels):
            return np.asarray(labels[self.nearest])
        return np.asarray(labels[kept[nearest_point(self.distinct[kept], self.judged.X)]])


def fit_kmeans(draws: Sequence[Draw], k: int) -> None:
    """Fit K-Means to those of some draws that lack it, which takes less time together than one after the other."""
    lacking = [draw for draw in draws if k not in draw._partitions]
    starts = [[series.first(k) for series in draw._starts] for draw in lacking]
    sizes = [min(map(len, each)) for each in starts]  # fewer than k where fewer rows differ
    for size in sorted(set(sizes)):
        at = [place for place, mine in enumerate(sizes) if mine == size]
        begun = np.array([[start[:size] for start in starts[place]] for place in at])
        fits = kmeans_draws([Sample(lacking[place].X, lacking[place].times) for place in at], begun)
        for place, fit in zip(at, fits, strict=True):
            lacking[place]._partitions[k] = fit


def fit_mixtures(draws: Sequence[Draw], kind: str, components: int) -> None:
    """Fit Gaussian mixtures to those of some draws that lack them, together."""
    lacking = [draw for draw in draws if (kind, components) not in draw._mixtures]
    begun: dict[int, list[tuple[Draw, GaussianMixture, Components]]] = {}
    for draw in lacking:
        mixture = GaussianMixture(covariance_type=kind, reg_covar=draw.floor, max_iter=_MIXTURE_STEPS)
        start = mixture.first((draw.products(full=mixture.full),), compact(draw.kmeans(components)[1]))
        begun.setdefault(len(start.weights), []).append((draw, mixture, start))
    for some in begun.values():  # fewer components than asked for where fewer rows differ
        tables = [draw.products(full=mixture.full) for draw, mixture, _ in some]
        floors = [draw.floor for draw, _, _ in some]
        found = climb_together(tables, [start for _, _, start in some], floors, _MIXTURE_STEPS)
        for (draw, mixture, _), fitted in zip(some, found, strict=True):
            draw._mixtures[kind, components] = mixture.with_components(fitted)


def share_work(draws: Sequence[Draw], method: str, parameters: Parameters) -> None:
    """Do together what a method's fits to some draws have in common."""
    if method == "kmeans":
        fit_kmeans(draws, int(parameters["k"]))
    elif method == "gaussian_mixture":
        components = int(parameters.get("components", parameters["k"]))
        fit_kmeans(draws, components)
        fit_mixtures(draws, str(parameters["covariance"]), components)


def _kmeans(draw: Draw, parameters: Parameters) -> np.ndarray:
    centres = draw.kmeans(int(parameters["k"]))[0]
    return np.asarray(squared_distances(draw.judged.X, centres).argmin(axis=1))


def _mixture(draw: Draw, parameters: Parameters) -> np.ndarray:
    kind, k = str(parameters["covariance"]), int(parameters["k"])
    components = int(parameters.get("components", k))
    table = draw.products(full=kind == "full")
    mixture = draw.mixture(kind, components)
    shown = draw.judged.products(full=kind == "full")
    if components == k:
        return np.asarray(mixture.log_joint((shown,)).argmax(axis=0))
    groups = dict(entropy_merges(gaussian_posterior(mixture, (table,))))
    return joined_labels(gaussian_posterior(mixture, (shown,)), groups[k])


def _latent_class(draw: Draw, parameters: Parameters) -> np.ndarray:
    classes = int(parameters.get("classes", parameters["k"]))
    model = LatentClass(classes, n_init=2, random_state=draw.seed).fit(draw.cells)
    found = log_densities(draw.judged.cells, model.classes_).argmax(axis=1)
    if "merged" in parameters:
        return np.asarray(join_misfits(draw.cells, model.classes_, model.posterior_)[found])
    return np.asarray(found)


def _kamila(draw: Draw, parameters: Parameters) -> np.ndarray:
    model = Kamila(int(parameters["k"]), n_init=2, random_state=draw.seed).fit(draw.cells)
    return np.asarray(density_in_clusters(draw.judged.cells, model.clusters_).argmax(axis=1))


def _ward(draw: Draw, parameters: Parameters) -> np.ndarray:
    return draw.follow(cut(draw.ward_tree, int(parameters["k"])))


def _genie(draw: Draw, parameters: Parameters) -> np.ndarray:
    return draw.follow(draw.genie(int(parameters["k"]), float(parameters["gini_threshold"])))


def _dbscan(draw: Draw, parameters: Parameters) -> np.ndarray:  # noqa: ARG001  its radius is read from the rows
    return draw.follow(np.asarray(DBSCAN().fit(draw.distinct).labels_))


def _mode_seeking(draw: Draw, parameters: Parameters) -> np.ndarray:
    if len(draw.distinct) < _FEWEST_FOR_A_GRAPH:
        return draw.follow(np.zeros(len(draw.distinct), dtype=np.int64))
    cuts = dict(draw.graph.modes.cuts(range(1, int(parameters["k"]) + 1)))
    return draw.follow(cuts[max(cuts)] if cuts else np.zeros(len(draw.distinct), dtype=np.int64))


def _spectral(draw: Draw, parameters: Parameters) -> np.ndarray:
    if len(draw.distinct) < _FEWEST_FOR_A_GRAPH:
        return draw.follow(np.zeros(len(draw.distinct), dtype=np.int64))
    cuts = dict(spectral_cuts(draw.graph.neighbours, [int(parameters["k"])], seed=draw.seed))
    return draw.follow(next(iter(cuts.values()), np.zeros(len(draw.distinct), dtype=np.int64)))


def _hdbscan(draw: Draw, parameters: Parameters) -> np.ndarray:
    # The smallest cluster size was set for the rows of the search; here it keeps its share of the rows.
    share = float(parameters["min_cluster_size"]) / float(parameters["rows"])
    size = max(5, round(share * len(draw.distinct)))
    return draw.follow(DenseAreas(draw.distinct).labels(size, int(parameters["min_samples"])))


#: How each method of the portfolio is fitted to a draw.
_FITS: Mapping[str, Callable[[Draw, Parameters], np.ndarray]] = {
    "kmeans": _kmeans,
    "gaussian_mixture": _mixture,
    "latent_class": _latent_class,
    "kamila": _kamila,
    "ward": _ward,
    "genie": _genie,
    "dbscan": _dbscan,
    "hdbscan": _hdbscan,
    "mode_seeking": _mode_seeking,
    "spectral": _spectral,
}
