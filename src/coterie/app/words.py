"""Numbers and days in the reader's own way of writing, and texts that hide nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
#: A number as our sentences write it, "1,240.5", that is no part of a name, a version, a date or an address.
_NUMBER = re.compile(r"(?<![\w.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:/]|[.,]\d)")
_SEPARATORS = re.compile("[.,]")
#: Keys of a model whose texts are the shop's own, or lengths in a drawing: they stay as they are.
_LITERAL = frozenset(
    {"id", "name", "title", "column", "q", "href", "base", "code", "colour", "anchor", "start", "middle", "left"}
    | {"width", "share_width", "value_width", "depth", "chart", "profile_chart", "place_chart", "beside"}
)


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

    @staticmethod
    def of(request: Request) -> Reader:
        """Give the reader of a request, by its `Accept-Language`."""
        return reader_of(request.headers.get("accept-language", "")[:200])

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

    def rewritten(self, text: str) -> str:
        """Give a text of ours with its numbers as the reader writes them: "1,240.5" becomes "1.240,5" in German."""
        marks = self._marks
        if marks is None:
            return text
        return _NUMBER.sub(lambda found: _SEPARATORS.sub(lambda mark: marks[mark.group()], found.group()), text)

    def rewrite(self, model: Any) -> Any:  # noqa: ANN401  plain values of a page
        """Rewrite the numbers in all texts of a page's model but those that are the shop's own or measure a drawing."""
        if self._marks is None:
            return model
        if isinstance(model, str):
            return self.rewritten(model)
        if isinstance(model, Mapping):
            return {key: value if _is_literal(key, value) else self.rewrite(value) for key, value in model.items()}
        return [self.rewrite(each) for each in model] if isinstance(model, (list, tuple)) else model

    @cached_property
    def _marks(self) -> dict[str, str] | None:
        """What stands for the marks of thousands and decimals; None where they are the same."""
        symbols = self.locale.number_symbols["latn"]
        marks = {",": str(symbols["group"]), ".": str(symbols["decimal"])}
        return None if marks == {",": ",", ".": "."} else marks

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


def reader_of(accepted: str) -> Reader:
    """Give the reader of a list of languages, as `Accept-Language` has it; of English where none is known."""
    return Reader(_locale(accepted))


def _is_literal(key: str, value: Any) -> bool:  # noqa: ANN401  a value of a model
    return key in _LITERAL and isinstance(value, str)


@lru_cache(maxsize=256)  # what browsers send is without end
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
