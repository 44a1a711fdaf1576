"""EM for Gaussian mixtures in which a step is two matrix products, on features shared by all numbers of components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Smallest change of the mean log-likelihood per row that another step is worth.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Quadratic:
    """A table laid out so that the log-density of a Gaussian is linear in it.

    Attributes
    ----------
    features : float array of shape (n, f): products of centred columns, the centred columns, and a one
    centre : float array of shape (d,), what was taken off the columns
    full : bool, whether all products are there or only the squares
    """

    features: np.ndarray
    centre: np.ndarray
    full: bool


@dataclass(frozen=True)
class Components:
    """Parameters of k components.

    Attributes
    ----------
    weights : float array of shape (k,)
    means : float array of shape (k, d)
    precisions : float array of shape (k, d, d), or (k, d) for diagonal covariances
    """

    weights: np.ndarray
    means: np.ndarray
    precisions: np.ndarray


def quadratic(X: np.ndarray, *, full: bool) -> Quadratic:
    """Lay a table out; n (d² / 2 + 3 d / 2 + 1) numbers for full covariances, n (2 d + 1) for diagonal ones."""
    centre = X.mean(axis=0)
    shifted = X - centre
    i, j = np.triu_indices(X.shape[1])
    products = shifted[:, i] * shifted[:, j] if full else shifted**2
    return Quadratic(np.hstack([products, shifted, np.ones((len(X), 1))]), centre, full)


def log_densities(table: Quadratic, components: Components) -> np.ndarray:
    """Log of weight times density of each row in each component, shape (n, k). O(n f k) time."""
    means = components.means - table.centre
    precisions = components.precisions
    d = means.shape[1]
    if table.full:
        linear = np.einsum("kij,kj->ki", precisions, means)
        i, j = np.triu_indices(d)
        products = precisions[:, i, j] * np.where(i == j, -0.5, -1.0)
        logdet = np.linalg.slogdet(precisions)[1]
    else:
        linear, products, logdet = precisions * means, -0.5 * precisions, np.log(precisions).sum(axis=1)
    constant = np.log(components.weights) + 0.5 * (logdet - d * np.log(2 * np.pi) - (linear * means).sum(axis=1))
    return np.asarray(table.features @ np.column_stack([products, linear, constant]).T)


def posteriors(joint: np.ndarray) -> tuple[np.ndarray, float]:
    """Posterior of each component, shape (n, k), and the mean log-likelihood of a row."""
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, float((top + np.log(total)).mean())


def estimate(table: Quadratic, posterior: np.ndarray, floor: float) -> Components:
    """Most likely parameters given the posteriors; `floor` is added to the variances. O(n f k + k d³) time."""
    n, d = len(posterior), len(table.centre)
    moments = posterior.T @ table.features
    counts = moments[:, -1] + 10 * np.finfo(float).eps
    moments = moments / counts[:, None]
    means = moments[:, -1 - d : -1]
    if table.full:
        i, j = np.triu_indices(d)
        covariances = np.empty((len(counts), d, d))
        covariances[:, i, j] = covariances[:, j, i] = moments[:, : len(i)] - means[:, i] * means[:, j]
        precisions = np.linalg.inv(covariances + floor * np.eye(d))
    else:
        precisions = 1 / (np.maximum(moments[:, :d] - means**2, 0) + floor)
    return Components(counts / n, means + table.centre, precisions)


def climb(table: Quadratic, start: Components, floor: float, max_iter: int) -> tuple[Components, np.ndarray]:
    """Repeat both steps until the mean log-likelihood changes by less than `TOLERANCE`.

    Returns
    -------
    components : Components
    joint : float array of shape (n, k), `log_densities` under them
    """
    components, joint, before = start, log_densities(table, start), -np.inf
    for _ in range(max_iter):
        posterior, likelihood = posteriors(joint)
        components = estimate(table, posterior, floor)
        joint = log_densities(table, components)
        if abs(likelihood - before) < TOLERANCE:
            break
        before = likelihood
    return components, joint
