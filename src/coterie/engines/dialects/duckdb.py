"""DuckDB 1.5 and 2.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coterie.engines.dialects.base import Dialect


@dataclass(frozen=True)
class DuckDBDialect(Dialect):
    """DuckDB 1.5 and 2.0."""

    name: ClassVar[str] = "duckdb"
    title: ClassVar[str] = "DuckDB"
    longest_name: ClassVar[int] = 65_535

    def quote(self, identifier: str) -> str:
        """Quote a column or table name; DuckDB escapes nothing but the mark itself, so no SQL library is loaded."""
        self._check(identifier)
        return '"' + identifier.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """Quote a text literal."""
        self._check_text(value)
        return "'" + value.replace("'", "''") + "'"

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        return f"date_diff('day', {earlier}, {later})"

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs without a zone, as a double."""
        return f"((epoch({later}) - epoch({earlier})) / CAST(3600 AS DOUBLE))"

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        return f"isodow({x})"

    def hour(self, x: str) -> str:
        """Hour of the day, 0 to 23."""
        return f"hour({x})"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        return f"CAST({x} - INTERVAL ({int(days)}) DAY AS DATE)"

    def quantile(self, x: str, p: float) -> str:
        """Exact quantile with linear interpolation, as an aggregate."""
        return f"quantile_cont({self.f64(x)}, {p!r})"

    def whole(self, x: str) -> str:
        """As a whole number wide enough that sums of squares stay exact."""
        return f"CAST({x} AS HUGEINT)"

    def _leading_hex(self, digest: str) -> str:
        return f"CAST(('0x' || substr({digest}, 1, 15)) AS BIGINT)"
