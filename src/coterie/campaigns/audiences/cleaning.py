"""Values of a customer file made fit to leave: e-mails, phones, names, places; and why a value is not used.

Every function gives the value with a word for what was wrong: "" (nothing), "empty", "invalid", "placeholder", or
"hashed" for a value that was hashed before it came here. Only values with "" or "hashed" are ever written.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from coterie.campaigns.audiences.countries import country_code
from coterie.campaigns.audiences.hashing import is_hash, is_hash_of_nothing
from coterie.sources import e164

GOOD, EMPTY, INVALID, PLACEHOLDER, HASHED = "", "empty", "invalid", "placeholder", "hashed"
#: A value and what was wrong with it.
Cleaned = tuple[str, str]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: What may not begin a text that somebody will open in a spreadsheet, and what is no name.
_NO_NAME = re.compile(r"^[=+\-@＝＋－＠]|https?:|www\.|[<>{}\\]|[\x00-\x1f\x7f]")
_NOTHING = frozenset(
    ["", "-", "--", "?", "n/a", "na", "nan", "none", "null", "nil", "(null)", "<na>", "#n/a", "\\n", ".", "k.a."]
)
#: Left parts of addresses that belong to nobody in particular.
_NOBODY = frozenset(
    [
        "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "noemail", "no-email", "nomail", "no-mail",
        "none", "null", "na", "n/a", "test", "asdf", "abc", "xxx", "xyz", "unknown", "unbekannt", "inconnu", "guest",
        "gast", "anonymous", "dummy", "fake", "email", "mail", "name", "user", "example", "customer", "kunde",
    ]
)  # fmt: skip
_ALWAYS_NOBODY = frozenset(
    ["noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "noemail", "no-email", "nomail", "no-mail"]
)
#: Right parts that shops type in when a customer has no address.
_NOWHERE = re.compile(r"^(?:no-?e?mail|none|null|na|test|fake|dummy|unknown|example|asdf|abc|xyz|xxx|email|mail)\.\w+$")
#: Addresses that `email_validator` accepts as they stand; a test holds the two against each other.
_SIMPLE = re.compile(
    r"(?=.{6,254}$)(?=[^@]{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9]|-(?!-)){0,60}(?<!-)\.)+(?:com|net|org|de|fr|es|uk|ie|at|ch|it|nl|be|dk|se|no|fi|pl|pt|us|ca|au|eu)"
)
_SPREADSHEET_NUMBER = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
_WHOLE = re.compile(r"\d+\.0+")


def plain(text: str | None) -> str:
    """Compose the Unicode, turn every blank into a space, drop what is invisible, trim.

    >>> plain(" Ame\u0301lie\u200b\u00a0 Weiß ")
    'Amélie Weiß'
    """
    if text is None:
        return ""
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()
    composed = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return " ".join(_CONTROL.sub("", composed).split())


def clean_email(text: str | None, *, join_blanks: bool = False) -> Cleaned:
    """Check an address and write it in lower case; the network is not asked.

    Parameters
    ----------
    text : str or None
    join_blanks : bool
        Take blanks out of the middle, as an advertising tool that only compares addresses asks for.

    Returns
    -------
    Cleaned

    >>> clean_email(" Ann@Shop.COM "), clean_email("noreply@shop.com"), clean_email("ann@")
    (('ann@shop.com', ''), ('', 'placeholder'), ('', 'invalid'))
    """
    value = plain(text).lower().removeprefix("mailto:")
    value = value.replace(" ", "") if join_blanks else value
    if value in _NOTHING:
        return "", EMPTY
    if is_hash(value):
        return ("", PLACEHOLDER) if is_hash_of_nothing(value) else (value, HASHED)
    if _is_nobody(value):
        return "", PLACEHOLDER
    return (value, GOOD) if _SIMPLE.fullmatch(value) else _validated(value)


def clean_phone(text: str | None, country: str) -> Cleaned:
    """Write a number in E.164, as `+442079460018`.

    Parameters
    ----------
    text : str or None
    country : str
        ISO code of the country in which a number without `+` is dialled; "" where it is not known.

    Returns
    -------
    Cleaned
        "invalid" too where the number cannot be read without a country.

    >>> clean_phone("(800) 555-0100", "US"), clean_phone("000 000", "US")
    (('+18005550100', ''), ('', 'placeholder'))
    """
    value = plain(text)
    if value.lower() in _NOTHING:
        return "", EMPTY
    if is_hash(value.lower()):
        return ("", PLACEHOLDER) if is_hash_of_nothing(value.lower()) else (value.lower(), HASHED)
    digits = re.sub(r"\D", "", value)
    if _is_dummy_number(digits):
        return "", PLACEHOLDER
    if _SPREADSHEET_NUMBER.fullmatch(value):  # its last digits are lost
        return "", INVALID
    return _parsed(value.split(".")[0] if _WHOLE.fullmatch(value) else value, country)


def needs_country(text: str | None) -> bool:
    """Whether a phone number says nothing of its country."""
    value = plain(text)
    if value.lower() in _NOTHING or is_hash(value.lower()) or _is_dummy_number(re.sub(r"\D", "", value)):
        return False
    return not value.startswith(("+", "00", "tel:+")) and any(mark.isdigit() for mark in value)


def clean_name(text: str | None) -> Cleaned:
    """Give a name or a place; what no name can be (a formula, a web address, mark-up) is refused.

    >>> clean_name(" O'Neil "), clean_name("=HYPERLINK(1)")
    (("O'Neil", ''), ('', 'invalid'))
    """
    value = plain(text)
    if value.lower() in _NOTHING:
        return "", EMPTY
    if not any(mark.isalpha() for mark in value) or _NO_NAME.search(value) or len(value.encode()) > 255:
        return "", INVALID
    return value, GOOD


def clean_postcode(text: str | None) -> Cleaned:
    """Give a postcode in capitals; a `.0` that a spreadsheet added goes."""
    value = plain(text).upper()
    value = value.split(".")[0] if _WHOLE.fullmatch(value) else value
    if value.lower() in _NOTHING or not value.strip("0"):
        return "", EMPTY
    return (value, GOOD) if re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,11}", value) else ("", INVALID)


def clean_country(text: str | None) -> Cleaned:
    """Give a country's ISO code of two capitals, from a code or a name in any common language."""
    value = plain(text)
    if value.lower() in _NOTHING:  # "NA" is Namibia, but far more often nothing
        return "", EMPTY
    code = country_code(value)
    return (code, GOOD) if code else ("", INVALID)


