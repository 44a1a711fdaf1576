"""How a cell is cleaned before any rule reads it: Unicode composed, invisible characters gone, digits made ASCII."""
# ruff: noqa: E501  SQL stays in one line

from __future__ import annotations

_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BLANKS = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n\v\f"
_ASCII_BLANKS = "\t\r\n\v\f"
_FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
_DIGIT_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)  # Arabic, Persian, Devanagari, Bengali, Thai

#: The plainest writing of an id: nothing in it that any rule would change.
PLAIN_ID = "[A-Za-z0-9_#/:-]+"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def plain_sql(x: str) -> str:
    """Clean a text that people read: NFC, full-width forms to ASCII, every blank a space, nothing invisible, trimmed."""
    source = _FULL_WIDTH + _BLANKS + _ZERO_WIDTH
    target = _ASCII + " " * len(_BLANKS)
    full = f"translate(nfc_normalize({x}), {_literal(source)}, {_literal(target)})"
    ascii_only = f"translate({x}, {_literal(_ASCII_BLANKS)}, {_literal(' ' * len(_ASCII_BLANKS))})"
    # A long translation costs by its length; most texts are ASCII and need but a short one.
    return f"trim(CASE WHEN length({x}) = strlen({x}) THEN {ascii_only} ELSE {full} END)"


def numeric_sql(x: str) -> str:
    """Clean a text that should be a number or a date: as `plain_sql`, with all digits, minus signs and apostrophes ASCII."""
    digits = "".join(chr(zero + i) for zero in _DIGIT_ZEROS for i in range(10))
    source = digits + "\u2212\u2013\ufe63" + "\u2019\u02bc\u00b4`" + "\u066b\u066c"
    target = "0123456789" * len(_DIGIT_ZEROS) + "---" + "''''" + ".,"
    plain = plain_sql(x)
    return f"CASE WHEN length({x}) = strlen({x}) THEN {plain} ELSE translate({plain}, {_literal(source)}, {_literal(target)}) END"


def words_sql(words: tuple[str, ...] | list[str]) -> str:
    """List words as SQL literals for `IN (...)`."""
    return ", ".join(_literal(word) for word in words)
