"""Try every method of the portfolio at every number of clusters on one sample, sharing work between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from coterie.clustering.graph import neighbour_graph
from coterie.clustering.kernels.gaussian_em import posteriors
from coterie.clustering.kernels.neighbours import nearest_point
from coterie.clustering.kernels.spanning_tree import minimum_spanning_tree
from coterie.clustering.methods.dbscan import DBSCAN
from coterie.clustering.methods.gaussian_mixture import GaussianMixture, variance_floor
from coterie.clustering.methods.genie import genie_cuts
from coterie.clustering.methods.hdbscan import DenseAreas, sensible_sizes
from coterie.clustering.methods.joining import join_misfits
from coterie.clustering.methods.kamila import Kamila, density_in_clusters
from coterie.clustering.methods.kmeans import KMeans
from coterie.clustering.methods.latent_class import (
    Cells,
    LatentClass,
    cells,
    e_step,
    spread_starts,
)
from coterie.clustering.methods.merging import entropy_merges
from coterie.clustering.methods.spectral import spectral_cuts
from coterie.clustering.methods.ward import cut, ward_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from coterie.clustering.graph import NeighbourGraph
    from coterie.clustering.kernels.gaussian_em import Quadratic
    from coterie.clustering.table import Rows

#: Rows on which mixtures, Ward and HDBSCAN are tried; the other rows of the sample follow their model or neighbour.
SUBSAMPLE = 2_000
#: Most columns for full covariances: beyond, a cluster has more correlations than customers.
MOST_FOR_FULL = 30
#: Starts of the latent-class mixture, and how many of them KAMILA runs from.
MIXED_STARTS = 4
KAMILA_STARTS = 2
#: Gini threshold of Genie, the recommendation of its paper.
GINI = 0.3

#: Methods that count as one voice when methods are asked whether they agree.
FAMILIES = {
    "kmeans": "kmeans",
    "gaussian_mixture": "gaussian_mixture",
    "ward": "ward",
    "genie": "genie",
    "dbscan": "density",
    "hdbscan": "density",
    "mode_seeking": "density",
    "spectral": "spectral",
    "latent_class": "latent_class",
    "kamila": "kamila",
}

Model = KMeans | GaussianMixture | LatentClass | Kamila | None


@dataclass(frozen=True)
class Trial:
    """One method with one setting, tried on the sample.

    Attributes
    ----------
    method : str
    parameters : dict
    labels : int array of shape (n,), 0 … k-1 all present; -1 = noise
    model : the fitted estimator where rows can be assigned by it, else None
    bic : float, smaller is better; NaN for methods without a likelihood
    segment_of : int array, the cluster of each component of `model`, where several components make one cluster
    """

    method: str
    parameters: dict[str, float | int | str]
    labels: np.ndarray
    model: Model = None
    bic: float = float("nan")
    segment_of: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def family(self) -> str:
        """The voice that the method counts for."""
        return FAMILIES[self.method]

    @property
    def k(self) -> int:
        """Number of clusters, noise not counted."""
        return int(self.labels.max()) + 1


class Portfolio:
    """Tries methods on one sample; trees and starts are made once and kept.

    Parameters
    ----------
    rows : Rows
    ks : numbers of clusters, rising
    seed : int
    graph : NeighbourGraph, optional
        Of the same rows, if it has been built already.
    """

    def __init__(self, rows: Rows, ks: Sequence[int], seed: int, graph: NeighbourGraph | None = None) -> None:
        self.rows = rows
        self.X = rows.X
        self.ks = list(ks)
        self.seed = seed
        rng = np.random.default_rng(seed)
        n = len(rows)
        self.subset = np.sort(rng.choice(n, min(SUBSAMPLE, n), replace=False))
        self._graph = graph
        self._kmeans: dict[int, KMeans] = {}
        self._ward: np.ndarray | None = None
        self._starts: dict[int, list[np.ndarray]] = {}
        self.tried: dict[str, list[Trial]] = {}

    def trials(self, method: str) -> list[Trial]:
        """Every trial of one method."""
        tries: dict[str, Callable[[], Iterator[Trial]]] = {
            "kmeans": self._try_kmeans,
            "gaussian_mixture": self._try_mixtures,
            "ward": self._try_ward,
            "genie": self._try_genie,
            "dbscan": self._try_dbscan,
            "hdbscan": self._try_hdbscan,
            "mode_seeking": self._try_mode_seeking,
            "spectral": self._try_spectral,
            "latent_class": self._try_latent_class,
            "kamila": self._try_kamila,
        }
        if method not in self.tried:
            self.tried[method] = list(tries[method]())
        return self.tried[method]

    def kmeans(self, k: int) -> KMeans:
        """K-Means started from random spread-out rows and from Ward's clusters."""
        if k not in self._kmeans:
            labels = cut(self._ward_tree(), k)
            start = np.array([self.X[self.subset][labels == c].mean(axis=0) for c in np.unique(labels)])
            self._kmeans[k] = KMeans(k, n_init=4, starts=(start,), random_state=self.seed).fit(self.X)
        return self._kmeans[k]

    def _ward_tree(self) -> np.ndarray:
        if self._ward is None:
            self._ward = ward_tree(self.X[self.subset])
        return self._ward

    def _spread(self, labels: np.ndarray) -> np.ndarray:
        """Labels of the whole sample from those of the subset: each row follows its nearest neighbour there."""
        if len(self.subset) == len(self.X):
            return compact(labels)
        if not hasattr(self, "_follow"):
            self._follow = nearest_point(self.X[self.subset], self.X)
        return compact(labels[self._follow])

    def _try_kmeans(self) -> Iterator[Trial]:
        for k in self.ks:
            model = self.kmeans(k)
            yield Trial("kmeans", {"k": k}, *_model_labels(model.labels_, model))

    @property
    def graph(self) -> NeighbourGraph:
        """Neighbours and densities of the sample."""
        if self._graph is None:
            self._graph = neighbour_graph(self.X, seed=self.seed)
        return self._graph

    def _try_mixtures(self) -> Iterator[Trial]:
        floor = variance_floor(self.X)
        for covariance in ("full", "diag") if self.X.shape[1] <= MOST_FOR_FULL else ("diag",):
            model = GaussianMixture(covariance_type=covariance, reg_covar=floor)
            part = model.laid_out(
                self.X[self.subset], precision=np.float32
            )  # single precision to climb, double to judge
            exact, whole = model.laid_out(self.X[self.subset]), model.laid_out(self.X)
            fitted: dict[float, GaussianMixture] = {}
            for k in self.ks:
                mixture = GaussianMixture(covariance_type=covariance, reg_covar=floor)
                mixture.fit_table(part, compact(self.kmeans(k).labels_[self.subset]))
                bic = mixture.bic(mixture.log_joint(exact))
                fitted.setdefault(bic, mixture)
                labels = mixture.log_joint(whole).argmax(axis=0)
                used = used_components(labels, len(mixture.weights_))
                parameters: dict[str, float | int | str] = {"k": k, "covariance": covariance}
                yield Trial("gaussian_mixture", parameters, compact(labels), mixture, bic, used)
            best = min(fitted)
            yield from self._merged_mixtures(fitted[best], best, gaussian_posterior(fitted[best], whole))

    def _merged_mixtures(self, best: GaussianMixture, bic: float, posterior: np.ndarray) -> Iterator[Trial]:
        """Groups of components of the mixture with the best BIC: one group may need several ellipses."""
        for k, group in entropy_merges(posterior):
            labels = joined_labels(posterior, group)
            used = used_components(labels, k)[group]
            parameters: dict[str, float | int | str] = {"k": k, "covariance": best.covariance_type, "merged": "yes"}
            parameters["components"] = len(best.weights_)
            yield Trial("gaussian_mixture", parameters, compact(labels), best, bic, used)

    def _try_ward(self) -> Iterator[Trial]:
        for k in self.ks:
            yield Trial("ward", {"k": k}, self._spread(cut(self._ward_tree(), k)))

    def _try_genie(self) -> Iterator[Trial]:
        edges, _ = minimum_spanning_tree(self.X)
        for k, labels in sorted(genie_cuts(edges, self.ks, GINI).items()):
            yield Trial("genie", {"k": k, "gini_threshold": GINI}, labels)

    @cached_property
    def _apart(self) -> np.ndarray:
        """Distances between the rows of the subset, float array of shape (m, m)."""
        part = self.X[self.subset]
        return np.asarray(cdist(part, part))

    def _try_dbscan(self) -> Iterator[Trial]:
        found = DBSCAN().fit(self.X[self.subset], distances=self._apart)
        yield Trial("dbscan", {"eps": found.eps_, "min_samples": found.min_samples_}, self._spread(found.labels_))

    def _try_hdbscan(self) -> Iterator[Trial]:
        rows = len(self.subset)
        areas = DenseAreas(self.X[self.subset], self._apart)
        for size in sensible_sizes(rows):
            for samples in (5, 15):
                parameters: dict[str, float | int | str] = {"min_cluster_size": size, "min_samples": samples}
                yield Trial("hdbscan", parameters | {"rows": rows}, self._spread(areas.labels(size, samples)))

    def _try_mode_seeking(self) -> Iterator[Trial]:
        for k, labels in self.graph.modes.cuts(self.ks):
            yield Trial("mode_seeking", {"k": k}, self._alike(labels))

    def _try_spectral(self) -> Iterator[Trial]:
        for k, labels in spectral_cuts(self.graph.neighbours, self.ks, seed=self.seed):
            yield Trial("spectral", {"k": k}, self._alike(labels))

    @cached_property
    def _equal(self) -> tuple[np.ndarray, np.ndarray]:
        """First row of each set of equal rows, and the set of each row."""
        _, first, which = np.unique(self.X, axis=0, return_index=True, return_inverse=True)
        return first, which.ravel()

    def _alike(self, labels: np.ndarray) -> np.ndarray:
        """Give equal rows equal labels: among many copies the nearest neighbours are an accident."""
        first, which = self._equal
        return compact(labels if len(first) == len(labels) else labels[first][which])

    @cached_property
    def _cells(self) -> tuple[Cells, Cells]:
        """The subset and the whole sample as methods for numbers and categories want them."""
        rows, part = self.rows, self.subset
        whole = cells(rows.numeric, rows.codes, rows.n_levels)
        if len(part) == len(rows):
            return whole, whole
        return cells(rows.numeric[part], rows.codes[part], rows.n_levels), whole

    def _mixed_starts(self, k: int) -> list[np.ndarray]:
        if k not in self._starts:
            self._starts[k] = spread_starts(self._cells[0], k, MIXED_STARTS, self.seed)
        return self._starts[k]

    def _try_latent_class(self) -> Iterator[Trial]:
        part, whole = self._cells
        fitted = {k: LatentClass(k).fit(part, starts=self._mixed_starts(k)) for k in sorted({1, *self.ks})}
        posteriors = {k: e_step(whole, model.classes_)[0] for k, model in fitted.items()}
        for k in self.ks:
            labels = posteriors[k].argmax(axis=1)
            used = used_components(labels, k)
            yield Trial("latent_class", {"k": k}, compact(labels), fitted[k], fitted[k].bic_, used)
        best = min(fitted.values(), key=lambda model: model.bic_)
        group = join_misfits(part, best.classes_, best.posterior_)
        if len(group) > group.max() + 1 > 1:
            # The label is the class with the largest merged posterior, as the assignment rule will have it.
            labels = joined_labels(posteriors[best.n_classes], group)
            kept = used_components(labels, group.max() + 1)
            yield Trial(
                "latent_class",
                {"k": int(group.max()) + 1, "classes": best.n_classes, "merged": "yes"},
                compact(labels),
                best,
                best.bic_,
                kept[group],
            )

    def _try_kamila(self) -> Iterator[Trial]:
        part, whole = self._cells
        for k in self.ks:
            model = Kamila(k).fit(part, starts=self._mixed_starts(k)[:KAMILA_STARTS])
            labels = density_in_clusters(whole, model.clusters_).argmax(axis=1)
            yield Trial("kamila", {"k": k}, compact(labels), model, segment_of=used_components(labels, k))


