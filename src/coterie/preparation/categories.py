"""Categories as 0/1 indicators: levels found once, rare ones pooled as "other"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Levels with a smaller share of the customers are pooled.
RARE_SHARE = 0.01
#: Largest number of levels that keep an indicator of their own.
MAX_LEVELS = 20
#: Name of the pooled level.
OTHER = "other"


@dataclass(frozen=True)
class Levels:
    """The levels of a category; `pooled` tells how many rare ones share the last level, "other"."""

    names: tuple[str, ...]  # by falling count, then by name
    pooled: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all the levels; "other" comes last where levels are pooled."""
        return (*self.names, OTHER) if self.pooled else self.names

    def codes(self, values: np.ndarray) -> np.ndarray:
        """Number the levels 0, 1, …; unseen ones are "other" where that exists, else -1 like missing ones."""
        number = {name: code for code, name in enumerate(self.names)}
        unseen = len(self.names) if self.pooled else -1
        places, texts = numbered(values)
        codes = np.array([*(number.get(text, unseen) for text in texts), -1], dtype=np.int64)
        return np.asarray(codes[places])


def numbered(values: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Number the different texts of a category.

    Parameters
    ----------
    values : object array of shape (n,)

    Returns
    -------
    places : int array of shape (n,)
        Position of each value in `texts`, -1 where it is missing.
    texts : list of str, all different, in the order in which they first occur
    """
    only_texts = set(map(type, values)) <= {str, type(None)}
    # Other values are made texts first: 1, 1.0 and True are equal, but their texts are not.
    each = values if only_texts else as_texts(values)
    number: dict[str | None, int] = {text: place for place, text in enumerate(dict.fromkeys(each))}
    places = np.fromiter(map(number.__getitem__, each), np.int64, count=len(values))
    blank = np.array([is_missing(text) for text in number] + [True])
    kept = np.cumsum(~blank) - 1
    return np.where(blank, -1, kept)[places], [text for text in number if text is not None and not is_missing(text)]


def as_texts(values: Iterable[object]) -> list[str | None]:
    """Give category values as text; None, NaN and blank count as missing."""
    return [None if is_missing(value) else str(value) for value in values]


def is_missing(value: object) -> bool:
    """Whether a category value says nothing."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def fit_levels(values: np.ndarray) -> Levels:
    """Find the levels that are common enough to stand alone."""
    places, texts = numbered(values)
    counts = dict(zip(texts, np.bincount(places[places >= 0], minlength=len(texts)).tolist(), strict=True))
    total = sum(counts.values())
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    names = tuple(name for name in ranked[:MAX_LEVELS] if counts[name] >= RARE_SHARE * total and name != OTHER)
    return Levels(names, len(counts) - len(names))


def indicators(codes: np.ndarray, n_levels: int) -> np.ndarray:
    """Give a 0/1 column per level, a row of 0 for a missing value.

    One category then has a variance of at most 1, no more than a standardised number. Standardised indicators would let
    rare levels dominate.
    """
    table = np.zeros((len(codes), n_levels))
    known = codes >= 0
    table[np.flatnonzero(known), codes[known]] = 1.0
    return table
