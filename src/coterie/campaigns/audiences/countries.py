"""Countries by code and by name, and the places where the law asks for consent to personalised advertising."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: European Economic Area, the United Kingdom and Switzerland.
EEA_AND_UK = frozenset(
    [
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU",
        "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO", "GB", "CH",
    ]
)  # fmt: skip

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

#: States of the United States by name.
US_STATES = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca", "colorado": "co",
    "connecticut": "ct", "delaware": "de", "districtofcolumbia": "dc", "florida": "fl", "georgia": "ga",
    "hawaii": "hi", "idaho": "id", "illinois": "il", "indiana": "in", "iowa": "ia", "kansas": "ks", "kentucky": "ky",
    "louisiana": "la", "maine": "me", "maryland": "md", "massachusetts": "ma", "michigan": "mi", "minnesota": "mn",
    "mississippi": "ms", "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv", "newhampshire": "nh",
    "newjersey": "nj", "newmexico": "nm", "newyork": "ny", "northcarolina": "nc", "northdakota": "nd", "ohio": "oh",
    "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa", "rhodeisland": "ri", "southcarolina": "sc",
    "southdakota": "sd", "tennessee": "tn", "texas": "tx", "utah": "ut", "vermont": "vt", "virginia": "va",
    "washington": "wa", "westvirginia": "wv", "wisconsin": "wi", "wyoming": "wy",
}  # fmt: skip


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
