"""Criteria of a partition that need no truth, all from one neighbour graph: no method is fitted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coterie.clustering.graph import TOUCHING
from coterie.clustering.kernels.silhouette import silhouettes
from coterie.clustering.separation import Divisions

if TYPE_CHECKING:
    from coterie.clustering.graph import NeighbourGraph


#: Below so many clusters, the number of a pair of them is short.
_FEW_CLUSTERS = 180


def criteria(graph: NeighbourGraph, labelings: list[np.ndarray]) -> list[dict[str, float]]:
    """Every criterion of each partition.

    Parameters
    ----------
    graph : NeighbourGraph
    labelings : list of int arrays of shape (n,), 0 … k-1 all present, -1 = noise; k >= 2

    Returns
    -------
    list of dict with
        k : number of clusters
        noise, smallest, largest : shares of rows
        entropy : of the shares, divided by that of equal shares; 1 = all equally large
        silhouette, silhouette_worst, silhouette_negative : mean width on the probe (noise as a cluster of its own),
            mean of the worst cluster, share of rows with a negative width
        crossing : edges of the graph that leave their cluster / those expected by chance; 0 is best
        valley, valley_worst : density on the border / inside, size-weighted and at the worst border; about 0 = a gap,
            about 1 = a cut through a dense area
        hidden_mode, hidden_modes : strongest further density mode inside a cluster, and the sum of all; 0 is best
        hidden_piece : share of rows in further unconnected pieces of a cluster; 0 is best
        gap, cut, split_gap, split_cut, … : see `Divisions.criteria`
        explained : share of the variance between clusters
        dispersion : log of the index of Calinski and Harabasz (1974) per row
        likelihood, likelihood_diagonal : gain in classification likelihood per row over a single Gaussian, penalised
            as by BIC

    Notes
    -----
    O(n K + m² k) time for n rows, K neighbours and a probe of m rows: 10 to 20 ms at n = 4,000.
    """
    divisions = Divisions(graph.X)
    widths = silhouettes(graph.distances, [np.unique(one[graph.probe], return_inverse=True)[1] for one in labelings])
    whole = cloud_of(graph.X)
    return [_criteria(graph, whole, one, divisions, width) for one, width in zip(labelings, widths, strict=True)]


def _criteria(
    graph: NeighbourGraph,
    whole: Cloud,
    labels: np.ndarray,
    divisions: Divisions,
    silhouette: tuple[float, float, float],
) -> dict[str, float]:
    clusters = int(labels.max()) + 1
    counts = np.bincount(labels[labels >= 0], minlength=clusters).astype(float)
    order = np.argsort(labels.astype(np.int16), kind="stable")  # short numbers are sorted by their digits
    members = np.split(order, np.searchsorted(labels[order], np.arange(clusters)))[1:]
    clouds = [cloud_of(graph.X[rows]) for rows in members]
    middles = np.array([cloud.middle for cloud in clouds])
    shares = counts / graph.n
    mean, worst, negative = silhouette
    border, worst_border = valley(graph, labels, counts)
    mode, modes = hidden_modes(graph, labels)
    between, dispersion = explained(whole, clouds)
    return {
        "k": float(clusters),
        "noise": float((labels < 0).mean()),
        "smallest": float(shares.min()),
        "largest": float(shares.max()),
        "entropy": float(-(shares * np.log(shares)).sum() / np.log(clusters)),
        "silhouette": mean,
        "silhouette_worst": worst,
        "silhouette_negative": negative,
        "crossing": crossing(graph, labels, clusters),
        "valley": border,
        "valley_worst": worst_border,
        "hidden_mode": mode,
        "hidden_modes": modes,
        "hidden_piece": hidden_piece(graph, labels, clusters),
        **divisions.criteria(members, middles),
        "explained": between,
        "dispersion": dispersion,
        "likelihood": likelihood_gain(whole, clouds),
        "likelihood_diagonal": diagonal_gain(whole, clouds),
    }


def crossing(graph: NeighbourGraph, labels: np.ndarray, clusters: int) -> float:
    """Share of edges between clusters, divided by the share expected from the clusters' degrees. O(n K)."""
    start = np.repeat(labels, graph.neighbours[:, :TOUCHING].shape[1])
    end = labels[graph.neighbours[:, :TOUCHING]].ravel()
    kept = (start >= 0) & (end >= 0)
    joint = np.bincount(start[kept] * clusters + end[kept], minlength=clusters**2).reshape(clusters, clusters)
    total = max(joint.sum(), 1)
    share = joint.sum(axis=1) / total
    expected = 1 - (share**2).sum()
    return float((1 - np.trace(joint) / total) / max(expected, 1e-9))


