"""Spark 4 and Databricks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coterie.engines.dialects.base import WHITE_SPACE, Dialect


@dataclass(frozen=True)
class SparkDialect(Dialect):
    """Spark 4, in ANSI mode or not."""

    name: ClassVar[str] = "spark"
    title: ClassVar[str] = "Spark"
    varchar: ClassVar[str] = "STRING"
    timestamp: ClassVar[str] = "TIMESTAMP_NTZ"

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        return f"DATEDIFF({later}, {earlier})"

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs without a zone, as a double."""
        return f"(CAST(TIMESTAMPDIFF(MICROSECOND, {earlier}, {later}) AS DOUBLE) / CAST(3600000000 AS DOUBLE))"

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        return f"(WEEKDAY({x}) + 1)"

    def hour(self, x: str) -> str:
        """Hour of the day, 0 to 23."""
        return f"HOUR({x})"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        return f"DATE_SUB({x}, {int(days)})"

    def quantile(self, x: str, p: float) -> str:
        """Exact quantile with linear interpolation, as an aggregate."""
        return f"PERCENTILE({self.f64(x)}, {self.f64(repr(p))})"

    def is_blank(self, x: str) -> str:
        """Whether a text has no other characters than white space."""
        return f"TRIM(BOTH {self.text(WHITE_SPACE)} FROM {x}) = ''"

    def _leading_hex(self, digest: str) -> str:
        return f"CAST(CONV(SUBSTR({digest}, 1, 15), 16, 10) AS BIGINT)"


@dataclass(frozen=True)
class DatabricksDialect(SparkDialect):
    """Databricks SQL: Spark's own words."""

    name: ClassVar[str] = "databricks"
    title: ClassVar[str] = "Databricks"
