"""Numbers and names as a person reads them: units everywhere, no more digits than matter, nothing hidden in a name."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

from coterie.profiles import money as profiles_money
from coterie.profiles import money_in_unit, singular
from coterie.profiles import share as profiles_share
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from coterie.vocabulary import Feature

METHODS = {
    "kmeans": "k-means",
    "gaussian_mixture": "Gaussian mixture",
    "ward": "Ward's agglomeration",
    "genie": "Genie",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "mode_seeking": "mode seeking",
    "spectral": "spectral",
    "latent_class": "latent classes",
    "kamila": "KAMILA",
}

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
_UNKNOWN = "—"


def shown(text: str, longest: int = 80) -> str:
    r"""Make a text safe to look at: at most `longest` characters, control and direction marks spelt out.

    >>> shown("a\u202eb")
    'a⟨U+202E⟩b'
    """
    short = text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
    return "".join(_visible(character) for character in short)


def count(value: float) -> str:
    """Whole number with thousands set apart."""
    return _UNKNOWN if math.isnan(value) else f"{value:,.0f}"


def percent(share: float) -> str:
    """Share of 0 to 1 as a percentage, with a decimal below ten."""
    if math.isnan(share):
        return _UNKNOWN
    hundredfold = 100 * share
    digits = 1 if 0 < abs(hundredfold) < 9.95 else 0
    if 0 < abs(hundredfold) < 0.05:
        return "under 0.1 %"
    return f"{f'{hundredfold:.{digits}f}'.removesuffix('.0')} %"


def whole_percent(share: float) -> str:
    """Part of the customers or of their value, told alike on cards, in sentences and in charts."""
    return _UNKNOWN if math.isnan(share) else profiles_share(share)


def money(value: float, currency: str) -> str:
    """Money, rounded to what matters, with the shop's currency: "£1,240", "12.3 million EUR"."""
    if math.isnan(value):
        return _UNKNOWN
    size = abs(value)
    if size < 999_500:
        return profiles_money(value, currency)
    number = f"{size / 1e6:,.2f}".rstrip("0").rstrip(".") + " million"
    sign = "−" if value < 0 else ""
    if not currency:
        return sign + number
    return f"{sign}{number} {currency}" if currency[0].isalnum() else f"{sign}{currency}{number}"


def amount(value: float, feature: Feature, currency: str) -> str:
    """A value of a feature with its unit."""
    if math.isnan(value):
        return _UNKNOWN
    if feature.kind == Kind.MONEY:
        return money_in_unit(value, feature.unit) if feature.unit not in ("", "currency") else money(value, currency)
    if feature.kind in (Kind.SHARE, Kind.FLAG, Kind.CATEGORY):
        return percent(value)
    if feature.kind == Kind.ORDERED and feature.levels:
        return feature.levels[min(max(round(value), 0), len(feature.levels) - 1)]
    number = plain_number(value)
    unit = feature.unit if feature.unit not in ("share", "ratio", "currency") else ""
    # A unit such as "1-100" is the scale of a score, not a word to print.
    unit = "" if unit[:1].isdigit() else unit
    return f"{number} {singular(unit) if number == '1' else unit}".strip()


def plain_number(value: float) -> str:
    """Three figures or so: 1,204 · 86 · 8.6 · 0.42."""
    size = abs(value)
    if size >= 20:
        text = f"{size:,.0f}"
    elif size >= 1:
        text = f"{size:.1f}".removesuffix(".0")
    else:
        text = f"{size:.2f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def rounded_down(value: float) -> str:
    """Two decimals, never rounded up: 0.749 must not look as if it had reached a limit of 0.75."""
    return f"{math.floor(100 * value + 1e-9) / 100:.2f}"


def number_word(value: int, capital: bool = False) -> str:
    """Small numbers as words."""
    small = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    word = small[value] if 0 <= value < len(small) else f"{value:,}"
    return word[0].upper() + word[1:] if capital else word


def comparison(index: float) -> str:
    """Put an index (100 = all customers) into words: "twice the average", "a third below"."""
    if math.isnan(index):
        return ""
    ratio = index / 100
    if 1.95 <= ratio < 2.05:
        return "twice the average"
    if ratio >= 1.95:
        return f"{plain_number(round(ratio, 1))} times the average"
    if ratio >= 1.05:
        return f"{100 * (ratio - 1):.0f} % above average"
    if ratio > 0.95:
        return "about average"
    if ratio > 0:
        return f"{100 * (1 - ratio):.0f} % below average"
    return "none, or below zero"


def beside(here: float, overall: float) -> str:
    """Put two values that are shown beside each other into words: "twice", "54 % less", "about the same"."""
    if math.isnan(here) or math.isnan(overall) or overall <= 0 or here < 0:
        return ""
    ratio = here / overall
    if ratio >= 1.95:
        return (
            "twice" if ratio < 2.05 else f"{plain_number(round(ratio, 1))} times" if ratio < 100 else "over 100 times"
        )
    if ratio >= 1.05:
        return f"{100 * (ratio - 1):.0f} % more"
    if ratio > 0.95:
        return "about the same"
    return f"{100 * (1 - ratio):.0f} % less" if ratio > 0 else "none"


def method_name(method: str) -> str:
    """Name of a method in prose."""
    return METHODS.get(method, method)


def _visible(character: str) -> str:
    if character in "\n\t":
        return " "
    if unicodedata.category(character) in _HIDDEN and character != "\u200d":
        return f"⟨U+{ord(character):04X}⟩"
    return character
