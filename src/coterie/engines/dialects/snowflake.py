"""Snowflake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coterie.engines.dialects.base import Dialect, is_plain


@dataclass(frozen=True)
class SnowflakeDialect(Dialect):
    """Snowflake. A name without quotes is taken as upper case."""

    name: ClassVar[str] = "snowflake"
    title: ClassVar[str] = "Snowflake"
    timestamp: ClassVar[str] = "TIMESTAMP_NTZ"

    def own(self, name: str) -> str:
        """Quote one of our own lower-case names so that it means the same as without quotes."""
        return self.quote(name.upper() if is_plain(name) else name)

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        return f"DATEDIFF(DAY, {earlier}, {later})"

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs without a zone, as a double."""
        return f"(CAST(DATEDIFF(MICROSECOND, {earlier}, {later}) AS DOUBLE) / 3600000000)"

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        return f"DAYOFWEEKISO({x})"

    def hour(self, x: str) -> str:
        """Hour of the day, 0 to 23."""
        return f"HOUR({x})"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        return f"CAST(DATEADD(DAY, -{int(days)}, {x}) AS DATE)"

    def _leading_hex(self, digest: str) -> str:
        return f"TO_NUMBER(SUBSTR({digest}, 1, 15), 'XXXXXXXXXXXXXXX')"
