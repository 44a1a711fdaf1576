"""Rows of one table put in the order of another's, for millions of customers."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.arrays import NumpyExtensionArray

from coterie.memory import parked

T = TypeVar("T", "pd.Series", "pd.DataFrame")


def reindexed(table: T, index: pd.Index) -> T:
    """Give the rows of a table with unique labels in the order of `index`, as its `reindex` does.

    Notes
    -----
    pandas makes a Python object of every label to look it up, a hundred bytes each; Arrow compares the texts where they
    lie. Labels that are no texts are left to pandas.
    """
    if table.index is index or table.index.equals(index):
        return table.set_axis(index, axis=0)
    if table.index.dtype != "str" or index.dtype != "str":
        return table.reindex(index)
    places = places_in(table.index, index)
    if isinstance(table, pd.Series):
        return _taken(table, places, index)
    return pd.DataFrame({name: _taken(table[name], places, index) for name in table}, index=index, copy=False)


def places_in(index: pd.Index, labels: pd.Index) -> np.ndarray:
    """Find labels in an index of unique ones: int array, -1 where a label is not there."""
    if index.dtype != "str" or labels.dtype != "str":
        return np.asarray(index.get_indexer(labels))
    sought, known = _words(labels), _words(index)
    if sought is not None and known is not None and sought.dtype == known.dtype and is_rising(index):
        places = np.minimum(np.searchsorted(known, sought), len(known) - 1)
        return np.asarray(np.where(known[places] == sought, places, -1))
    found = pc.index_in(pa.array(labels), value_set=pa.array(index))
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False))


def _words(labels: pd.Index) -> np.ndarray | None:
    """Give texts of one length as they lie in memory, as NumPy's bytes; None for all others.

    Sorted ones are found four times as fast as in a table of hashes, which has to be made first.
    """
    texts = pa.array(labels, pa.large_string())
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if not len(whole) or whole.null_count:
        return None
    ends = np.frombuffer(whole.buffers()[1], np.int64)[whole.offset : whole.offset + len(whole) + 1]
    length = int(ends[1] - ends[0])
    if not length or (np.diff(ends) != length).any():
        return None
    return np.frombuffer(whole.buffers()[2], np.uint8)[ends[0] : ends[-1]].view(f"S{length}")


def is_rising(index: pd.Index) -> bool:
    """Whether labels are sorted by Unicode code point, each at most once."""
    if index.dtype != "str":
        return bool(index.is_monotonic_increasing and index.is_unique)
    labels = pa.array(index)
    whole = labels.combine_chunks() if isinstance(labels, pa.ChunkedArray) else labels
    return bool(pc.all(pc.less(whole[:-1], whole[1:]), skip_nulls=False, min_count=0).as_py())


def _taken(column: pd.Series, places: np.ndarray, index: pd.Index) -> pd.Series:
    """Take the values at `places`, nothing where that is -1."""
    values = pd.api.extensions.take(column.array, places, allow_fill=True)
    held = parked(values.to_numpy()) if isinstance(values, NumpyExtensionArray) else values
    return pd.Series(held, index=index, dtype=held.dtype, name=column.name, copy=False)
