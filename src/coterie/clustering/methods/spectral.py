"""Spectral clustering on the neighbour graph: groups of any shape that hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from coterie.clustering.kernels.lloyd import lloyd, spread_seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Neighbours that make an edge.
EDGES = 10
#: Starts of K-Means among the eigenvectors.
STARTS = 3
_SMALL = 60


def spectral_cuts(neighbours: np.ndarray, wanted: Iterable[int], *, seed: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """Partitions by the leading eigenvectors of the normalised graph (Ng, Jordan, Weiss 2002).

    Parameters
    ----------
    neighbours : int array of shape (n, K), the nearest rows of each row, nearest first
    wanted : numbers of clusters, rising
    seed : int

    Yields
    ------
    k, int array of shape (n,) : number of clusters asked for, and labels

    Notes
    -----
    One sparse eigenproblem for all k; O(n K) time a step of Lanczos.
    """
    ks = [k for k in wanted if k < len(neighbours) - 1]
    if not ks:
        return
    vectors = leading_vectors(neighbours[:, :EDGES], max(ks))
    rng = np.random.default_rng(seed)
    for k in ks:
        if k > vectors.shape[1]:
            return
        rows = vectors[:, :k] / np.maximum(np.linalg.norm(vectors[:, :k], axis=1, keepdims=True), 1e-12)
        runs = [lloyd(rows, spread_seeds(rows, k, rng), max_iter=50) for _ in range(STARTS)]
        yield k, min(runs, key=lambda run: run[2])[1]


def leading_vectors(neighbours: np.ndarray, count: int) -> np.ndarray:
    """Eigenvectors of the largest eigenvalues of D^-1/2 A D^-1/2, shape (n, count), largest first.

    Each connected piece has a spectrum of its own, and an eigenvalue of 1: they are computed piece by piece, because
    iterations cannot tell equal eigenvalues apart. Among equals the larger piece comes first.
    """
    n, width = neighbours.shape
    ends = (np.repeat(np.arange(n), width), neighbours.ravel())
    graph = csr_array(coo_array((np.ones(n * width), ends), shape=(n, n)))
    graph = (graph + graph.T) * 0.5
    damping = diags_array(1 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel()))
    graph = csr_array(damping @ graph @ damping)
    piece = connected_components(graph, directed=False)[1]
    sizes = np.bincount(piece)
    found = []
    for p in np.argsort(-sizes, kind="stable")[:count]:
        rows = np.flatnonzero(piece == p)
        values, vectors = _largest(graph[rows][:, rows], min(count, len(rows)))
        found += [(value, rows, vector) for value, vector in zip(values, vectors.T, strict=True)]
    found.sort(key=lambda one: -round(float(one[0]), 6))
    leading = np.zeros((n, min(count, len(found))))
    for column, (_, rows, vector) in enumerate(found[: leading.shape[1]]):
        leading[rows, column] = vector
    return leading


def _largest(graph: csr_array, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Largest eigenvalues of one connected piece, falling, and their vectors."""
    n = graph.shape[0]
    if n <= max(2 * count, _SMALL):
        values, vectors = np.linalg.eigh(graph.toarray())
    else:
        try:
            values, vectors = eigsh(graph, k=count, which="LA", maxiter=1_000, tol=1e-3, v0=np.ones(n))
        except ArpackNoConvergence as stopped:
            values, vectors = stopped.eigenvalues, stopped.eigenvectors
    order = np.argsort(-values)[:count]
    return values[order], vectors[:, order]
