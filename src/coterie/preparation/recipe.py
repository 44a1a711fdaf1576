"""The fitted preparation: a person's units in, a matrix fit for distances out, and back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.beside import cores
from coterie.errors import InputError, NotEnoughDataError
from coterie.memory import empty, let_go, parts
from coterie.preparation import stored
from coterie.preparation.blocks import group_sizes
from coterie.preparation.encoders import Category, Encoder, fit_encoder
from coterie.preparation.rounding import significant
from coterie.preparation.telling import tell_recipe
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.preparation.basis import Basis
    from coterie.vocabulary import Feature

#: Rows that are prepared in one go, so that what is between a value and its column stays near the processor. Measured:
#: with 16,384 two threads wait for each other, with 131,072 for the memory.
_FEW = 32_768
_MOST_THREADS = 4


@dataclass(frozen=True)
class Prepared:
    """A matrix fit for distances, and the same customers for a method that tells numbers from categories.

    Attributes
    ----------
    X : float64 array of shape (n, d)
        Complete, scaled and weighted: first the `p` columns of numbers, then flags and indicators of categories.
    names : tuple of str
        Name of each column of X.
    sources : tuple of str
        The feature behind each column of X.
    numeric : float64 array of shape (n, p)
        The columns of numbers, unweighted, NaN where a value is missing, or where a feature that is often zero is zero
        (its size then says nothing; the zero itself is a code).
    codes : int64 array of shape (n, c)
        Categories, flags and "zero or more" as 0, 1, …; -1 where missing.
    n_levels : tuple of int
        Number of levels of each column of `codes`.
    """

    X: np.ndarray
    names: tuple[str, ...]
    sources: tuple[str, ...]
    numeric: np.ndarray
    codes: np.ndarray
    n_levels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.X)

    def take(self, rows: np.ndarray) -> Prepared:
        """Give some of the customers, in the order asked for."""
        return Prepared(
            self.X[rows], self.names, self.sources, self.numeric[rows], self.codes[rows], self.n_levels
        )  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """Fitted steps from features to `Prepared`, element by element with stored parameters.

    Attributes
    ----------
    basis : Basis
    encoders : tuple of Encoder
        One per feature of the basis, in its order.
    groups : mapping of str to int
        Feature -> number of features (itself included) that say the same thing; it counts that much less.
    n_fitted : int
        Customers on which the parameters were estimated.
    """

    basis: Basis
    encoders: tuple[Encoder, ...]
    groups: Mapping[str, int]
    n_fitted: int

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each column of X."""
        numbers = [encoder.name for encoder in self.encoders if encoder.n_numeric]
        return (*numbers, *(name for encoder in self.encoders for name in encoder.indicator_names))

    @property
    def sources(self) -> tuple[str, ...]:
        """Feature behind each column of X."""
        numbers = [encoder.name for encoder in self.encoders if encoder.n_numeric]
        return (*numbers, *(encoder.name for encoder in self.encoders for _ in encoder.indicator_names))

    @property
    def factors(self) -> np.ndarray:
        """What each column of X is multiplied with: float array of shape (d,)."""
        return np.array([significant(self.basis.weights[s] / self.groups[s] ** 0.5) for s in self.sources])

    @property
    def sentences(self) -> tuple[str, ...]:
        """Each step in plain words."""
        return tell_recipe(self)

    def transform(self, columns: Mapping[str, np.ndarray]) -> Prepared:
        """Prepare customers, those of the fit or new ones.

        Parameters
        ----------
        columns : mapping of str to array of shape (n,)
            At least the features of the basis: float64 with NaN, categories object with None. Infinite values count as
            missing, unseen levels of a category as "other".

        Returns
        -------
        Prepared
            A customer's row depends on that customer alone. O(n d) time.

        Raises
        ------
        InputError
            When a feature of the basis is not there, holds text instead of numbers, or has another length.
        """
        checked = _checked_columns(self.basis.features, columns)
        n, n_numeric = len(next(iter(checked.values()))), sum(encoder.n_numeric for encoder in self.encoders)
        n_levels = tuple(levels for encoder in self.encoders for levels in encoder.n_levels)
        X, numeric, codes = empty((n, len(self.names))), empty((n, n_numeric)), empty((n, len(n_levels)), np.int64)
        prepared = Prepared(X, self.names, self.sources, numeric, codes, n_levels)
        with ThreadPoolExecutor(min(cores(), _MOST_THREADS)) as threads:  # the transforms need no interpreter
            for rows in parts(n):
                few = [slice(start, start + _FEW) for start in range(rows.start, min(rows.stop, n), _FEW)]
                for _ in threads.map(partial(self._fill, prepared, checked), few):
                    pass
        return prepared

    def _fill(self, prepared: Prepared, columns: Mapping[str, np.ndarray], rows: slice) -> None:
        """Prepare some rows, column by column: few enough for the processor's own memory."""
        factors, number, indicator, code = self.factors, 0, prepared.numeric.shape[1], 0
        for encoder in self.encoders:
            encoded = encoder.encode(columns[encoder.name][rows])
            if encoder.n_numeric:
                np.multiply(encoded.numeric[:, 0], factors[number], out=prepared.X[rows, number])
                prepared.numeric[rows, number] = np.where(encoded.known, encoded.numeric, np.nan)[:, 0]
                number += 1
            behind = indicator + encoded.indicators.shape[1]
            np.multiply(encoded.indicators, factors[indicator:behind], out=prepared.X[rows, indicator:behind])
            prepared.codes[rows, code : code + len(encoder.n_levels)] = encoded.codes
            indicator, code = behind, code + len(encoder.n_levels)

    def inverse(self, X: np.ndarray) -> dict[str, np.ndarray]:
        """Give numeric features in their own unit, of customers or of segment centres.

        Parameters
        ----------
        X : float array of shape (n, d)
            Columns as in `names`.

        Returns
        -------
        dict of str to float array of shape (n,)
            Between the smallest and the largest value of the fit. Flags give the share of yes. Categories are not among
            them.
        """
        unweighted = np.atleast_2d(np.asarray(X, dtype=np.float64)) / self.factors
        sources, p = np.array(self.sources), sum(encoder.n_numeric for encoder in self.encoders)
        values = {}
        for encoder in self.encoders:
            mine = np.flatnonzero(sources == encoder.name)
            if not isinstance(encoder, Category):
                numbers, indicators = unweighted[:, mine[mine < p]], unweighted[:, mine[mine >= p]]
                values[encoder.name] = encoder.decode(numbers, indicators)
        return values

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-safe data."""
        return stored.recipe_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recipe:
        """Make the recipe from what `to_dict` gave; its transform then gives the same bits.

        Raises
        ------
        StudyError
            When the data are not those of a recipe.
        """
        return stored.recipe_from_dict(data, cls)


def fit_recipe(basis: Basis, columns: Mapping[str, np.ndarray], *, rows: np.ndarray | None = None) -> Recipe:
    """Estimate every parameter of the preparation.

    Parameters
    ----------
    basis : Basis
    columns : mapping of str to array of shape (n,)
        At least the features of the basis: float64 with NaN, categories object with None.
    rows : int array, optional
        Rows to fit on; default all.

    Returns
    -------
    Recipe
        The same whatever the order of the rows: sums run over sorted values. O(n log n) time per feature.

    Raises
    ------
    InputError
        When a feature of the basis is not there, holds text instead of numbers, or has another length.
    NotEnoughDataError
        When there are fewer than two customers.
    """
    checked = _checked_columns(basis.features, columns)
    if rows is not None:
        checked = {name: values[rows] for name, values in checked.items()}
    n = len(next(iter(checked.values())))
    if n < 2:
        raise NotEnoughDataError(
            "The preparation needs customers that differ.",
            found=f"There {'is 1 customer' if n == 1 else 'are 0 customers'}.",
            remedy="Give a table with at least two customers, better a hundred.",
        )
    encoders = tuple(fit_encoder(feature, checked[feature.name]) for feature in basis.features)
    return Recipe(basis, encoders, _groups(encoders, checked), n)


def _groups(encoders: Sequence[Encoder], columns: Mapping[str, np.ndarray]) -> dict[str, int]:
    groups = {encoder.name: 1 for encoder in encoders}
    with_numbers = [encoder for encoder in encoders if encoder.n_numeric]
    numbers = empty((len(next(iter(columns.values()))), len(with_numbers)))
    for place, encoder in enumerate(with_numbers):
        numbers[:, place] = encoder.encode(columns[encoder.name]).numeric[:, 0]
    let_go()
    sizes = group_sizes(numbers)
    return groups | {encoder.name: int(size) for encoder, size in zip(with_numbers, sizes, strict=True)}


def _checked_columns(features: Sequence[Feature], columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    absent = [feature.name for feature in features if feature.name not in columns]
    if absent:
        raise InputError(
            f"The customers lack {', '.join(map(repr, absent))}, which the segments are built on.",
            found=f"There are: {', '.join(columns) or 'no features at all'}.",
            remedy="Give tables with the same columns as those that the segments were found in, or find new segments.",
        )
    checked = {feature.name: as_column(feature, columns[feature.name]) for feature in features}
    lengths = sorted({len(values) for values in checked.values()})
    if len(lengths) != 1:
        raise InputError(
            "The features of the customers differ in length.",
            found=f"Lengths: {', '.join(map(str, lengths))}.",
            remedy="Give every feature one value per customer.",
        )
    return checked


def as_column(feature: Feature, values: np.ndarray) -> np.ndarray:
    """Give a feature's values as an array: float64, or object for a category.

    Raises
    ------
    InputError
        When a number is wanted and the values are something else.
    """
    if feature.kind is Kind.CATEGORY:
        return np.asarray(values, dtype=object)
    try:
        return np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise InputError(
            f"Feature '{feature.name}' must hold numbers.",
            found=f"Its values are of type {np.asarray(values).dtype}.",
            remedy="Give it as float64 with NaN for unknown, or leave it out with --ignore " + feature.name + ".",
        ) from cause
