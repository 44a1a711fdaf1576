"""The small SQL primitives in which engines differ. Every step is written with these; nothing else knows an engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from coterie.errors import InputError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

#: What counts as blank: every character that Unicode calls white space.
WHITE_SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)

#: Names that need no quotes anywhere.
_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True)
class Dialect:
    """Primitives of one engine. Arguments and results are SQL text.

    What stands here is standard SQL or the way of most engines; a dialect says where it goes its own way.

    Attributes
    ----------
    name : str
        sqlglot's name of the dialect.
    title : str
        What people call the engine.
    double, big_integer, varchar, timestamp : str
        Types: 64-bit floating point, 64-bit integer, text of any length, date and time without a zone.
    longest_name : int
        Bytes (UTF-8) that a column name may have.
    named_query : str
        What stands between the name of a CTE and its query.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    double: ClassVar[str] = "DOUBLE"
    big_integer: ClassVar[str] = "BIGINT"
    varchar: ClassVar[str] = "VARCHAR"
    timestamp: ClassVar[str] = "TIMESTAMP"
    longest_name: ClassVar[int] = 255
    named_query: ClassVar[str] = "AS"

    def quote(self, identifier: str) -> str:
        """Quote a column or table name, whatever characters it has.

        Raises
        ------
        InputError
            When the engine cannot have a column of that name.
        """
        self._check(identifier)
        from sqlglot import exp

        return exp.to_identifier(identifier, quoted=True).sql(dialect=self.name)

    def own(self, name: str) -> str:
        """Quote one of our own lower-case names so that it means the same as without quotes."""
        return self.quote(name)

    def text(self, value: str) -> str:
        """Quote a text literal."""
        self._check_text(value)
        from sqlglot import exp

        return exp.Literal.string(value).sql(dialect=self.name)

    def _check_text(self, value: str) -> None:
        if "\0" in value:
            raise InputError(
                f"A text with a NUL character cannot be written in SQL for {self.title}.",
                remedy="Remove the character from the table.",
            )

    def date(self, value: dt.date) -> str:
        """Give a date literal."""
        return f"DATE '{value.isoformat()}'"

    def number(self, value: float) -> str:
        """Give a literal for a finite double, to be used beside doubles; negative ones stand in parentheses."""
        written = repr(float(value))
        return f"({written})" if written.startswith("-") else written

    def string(self, x: str) -> str:
        """As text that is compared and sorted by code point."""
        return f"CAST({x} AS {self.varchar})"

    def f64(self, x: str) -> str:
        """As a double; literals too, because some engines read `1.0` as DECIMAL."""
        return f"CAST({x} AS {self.double})"

    def i64(self, x: str) -> str:
        """As a 64-bit integer."""
        return f"CAST({x} AS {self.big_integer})"

    def days_between(self, earlier: str, later: str) -> str:
        """Whole days between two DATEs, negative when `later` comes first."""
        raise NotImplementedError

    def hours_between(self, earlier: str, later: str) -> str:
        """Elapsed hours between two TIMESTAMPs without a zone, as a double."""
        raise NotImplementedError

    def weekday(self, x: str) -> str:
        """ISO day of the week: 1 = Monday to 7 = Sunday."""
        raise NotImplementedError

    def hour(self, x: str) -> str:
        """Hour of the day, 0 to 23."""
        return f"EXTRACT(HOUR FROM {x})"

    def month_start(self, x: str) -> str:
        """First day of the month, as a DATE."""
        return f"CAST(DATE_TRUNC('month', {x}) AS DATE)"

    def midnight(self, x: str) -> str:
        """Begin of the day of a TIMESTAMP, as a TIMESTAMP."""
        return f"CAST(CAST({x} AS DATE) AS {self.timestamp})"

    def minus_days(self, x: str, days: int) -> str:
        """Give the date `days` days before `x`."""
        raise NotImplementedError

    def quantile(self, x: str, p: float) -> str:
        """Exact quantile with linear interpolation, as an aggregate."""
        return f"PERCENTILE_CONT({p!r}) WITHIN GROUP (ORDER BY {self.f64(x)})"

    def median(self, x: str) -> str:
        """Exact median, as an aggregate."""
        return self.quantile(x, 0.5)

    def money(self, x: str) -> str:
        """Exact to the hundredth of the currency unit."""
        return self.decimal(x, 18, 2)

    def whole(self, x: str) -> str:
        """As a whole number wide enough that sums of squares stay exact."""
        return self.decimal(x, 38, 0)

    def decimal(self, x: str, digits: int, scale: int) -> str:
        """As an exact decimal, rounded to `scale` places; sums of it do not depend on the order of rows."""
        return f"CAST({x} AS DECIMAL({int(digits)}, {int(scale)}))"

    def ratio(self, numerator: str, denominator: str) -> str:
        """Quotient as a double; NULL when the denominator is 0 or NULL."""
        return f"({self.f64(numerator)} / NULLIF({self.f64(denominator)}, 0))"

    def finite(self, x: str) -> str:
        """Whether a double is a number: neither NULL nor infinite nor NaN (which is greatest, or equal to nothing)."""
        return f"ABS({x}) <= 1.7976931348623157e308"

    def is_blank(self, x: str) -> str:
        """Whether a text has no other characters than white space."""
        return f"TRIM({x}, {self.text(WHITE_SPACE)}) = ''"

    def constants(self, names: Sequence[str], rows: Sequence[Sequence[float]]) -> str:
        """Give a SELECT of a small table of doubles."""
        listed = ",\n    ".join(f"({', '.join(map(_exact, row))})" for row in rows)
        shown = ", ".join(f"{self.f64(name)} AS {name}" for name in names)
        return f"SELECT {shown}\nFROM (VALUES\n    {listed}\n) AS listed ({', '.join(names)})"

    def hash_bucket(self, x: str, salt: int, buckets: int) -> str:
        """Stable pseudo-random bucket 0 … buckets-1 of a text, the same on every run and engine."""
        digits = self._leading_hex(f"MD5(CONCAT('{int(salt)}|', {x}))")
        return f"MOD({digits}, {int(buckets)})"

    def _leading_hex(self, digest: str) -> str:
        """First 15 hexadecimal digits of a text, as a 64-bit integer."""
        raise NotImplementedError

    def _check(self, identifier: str) -> None:
        length = len(identifier.encode("utf-8", "surrogatepass"))
        if not identifier or "\0" in identifier or length > self.longest_name:
            raise self._refused(identifier, f"{length} bytes; {self.title} takes 1 to {self.longest_name}, no NUL.")

    def _refused(self, identifier: str, found: str) -> InputError:
        return InputError(
            f"Column {identifier!r} cannot be named in SQL for {self.title}.",
            found=found,
            remedy="Rename the column in the table.",
        )

    def primitives(self) -> dict[str, Callable[..., str]]:
        """List every primitive by name, for use in a `.sql` step."""
        return {name: getattr(self, name) for name in PRIMITIVES}


#: Every primitive that a step may use.
PRIMITIVES = (
    "quote", "own", "text", "date", "number", "string", "f64", "i64", "days_between", "hours_between", "weekday",
    "hour", "month_start", "midnight", "minus_days", "quantile", "median", "money", "whole", "decimal", "ratio",
    "finite", "is_blank", "constants", "hash_bucket",
)  # fmt: skip


def _exact(value: float) -> str:
    """Write a double so that no engine reads it as a decimal."""
    written = repr(float(value))
    return written if "e" in written else f"{written}e0"


def is_plain(identifier: str) -> bool:
    """Whether a name is lower-case ASCII letters, digits and underscores."""
    return bool(_PLAIN.match(identifier))