def valley(graph: NeighbourGraph, labels: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Density along the border / inside: mean over clusters of their worst border, weighted by size, and the worst.

    For each touching pair: 90 % quantile of the lower density over the crossing edges, divided by the smaller of the
    two clusters' upper-quartile densities; 0.3 of the median where fewer than four edges cross.
    """
    clusters = len(counts)
    start, end, lower = graph.touching  # sorted by density, so that a stable sort by pair leaves each pair sorted
    a, b = labels[start], labels[end]
    kept = np.flatnonzero((a >= 0) & (b >= 0) & (a != b))
    if not kept.size:
        return 0.0, 0.0
    a, b = a[kept], b[kept]
    pair = np.minimum(a, b) * clusters + np.maximum(a, b)
    order = np.argsort(pair.astype(np.int16) if clusters < _FEW_CLUSTERS else pair, kind="stable")
    pair, lower = pair[order], lower[kept[order]]
    pairs, first, times = np.unique(pair, return_index=True, return_counts=True)
    inside = _upper_quartiles(graph, labels, counts)
    peak = np.minimum(inside[pairs // clusters], inside[pairs % clusters])
    few = times < 4
    at = np.where(few, first + times // 2, first + (0.9 * (times - 1)).astype(np.int64))
    level = np.where(few, 0.3, 1.0) * lower[at] / peak
    worst = np.zeros(clusters)
    np.maximum.at(worst, pairs // clusters, level)
    np.maximum.at(worst, pairs % clusters, level)
    return float(min((worst * counts).sum() / counts.sum(), 2.0)), float(min(worst.max(), 2.0))


def _upper_quartiles(graph: NeighbourGraph, labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """75 % quantile of the density in each cluster, as `numpy.quantile` has it; one sort for all partitions."""
    rising = graph.by_density
    order = rising[np.argsort(labels[rising].astype(np.int16), kind="stable")]
    begin = (labels < 0).sum() + np.concatenate([[0], np.cumsum(counts)[:-1]])
    place = (counts - 1) * 0.75
    below = np.floor(place)
    share = place - below
    low = graph.density[order[(begin + below).astype(np.int64)]]
    high = graph.density[order[(begin + np.minimum(below + 1, counts - 1)).astype(np.int64)]]
    step = high - low
    return np.asarray(np.where(share >= 0.5, high - step * (1 - share), low + step * share))


def hidden_modes(graph: NeighbourGraph, labels: np.ndarray) -> tuple[float, float]:
    """Density modes that clusters hold beside their main one.

    Returns
    -------
    strongest : float, largest (1 - saddle/peak) sqrt(share)
    together : float, sum of (1 - saddle/peak) share
    """
    smallest = max(10, int(0.01 * graph.n))
    merges = graph.slopes.merges(labels, smallest)
    found = [(1 - min(m.ratio, 1.0), m.size / graph.n) for m in merges]
    return (
        max((float(depth * np.sqrt(share)) for depth, share in found), default=0.0),
        float(sum(depth * share for depth, share in found)),
    )


def hidden_piece(graph: NeighbourGraph, labels: np.ndarray, clusters: int) -> float:
    """Share of rows in large pieces of a cluster that are not connected with its largest piece."""
    piece = graph.near_slopes.pieces(labels)
    size = np.bincount(piece)
    label_of = np.full(len(size), -1)
    label_of[piece] = labels
    largest = np.zeros(clusters)
    inside = label_of >= 0
    np.maximum.at(largest, label_of[inside], size[inside])
    big = inside & (size >= max(10, 0.01 * graph.n))
    return float(size[big][size[big] < largest[label_of[big]]].sum() / graph.n)


class Cloud(NamedTuple):
    """Rows of a cluster in short.

    `rows` rows with the mean `middle`, float array of shape (d,), and `scatter` of shape (d, d), the sum of the
    products of their deviations from it.
    """

    rows: int
    middle: np.ndarray
    scatter: np.ndarray


def cloud_of(rows: np.ndarray) -> Cloud:
    """Put the rows of a cluster, float array of shape (n, d), in short. O(n d²) time."""
    middle = rows.mean(axis=0)
    off = rows - middle
    return Cloud(len(rows), middle, off.T @ off)


def explained(whole: Cloud, clouds: list[Cloud]) -> tuple[float, float]:
    """Share of the squared deviations between clusters, and the log of Calinski and Harabasz' index per row."""
    n, k = whole.rows, len(clouds)
    total = float(np.trace(whole.scatter))
    within = sum(float(np.trace(cloud.scatter)) for cloud in clouds)
    between = np.log(max(total - within, 1e-9) / (k - 1)) - np.log(max(within, 1e-9) / max(n - k, 1))
    return float(1 - within / max(total, 1e-12)), float(between - np.log(n))


def likelihood_gain(whole: Cloud, clouds: list[Cloud]) -> float:
    """Classification likelihood with one full covariance per cluster against a single Gaussian, per row and sqrt(d).

    The integrated completed likelihood of Biernacki, Celeux and Govaert (2000) for a given partition; covariances of
    small clusters are shrunk to a sphere.
    """
    n, d = whole.rows, len(whole.middle)
    together = whole.scatter / max(n - 1, 1)
    scale = max(np.trace(together), 1e-12)
    single = np.linalg.slogdet(together + 1e-3 * scale / d * np.eye(d))[1]
    left_out = n - sum(cloud.rows for cloud in clouds)
    gain = 0.5 * n * single + left_out * (-0.5 * single - 3)
    for count, _, scatter in clouds:
        if count < 2:
            continue
        own = scatter / (count - 1) if count > d + 1 else together * (np.trace(scatter) / count / scale)
        share = count / (count + 2 * d)
        own = share * own + ((1 - share) * np.trace(own) + 1e-4 * scale) / d * np.eye(d)
        gain += count * (np.log(count / n) - 0.5 * np.linalg.slogdet(own)[1])
        gain -= 0.5 * np.log(n) * (1 + d + d * (d + 1) / 2)
    return float(gain / n / np.sqrt(d))


def diagonal_gain(whole: Cloud, clouds: list[Cloud]) -> float:
    """Give the gain for clusters without correlations inside: few parameters, so that it speaks in many columns."""
    n, d = whole.rows, len(whole.middle)
    together = np.maximum(np.diag(whole.scatter) / n, 1e-12)
    single = np.log(together).sum()
    left_out = n - sum(cloud.rows for cloud in clouds)
    gain = 0.5 * n * single + left_out * (-0.5 * single - 3)
    for count, _, scatter in clouds:
        if count < 2:
            continue
        own, share = np.diag(scatter) / count, count / (count + 2)
        own = share * own + (1 - share) * own.mean() + 1e-3 * together
        gain += count * (np.log(count / n) - 0.5 * np.log(own).sum()) - 0.5 * np.log(n) * (1 + 2 * d)
    return float(gain / n / np.sqrt(d))
