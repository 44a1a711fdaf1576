"""Values that many rows share: lumps are set aside, lattices are spread, so that neither looks like a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Share of the rows from which a value may be a lump.
LUMP_SHARE = 0.10
#: A lump is so many times as dense as the values around it.
LUMP_RATIO = 5.0
#: Values on each side with which a lump is compared.
AROUND = 5
#: Share of the rows from which a value that stands out counts in a column of averages; together they hold a tenth, …
TIE_SHARE = 0.005
#: … and of the other rows at least this share have company at their value.
SHARED_REST = 0.5
#: Rows beside the lumps that are needed to draw from, and how many different values they must have.
LEAST_ROWS, LEAST_VALUES = 20, 5
#: A cell reaches at most so many times as far to one side as to the other: gaps stay gaps.
UNEVEN = 2.0


@dataclass(frozen=True)
class Lump:
    """A value that stands out of its column.

    `column` = position in the matrix; `value` as in the matrix; `share` of rows, at least 0.1; `lowest` = whether no
    row lies below it.
    """

    column: int
    value: float
    share: float
    lowest: bool


def find_lumps(X: np.ndarray) -> tuple[Lump, ...]:
    """Values held by a tenth of the rows or more, five times as dense as the values around them.

    Parameters
    ----------
    X : float array of shape (n, d), finite

    Returns
    -------
    tuple of Lump, by column; none in a column that would have hardly any other values left

    Notes
    -----
    The density of a value is its rows / the width of its cell, which reaches half way to the next values: in a column
    of counts the frequent ones are not lumps, because their neighbours are frequent as well. O(n d log n) time.
    """
    return tuple(lump for j in range(X.shape[1]) for lump in _lumps_of(X[:, j], j))


def _lumps_of(x: np.ndarray, column: int) -> list[Lump]:
    values, counts = np.unique(x, return_counts=True)
    heavy = np.flatnonzero(counts >= LUMP_SHARE * len(x))
    if not len(heavy) or len(values) < LEAST_VALUES + 1:
        return []
    low, high = cells(values)
    density = counts / (high - low)
    found = [i for i in heavy if density[i] >= LUMP_RATIO * _around(counts, high - low, int(i))]
    left = len(x) - counts[found].sum()
    if left < LEAST_ROWS or len(values) - len(found) < LEAST_VALUES:
        return []
    return [Lump(column, float(values[i]), float(counts[i] / len(x)), bool(i == 0)) for i in found]


def unevenly_shared(X: np.ndarray) -> list[int]:
    """Columns of averages of few counts: some values stand out, and the others are shared by several rows as well.

    Parameters
    ----------
    X : float array of shape (n, d), finite

    Notes
    -----
    Customers with one order have whole numbers of pieces per order, the others fractions: the whole numbers stand out
    and look like groups, but are none. A column of counts has no values that stand out; in one with many zeros the
    other values are hardly shared.
    """
    return [j for j in range(X.shape[1]) if _unevenly_shared(X[:, j])]


def _unevenly_shared(x: np.ndarray) -> bool:
    values, counts = np.unique(x, return_counts=True)
    heavy = np.flatnonzero(counts >= TIE_SHARE * len(x))
    if not len(heavy) or len(values) < LEAST_VALUES + 1:
        return False
    low, high = cells(values)
    density = counts / (high - low)
    out = [i for i in heavy if density[i] >= LUMP_RATIO * _around(counts, high - low, int(i))]
    rest = np.delete(counts, out)
    return bool(counts[out].sum() >= LUMP_SHARE * len(x) and rest[rest > 1].sum() >= SHARED_REST * rest.sum())


def _around(counts: np.ndarray, widths: np.ndarray, i: int) -> float:
    """The larger of the densities below and above a value."""
    sides = [slice(max(0, i - AROUND), i), slice(i + 1, i + 1 + AROUND)]
    return max(float(counts[side].sum() / widths[side].sum()) for side in sides if len(counts[side]))


def cells(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper border of the cell of each value: half way to the next ones, at most twice as far on one side.

    Parameters
    ----------
    values : float array of shape (k,), rising, k >= 2
    """
    half = np.diff(values) / 2
    below, above = np.concatenate([half[:1], half]), np.concatenate([half, half[-1:]])
    return values - np.minimum(below, UNEVEN * above), values + np.minimum(above, UNEVEN * below)


def spread(X: np.ndarray, lumps: tuple[Lump, ...], rng: np.random.Generator) -> np.ndarray:
    """Set lumps aside and spread the other values over their cells.

    Parameters
    ----------
    X : float array of shape (n, d)
    lumps : tuple of Lump, as `find_lumps` gave them
    rng : Generator

    Returns
    -------
    float array of shape (n, d)
        Rows at a lump have a value drawn from the others of the column: what is left of a group is then in the other
        columns, or in the rows beside the lump. A value of several rows is spread over its cell.

    Notes
    -----
    Without this, each of a few counts is a ridge of its own to a density, and customers with nothing are a group
    merely because nothing is one value. O(n d log n) time.
    """
    out = X.copy()
    for lump in lumps:
        at = X[:, lump.column] == lump.value
        others = X[:, lump.column][~np.isin(X[:, lump.column], [o.value for o in lumps if o.column == lump.column])]
        out[at, lump.column] = rng.choice(others, int(at.sum()))
    for j in range(X.shape[1]):
        values, at, counts = np.unique(out[:, j], return_inverse=True, return_counts=True)
        if len(values) < 2:
            continue
        low, high = cells(values)
        shared = counts[at] > 1
        out[shared, j] = (low[at] + (high - low)[at] * rng.random(len(out)))[shared]
    return out
