"""KAMILA: numbers by an unspecified round density around each centre, categories by their shares in each cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.special import gammaln

from coterie.clustering.methods.latent_class import level_shares, normalised, spread_starts

if TYPE_CHECKING:
    from coterie.clustering.methods.latent_class import Cells

#: Points at which the density of distances is kept.
GRID = 256
#: Inside this quantile of the distances the density is level: dividing by a volume near zero would make a spike of it.
CORE = 0.05
#: Beyond this quantile the logarithm of the density falls on in a straight line, where single rows would make waves.
TAIL = 0.95


@dataclass(frozen=True)
class RadialDensity:
    """Density of a row's numbers at a distance from its centre, the same around every centre and in every direction.

    Attributes
    ----------
    radii : float array of shape (GRID,), rising from 0
    log_density : float array of shape (GRID,)
    slope : float, by how much the logarithm changes per unit of distance beyond the last radius, never positive
    """

    radii: np.ndarray
    log_density: np.ndarray
    slope: float

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Log-density at distances of any shape."""
        beyond = np.maximum(distances - self.radii[-1], 0.0)
        return np.asarray(np.interp(distances, self.radii, self.log_density) + self.slope * beyond)


#: What stands in where no row has a number.
LEVEL = RadialDensity(np.array([0.0, 1.0]), np.zeros(2), 0.0)


def radial_density(distances: np.ndarray, p: int) -> RadialDensity:
    """Estimate the density of p numbers from their distances to the nearest centre.

    Parameters
    ----------
    distances : float array of shape (m,), m > 0
    p : int, how many numbers there are

    Notes
    -----
    Gaussian kernel with the bandwidth 0.9 min(sd, IQR / 1.34) m^(-1/5), on a grid of counts; the density f_R of the
    distance r becomes that of the numbers by f_V = f_R Γ(p/2 + 1) / (p r^(p-1) π^(p/2)) (Foss, Markatou, Ray and
    Heching 2016, Machine Learning 105, equations 3 to 5). O(m + GRID²) time.
    """
    quarter, middle, upper, core, tail = np.quantile(distances, (0.25, 0.5, 0.75, CORE, TAIL))
    spread = min(float(distances.std()), float(upper - quarter) / 1.34) or float(distances.std())
    width = max(0.9 * spread * len(distances) ** -0.2, 1e-3 * float(middle), 1e-6)
    radii = np.linspace(0.0, max(float(tail), 3 * width), GRID)
    density = _smoothed(distances, radii, width)
    volume = np.log(p) + 0.5 * p * np.log(np.pi) - gammaln(0.5 * p + 1)
    log_density = np.log(np.maximum(density, 1e-12)) - volume - (p - 1) * np.log(np.maximum(radii, 1e-9))
    log_density[radii < core] = np.interp(core, radii, log_density)
    begin = min(int(np.searchsorted(radii, upper)), GRID - 2)
    fall = (log_density[-1] - log_density[begin]) / (radii[-1] - radii[begin])
    return RadialDensity(radii, log_density, float(min(fall, 0.0)))


def _smoothed(distances: np.ndarray, radii: np.ndarray, width: float) -> np.ndarray:
    """Kernel density on the grid; each distance is shared between the two grid points beside it."""
    step = radii[1]
    place = np.minimum(distances / step, 2 * GRID - 2)  # as many points beyond the grid, whose kernels reach into it
    left = place.astype(np.int64)
    counts = np.bincount(left, 1 - (place - left), 2 * GRID) + np.bincount(left + 1, place - left, 2 * GRID)
    apart = np.arange(1 - 2 * GRID, GRID) * (step / width)
    kernel = np.exp(-0.5 * apart**2) / (width * np.sqrt(2 * np.pi))
    return np.asarray(np.convolve(counts, kernel)[2 * GRID - 1 : 3 * GRID - 1] / len(distances))


@dataclass(frozen=True)
class RoundClusters:
    """Parameters of k clusters.

    Attributes
    ----------
    shares : float array of shape (k,)
    centres : float array of shape (k, p)
    levels : float array of shape (k, total number of levels), probabilities
    density : RadialDensity
    """

    shares: np.ndarray
    centres: np.ndarray
    levels: np.ndarray
    density: RadialDensity


