"""Join classes of a mixture that are one segment, which the mixture could not describe by a single class."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from coterie.clustering.methods.latent_class import (
    Cells,
    Classes,
    log_densities,
    m_step,
    radial_part,
    scaled_squares,
)

#: Steps in which the mean and variances of a joined class are found.
STEPS = 6
#: Exponents of Yeo and Johnson (2000, Biometrika 87) that a skewed column is tried with; 1 leaves it as it is.
EXPONENTS = (-0.5, 0.0, 0.5, 1.5, 2.0, 2.5)
#: The price of a pair of categories that go together also holds so many times the logarithm of the pairs to choose from
#: (Chen and Chen 2008, Biometrika 95, with a stricter constant: weak classes of many categories were joined else).
CHOICE = 3
#: A column is looked at for skewness from so many rows on.
LEAST_ROWS = 10.0


def join_misfits(table: Cells, classes: Classes, posterior: np.ndarray) -> np.ndarray:
    """Join classes whose rows one richer class describes better than they do.

    A mixture of classes with independent columns needs several of them for one segment whose numbers go together, whose
    numbers are skewed, or two of whose categories go together, and BIC then asks for too many. Groups of classes are
    joined, the clearest gain per row first, while a single class that knows one of these three things has the smaller
    BIC on their rows. Where classes differ otherwise, no such class describes them.

    Parameters
    ----------
    table : Cells
    classes : Classes
    posterior : float array of shape (n, k)

    Returns
    -------
    int array of shape (k,): the group of each class, 0, 1, …

    Notes
    -----
    Merging of mixture components in the manner of Hennig (2010, Advances in Data Analysis and Classification 4), with a
    criterion for tables of numbers and categories. O(k²) looks at O(n (p² + levels²)) each.
    """
    groups: list[tuple[int, ...]] = [(c,) for c in range(posterior.shape[1])]
    joint = log_densities(table, classes)
    known: dict[tuple[int, ...], float] = {}
    while len(groups) > 1:
        pairs = {tuple(sorted(a + b)): (a, b) for a, b in combinations(groups, 2)}
        for group in pairs.keys() - known.keys():
            known[group] = _gain(table, classes, (joint, posterior), list(group))
        best = max(sorted(pairs), key=lambda group: known[group])
        if known[best] <= 0:
            break
        groups = sorted([best, *(group for group in groups if group not in pairs[best])])
    found = np.zeros(posterior.shape[1], dtype=np.int64)
    for number, group in enumerate(groups):
        found[list(group)] = number
    return found


def _gain(table: Cells, classes: Classes, fit: tuple[np.ndarray, np.ndarray], group: list[int]) -> float:
    """By how much half of BIC falls per row when one richer class stands for a group of classes."""
    joint, posterior = fit
    weight = posterior[:, group].sum(axis=1)
    total = float(weight.sum())
    top = joint[:, group].max(axis=1)
    together = top + np.log(np.exp(joint[:, group] - top[:, None]).sum(axis=1))
    apart = float(weight @ together) - total * float(np.log(classes.shares[group].sum()))
    fewer = (len(group) - 1) * (2 * table.numbers.shape[1] + table.n_levels + 1)
    saved = fewer * 0.5 * np.log(len(weight))
    return float((single_class(table, weight, classes.freedom) + saved - apart) / max(total, 1e-9))


def single_class(table: Cells, weight: np.ndarray, freedom: float) -> float:
    """Log-likelihood of weighted rows under one class that knows of one kind of dependence or of skewness.

    Parameters
    ----------
    table : Cells
    weight : float array of shape (n,), how much each row counts
    freedom : degrees of freedom of the numbers

    Returns
    -------
    float, less half of BIC's penalty for what the class has beyond independent, symmetric columns
    """
    pull = None
    for _ in range(STEPS):
        one = replace(m_step(table, weight[:, None], pull), freedom=freedom)
        squares = scaled_squares(table, one)
        if np.isinf(freedom):
            break
        pull = (freedom + table.seen_count) / (freedom + squares)
    plain = float(weight @ log_densities(table, one, squares)[:, 0])
    price = 0.5 * float(np.log(len(weight)))
    scaled = (table.numbers - one.means[0] * table.seen) / np.sqrt(one.variances[0])
    pulled = weight if pull is None else weight * pull[:, 0]
    gains = (
        correlation_gain(scaled, table.seen, (weight, pulled), freedom, price),
        skewness_gain(scaled, table.seen, weight, freedom, price),
        category_gain(table, weight, price),
    )
    return plain + max(gains)


def correlation_gain(
    scaled: np.ndarray, seen: np.ndarray, weights: tuple[np.ndarray, np.ndarray], freedom: float, price: float
) -> float:
    """Gain of log-likelihood when the numbers, shape (n, p), may be correlated; measured on rows with all of them."""
    p = scaled.shape[1]
    full = seen.all(axis=1)
    weight, pulled = weights[0][full], weights[1][full]
    total = float(weight.sum())
    if p < 2 or total < 3 * p:
        return 0.0
    rows = scaled[full]
    scatter = (rows.T * pulled) @ rows
    spread = np.sqrt(np.maximum(np.diag(scatter), 1e-12))
    correlation = 0.999 * scatter / np.outer(spread, spread) + 0.001 * np.eye(p)
    squares = np.column_stack([((rows @ np.linalg.inv(correlation)) * rows).sum(axis=1), (rows**2).sum(axis=1)])
    density = radial_part(squares, np.full((len(rows), 1), float(p)), freedom)
    gain = float(weight @ (density[:, 0] - density[:, 1])) - 0.5 * total * float(np.linalg.slogdet(correlation)[1])
    return float(max(gain * float(weights[0].sum()) / total - price * p * (p - 1) / 2, 0.0))


def skewness_gain(scaled: np.ndarray, seen: np.ndarray, weight: np.ndarray, freedom: float, price: float) -> float:
    """Gain of log-likelihood when each column, of shape (n,), may be normal after a power transformation."""
    gain = 0.0
    for column, known in zip(scaled.T, seen.T.astype(bool), strict=True):
        counted = weight[known]
        if counted.sum() >= LEAST_ROWS:
            gain += max(_power_gain(column[known], counted, freedom) - price, 0.0)
    return gain


def _power_gain(values: np.ndarray, weight: np.ndarray, freedom: float) -> float:
    """Best log-likelihood of a normal distribution after a power transformation, less that without one."""
    total = weight.sum()
    logs = weight @ (np.sign(values) * np.log1p(np.abs(values)))
    plain = weight @ radial_part(values[:, None] ** 2, np.ones((len(values), 1)), freedom)[:, 0]
    spreads = [max(_variance(yeo_johnson(values, exponent), weight), 1e-12) for exponent in EXPONENTS]
    found = [(e - 1) * logs - 0.5 * total * np.log(v) for e, v in zip(EXPONENTS, spreads, strict=True)]
    return float(max(found) - 0.5 * total * (1 + np.log(2 * np.pi)) - plain)


def _variance(values: np.ndarray, weight: np.ndarray) -> float:
    mean = np.average(values, weights=weight)
    return float(np.average((values - mean) ** 2, weights=weight))


def yeo_johnson(values: np.ndarray, exponent: float) -> np.ndarray:
    """Power transformation for numbers of both signs (Yeo and Johnson 2000)."""

    def power(size: np.ndarray, by: float) -> np.ndarray:
        return np.log1p(size) if by == 0 else ((1 + size) ** by - 1) / by

    size = np.abs(values)
    return np.where(values >= 0, power(size, exponent), -power(size, 2 - exponent))


def category_gain(table: Cells, weight: np.ndarray, price: float) -> float:
    """Gain of log-likelihood when each category may depend on one other, without circles (Chow and Liu 1968)."""
    counts = table.indicators.T @ (weight[:, None] * table.indicators)
    blocks = [np.flatnonzero(table.blocks == block) for block in np.unique(table.blocks)]
    pairs = len(blocks) * (len(blocks) - 1) / 2
    edges = []
    for a, b in combinations(range(len(blocks)), 2):
        price_of_edge = price * (len(blocks[a]) - 1) * (len(blocks[b]) - 1) + CHOICE * float(np.log(pairs))
        gain = shared_information(counts[np.ix_(blocks[a], blocks[b])]) - price_of_edge
        if gain > 0:
            edges.append((gain, a, b))
    tree = list(range(len(blocks)))
    gained = 0.0
    for gain, a, b in sorted(edges, reverse=True):
        if tree[a] != tree[b]:
            gained += gain
            tree = [tree[a] if t == tree[b] else t for t in tree]
    return gained


def shared_information(counts: np.ndarray) -> float:
    """Mutual information of a table of weighted counts, in nats, times their sum."""
    total = counts.sum()
    if total <= 0:
        return 0.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / total
    filled = counts > 0
    return float((counts[filled] * np.log(counts[filled] / expected[filled])).sum())
