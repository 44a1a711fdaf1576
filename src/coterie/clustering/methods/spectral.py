"""Spectral clustering on the neighbour graph: groups of any shape that hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from coterie.clustering.kernels.lloyd import lloyd, spread_seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Neighbours that make an edge.
EDGES = 10
#: Starts of K-Means among the eigenvectors.
STARTS = 3


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
    """Eigenvectors of the largest eigenvalues of D^-1/2 A D^-1/2, shape (n, count), largest first."""
    n, width = neighbours.shape
    ends = (np.repeat(np.arange(n), width), neighbours.ravel())
    graph = csr_array(coo_array((np.ones(n * width), ends), shape=(n, n)))
    graph = (graph + graph.T) * 0.5
    damping = diags_array(1 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel()))
    try:
        values, vectors = eigsh(damping @ graph @ damping, k=count, which="LA", maxiter=1_000, tol=1e-3, v0=np.ones(n))
    except ArpackNoConvergence as stopped:
        values, vectors = stopped.eigenvalues, stopped.eigenvectors
    return np.asarray(vectors[:, np.argsort(-values)])
