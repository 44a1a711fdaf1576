"""Google Ads Customer Match: one person a row, matched by e-mail, phone, or name with country and postcode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import Column, Destination, hashed, plainly

if TYPE_CHECKING:
    from coterie.campaigns.audiences.people import Form, Person

_TITLES = re.compile(r"^(?:mr|mrs|ms|miss|mx|dr|prof|sir|dame|herr|frau|mme|mlle|sr|sra)\.?\s+")
_SUFFIXES = re.compile(r",?\s+(?:jr|sr|ii|iii|iv|phd|md|esq)\.?$")


class Google(Destination):
    """Google Ads Customer Match, as a file for the upload in the browser."""

    name = "google"
    title = "Google Ads Customer Match"
    page = "https://support.google.com/google-ads/answer/7659867"
    fields = ("email", "phone", "first_name", "last_name", "country", "postcode")
    hashes = True
    warn_below = 1000
    join_blanks = True
    checks_ad_consent = True
    notes = (
        "Names, country and postcode are written only for people of whom all four are known: Google uses no fewer.",
        "Google forgets the members of a list after at most 540 days: upload again before that.",
        "For people in the European Economic Area and the United Kingdom Google asks you to state their consent to "
        "personalised advertising when you upload.",
        "Lists of too few active members (100 to 1,000, by network) are not served.",
    )

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give Email, Phone and the four parts of an address; country and postcode are never hashed."""
        make, grammar = (hashed, "hash") if form.hashed else (plainly, "")
        email, phone, name = make(normal_email), make(str), make(normal_name)
        return (
            Column("Email", "email", grammar or "e-mail", lambda p: email(p.email),
                   "lower case without blanks; at Gmail also without dots and what follows a plus"),
            Column("Phone", "phone", grammar or "phone", lambda p: phone(p.phone), "with + and country code"),
            Column("First Name", "first_name", grammar or "text", lambda p: name(_part(p, p.first_name)),
                   "lower case, without titles"),
            Column("Last Name", "last_name", grammar or "text", lambda p: name(_part(p, p.last_name)),
                   "lower case, without suffixes such as Jr."),
            Column("Country", "country", "country", lambda p: _part(p, p.country), "two letters, never hashed"),
            Column("Zip", "postcode", "text", lambda p: _part(p, normal_zip(p.postcode, p.country)), "never hashed"),
        )  # fmt: skip

    def reaches(self, person: Person, form: Form) -> bool:
        """By e-mail, phone, or an address with all its four parts."""
        return super().reaches(person, form) or bool(_part(person, "all four"))


def normal_email(address: str) -> str:
    """Normalise as Google does: Gmail addresses lose their dots and what follows a plus, others keep both.

    >>> normal_email("Cloudy.SanFrancisco+news@googlemail.com"), normal_email("user.name+NYC@Example.com")
    ('cloudysanfrancisco@googlemail.com', 'user.name+nyc@example.com')
    """
    bare = re.sub(r"\s+", "", address).lower()
    left, _, right = bare.rpartition("@")
    if right not in ("gmail.com", "googlemail.com"):
        return bare
    return f"{left.partition('+')[0].replace('.', '')}@{right}"


def normal_name(name: str) -> str:
    """Lower case, without titles before and suffixes after.

    >>> normal_name("Mrs. Ann"), normal_name("Lee Jr.")
    ('ann', 'lee')
    """
    return _SUFFIXES.sub("", _TITLES.sub("", " ".join(name.lower().split())))


def normal_zip(postcode: str, country: str) -> str:
    """Five digits, or five and four, in the United States; elsewhere as it is, without an extension."""
    if country != "US":
        return postcode
    digits = re.sub(r"\D", "", postcode)
    return f"{digits[:5]}-{digits[5:]}" if len(digits) == 9 else digits[:5]


def _part(person: Person, part: str) -> str:
    """Give a part of an address only where all four are there: Google matches by nothing less."""
    whole = person.first_name and person.last_name and person.country and person.postcode
    return part if whole else ""


DESTINATION = Google()
