"""Read a small table written by hand, and look at what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from coterie.config import SourcesSettings
from coterie.errors import CoterieError
from coterie.sources.raw import Input, RawTable
from coterie.sources.reading import read_input

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.engines.duckdb import DuckDBEngine


@dataclass(frozen=True)
class Reading:
    """A raw table and its rows, the source row first."""

    table: RawTable
    rows: list[tuple[Any, ...]]
    left_out: list[tuple[Any, ...]]

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        return [row[1:] for row in self.rows]

    @property
    def messages(self) -> dict[str, str]:
        return {finding.code: finding.message for finding in self.table.findings}


Read = Callable[..., Reading]


@pytest.fixture
def read(engine: DuckDBEngine, tmp_path: Path) -> Read:
    """Write `data` (bytes) under `name`, or take a path or dataframe, and read it with `settings`."""

    def read_now(data: object, name: str = "orders.csv", **settings: Any) -> Reading:
        if isinstance(data, bytes):
            (tmp_path / name).write_bytes(data)
            data = tmp_path / name
        engine.run("DROP TABLE IF EXISTS left_out")
        table = read_input(Input(data), engine, SourcesSettings(**settings), number=1)
        rows = engine.rows("SELECT * FROM raw_1 ORDER BY source_row")
        assert len(rows) + sum(table.left_out.values()) == table.rows_read
        left_out = engine.rows("SELECT * FROM left_out ORDER BY source_row")
        assert len(left_out) == sum(table.left_out.values())
        assert tuple(table.types) == table.columns
        return Reading(table, rows, left_out)

    return read_now


@pytest.fixture
def refusal(read: Read) -> Callable[..., str]:
    """The message with which `data` is refused."""

    def refuse(data: object, name: str = "orders.csv", **settings: Any) -> str:
        with pytest.raises(CoterieError) as caught:
            read(data, name, **settings)
        return str(caught.value)

    return refuse
