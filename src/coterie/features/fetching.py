"""From steps in the engine to columns in Python: each step streams its own, and no wide table is ever made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from coterie.engines.steps import Step, chain
from coterie.features.rounding import round_significant
from coterie.memory import empty, let_go, parked, parked_arrow
from coterie.vocabulary import Feature, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.engines.base import Engine

#: Table of the place of each customer with an order in the customer table, from 0.
PLACES = "customer_places"

#: Table of what a step found, while its rows are put in their places.
_ROWS = "placed_rows"

#: Exact sums of decimals; every other number is rounded to ten significant digits.
_EXACT = frozenset({"net_revenue"})


class Columns:
    """The columns of the customer table while they are filled, step by step.

    Parameters
    ----------
    ids : ChunkedArray of string
        Customers, sorted.
    features : mapping of str to Feature
        Name -> what the column holds, in order.
    zero_when_absent : collection of str
        Columns that are 0, not unknown, for customers without a row in their step.

    Notes
    -----
    Memory: 8 bytes a customer and column, in files where customers are many; a text stands once however many customers
    have it.
    """

    def __init__(self, ids: pa.ChunkedArray, features: Mapping[str, Feature], zero_when_absent: frozenset[str]) -> None:
        self.index = _index(ids)
        self.features = features
        self.values = {
            name: _empty(feature, len(ids), 0.0 if name in zero_when_absent else np.nan)
            for name, feature in features.items()
        }

    def fill(self, engine: Engine, steps: Sequence[Step], shown: Mapping[str, str]) -> None:
        """Run the last of `steps`, whose rows know customers by number, and put its rows where they belong.

        Parameters
        ----------
        shown : mapping of str to str
            Column -> SQL over the step, which goes by its name.
        """
        name = steps[-1].name
        select = ", ".join(f"{sql} AS {engine.dialect.own(column)}" for column, sql in shown.items())
        placed = f"JOIN {PLACES} AS places ON places.customer = {name}.customer_id"
        last = f"SELECT places.place, {select} FROM {name} {placed}"
        engine.keep(_ROWS, chain([*steps, Step("placed", last)]), name)  # a result that is streamed is made by one core
        for batch in engine.batches(f"SELECT * FROM {_ROWS}", name):
            places = batch.column(0).to_numpy(zero_copy_only=False)
            for column, part in zip(shown, batch.columns[1:], strict=True):
                self.values[column][places] = cells(part, self.features[column])
        engine.drop(_ROWS)
        let_go()

    def frame(self) -> pd.DataFrame:
        """Give the columns as a DataFrame; they are handed over, not copied."""
        return frame_of(self.values, self.index)


def whole_frame(data: pa.Table, features: Mapping[str, Feature]) -> pd.DataFrame:
    """Give a result with `customer_id` and one column a feature as the frame of a customer table."""
    values = {name: parked(cells(data.column(name).combine_chunks(), feature)) for name, feature in features.items()}
    return frame_of(values, _index(data.column("customer_id")))


def frame_of(values: Mapping[str, np.ndarray], index: pd.Index) -> pd.DataFrame:
    """Give columns as they are: pandas would make arrays of text its own string type, but leaves a Series alone."""
    columns = {name: pd.Series(each, index, each.dtype, copy=False) for name, each in values.items()}
    return pd.DataFrame(columns, index=index, copy=False)


def cells(column: pa.Array, feature: Feature) -> np.ndarray:
    """Part of a column as the frame holds it: rounded numbers with NaN, days, or texts with None."""
    if feature.kind is Kind.DATE:
        days: np.ndarray = column.to_numpy(zero_copy_only=False).astype("datetime64[s]")
        return days
    if not feature.is_numeric:
        return _texts(column)
    numbers: np.ndarray = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return numbers if feature.name in _EXACT else round_significant(numbers)


def _texts(column: pa.Array) -> np.ndarray:
    """Texts as objects, each different one made once."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    different = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    texts: np.ndarray = different[coded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)]
    return texts


def _empty(feature: Feature, n: int, absent: float) -> np.ndarray:
    is_date = feature.kind is Kind.DATE
    column = empty(n, "datetime64[s]" if is_date else np.float64 if feature.is_numeric else object)
    column[...] = np.datetime64("NaT") if is_date else absent if feature.is_numeric else None
    let_go()
    return column


def _index(ids: pa.ChunkedArray) -> pd.Index:
    index: pd.Index = pd.Index(pd.array(parked_arrow(ids.combine_chunks()), dtype="str"), name="customer_id")
    return index
