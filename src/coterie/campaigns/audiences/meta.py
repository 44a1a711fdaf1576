"""Meta (Facebook, Instagram) custom audience: the customer-list template of 19 columns."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from coterie.campaigns.audiences.countries import US_STATES
from coterie.campaigns.audiences.destination import Column, Destination, hashed, number, plainly

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.campaigns.audiences.people import Form, Person

HEADER = (
    "email", "email", "email", "phone", "phone", "phone", "madid", "fn", "ln", "zip", "ct", "st", "country", "dob",
    "doby", "gen", "age", "uid", "value",
)  # fmt: skip


class Meta(Destination):
    """Meta custom audience from a customer list; hashed here, although the browser would hash a plain file too."""

    name = "meta"
    title = "Meta custom audience (Facebook, Instagram)"
    page = "https://www.facebook.com/business/help/2082575038703844"
    fields = ("email", "phone", "first_name", "last_name", "postcode", "city", "state", "country")
    further = ("birth_date", "gender", "device", "customer_id", "value")
    hashes = True
    warn_below = 1000
    notes = (
        "Meta asks you to say where the list comes from, and to have told the people of it.",
        "Lists under 100 people are of no use there.",
    )

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give the template's 19 columns; those whose field may not leave are empty."""
        cells = self._cells(form)
        made, seen = [], set()
        for header in HEADER:
            cell = cells.get(header) if header not in seen else None
            seen.add(header)
            allowed = cell is not None and cell.field in form.fields
            made.append(cell if allowed and cell else Column(header, "", "nothing", lambda _: "", "left empty"))
        return tuple(made)

    def _cells(self, form: Form) -> dict[str, Column]:
        make, hash_ = (hashed, "hash") if form.hashed else (plainly, "")
        same = str.strip

        def column(header: str, field: str, grammar: str, normal: Callable[[str], str], how: str) -> Column:
            write = make(normal)
            return Column(header, field, hash_ or grammar, lambda p: write(getattr(p, field)), how)

        zip_, state = make(same), make(same)
        listed = (
            column("email", "email", "e-mail", str.lower, "lower case; the dots of Gmail stay"),
            column("phone", "phone", "digits", normal_phone, "country code and digits, without +"),
            column("fn", "first_name", "text", normal_name, "lower case, no punctuation"),
            column("ln", "last_name", "text", normal_name, "lower case, no punctuation"),
            Column("zip", "postcode", hash_ or "text", lambda p: zip_(normal_zip(p.postcode, p.country)),
                   "lower case, no blank or dash; five digits in the US, the sector in the UK"),
            column("ct", "city", "text", normal_place, "lower case, no punctuation, no blanks"),
            Column("st", "state", hash_ or "text", lambda p: state(normal_state(p.state, p.country)),
                   "two letters in the US, else lower case without blanks"),
            column("country", "country", "country", str.lower, "two letters, lower case"),
            column("dob", "birth_date", hash_ or "date", _written(form), "YYYYMMDD where hashed"),
            column("doby", "birth_date", "number", lambda day: day[:4], "year"),
            column("gen", "gender", "text", str.lower, "f or m"),
            Column("madid", "device", "device", lambda p: p.device, "lower case with its hyphens, never hashed"),
            Column("uid", "customer_id", "id", lambda p: p.customer_id, "your customer id, not hashed"),
            Column("value", "value", "number", lambda p: number(max(p.value, 0.0)), "net revenue so far, at least 0"),
        )  # fmt: skip
        return {cell.header: cell for cell in listed}

    def reaches(self, person: Person, form: Form) -> bool:
        """By e-mail, phone, device, or a name with a place."""
        named = person.first_name and person.last_name and (person.postcode or person.city)
        return super().reaches(person, form) or bool(named)


def normal_phone(number_: str) -> str:
    """Give digits only, with country code: a plus sign or leading zeros would match nobody.

    >>> normal_phone("+16505551212")
    '16505551212'
    """
    return re.sub(r"\D", "", number_).lstrip("0")


def normal_name(name: str) -> str:
    """Lower case without punctuation; letters of every script stay.

    >>> normal_name("Mary-Ann"), normal_name("Valéry"), normal_name("정")
    ('maryann', 'valéry', '정')
    """
    kept = (mark for mark in unicodedata.normalize("NFC", name.lower()) if unicodedata.category(mark)[0] not in "PS")
    return " ".join("".join(kept).split())


def normal_place(place: str) -> str:
    """Lower case without punctuation and blanks.

    >>> normal_place("Menlo Park")
    'menlopark'
    """
    return normal_name(place).replace(" ", "")


def normal_state(state: str, country: str) -> str:
    """Two letters in the United States; elsewhere as a place.

    >>> normal_state("California", "US"), normal_state("Île-de-France", "FR")
    ('ca', 'îledefrance')
    """
    bare = normal_place(state)
    return US_STATES.get(bare, bare) if country == "US" else bare


def normal_zip(postcode: str, country: str) -> str:
    """Lower case without blank and dash; five digits in the US; area, district and sector in the UK.

    >>> normal_zip("94046-1234", "US"), normal_zip("SW1A 1AA", "GB"), normal_zip("10115", "DE")
    ('94046', 'sw1a1', '10115')
    """
    bare = re.sub(r"[\s-]", "", postcode).lower()
    if country == "US":
        return bare[:5]
    whole = re.fullmatch(r"([a-z]{1,2}\d[a-z\d]?\d)[a-z]{2}", bare) if country == "GB" else None
    return whole.group(1) if whole else bare


def _written(form: Form) -> Callable[[str], str]:
    return (lambda day: day.replace("-", "")) if form.hashed else str.strip


DESTINATION = Meta()
