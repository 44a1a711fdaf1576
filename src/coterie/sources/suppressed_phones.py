"""People who objected by their telephone number, however it is written, or by its SHA-256."""
# ruff: noqa: E501  SQL stays in one line

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from coterie.sources.names import words
from coterie.sources.phones import country_code, e164

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from coterie.engines.duckdb import DuckDBEngine

#: Words of a header that names telephone numbers.
PHONE_WORDS = frozenset(
    [
        "phone", "phones", "telephone", "mobile", "tel", "cell", "cellphone", "telefon", "telefonnummer", "handy",
        "handynummer", "mobilnummer", "mobil", "portable", "telefono", "movil", "celular", "whatsapp", "sms",
    ]
)  # fmt: skip
_NUMBER = re.compile(r"(?:tel:)?\+?[\d\s()./-]{6,24}")
_HASH = re.compile(r"[0-9a-f]{64}")
#: Last digits by which numbers that cannot be the same are passed over before they are read.
_TAIL = 6


def is_number(text: str) -> bool:
    """Whether a text can be a telephone number, and by its look is no customer id."""
    return bool(_NUMBER.fullmatch(text)) and (text.startswith(("+", "0", "tel:", "(")) or not text.isdigit())


def names_numbers(header: str) -> bool:
    """Whether a header names telephone numbers."""
    return bool(PHONE_WORDS & set(words(header)))


class Numbers:
    """The telephone numbers, and the hashes, of the lists.

    A number with its country is compared in the form of E.164; one without is read as dialled in the country of the
    customer it is held against, and where that is not known either by its digits alone.
    """

    def __init__(self, entries: Collection[str]) -> None:
        self._hashes = frozenset(entry for entry in entries if _HASH.fullmatch(entry))
        self._numbers = frozenset(_bare(entry) for entry in entries if is_number(entry))
        whole = {number: e164(number, "") for number in self._numbers}
        self._international = frozenset(number for number in whole.values() if number)
        self._national = frozenset(number for number, form in whole.items() if not form)
        self.tails = sorted({tail for number in self._numbers if (tail := _digits(number)[-_TAIL:])})

    def __bool__(self) -> bool:
        return bool(self._numbers or self._hashes)

    @property
    def has_hashes(self) -> bool:
        """Whether any entry is a hash: then every number has to be read."""
        return bool(self._hashes)

    def hold(self, cell: str, country: str) -> bool:
        """Whether a customer's number, as written, is on a list."""
        written = _bare(cell)
        code = country_code(country) if country else ""
        number = e164(written, code)
        if not number:
            return _digits(written) in {_digits(each) for each in self._national}
        if number in self._international or any(e164(each, code) == number for each in self._national):
            return True
        return any(_sha256(form) in self._hashes for form in (number, number[1:])) if self._hashes else False


def ids_on_lists(engine: DuckDBEngine, source: str, columns: tuple[str, str], numbers: Numbers) -> Iterator[str]:
    """Give the ids beside which a number of the lists stands.

    Parameters
    ----------
    engine : DuckDBEngine
    source : str
        SQL of a relation with the column `id`.
    columns : (str, str)
        Of telephone numbers, and of countries ("" where there is none).
    numbers : Numbers

    Notes
    -----
    Rows come in batches and only what matches is kept. Without hashes on the lists only numbers with the last six digits
    of one of theirs are read; with hashes all are, about 80 s for a million.
    """
    quote, text = engine.dialect.quote, engine.dialect.text
    phone = f"CAST({quote(columns[0])} AS VARCHAR)"
    country = quote(columns[1]) if columns[1] else "''"
    digits = f"regexp_replace(regexp_replace({phone}, '\\.0$', ''), '[^0-9]', '', 'g')"
    near = "TRUE" if numbers.has_hashes else f"right({digits}, {_TAIL}) IN ({', '.join(map(text, numbers.tails))})"
    select = f"SELECT DISTINCT id, {phone} AS phone, coalesce(CAST({country} AS VARCHAR), '') AS country FROM {source} WHERE {phone} IS NOT NULL AND id IS NOT NULL AND {near}"
    for batch in engine.batches(select):
        rows = zip(*(batch.column(name).to_pylist() for name in ("id", "phone", "country")), strict=True)
        for key, cell, place in rows:
            if numbers.hold(cell, place):
                yield key


def _bare(text: str) -> str:
    return text.strip().lower().removeprefix("tel:").removesuffix(".0").strip()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