def distances_to(table: Cells, centres: np.ndarray) -> np.ndarray:
    """Distance of each row to each centre, shape (n, k), blown up by √(p / seen) where numbers are missing."""
    p = centres.shape[1]
    weights = np.hstack([np.ones_like(centres), -2 * centres, centres**2])
    squares = np.maximum(table.moments @ weights.T, 0.0)
    return np.asarray(np.sqrt(squares * (p / np.maximum(table.seen_count, 1))))


def density_in_clusters(table: Cells, clusters: RoundClusters, distances: np.ndarray | None = None) -> np.ndarray:
    """Log of share times density of each row in each cluster, shape (n, k).

    Of p numbers only those seen count: the density at the blown-up distance, to the power of the share seen. For normal
    numbers that is exactly the density of those seen.
    """
    if distances is None:
        distances = distances_to(table, clusters.centres)
    numeric = clusters.density.at(distances) * (table.seen_count / max(table.numbers.shape[1], 1))
    return np.asarray(np.log(clusters.shares) + numeric + table.indicators @ np.log(clusters.levels).T)


def estimate(table: Cells, labels: np.ndarray, k: int) -> tuple[RoundClusters, np.ndarray]:
    """Centres, level probabilities and density given labels; and the distances of the rows to the centres (n, k).

    A cluster without rows gets the overall means and probabilities.
    """
    member = (labels[:, None] == np.arange(k)).astype(float)
    seen = member.T @ table.seen
    overall = table.numbers.sum(axis=0) / np.maximum(table.seen.sum(axis=0), 1)
    centres = np.where(seen > 0, member.T @ table.numbers / np.maximum(seen, 1), overall)
    distances = distances_to(table, centres)
    known = table.seen_count[:, 0] > 0
    density = radial_density(distances[known].min(axis=1), centres.shape[1]) if known.any() else LEVEL
    shares = member.mean(axis=0) + 1e-9
    levels = level_shares(table, member.T @ table.indicators)
    return RoundClusters(shares / shares.sum(), centres, levels, density), distances


def alternate(table: Cells, labels: np.ndarray, k: int, max_iter: int) -> tuple[RoundClusters, np.ndarray]:
    """Estimate given labels and label given estimates, until the labels stay.

    Returns
    -------
    clusters : RoundClusters
    joint : float array of shape (n, k), log of share times density
    """
    for _ in range(max_iter):
        clusters, distances = estimate(table, labels, k)
        joint = density_in_clusters(table, clusters, distances)
        moved = joint.argmax(axis=1)
        if (moved == labels).all():
            break
        labels = moved
    return clusters, joint


class Kamila:
    """KAMILA clustering (Foss, Markatou, Ray and Heching 2016, Machine Learning 105, 419-458).

    Like K-Means, but the distances of the numbers and the categories are weighed by their densities, which are
    estimated along the way: nothing is assumed but round clusters of one shape, and categories that are independent
    inside a cluster. Numbers should be comparable in scale. It is less apt than a latent-class mixture where
    clusters differ in spread.

    Parameters
    ----------
    n_clusters : int
    n_init : int
        K-Means starts, as those of the latent-class mixture; the paper draws rows at random and needs more of them.
    max_iter : int
    random_state : int

    Attributes
    ----------
    clusters_ : RoundClusters
    posterior_ : float array of shape (n, n_clusters)
    labels_ : int array of shape (n,), the largest posterior
    objective_ : float, summed log of share times density of the rows in their clusters; larger is better

    Notes
    -----
    The paper compares densities only; here each is multiplied with the share of the cluster, as in a mixture, so that
    the labels are those of the posterior. Missing cells are left out of the distances and of the densities.
    O(n k (p + levels)) time per step.
    """

    def __init__(self, n_clusters: int = 2, *, n_init: int = 4, max_iter: int = 30, random_state: int = 0) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, table: Cells, *, starts: list[np.ndarray] | None = None) -> Self:
        """Run from each start and keep the best; `starts` are labels of shape (n,), by default drawn."""
        starts = starts or spread_starts(table, self.n_clusters, self.n_init, self.random_state)
        runs = [alternate(table, labels, self.n_clusters, self.max_iter) for labels in starts]
        self.clusters_, joint = max(runs, key=lambda run: float(run[1].max(axis=1).sum()))
        self.objective_ = float(joint.max(axis=1).sum())
        self.posterior_ = normalised(joint)[0]
        self.labels_ = joint.argmax(axis=1)
        return self