def gaussian_posterior(mixture: GaussianMixture, rows: Iterable[Quadratic]) -> np.ndarray:
    """Probability of each component for each row that is laid out, float array of shape (n, k)."""
    return posteriors(mixture.log_joint(rows))[0].T


def joined_labels(posterior: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Most likely group of components of each row, int array of shape (n,)."""
    return np.asarray(np.stack([posterior[:, group == g].sum(axis=1) for g in range(group.max() + 1)]).argmax(axis=0))


def compact(labels: np.ndarray) -> np.ndarray:
    """Renumber to 0, 1, … without gaps; negative labels become -1."""
    if not len(labels):
        return labels.astype(np.int64)
    shifted = np.maximum(labels, -1) + 1  # noise is 0
    used = np.bincount(shifted) > 0
    used[0] = False
    number = np.cumsum(used) - 1
    number[0] = -1
    return np.asarray(number[shifted])


def used_components(labels: np.ndarray, components: int) -> np.ndarray:
    """The compact label of each component; a component that no row belongs to gets -1."""
    found = np.full(components, -1, dtype=np.int64)
    used = np.unique(labels[labels >= 0])
    found[used] = np.arange(len(used))
    return found


def _model_labels(labels: np.ndarray, model: KMeans) -> tuple[np.ndarray, KMeans, float, np.ndarray]:
    return compact(labels), model, float("nan"), used_components(labels, len(model.cluster_centers_))
