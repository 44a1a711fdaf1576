"""The customers of a study, read from its Parquet file by column and row group, never as a whole."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

#: Points of the map, the same customers in the app and in the study's own picture.
MAP_POINTS = 5_000
_LAST = chr(0x10FFFF)


class People:
    """Rows of `customers.parquet`, which is sorted by customer id.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()  # a ParquetFile serves one reader at a time

    @cached_property
    def _file(self) -> pq.ParquetFile:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(self._path)
        except (OSError, pa.ArrowException) as cause:
            raise StudyError(
                "The customers of this study cannot be read.",
                found="customers.parquet is missing or damaged.",
                remedy="Copy the study again from where it was made, or make it again.",
            ) from cause

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._file.schema_arrow.names)

    def find(self, text: str, columns: Sequence[str], most: int) -> tuple[pd.DataFrame, bool]:
        """Find customers by their id or its beginning.

        Parameters
        ----------
        text : str
            The id as it stands in the data, or how it begins.
        columns : sequence of str
            What to read of each.
        most : int
            Rows to give; the one whose id is `text` comes first by itself, since the file is sorted.

        Returns
        -------
        frame : DataFrame
            Index `customer_id`; at most `most` rows.
        more : bool
            Whether further customers begin so.
        """
        import pandas as pd

        wanted = [name for name in columns if name in self.columns]
        parts: list[pd.DataFrame] = []
        found = 0
        for group in self._groups_with(text):
            with self._lock:
                part = self._matches(group, text, wanted, most + 1 - found)
            found += len(part)
            parts.append(part)
            if found > most:
                break
        frame = pd.concat(parts) if parts else pd.DataFrame(columns=wanted)
        return frame.head(most), found > most

    def rows(self, ids: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
        """Give the rows of some customers, those that are there, sorted by id; each row group is read once."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = ["customer_id", *(name for name in columns if name in self.columns)]
        groups = {group for identity in ids for group in self._groups_with(identity)}
        parts = []
        for group in sorted(groups):
            with self._lock:
                table = self._file.read_row_group(group, columns=wanted)
            mine = table.filter(pc.is_in(table.column("customer_id"), value_set=pa.array(ids, pa.string())))
            parts.append(mine.to_pandas())
        frame = pd.concat(parts) if parts else pd.DataFrame(columns=wanted)
        return frame.set_index("customer_id")

    def _groups_with(self, text: str) -> Iterator[int]:
        """Row groups that can hold an id that begins so, by their smallest and largest id."""
        metadata = self._file.metadata
        place = self.columns.index("customer_id")
        for group in range(metadata.num_row_groups):
            statistics = metadata.row_group(group).column(place).statistics
            known = statistics is not None and statistics.has_min_max
            if not known or (str(statistics.min) <= text + _LAST and str(statistics.max) >= text):
                yield group

    def _matches(self, group: int, text: str, columns: list[str], most: int) -> pd.DataFrame:
        import pyarrow as pa
        import pyarrow.compute as pc

        ids = self._file.read_row_group(group, columns=["customer_id"]).column(0)
        rows = pc.indices_nonzero(pc.starts_with(ids, pattern=text)).slice(0, most)
        table = self._file.read_row_group(group, columns=columns) if len(rows) else pa.table({})
        frame: pd.DataFrame = table.take(rows).to_pandas() if len(rows) else table.to_pandas()
        frame.index = ids.take(rows).to_pandas().rename("customer_id")
        return frame

    def sample(self, columns: Sequence[str], most: int = MAP_POINTS) -> pd.DataFrame:
        """Give every nth customer by id, those without a place on the map left out: the same ones each time.

        Parameters
        ----------
        columns : sequence of str
            What to read of each beside `map_x` and `map_y`.
        most : int
            Customers to give.

        Returns
        -------
        DataFrame
            At most `most` rows, by id. Cost: one pass over the columns, a piece at a time.
        """
        import pyarrow as pa

        with self._lock:
            places = self._file.read(columns=["map_x", "map_y"])
            placed = np.flatnonzero(_known(places, "map_x") & _known(places, "map_y"))
            picked = placed[:: max(1, -(-len(placed) // most))]
            table = pa.concat_tables(list(self._pieces(["map_x", "map_y", *columns], picked)))
        frame: pd.DataFrame = table.to_pandas()
        return frame

    def _pieces(self, columns: Sequence[str], picked: np.ndarray) -> Iterator[pa.Table]:
        """Rows by their place in the file, read one row group at a time."""
        wanted = list(dict.fromkeys(name for name in columns if name in self.columns))
        yield self._file.schema_arrow.empty_table().select(wanted)
        start = 0
        for group in range(self._file.metadata.num_row_groups):
            end = start + self._file.metadata.row_group(group).num_rows
            mine = picked[np.searchsorted(picked, start) : np.searchsorted(picked, end)] - start
            if len(mine):
                yield self._file.read_row_group(group, columns=wanted, use_threads=False).take(mine)
            start = end

    def counts(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Count the customers of each combination of values; one pass over the columns."""
        with self._lock:
            table = self._file.read(columns=list(columns))
        found = table.group_by(list(columns)).aggregate([([], "count_all")])
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows


def _known(table: pa.Table, name: str) -> np.ndarray:
    known: np.ndarray = ~np.isnan(table.column(name).to_numpy())
    return known
