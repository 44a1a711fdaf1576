"""Bands such as `35-44`, `65+` or `2) $100 - $200`: texts that stand in an order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: More levels than this are no bands.
MOST_LEVELS = 30

_MONEY = r"[$€£¥]?"
_NUMBER = rf"{_MONEY} ?\d+(?:[.,' ]\d{{3}})*(?:[.,]\d+)? ?[kKmM]?{_MONEY}"
_BELOW = r"(?:<=?|≤|under|below|less than|up to|unter|bis|moins de|jusqu'à|menos de|hasta)"
_ABOVE = r"(?:>=?|≥|over|above|more than|über|ab|mehr als|plus de|más de|mas de)"
_TO = r"(?:-|–|—|to|bis|à|a|and|und|et|y)"
_AFTER = (
    r"(?:\+|plus|and (?:over|above|more|older)|or (?:over|above|more|older)|und (?:älter|mehr)|et plus|y más|o más)"
)
_UNITS = r"(?: ?(?:years?|yrs?|days?|months?|jahre|ans|años|eur|usd|gbp))?"
_BAND = re.compile(
    rf"^(?P<place>\d+ ?[).:] ?)?(?:(?P<below>{_BELOW}) ?(?P<top>{_NUMBER})|(?P<above>{_ABOVE}) ?(?P<bottom>{_NUMBER})"
    rf"|(?P<from>{_NUMBER}) ?(?:{_TO} ?{_NUMBER}|{_AFTER})){_UNITS}$",
    re.IGNORECASE,
)


def ordered_levels(values: Sequence[str]) -> tuple[str, ...]:
    """Put bands in order; empty when the values are no bands, or their order is not plain.

    Examples
    --------
    >>> ordered_levels(["35-44", "18-34", "45+"])
    ('18-34', '35-44', '45+')
    >>> ordered_levels(["red", "blue"])
    ()
    """
    if not 2 <= len(values) <= MOST_LEVELS:
        return ()
    found = [(_BAND.match(value.strip()), value) for value in values]
    if not all(match for match, _ in found):
        return ()
    keys = {value: _lower_end(match) for match, value in found if match}
    if len(set(keys.values())) < len(keys):
        return ()
    return tuple(sorted(keys, key=lambda value: keys[value]))


def _lower_end(match: re.Match[str]) -> tuple[float, int]:
    if match["below"]:
        return (float("-inf"), 0)
    number = match["bottom"] or match["from"]
    return (_number(number), 1 if match["above"] else 0)


def _number(text: str) -> float:
    scale = {"k": 1e3, "m": 1e6}.get(re.sub(r"[^a-z]", "", text.lower()), 1.0)
    digits = re.sub(r"[^\d.,]", "", text)
    digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", digits).replace(",", ".")
    return float(digits) * scale
