"""What the user wishes of the segments beside that they fit: a number of them, and that they differ in something."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.errors import ConfigError
from coterie.vocabulary import Block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.clustering.selection import Scored
    from coterie.clustering.table import Rows
    from coterie.config import SearchSettings

#: Standardised difference of means from which two segments differ: "medium" in Cohen (1988, Power Analysis).
DIFFERENT = 0.5
#: Numbers of segments that are looked at whatever was asked for, so that a wish can be given its price.
FREE_NUMBERS = (2, 12)
#: The sides of a customer that a setting `must_differ` speaks of, and the plain words for them.
SIDES: Mapping[str, frozenset[Block]] = {
    "value": frozenset({Block.VALUE}),
    "behaviour": frozenset({Block.RHYTHM, Block.BASKET, Block.INTERESTS, Block.BROWSING}),
}


def without_wishes(settings: SearchSettings) -> SearchSettings:
    """Widen the settings to all the numbers of segments that a free choice would look at."""
    low, high = min(settings.min_segments, FREE_NUMBERS[0]), max(settings.max_segments, FREE_NUMBERS[1])
    if settings.max_segments < FREE_NUMBERS[0]:  # one segment was asked for: nothing is tried
        return settings
    return settings.model_copy(update={"min_segments": low, "max_segments": high})


def left_free(settings: SearchSettings) -> SearchSettings:
    """Settings of a choice for which no number of segments and no difference was asked."""
    low, high = FREE_NUMBERS
    return settings.model_copy(update={"min_segments": low, "max_segments": high, "must_differ": ""})


def has_wish(settings: SearchSettings) -> bool:
    """Whether the choice is narrower than a free one."""
    return bool(settings.must_differ) or without_wishes(settings) != settings


def columns_to_differ(rows: Rows, blocks: Mapping[str, Block], side: str) -> np.ndarray:
    """Columns of the table in which segments must differ, bool array of shape (d,).

    Raises
    ------
    ConfigError
        No column of the basis shows that side of a customer.
    """
    wanted = SIDES[side]
    columns = np.array([blocks.get(source) in wanted for source in rows.sources], dtype=bool)
    if not columns.any():
        there = sorted({str(block) for block in blocks.values()})
        raise ConfigError(
            f"Segments shall differ in {side}, but they are not built on any column of {side}.",
            found=f"The columns of the basis show: {', '.join(there) or 'nothing that is known'}.",
            remedy="Add such a column with --basis, or leave out --must-differ (search.must_differ).",
        )
    return columns


def alike(X: np.ndarray, labels: np.ndarray) -> tuple[int, int] | None:
    """Find two segments that differ by less than half a standard deviation in every column.

    Parameters
    ----------
    X : float array of shape (n, d), the columns that count
    labels : int array of shape (n,), 0 … k-1 all present; rows with -1 do not count

    Returns
    -------
    pair of int, the most alike two; None where all differ

    Notes
    -----
    Cohen's d: the difference of two means over the root of the mean of the two variances, so that large segments
    do not decide alone. O(n d + k² d).
    """
    k = int(labels.max()) + 1
    means = np.array([X[labels == c].mean(axis=0) for c in range(k)])
    variances = np.array([X[labels == c].var(axis=0) for c in range(k)])
    apart = np.abs(means[:, None] - means[None]).round(9)
    spread = np.sqrt((variances[:, None] + variances[None]) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.where(apart > 0, apart / spread, 0.0).max(axis=2)
    d[np.tril_indices(k)] = np.inf
    first, second = divmod(int(d.argmin()), k)
    return (first, second) if d[first, second] < DIFFERENT else None


def refuse_unwished(scored: Sequence[Scored], settings: SearchSettings, X: np.ndarray, columns: np.ndarray) -> None:
    """Mark divisions that fit but are not what was asked for; their scores stay.

    Parameters
    ----------
    scored : candidates with their scores
    settings : SearchSettings
    X : float array of shape (n, d)
    columns : bool array of shape (d,), as `columns_to_differ` gives them; read only where `must_differ` is set
    """
    low, high = settings.min_segments, settings.max_segments
    for s in scored:
        if s.refused:
            continue
        if s.n_segments > high:
            s.refused = f"has {s.n_segments} segments, more than the {high} allowed"
        elif s.n_segments < low:
            less = " once the smallest are merged" if s.merged > 0 else ""
            s.refused = f"has {s.n_segments} segments{less}, fewer than the {low} asked for"
        elif settings.must_differ and alike(X[:, columns], s.labels):
            s.refused = f"two of its segments hardly differ in {settings.must_differ}"


def free(scored: Sequence[Scored]) -> list[Scored]:
    """Candidates as if nothing had been wished: all that have a score."""
    return [replace(s, refused="") for s in scored if "score" in s.scores]
