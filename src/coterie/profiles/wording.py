"""Numbers, days, money and lists as people read them; labels made fit to stand in a sentence."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.vocabulary import Feature

#: Smallest group of customers about which a category's share is told.
SMALLEST_CELL = 10

_DAYS_PER_YEAR = 365.25
_SYMBOLS = frozenset("$£€¥₹₺₽₩₪")
#: Units that are not words to print after a number.
_SILENT_UNITS = frozenset({"", "share", "currency", "number", "count", "ratio", "rate", "times", "bits", "nats"})


def number(value: float) -> str:
    """Tell a number with about three significant digits: `1,234`, `56`, `3.4`, `0.05`."""
    if not math.isfinite(value):
        return "unknown"
    size = abs(value)
    if size >= 100 or math.isclose(size, round(size), abs_tol=1e-9):
        text = f"{round(size):,}"
    elif size >= 10:
        text = f"{size:.0f}"
    elif size >= 0.095:
        text = f"{size:.1f}".removesuffix(".0")
    else:
        text = f"{size:.1g}" if size >= 0.001 else "0"
    return text if value >= 0 or text.strip("0.") == "" else f"−{text}"


def share(value: float) -> str:
    """Tell a share as a percentage: `34 %`, `0.4 %`, `under 0.1 %`."""
    if not math.isfinite(value):
        return "unknown"
    percent = 100 * value
    if percent < 0:
        return f"−{share(-value)}"
    if percent == 0:
        return "0 %"
    if percent < 0.1:
        return "under 0.1 %"
    if percent < 0.95:
        return f"{percent:.1f} %"
    if 99.5 <= percent < 100:
        return "over 99 %"
    return f"{percent:,.0f} %"


def money(value: float, currency: str = "") -> str:
    """Tell an amount: `£1,234`, `£56`, `£4.50`, `1,234 EUR`; the bare number where the currency is unknown."""
    if not math.isfinite(value):
        return "unknown"
    size = abs(value)
    text = f"{size:,.0f}" if size >= 20 or math.isclose(size, round(size), abs_tol=1e-9) else f"{size:,.2f}"
    sign = "−" if value < 0 and text.strip("0.,") else ""
    currency = currency.strip()
    if not currency:
        return sign + text
    prefix = currency[-1] in _SYMBOLS
    return f"{sign}{currency}{text}" if prefix else f"{sign}{text} {currency}"


def money_in_unit(value: float, unit: str) -> str:
    """Tell an amount in the unit that a column's header names: `$87,000` for 87 "thousand $"."""
    found = re.fullmatch(r"thousand (.+)", unit)
    return money(round(1000 * value, 6), found.group(1)) if found else money(value, unit)


def days(value: float) -> str:
    """Tell a length of time: `1 day`, `43 days`, `2.5 years` from two years on."""
    if not math.isfinite(value):
        return "unknown"
    if value < 0:
        return f"−{days(-value)}"
    if value >= 2 * _DAYS_PER_YEAR:
        return f"{number(round(value / _DAYS_PER_YEAR, 1))} years"
    whole = round(value)
    if whole < 1:
        return "less than a day"
    return "1 day" if whole == 1 else f"{whole} days"


def counted(value: float, unit: str) -> str:
    """Tell a count with its unit, in the singular where it is one: `1 order`, `12 orders`, `2.3 orders`."""
    text = number(value)
    # A unit such as "1-100" is the scale of a score, not a word to print.
    if unit in _SILENT_UNITS or unit[0].isdigit():
        return text
    if text == "0":
        return f"no {unit}"
    return f"{text} {singular(unit) if text == '1' else unit}"


def singular(unit: str) -> str:
    """Tell one of a unit: `order` for orders, `category` for categories."""
    if not unit.endswith("s") or unit.endswith("ss"):
        return unit
    return unit[:-3] + "y" if unit.endswith("ies") else unit[:-1]


def tell(value: float, feature: Feature, currency: str = "") -> str:
    """Tell a value of a feature in the feature's own unit."""
    if not math.isfinite(value):
        return "unknown"
    if feature.kind is Kind.MONEY:
        return money(value, currency) if feature.unit in _SILENT_UNITS else money_in_unit(value, feature.unit)
    if feature.kind is Kind.DAYS:
        return days(value)
    if feature.kind in (Kind.SHARE, Kind.FLAG, Kind.CATEGORY):
        return share(value)
    if feature.kind is Kind.ORDERED and feature.levels:
        return plain(feature.levels[min(max(round(value), 0), len(feature.levels) - 1)])
    return counted(value, feature.unit)


def times(ratio: float) -> str:
    """Tell a ratio in words: `twice`, `three times`, `3.4 times`, `half`; "" where a ratio says little."""
    if not math.isfinite(ratio) or ratio > 20 or ratio < 0.3:
        return ""
    if 1.9 <= ratio <= 2.1:
        return "twice"
    if 2.9 <= ratio <= 3.1:
        return "three times"
    if 0.45 <= ratio <= 0.55:
        return "half"
    return f"{ratio:.1f} times" if ratio >= 1.5 else ""


def listed(parts: Sequence[str]) -> str:
    """Join with commas and a last "and"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def capital(text: str) -> str:
    """Begin with a capital, leaving the rest as it is."""
    return text[:1].upper() + text[1:]


def plain(text: object, longest: int = 40) -> str:
    """Make a value of a category or a label fit for a sentence: one line, no control characters, no braces, short."""
    shown = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in str(text))
    shown = re.sub(r"\s+", " ", shown.translate(_WITHOUT_MARKUP)).strip(" .,;:")
    if len(shown) > longest:
        shown = shown[: longest - 1].rstrip() + "…"
    if shown.lower() in _EMPTY_WORDS:
        return "not given"
    return shown


_WITHOUT_MARKUP = str.maketrans(dict.fromkeys('{}<>`"', ""))
_EMPTY_WORDS = frozenset({"", "nan", "none", "null", "na", "n/a", "nat", "<na>", "?"})
