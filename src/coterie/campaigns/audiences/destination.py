"""What a destination is: its columns, what it hashes, how small a list it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from coterie.campaigns.audiences.hashing import is_hash, sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.campaigns.audiences.people import Form, Person

#: What a cell of an upload may hold: nothing, or exactly this. No text can run as a formula when the file is opened.
GRAMMARS = {
    "nothing": re.compile(r""),
    "hash": re.compile(r"[0-9a-f]{64}"),
    "e-mail": re.compile(r"[^\s@,;:<>()\"=+\-][^\s@,;:<>()\"]*@[^\s@,;:<>()\"]+"),
    "phone": re.compile(r"\+[1-9]\d{6,14}"),
    "digits": re.compile(r"[1-9]\d{6,14}"),
    "text": re.compile(r"[^=+\-@\s\x00-\x1f\x7f＝＋－＠][^\x00-\x1f\x7f]*"),
    "id": re.compile(r"(?:[^=+\-@\s\x00-\x1f\x7f＝＋－＠][^\x00-\x1f\x7f]*|[+-]\d+)"),
    "country": re.compile(r"[A-Za-z]{2}"),
    "number": re.compile(r"-?\d+(?:\.\d+)?"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "device": re.compile(r"[0-9a-f-]{36}"),
}
#: Fewer people than this are not written for a tool outside: a list of so few points at each of them.
SMALLEST = 10


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    header : str
        Exactly as the destination spells it.
    field : str
        What it is made of; "" for a column of the destination's template that we leave empty.
    grammar : str
        Key of `GRAMMARS`.
    value : callable
        From a person to the cell.
    how : str
        How the value is written, in words for the documentation.
    """

    header: str
    field: str
    grammar: str
    value: Callable[[Person], str]
    how: str


class Destination:
    """A tool that takes a list of people; one subclass a file.

    Attributes
    ----------
    name, title, page : str
        Our short name, the tool's own, and the address of its help page.
    fields, further : tuple of str
        Fields that leave by default, and those that leave when they are asked for.
    needs_contacts : bool
        Whether a customer file must say how to reach people.
    hashes, plain : bool
        Whether the file can be hashed, and whether it can be written plainly.
    warn_below : int
        Smaller lists are written with a warning.
    most_bytes : int
        Larger files are refused by the tool and are written in parts; 0 = no limit known.
    join_blanks : bool
        Blanks inside an e-mail address are taken out.
    for_spreadsheets : bool
        People open the file in a spreadsheet: formulas are defused, which an upload must not do.
    notes : tuple of str
        What to know before the upload, in plain words.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    page: ClassVar[str] = ""
    fields: ClassVar[tuple[str, ...]] = ()
    further: ClassVar[tuple[str, ...]] = ()
    needs_contacts: ClassVar[bool] = True
    hashes: ClassVar[bool] = False
    plain: ClassVar[bool] = True
    smallest: ClassVar[int] = SMALLEST
    warn_below: ClassVar[int] = 100
    most_bytes: ClassVar[int] = 0
    join_blanks: ClassVar[bool] = False
    for_spreadsheets: ClassVar[bool] = False
    checks_ad_consent: ClassVar[bool] = False
    notes: ClassVar[tuple[str, ...]] = ()

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give the columns of the file, in order."""
        raise NotImplementedError

    def reaches(self, person: Person, form: Form) -> bool:
        """Whether the tool can find this person by what would be written."""
        return any(getattr(person, name) and name in form.fields for name in ("email", "phone", "device"))

    def keys(self, person: Person) -> tuple[str, ...]:
        """Give what must occur only once in the file: an address, or the phone where there is none."""
        return (person.email or person.phone or person.device or person.customer_id,)


def hashed(normalise: Callable[[str], str]) -> Callable[[str], str]:
    """Give the function that hashes what `normalise` makes; a hash that came in goes out as it is.

    >>> hashed(str.lower)("MARY")[:12]
    '6915771be1c5'
    """
    return lambda text: text if is_hash(text) else sha256(normalise(text)) if text else ""


def plainly(normalise: Callable[[str], str]) -> Callable[[str], str]:
    """Give the function that normalises and does not hash."""
    return lambda text: normalise(text) if text else ""


def number(value: float, places: int = 2) -> str:
    """Write a number without separators; "" for NaN."""
    return "" if value != value else f"{value:.{places}f}"
