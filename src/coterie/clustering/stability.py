"""Does the same method find the same segments in other samples? Bootstrap pairs and Jaccard similarities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from coterie.clustering.kernels.lloyd import squared_distances
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.kernels.spanning_tree import minimum_spanning_tree
from coterie.clustering.limits import absorb_small
from coterie.clustering.methods.dbscan import DBSCAN
from coterie.clustering.methods.gaussian_mixture import GaussianMixture, variance_floor
from coterie.clustering.methods.genie import genie_cuts
from coterie.clustering.methods.hdbscan import HDBSCAN
from coterie.clustering.methods.kmeans import KMeans
from coterie.clustering.methods.latent_class import LatentClass, cells, log_densities, merge_overlapping
from coterie.clustering.methods.ward import cut, ward_tree
from coterie.clustering.portfolio import compact, gaussian_labels
from coterie.clustering.table import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.clustering.table import Rows

#: Rows of one bootstrap sample, and rows that both fits label.
BOOTSTRAP_ROWS = 1_000


@dataclass(frozen=True)
class Stability:
    """Agreement over bootstrap samples.

    Attributes
    ----------
    pairs : float array of shape (B,), adjusted Rand index of the two fits of each pair
    segments : float array of shape (k,), mean over fits of the largest Jaccard similarity (Hennig 2007)
    """

    pairs: np.ndarray
    segments: np.ndarray

    def and_more(self, other: Stability) -> Stability:
        """Join the pairs of two rounds over the same segments."""
        n, m = len(self.pairs), len(other.pairs)
        segments = (n * self.segments + m * other.segments) / (n + m)
        return Stability(np.concatenate([self.pairs, other.pairs]), segments)

    @property
    def mean(self) -> float:
        """Mean over pairs."""
        return float(self.pairs.mean())


def bootstrap_stability(
    rows: Rows,
    method: str,
    parameters: Mapping[str, float | int | str],
    labels: np.ndarray,
    *,
    pairs: range,
    smallest_share: float,
    seed: int,
) -> Stability:
    """Fit the method again on pairs of bootstrap samples and compare what the two say about the same rows.

    Parameters
    ----------
    rows : Rows, the sample
    method, parameters : what to fit, with the keys of `Trial.parameters`
    labels : int array of shape (n,), the partition whose segments are looked for again; none negative
    pairs : range, which pairs: each is drawn by its own number, so that rounds can be joined
    smallest_share : float, small clusters are merged as in the search
    seed : int

    Notes
    -----
    Bootstrap pairs as in Dolnicar and Leisch (2010, Marketing Letters 21). Methods that work on distances to
    neighbours see each drawn row once: copies would be dense spots. 2 B fits on at most 1,000 rows.
    """
    n = len(rows)
    shown = np.sort(np.random.default_rng([seed, 1]).choice(n, min(BOOTSTRAP_ROWS, n), replace=False))
    judged, truth = take(rows, shown), compact(labels[shown])
    agreement = []
    similar = np.zeros(int(labels.max()) + 1)
    for b in pairs:
        found = []
        for half in range(2):
            rng = np.random.default_rng([seed, 2, b, half])
            drawn = take(rows, rng.integers(0, n, min(BOOTSTRAP_ROWS, n)))
            fitted = fit_and_label(drawn, judged, method, parameters, seed=int(1_000 * seed + 2 * b + half))
            found.append(absorb_small(judged.X, fitted, smallest_share)[0])
        agreement.append(adjusted_rand(*found))
        for one in found:
            similar[np.unique(labels[shown])] += _largest_jaccard(truth, one) / (2 * len(pairs))
    return Stability(np.array(agreement), similar)


def _largest_jaccard(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    width = int(found.max()) + 1
    joint = np.bincount(truth * width + found, minlength=(int(truth.max()) + 1) * width).reshape(-1, width)
    union = joint.sum(axis=1)[:, None] + joint.sum(axis=0)[None, :] - joint
    return np.asarray((joint / np.maximum(union, 1)).max(axis=1))


def fit_and_label(
    rows: Rows, judged: Rows, method: str, parameters: Mapping[str, float | int | str], *, seed: int
) -> np.ndarray:
    """Fit a method on some rows and label others with it; labels 0, 1, … without noise, shape (len(judged),)."""
    if method == "kmeans":
        means = KMeans(int(parameters["k"]), n_init=2, random_state=seed).fit(rows.X)
        return compact(squared_distances(judged.X, means.cluster_centers_).argmin(axis=1))
    if method == "gaussian_mixture":
        start = KMeans(int(parameters["k"]), n_init=2, random_state=seed).fit(rows.X).labels_
        floor = variance_floor(rows.X)
        kind = str(parameters["covariance"])
        mixture = GaussianMixture(covariance_type=kind, reg_covar=floor, max_iter=40).fit(rows.X, start=start)
        return compact(gaussian_labels(mixture, judged.X))
    if method == "latent_class":
        return _latent(rows, judged, parameters, seed)
    distinct = take(rows, np.sort(np.unique(rows.X, axis=0, return_index=True)[1]))
    return _follow(distinct.X, judged.X, _by_neighbours(distinct.X, method, parameters))


def _latent(rows: Rows, judged: Rows, parameters: Mapping[str, float | int | str], seed: int) -> np.ndarray:
    classes = int(parameters.get("classes", parameters["k"]))
    model = LatentClass(classes, n_init=2, random_state=seed).fit(cells(rows.numeric, rows.codes, rows.n_levels))
    found = log_densities(cells(judged.numeric, judged.codes, judged.n_levels), model.classes_).argmax(axis=1)
    return compact(merge_overlapping(model.posterior_)[found] if "merged" in parameters else found)


def _by_neighbours(X: np.ndarray, method: str, parameters: Mapping[str, float | int | str]) -> np.ndarray:
    if method == "ward":
        return cut(ward_tree(X), int(parameters["k"]))
    if method == "genie":
        k = min(int(parameters["k"]), len(X))
        return genie_cuts(minimum_spanning_tree(X)[0], [k], float(parameters["gini_threshold"]))[k]
    if method == "dbscan":
        return np.asarray(DBSCAN().fit(X).labels_)
    # The smallest cluster size was set for the rows of the search; here it keeps its share of the rows.
    share = float(parameters["min_cluster_size"]) / float(parameters["rows"])
    size = max(5, round(share * len(X)))
    return np.asarray(HDBSCAN(size, min_samples=int(parameters["min_samples"])).fit(X).labels_)


def _follow(X: np.ndarray, judged: np.ndarray, labels: np.ndarray) -> np.ndarray:
    kept = np.flatnonzero(labels >= 0)
    if not kept.size:
        return np.zeros(len(judged), dtype=np.int64)
    return compact(labels[kept[cKDTree(X[kept]).query(judged, 1)[1]]])
