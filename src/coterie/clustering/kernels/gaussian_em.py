"""EM for Gaussian mixtures in which a step is two matrix products, on features shared by all numbers of components."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Smallest change of the mean log-likelihood per row that another step is worth.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Quadratic:
    """Rows laid out so that the log-density of a Gaussian is linear in them.

    Attributes
    ----------
    features : float array of shape (f, n): products of centred columns, the centred columns, and a one; in single
        precision a step takes half the time
    centre : float array of shape (d,), what was taken off the columns
    full : bool, whether all products are there or only the squares
    times : float array of shape (n,), how often each row counts; once each where it is None
    """

    features: np.ndarray
    centre: np.ndarray
    full: bool
    times: np.ndarray | None = None


@dataclass(frozen=True)
class Parts:
    """A table too large to be laid out at once: each time that it is gone through, part after part is laid out anew."""

    X: np.ndarray
    full: bool
    rows: int

    def __iter__(self) -> Iterator[Quadratic]:
        centre = self.X.mean(axis=0)
        for begin in range(0, len(self.X), self.rows):
            yield quadratic(self.X[begin : begin + self.rows], full=self.full, centre=centre)


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


@dataclass(frozen=True)
class Moments:
    """Sums over the rows of some groups, as `moments_of` gathers them.

    Attributes
    ----------
    counts : float array of shape (k,)
    means : float array of shape (k, d), about `centre`
    spread : float array of shape (k, d, d), covariances, or (k, d), variances; without a floor
    centre : float array of shape (d,)
    """

    counts: np.ndarray
    means: np.ndarray
    spread: np.ndarray
    centre: np.ndarray


@cache
def _triangle(d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both places of each product of two columns, and what a precision there is multiplied by."""
    i, j = np.triu_indices(d)
    return i, j, np.where(i == j, -0.5, -1.0)


@cache
def _unfolded(d: int) -> np.ndarray:
    """Which of the products stands for each pair of columns, int array of shape (d d,)."""
    i, j, _ = _triangle(d)
    place = np.empty((d, d), dtype=np.int64)
    place[i, j] = place[j, i] = np.arange(len(i))
    return place.ravel()


def quadratic(
    X: np.ndarray,
    *,
    full: bool,
    centre: np.ndarray | None = None,
    times: np.ndarray | None = None,
    precision: type[np.floating] = np.float64,
) -> Quadratic:
    """Lay rows out; n (d² / 2 + 3 d / 2 + 1) numbers for full covariances, n (2 d + 1) for diagonal ones."""
    centre = np.average(X, axis=0, weights=times) if centre is None else centre
    shifted = np.ascontiguousarray((X - centre).T)
    d, n = shifted.shape
    width = d * (d + 1) // 2 if full else d
    features = np.empty((width + d + 1, n), dtype=precision)
    if full:
        i, j, _ = _triangle(d)
        features[:width] = shifted[i] * shifted[j]
    else:
        features[:width] = shifted**2
    features[width:-1], features[-1] = shifted, 1.0
    return Quadratic(features, centre, full, None if times is None else times.astype(precision))


def log_densities(table: Quadratic, components: Components) -> np.ndarray:
    """Log of weight times density of each row in each component, shape (k, n). O(n f k) time."""
    return np.asarray(coefficients(components, table.centre).astype(table.features.dtype) @ table.features)


def coefficients(components: Components, centre: np.ndarray) -> np.ndarray:
    """What each feature of a row counts in the log of weight times density, shape (k, f).

    Here and below, arrays of several samples at once have one more axis in front.
    """
    means, precisions = components.means - centre[..., None, :], components.precisions
    d = means.shape[-1]
    if precisions.ndim > means.ndim:
        linear = (precisions @ means[..., None])[..., 0]
        i, j, factor = _triangle(d)
        products = precisions.reshape(*means.shape[:-1], d * d).take(i * d + j, axis=-1) * factor
        logdet = np.linalg.slogdet(precisions)[1]
    else:
        linear, products, logdet = precisions * means, -0.5 * precisions, np.log(precisions).sum(axis=-1)
    constant = np.log(components.weights) + 0.5 * (logdet - d * np.log(2 * np.pi) - (linear * means).sum(axis=-1))
    return np.concatenate([products, linear, constant[..., None]], axis=-1)


def posteriors(joint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior of each component, shape (k, n), and the log-likelihood of each row, shape (n,)."""
    top = joint.max(axis=-2)
    weight = joint - top[..., None, :]
    np.exp(weight, out=weight)
    total = weight.sum(axis=-2)
    weight /= total[..., None, :]
    return weight, top + np.log(total)


def gathered(table: Quadratic, belonging: np.ndarray) -> np.ndarray:
    """Sums of the features over groups, shape (k, f); `belonging` of shape (k, n) says how much of a row is in each."""
    heavy = belonging if table.times is None else belonging * table.times
    return np.asarray(heavy @ table.features.T, dtype=np.float64)


def moments_of(sums: np.ndarray, centre: np.ndarray, *, full: bool) -> Moments:
    """Counts, means and covariances from sums of features; `sums` is as `gathered` gives it."""
    d = centre.shape[-1]
    counts = sums[..., -1] + 10 * np.finfo(float).eps
    each = sums / counts[..., None]
    means = each[..., -1 - d : -1]
    if not full:
        return Moments(counts, means, np.maximum(each[..., :d] - means**2, 0), centre)
    covariances = each.take(_unfolded(d), axis=-1).reshape(*counts.shape, d, d)
    covariances -= means[..., :, None] * means[..., None, :]
    return Moments(counts, means, covariances, centre)


def estimate(moments: Moments, floor: float | np.ndarray) -> Components:
    """Most likely parameters of the components that rows belong to; `floor` is added to the variances."""
    weights = moments.counts / moments.counts.sum(axis=-1, keepdims=True)
    means = moments.means + moments.centre[..., None, :]
    least = np.asarray(floor)[..., None, None]
    if moments.spread.ndim == means.ndim:
        return Components(weights, means, 1 / (moments.spread + least))
    return Components(weights, means, np.linalg.inv(moments.spread + least[..., None] * np.eye(means.shape[-1])))


def climb(tables: Iterable[Quadratic], start: Components, floor: float, max_iter: int) -> Components:
    """Repeat both steps until the mean log-likelihood changes by less than `TOLERANCE`.

    Parameters
    ----------
    tables : iterable of Quadratic, with the same centre; it is gone through at each step. O(n f k + k d³) time a step
    start : Components
    floor : float, added to the variances
    max_iter : int
    """
    components, before = start, -np.inf
    for _ in range(max_iter):
        moments, likelihood = _step(tables, components)
        components = estimate(moments, floor)
        if abs(likelihood - before) < TOLERANCE:
            break
        before = likelihood
    return components


def _step(tables: Iterable[Quadratic], components: Components) -> tuple[Moments, float]:
    """Moments of the rows, each as far as it belongs to a component, and the mean log-likelihood of a row."""
    sums, likelihood = np.zeros(1), 0.0
    for table in tables:
        belonging, each = posteriors(log_densities(table, components))
        sums = sums + gathered(table, belonging)
        likelihood += float(each.sum(dtype=np.float64) if table.times is None else each @ table.times)
    return moments_of(sums, table.centre, full=table.full), likelihood / float(sums[:, -1].sum())
