"""One fitted encoder per feature: from a person's unit to columns of the matrix, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.preparation import categories, missing, transforms
from coterie.preparation.rounding import finite_sorted, significant
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from coterie.preparation.categories import Levels
    from coterie.preparation.missing import Fill
    from coterie.preparation.transforms import Scale
    from coterie.vocabulary import Feature

#: Share of zeros from which a feature becomes two columns: whether there is anything, and how much.
ZERO_SHARE = 0.25
#: The same for counts, where zero is one step from one and often no state of its own.
ZERO_SHARE_OF_COUNTS = 0.5
#: A flag counts like a category with two levels: its two values lie this far apart.
FLAG_STEP = significant(2**0.5)
#: Kinds that may have so many zeros that zero is a state of its own.
SPLIT_KINDS = frozenset({Kind.MONEY, Kind.COUNT, Kind.DAYS, Kind.NUMBER})


@dataclass(frozen=True)
class Encoded:
    """The columns of one feature, unweighted."""

    numeric: np.ndarray  # (n, 0 or 1), complete
    known: np.ndarray  # bool (n, 0 or 1): where `numeric` says something of its own
    codes: np.ndarray  # int64 (n, 0 or 1), -1 = missing
    indicators: np.ndarray  # (n, any)


@dataclass(frozen=True)
class Number:
    """A number on a scale of its own."""

    name: str
    fill: Fill
    scale: Scale

    n_numeric = 1
    n_levels = ()

    @property
    def indicator_names(self) -> tuple[str, ...]:
        """Names of the 0/1 columns: none."""
        return ()

    def encode(self, values: np.ndarray) -> Encoded:
        """Give one numeric column."""
        z = self.scale.forward(missing.fill(values, self.fill.value))[:, None]
        known = np.isfinite(np.asarray(values, dtype=np.float64))[:, None]
        return Encoded(z, known, np.empty((len(z), 0), np.int64), np.empty((len(z), 0)))

    def decode(self, numeric: np.ndarray, indicators: np.ndarray) -> np.ndarray:  # noqa: ARG002  one shape for all
        """Give values in the feature's unit."""
        return self.scale.backward(numeric[:, 0])


@dataclass(frozen=True)
class Flag:
    """A yes or no; `share` of the fitted rows say yes."""

    name: str
    fill: Fill
    share: float

    n_numeric = 0
    n_levels = (2,)

    @property
    def indicator_names(self) -> tuple[str, ...]:
        """Name of the one centred column."""
        return (self.name,)

    def encode(self, values: np.ndarray) -> Encoded:
        """Give one code and one centred column; a missing value lies at the mean."""
        numbers = np.asarray(values, dtype=np.float64)
        known = np.isfinite(numbers)
        codes = np.where(known, (np.where(known, numbers, 0.0) > 0).astype(np.int64), -1)[:, None]
        centred = np.where(codes >= 0, codes - self.share, 0.0) * FLAG_STEP
        return Encoded(np.empty((len(numbers), 0)), np.empty((len(numbers), 0), bool), codes, centred)

    def decode(self, numeric: np.ndarray, indicators: np.ndarray) -> np.ndarray:  # noqa: ARG002  one shape for all
        """Give the share of yes, 0 to 1."""
        return np.clip(indicators[:, 0] / FLAG_STEP + self.share, 0.0, 1.0)


