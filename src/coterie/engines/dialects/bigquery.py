"""BigQuery, GoogleSQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from coterie.engines.dialects.base import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Characters that a column name may not have.
_FORBIDDEN = frozenset('!"$()*,./;?@[\\]^`{}~\n\r\t')


@dataclass(frozen=True)
class BigQueryDialect(Dialect):
    """BigQuery, GoogleSQL. Times without a zone are DATETIME there."""

    name: ClassVar[str] = "bigquery"
    title: ClassVar[str] = "BigQuery"
    double: ClassVar[str] = "FLOAT64"
    big_integer: ClassVar[str] = "INT64"
    varchar: ClassVar[str] = "STRING"
    timestamp: ClassVar[str] = "DATETIME"
    longest_name: ClassVar[int] = 300

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        return f"DATE_DIFF({later}, {earlier}, DAY)"

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs without a zone, as a double."""
        return f"(DATETIME_DIFF({later}, {earlier}, MICROSECOND) / 3600000000)"

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        return f"(MOD(EXTRACT(DAYOFWEEK FROM {x}) + 5, 7) + 1)"

    def month_start(self, x: str) -> str:
        """First day of the month, as a DATE."""
        return f"DATE_TRUNC(CAST({x} AS DATE), MONTH)"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        return f"DATE_SUB({x}, INTERVAL {int(days)} DAY)"

    def quantile(self, x: str, p: float) -> str:
        """Exact quantile with linear interpolation, as an aggregate: BigQuery has only approximate ones of its own."""
        sorted_values = f"ARRAY_AGG({self.f64(x)} IGNORE NULLS ORDER BY {x})"
        place = f"{p!r} * (COUNT({x}) - 1)"
        lower = f"{sorted_values}[SAFE_OFFSET(CAST(FLOOR({place}) AS INT64))]"
        upper = f"{sorted_values}[SAFE_OFFSET(CAST(CEIL({place}) AS INT64))]"
        return f"({lower} + ({place} - FLOOR({place})) * ({upper} - {lower}))"

    def decimal(self, x: str, digits: int, scale: int) -> str:
        """As an exact decimal, rounded to `scale` places; sums of it do not depend on the order of rows."""
        narrow = scale <= 9 and digits - scale <= 29
        return f"ROUND(CAST({x} AS {'NUMERIC' if narrow else 'BIGNUMERIC'}), {int(scale)})"

    def constants(self, names: Sequence[str], rows: Sequence[Sequence[float]]) -> str:
        """Give a SELECT of a small table of doubles."""
        structs = [", ".join(repr(float(value)) for value in row) for row in rows]
        typed = ", ".join(f"{name} FLOAT64" for name in names)
        listed = ",\n    ".join(f"({struct})" for struct in structs)
        return f"SELECT {', '.join(names)}\nFROM UNNEST(ARRAY<STRUCT<{typed}>>[\n    {listed}\n])"

    def _leading_hex(self, digest: str) -> str:
        return f"CAST(CONCAT('0x', SUBSTR(TO_HEX({digest}), 1, 15)) AS INT64)"

    def _check(self, identifier: str) -> None:
        super()._check(identifier)
        found = sorted(_FORBIDDEN.intersection(identifier))
        if found:
            raise self._refused(identifier, f"It holds {' '.join(map(repr, found))}, which BigQuery does not take.")
