"""Telephone numbers in one form, and the countries, by code or by name, in which they are dialled."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: What people write beside the official names, and the codes of three letters of the larger markets.
_ALSO = {
    "GB": "uk,gbr,great britain,britain,england,scotland,wales,northern ireland,channel islands",
    "US": "usa,u.s.a.,u.s.,united states of america,america,vereinigte staaten",
    "IE": "irl,eire,republic of ireland", "NL": "nld,holland,the netherlands", "CZ": "cze,czech republic,czechia",
    "AE": "are,uae", "ZA": "zaf,rsa", "KR": "kor,south korea,korea", "RU": "rus,russia", "TR": "tur,türkiye,turkiye",
    "DE": "deu,ger,brd", "FR": "fra", "ES": "esp", "IT": "ita", "AT": "aut", "CH": "che,schweiz,suisse", "BE": "bel",
    "LU": "lux", "DK": "dnk", "SE": "swe", "NO": "nor", "FI": "fin", "IS": "isl", "PL": "pol", "PT": "prt",
    "GR": "grc", "HU": "hun", "RO": "rou", "BG": "bgr", "HR": "hrv", "SI": "svn", "SK": "svk", "EE": "est",
    "LV": "lva", "LT": "ltu", "MT": "mlt", "CY": "cyp", "CA": "can", "MX": "mex", "BR": "bra", "AR": "arg",
    "CL": "chl", "CO": "col", "PE": "per", "AU": "aus", "NZ": "nzl", "JP": "jpn", "CN": "chn", "HK": "hkg",
    "TW": "twn", "SG": "sgp", "IN": "ind", "ID": "idn", "MY": "mys", "TH": "tha", "VN": "vnm", "PH": "phl",
    "IL": "isr", "SA": "sau", "EG": "egy", "UA": "ukr",
}  # fmt: skip
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "da", "sv", "tr")


@lru_cache(maxsize=4096)
def e164(text: str, country: str) -> str:
    """Give a telephone number as `+442079460018` (ITU-T E.164); "" where it is none, or lacks its country.

    Parameters
    ----------
    text : str
    country : str
        ISO code of the country in which a number without `+` or `00` is dialled; "" where it is not known.

    Notes
    -----
    About 80 µs each.

    >>> e164("(800) 555-0100", "US"), e164("0044 20 7946 0018", ""), e164("020 7946 0018", "")
    ('+18005550100', '+442079460018', '')
    """
    import phonenumbers

    international = "+" + text[2:] if text.startswith("00") and not country else text
    try:
        number = phonenumbers.parse(international, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """Give the ISO 3166 code of two capitals for a code or a name; "" where it is unknown.

    >>> [country_code(name) for name in ("gb", "Deutschland", "USA", "Atlantis")]
    ['GB', 'DE', 'US', '']
    """
    bare = text.strip()
    if len(bare) == 2 and bare.isascii() and bare.isalpha() and bare.upper() in _codes():
        return bare.upper()
    return _names().get(_folded(bare), "")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from phonenumbers import SUPPORTED_REGIONS

    return frozenset(SUPPORTED_REGIONS)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every name, folded, with its code; the names come with the telephone data and take 0.4 s to load."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    found: dict[str, str] = {}
    for code, names in sorted(LOCALE_DATA.items()):
        for language in _LANGUAGES:
            name = str(names.get(language, ""))
            name = str(names.get(name[1:], "")) if name.startswith("*") else name
            found.setdefault(_folded(name), code)
    for code, more in _ALSO.items():
        found |= {_folded(name): code for name in more.split(",")}
    found.pop("", None)
    return found


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(mark for mark in decomposed if mark.isalnum())
