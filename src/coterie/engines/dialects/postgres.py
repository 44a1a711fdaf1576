"""PostgreSQL 14 and later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coterie.engines.dialects.base import WHITE_SPACE, Dialect


@dataclass(frozen=True)
class PostgresDialect(Dialect):
    """PostgreSQL 14 and later.

    A name longer than 63 bytes would be cut without a word, so it is refused. Named queries are computed once: put into
    each other, an assignment took minutes instead of seconds.
    """

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    double: ClassVar[str] = "DOUBLE PRECISION"
    varchar: ClassVar[str] = "TEXT"
    longest_name: ClassVar[int] = 63
    named_query: ClassVar[str] = "AS MATERIALIZED"

    def string(self, x: str) -> str:
        """As text that is compared and sorted by code point, whatever the collation of the database."""
        return f'(CAST({x} AS TEXT) COLLATE "C")'

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        return f"(({later}) - ({earlier}))"

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs without a zone, as a double."""
        return f"(CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS DOUBLE PRECISION) / 3600)"

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        return f"CAST(EXTRACT(ISODOW FROM {x}) AS INTEGER)"

    def hour(self, x: str) -> str:
        """Hour of the day, 0 to 23."""
        return f"CAST(EXTRACT(HOUR FROM {x}) AS INTEGER)"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        return f"(CAST({x} AS DATE) - {int(days)})"

    def is_blank(self, x: str) -> str:
        """Whether a text has no other characters than white space."""
        return f"BTRIM({x}, {self.text(WHITE_SPACE)}) = ''"

    def _leading_hex(self, digest: str) -> str:
        return f"CAST(CAST(('x' || SUBSTR({digest}, 1, 15)) AS BIT(60)) AS BIGINT)"
