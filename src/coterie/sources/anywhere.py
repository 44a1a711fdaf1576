"""The way to a shop from tables of any place; what reaches databases and clusters is loaded where one is named."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypedDict, Unpack

from coterie.sources import opening

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from coterie.config import SourcesSettings
    from coterie.engines.duckdb import DuckDBEngine
    from coterie.progress import Progress
    from coterie.sources.raw import Input
    from coterie.sources.shop import Shop


class Wishes(TypedDict, total=False):
    """What may be asked for when a shop is opened: see `coterie.sources.opening.open_shop`."""

    as_of: dt.date | None
    ignore: Collection[str]
    min_customers: int
    progress: Progress


def open_shop(
    inputs: Sequence[Input], engine: DuckDBEngine, settings: SourcesSettings, **wishes: Unpack[Wishes]
) -> Shop:
    """Open a shop: see `coterie.sources.opening.open_shop` for files, `coterie.sources.connect` for the rest.

    Raises
    ------
    EngineError
        A database cannot be reached or refuses; the message says why and what to do.
    """
    if all(_is_file(item.data) for item in inputs):
        way = opening.open_shop
    else:
        from coterie.sources import connect

        way = connect.open_shop
    return way(inputs, engine, settings, **wishes)


def _is_file(data: object) -> bool:
    """Whether an input can be nothing but a file: with Spark loaded, a name may be that of a table."""
    if isinstance(data, str):
        return "://" not in data and "pyspark" not in sys.modules
    return isinstance(data, os.PathLike)
