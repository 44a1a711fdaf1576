"""What the rooms ask of an engine, whichever it is: run steps, keep their results for a while, hand back small ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    import pyarrow as pa

    from coterie.engines.dialect import Dialect


class Common(ABC):
    """What every engine does alike: it is closed when its block ends, and hands back one row or one value."""

    @abstractmethod
    def close(self) -> None:
        """Take away everything that is ours."""

    @abstractmethod
    def rows(self, sql: str, step: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result."""

    def row(self, sql: str, step: str = "") -> tuple[Any, ...]:
        """Give the first row of a result that has one."""
        return self.rows(sql, step)[0]

    def value(self, sql: str, step: str = "") -> Any:  # noqa: ANN401  a database value
        """Give the single value of a one-row, one-column result."""
        return self.row(sql, step)[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Engine(Protocol):
    """Where order lines lie and the steps run: DuckDB in this process, or the user's own server.

    What is kept under a name lies beside the user's tables, never in them: names of ours shadow theirs for the steps,
    and everything is gone when the engine is closed, also after an error.
    """

    @property
    def dialect(self) -> Dialect:
        """The primitives that steps are written with."""

    def run(self, sql: str, step: str = "") -> None:
        """Execute a statement whose result is not wanted."""

    def rows(self, sql: str, step: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result."""

    def row(self, sql: str, step: str = "") -> tuple[Any, ...]:
        """Give the first row of a result that has one."""

    def value(self, sql: str, step: str = "") -> Any:  # noqa: ANN401  a database value
        """Give the single value of a one-row, one-column result."""

    def arrow(self, sql: str, step: str = "") -> pa.Table:
        """Give a result as an Arrow table, in its order; Python holds all of it."""

    def batches(self, sql: str, step: str = "") -> Iterator[pa.RecordBatch]:
        """Give a result part by part, in its order, so that it need not fit into memory.

        The engine answers nothing else until the last part is taken or the iterator is closed.
        """

    def columns(self, relation: str) -> dict[str, str]:
        """Column names and engine types of one of our tables or views, in order."""

    def keep(self, name: str, select: str, step: str = "") -> None:
        """Keep the result of a SELECT as a temporary table, in place of an earlier one of that name."""

    def see(self, name: str, select: str, step: str = "") -> None:
        """Make a temporary view of a SELECT, in place of an earlier one of that name; nothing is computed yet."""

    def drop(self, name: str) -> None:
        """Forget what was kept, seen or uploaded under a name; nothing happens where there is none."""

    def upload(self, name: str, table: pa.Table) -> None:
        """Copy a small Arrow table into the engine as a temporary table."""

    def overlaid(self, name: str, select: str) -> AbstractContextManager[None]:
        """For a while, let `name` mean the result of a SELECT, which may read what `name` meant before."""

    def close(self) -> None:
        """Remove everything that is ours and let go of the connection."""


class DistantEngine(Engine, Protocol):
    """An engine in which the user's own tables lie."""

    def plain(self, x: str, type_: pa.DataType, zone: str | None) -> str:
        """A column as a number, text, day, yes and no, or a time without a zone.

        Parameters
        ----------
        x : str
            The quoted column.
        type_ : DataType
            As which it would come.
        zone : str, optional
            Where times with a zone are told; default: as the engine tells them.
        """

    def matches(self, x: str, pattern: str) -> str:
        """Whether a pattern of plain characters, [sets], repetitions and alternatives is found in a text."""