def clean_birth_date(text: str | None) -> Cleaned:
    """Give a date as YYYY-MM-DD from a date or time that begins with the year; others could be read two ways."""
    value = plain(text)
    if value.lower() in _NOTHING:
        return "", EMPTY
    found = re.match(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})(?:$|[ T])", value)
    try:
        day = dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not 1900 < day.year < 2100:
        return "", PLACEHOLDER if value.startswith(("1900", "0000", "1800")) else INVALID
    return day.isoformat(), GOOD


def clean_gender(text: str | None) -> Cleaned:
    """Give "f" or "m", from the words for women and men in four languages."""
    value = plain(text).lower().rstrip(".")
    if value in _NOTHING:
        return "", EMPTY
    if value in {"f", "w", "female", "woman", "weiblich", "frau", "femme", "féminin", "mujer", "femenino", "mrs", "ms"}:
        return "f", GOOD
    if value in {"m", "male", "man", "männlich", "mann", "herr", "homme", "masculin", "hombre", "masculino", "mr"}:
        return "m", GOOD
    return "", INVALID


def clean_device(text: str | None) -> Cleaned:
    """Give a phone's advertising id in lower case with its hyphens; one of zeros stands for a refusal."""
    value = plain(text).lower()
    if value in _NOTHING:
        return "", EMPTY
    if not re.fullmatch(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", value):
        return "", INVALID
    return ("", PLACEHOLDER) if not value.strip("0-") else (value, GOOD)


def split_name(text: str | None) -> tuple[str, str]:
    """First and last name of "Ann Lee" or "Lee, Ann"; ("", "") where it is not clear which word is which."""
    value, trouble = clean_name(text)
    if trouble:
        return "", ""
    last, comma, first = value.partition(",")
    if comma:
        return first.strip(), last.strip()
    parts = value.split(" ")
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")


def _is_nobody(address: str) -> bool:
    left, _, right = address.rpartition("@")
    if left in _ALWAYS_NOBODY:
        return True
    return left in _NOBODY and (bool(_NOWHERE.match(right)) or right.partition(".")[0] == left)


def _is_dummy_number(digits: str) -> bool:
    bare = digits.lstrip("0")
    if len(digits) >= 4 and len(set(bare)) <= 1:
        return True
    return len(bare) >= 6 and (bare in "1234567890123" or bare in "9876543210987")


def _validated(address: str) -> Cleaned:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False).normalized.lower(), GOOD
    except EmailNotValidError:
        return "", INVALID


def _parsed(value: str, country: str) -> Cleaned:
    number = e164(value, country)
    return (number, GOOD) if number else ("", INVALID)
