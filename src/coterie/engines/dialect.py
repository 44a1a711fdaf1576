"""The small SQL primitives in which engines differ. Every step is written with these; nothing else knows an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable


@dataclass(frozen=True)
class Dialect:
    """Primitives of one engine. Arguments and results are SQL text; `name` is sqlglot's name of the dialect."""

    name: str

    def quote(self, identifier: str) -> str:
        """Quote a column or table name, whatever characters it has."""
        return exp.to_identifier(identifier, quoted=True).sql(dialect=self.name)

    def text(self, value: str) -> str:
        """Quote a text literal."""
        return exp.Literal.string(value).sql(dialect=self.name)

    def date(self, value: dt.date) -> str:
        """Give a date literal."""
        return f"DATE '{value.isoformat()}'"


@dataclass(frozen=True)
class DuckDBDialect(Dialect):
    """DuckDB 1.5 and 2.0."""

    name: str = "duckdb"

    def f64(self, x: str) -> str:
        """As a double; literals too, because some engines read `1.0` as DECIMAL."""
        return f"CAST({x} AS DOUBLE)"

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        return f"date_diff('day', {earlier}, {later})"

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs, as a double."""
        return f"((epoch({later}) - epoch({earlier})) / CAST(3600 AS DOUBLE))"

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        return f"isodow({x})"

    def hour(self, x: str) -> str:
        """Hour of the day, 0 to 23."""
        return f"hour({x})"

    def month_start(self, x: str) -> str:
        """First day of the month, as a DATE."""
        return f"CAST(date_trunc('month', {x}) AS DATE)"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        return f"CAST({x} - INTERVAL ({int(days)}) DAY AS DATE)"

    def quantile(self, x: str, p: float) -> str:
        """Exact quantile with linear interpolation, as an aggregate."""
        return f"quantile_cont({self.f64(x)}, {p!r})"

    def median(self, x: str) -> str:
        """Exact median, as an aggregate."""
        return self.quantile(x, 0.5)

    def money(self, x: str) -> str:
        """Exact to the hundredth of the currency unit."""
        return f"CAST({x} AS DECIMAL(18, 2))"

    def whole(self, x: str) -> str:
        """As a whole number wide enough that sums of squares stay exact."""
        return f"CAST({x} AS HUGEINT)"

    def decimal(self, x: str, digits: int, scale: int) -> str:
        """As an exact decimal, rounded to `scale` places; sums of it do not depend on the order of rows."""
        return f"CAST({x} AS DECIMAL({int(digits)}, {int(scale)}))"

    def ratio(self, numerator: str, denominator: str) -> str:
        """Quotient as a double; NULL when the denominator is 0 or NULL."""
        return f"({self.f64(numerator)} / NULLIF({self.f64(denominator)}, 0))"

    def hash_bucket(self, x: str, salt: int, buckets: int) -> str:
        """Stable pseudo-random bucket 0 … buckets-1 of a text, the same on every run."""
        digest = f"md5(concat('{int(salt)}|', {x}))"
        return f"(CAST(('0x' || substr({digest}, 1, 15)) AS BIGINT) % {int(buckets)})"

    def primitives(self) -> dict[str, Callable[..., str]]:
        """List every primitive by name, for use in a `.sql` step."""
        names = [
            "quote",
            "text",
            "date",
            "f64",
            "days_between",
            "hours_between",
            "weekday",
            "hour",
            "month_start",
            "minus_days",
            "quantile",
            "median",
            "money",
            "whole",
            "decimal",
            "ratio",
            "hash_bucket",
        ]
        return {name: getattr(self, name) for name in names}


DUCKDB = DuckDBDialect()
