"""Numbers and days in the reader's own way of writing, and texts that hide nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from coterie.outputs import shown

if TYPE_CHECKING:
    import datetime as dt

    from babel import Locale
    from starlette.requests import Request

_UNKNOWN = "—"
_PERCENT = re.compile(r"(?<=\d) %")
_FALLBACK = "en"


def visible(value: Any) -> Any:  # noqa: ANN401  whatever a template shows
    """Spell out control and direction marks in any text that reaches a page; keep a % with its number."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    together = _PERCENT.sub("\u00a0%", value)
    return together if together.isascii() and together.isprintable() else shown(together, len(together))


def short(text: object, longest: int = 80) -> str:
    """Shorten a text for a place that has no room for more; the whole stands elsewhere."""
    return shown(str(text), longest)


@dataclass(frozen=True)
class Reader:
    """Who looks at a page, and how numbers are written where they live.

    Attributes
    ----------
    locale : Locale
        Of the first language in the browser's list that is known.
    """

    locale: Locale

    @classmethod
    def of(cls, request: Request) -> Reader:
        """Give the reader of a request, by its `Accept-Language`."""
        return cls(_locale(request.headers.get("accept-language", "")[:200]))

    def count(self, value: float) -> str:
        """Whole number with thousands set apart."""
        from babel.numbers import format_decimal

        return _UNKNOWN if math.isnan(value) else str(format_decimal(round(value), locale=self.locale))

    def decimal(self, value: float, digits: int = 2) -> str:
        """Number with at most so many decimals."""
        from babel.numbers import format_decimal

        pattern = "#,##0." + "#" * digits if digits else "#,##0"
        return _UNKNOWN if math.isnan(value) else str(format_decimal(value, format=pattern, locale=self.locale))

    def percent(self, share: float) -> str:
        """Share of 0 to 1 as a percentage, with a decimal below ten."""
        from babel.numbers import format_percent

        if math.isnan(share):
            return _UNKNOWN
        digits = ".#" if 0 < abs(share) < 0.0995 else ""
        return str(format_percent(share, format=f"#,##0{digits}\u00a0%", locale=self.locale))

    def day(self, day: dt.date | None) -> str:
        """A day with the month as a word."""
        from babel.dates import format_date

        return "" if day is None else str(format_date(day, format="long", locale=self.locale))

    def moment(self, when: float | str) -> str:
        """A day and a time of day on this machine's clock: of seconds since 1970, or of a text in ISO 8601."""
        import datetime as dt

        from babel.dates import format_datetime

        at = dt.datetime.fromisoformat(when) if isinstance(when, str) else dt.datetime.fromtimestamp(when, dt.UTC)
        return str(format_datetime(at.astimezone(), format="medium", locale=self.locale))


@cache
def _locale(accepted: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    for wish in accepted.split(","):
        tag = wish.partition(";")[0].strip()
        try:
            if tag and tag != "*":
                return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_FALLBACK)