@dataclass(frozen=True)
class ZeroOrMore:
    """A number that is often zero: whether it is above zero, and how much it is where it is.

    Zeros lie in the middle of the second column, so that only the first tells them apart.
    """

    name: str
    fill: Fill
    share: float  # of fitted rows above zero
    scale: Scale  # of the values above zero

    n_numeric = 1
    n_levels = (2,)

    @property
    def indicator_names(self) -> tuple[str, ...]:
        """Name of the column that tells zero from more."""
        return (f"{self.name}: any",)

    def encode(self, values: np.ndarray) -> Encoded:
        """Give one numeric column, one code and one centred column."""
        numbers = np.asarray(values, dtype=np.float64)
        known = np.isfinite(numbers)[:, None]
        complete = missing.fill(numbers, self.fill.value)
        any_at_all = complete > 0
        size = self.scale.forward(np.where(any_at_all, complete, self.scale.high))
        codes = np.where(known[:, 0], any_at_all.astype(np.int64), -1)[:, None]
        centred = (any_at_all[:, None] - self.share) * FLAG_STEP
        return Encoded(np.where(any_at_all, size, 0.0)[:, None], known & any_at_all[:, None], codes, centred)

    def decode(self, numeric: np.ndarray, indicators: np.ndarray) -> np.ndarray:
        """Give values in the feature's unit: zero where fewer than half have any."""
        any_at_all = indicators[:, 0] / FLAG_STEP + self.share >= 0.5
        return np.where(any_at_all, self.scale.backward(numeric[:, 0]), 0.0)


@dataclass(frozen=True)
class Category:
    """A category as 0/1 indicators."""

    name: str
    levels: Levels
    n_missing: int

    n_numeric = 0

    @property
    def n_levels(self) -> tuple[int, ...]:
        """Give the number of levels, in a tuple of one."""
        return (len(self.levels.labels),)

    @property
    def indicator_names(self) -> tuple[str, ...]:
        """Name each level's column."""
        return tuple(f"{self.name}: {label}" for label in self.levels.labels)

    def encode(self, values: np.ndarray) -> Encoded:
        """Give one code and a 0/1 column per level."""
        codes = self.levels.codes(values)
        table = categories.indicators(codes, len(self.levels.labels))
        return Encoded(np.empty((len(codes), 0)), np.empty((len(codes), 0), bool), codes[:, None], table)


Encoder = Number | Flag | ZeroOrMore | Category


def fit_encoder(feature: Feature, values: np.ndarray) -> Encoder:
    """Fit the encoder that suits the kind of a feature and its values, whatever the order of the rows."""
    if feature.kind is Kind.CATEGORY:
        n_missing = int((categories.numbered(values)[0] < 0).sum())
        return Category(feature.name, categories.fit_levels(values), n_missing)
    known = finite_sorted(values)
    stand_in = missing.fit_fill(feature, known, len(values) - len(known))
    if feature.kind is Kind.FLAG:
        return Flag(feature.name, stand_in, _share_above_zero(known))
    if is_often_zero(feature, known):
        positive = known[known > 0]
        return ZeroOrMore(feature.name, stand_in, _share_above_zero(known), transforms.fit_scale(positive, "power"))
    return Number(feature.name, stand_in, transforms.fit_scale(_complete(known, stand_in), bend_of(feature)))


def bend_of(feature: Feature) -> str:
    """Say how the scale of a feature is bent.

    Shares of a whole take the root (distances are then Hellinger's, which suits compositions: Legendre, Gallagher 2001,
    Oecologia 129:271); bands stay as they are; everything else takes the power that makes it most symmetric.
    """
    if feature.kind is Kind.SHARE:
        return "root"
    return "linear" if feature.kind is Kind.ORDERED else "power"


def is_often_zero(feature: Feature, known: np.ndarray) -> bool:
    """Whether zero is a state of its own: a quarter of the values (counts: half), none below, several sizes above."""
    if feature.kind not in SPLIT_KINDS or not len(known) or known[0] < 0:
        return False
    zeros = int(np.searchsorted(known, 0.0, side="right"))
    share = ZERO_SHARE_OF_COUNTS if feature.kind is Kind.COUNT else ZERO_SHARE
    return bool(share * len(known) <= zeros < len(known) and known[zeros] < known[-1])


def _share_above_zero(known: np.ndarray) -> float:
    return significant(float(np.count_nonzero(known > 0) / len(known))) if len(known) else 0.0


def _complete(known: np.ndarray, stand_in: Fill) -> np.ndarray:
    """Add the stand-ins, so that the standard deviation is that of the column as it will stand in the matrix."""
    if not stand_in.count:
        return known
    return np.sort(np.concatenate([known, np.full(stand_in.count, stand_in.value)]))
