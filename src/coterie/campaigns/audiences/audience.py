"""The list itself: the members of a segment, less those who may not be in it, as a destination wants them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.campaigns.audiences import limits as why
from coterie.campaigns.audiences.cleaning import (
    EMPTY,
    GOOD,
    HASHED,
    INVALID,
    clean_birth_date,
    clean_country,
    clean_device,
    clean_email,
    clean_gender,
    clean_name,
    clean_phone,
    clean_postcode,
    needs_country,
    split_name,
)
from coterie.campaigns.audiences.destination import GRAMMARS
from coterie.campaigns.audiences.people import PERSONAL, Person
from coterie.errors import ConfigError, NotEnoughDataError, UnsafeGuessError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from coterie.campaigns.audiences.contacts import Contacts
    from coterie.campaigns.audiences.destination import Column, Destination
    from coterie.campaigns.audiences.limits import Limits
    from coterie.campaigns.audiences.lists import PersonList
    from coterie.campaigns.audiences.people import Form

#: Columns of a study's customers that a list speaks of; those that a study lacks stay empty.
STUDY_COLUMNS = ("segment_id", "segment", "confidence", "is_core", "stage", "rfm_code", "reason")
_SIMPLE = {
    "city": clean_name,
    "state": clean_name,
    "postcode": clean_postcode,
    "birth_date": clean_birth_date,
    "gender": clean_gender,
    "device": clean_device,
}


@dataclass(frozen=True)
class Audience:
    """The people of one segment for one destination.

    Attributes
    ----------
    destination : str
    segment_id : int
    segment : str
    members : int
        Customers in the segment; `members == size + sum(left_out.values())`.
    left_out : mapping of str to int
        Reason -> customers, each counted once, under the first reason that holds.
    fields : mapping of str to mapping of str to int
        Personal field -> how many cells were "used", "empty", "invalid", "placeholder", "hashed".
    columns : tuple of Column
        Of the file.
    rows : tuple of tuple of str
        Cells, by customer id.
    warnings : tuple of str
    """

    destination: str
    segment_id: int
    segment: str
    members: int
    left_out: Mapping[str, int]
    fields: Mapping[str, Mapping[str, int]]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """People in the list."""
        return len(self.rows)

    @property
    def header(self) -> tuple[str, ...]:
        """Header of the file."""
        return tuple(column.header for column in self.columns)

    @property
    def frame(self) -> pd.DataFrame:
        """The list as a table of texts."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.header), dtype=object)

    def __repr__(self) -> str:
        return f"<Audience of '{self.segment}' for {self.destination}: {self.size} of {self.members} customers>"


def make_audience(
    members: pd.DataFrame,
    destination: Destination,
    form: Form,
    limits: Limits,
    contacts: Contacts | None = None,
    *,
    held: frozenset[str] | None = None,
) -> Audience:
    """Make the list of one segment.

    Parameters
    ----------
    members : DataFrame
        The segment's customers: index `customer_id`, columns of `STUDY_COLUMNS`.
    destination : Destination
    form : Form
    limits : Limits
    contacts : Contacts, optional
        The customer file.
    held : frozenset of str, optional
        `limits.held_addresses(contacts)`, where it is known already.

    Returns
    -------
    Audience
        Sorted by customer id; does not depend on the order of any table's rows. About 0.1 ms a customer where phones
        are read, a fifth of that without.

    Raises
    ------
    ConfigError
        The destination needs a customer file and there is none.
    UnsafeGuessError
        Nothing says who agreed to marketing, or in which country phone numbers are dialled.
    """
    _check_contacts(destination, form, limits, contacts)
    if held is None:
        held = limits.held_addresses(contacts)
    work = _Work(destination, form, limits, contacts, held)
    columns = destination.columns(form)
    chosen = [taken for person, is_core in _people(members, limits) if (taken := work.take(person, is_core))]
    work.check_country()
    rows = tuple(tuple(column.value(person) for column in columns) for person in chosen)
    name = str(members["segment"].iloc[0]) if len(members) else ""
    identity = int(members["segment_id"].iloc[0]) if len(members) else 0
    told = tuple(_warnings(destination, len(rows), work.fields, form))
    return Audience(
        destination.name, identity, name, len(members), dict(work.left_out), work.fields, columns, rows, told
    )


def check_size(audience: Audience, destination: Destination) -> None:
    """Refuse a list that is too small to leave.

    Raises
    ------
    NotEnoughDataError
        Fewer people than the destination's `smallest`.
    """
    if audience.size >= max(destination.smallest, 1):
        return
    reasons = "; ".join(f"{count:,} {reason}" for reason, count in audience.left_out.items())
    raise NotEnoughDataError(
        f"The list of '{audience.segment}' for {destination.title} has {audience.size} people; "
        f"{max(destination.smallest, 1)} are needed, so that it does not point at single persons.",
        found=f"The segment has {audience.members:,} customers" + (f": {reasons}." if reasons else "."),
        remedy="Choose a larger segment with --segment, or make a study with fewer segments.",
    )


class _Work:
    """Goes through the customers of a segment and keeps count."""

    def __init__(
        self, destination: Destination, form: Form, limits: Limits, contacts: Contacts | None, held: frozenset[str]
    ) -> None:
        self.destination, self.form, self.limits, self.contacts, self.held = destination, form, limits, contacts, held
        self.left_out: Counter[str] = Counter()
        self.fields: dict[str, dict[str, int]] = {}
        self.seen: set[str] = set()
        self.without_country = 0
        looks = bool(held) or any(people.has_addresses or people.has_hashes for people in _lists(limits))
        self.wanted = form.fields | ({"email", "phone"} if looks else set())

    def take(self, person: Person, is_core: bool) -> Person | None:
        """Give the person with cleaned values, or None after counting why not."""
        found: dict[str, tuple[str, str]] = {}
        if self.contacts is not None and person.customer_id in self.contacts.ids:
            found = self._cleaned(person.customer_id, self.contacts)
            person = _with(person, found)
        asks = self.destination.checks_ad_consent
        reason = self.limits.reason(person, self.contacts, is_core=is_core, asks_ad_consent=asks)
        if not reason and not self.held.isdisjoint((person.email, person.phone)):
            reason = why.SHARED
        if not reason:
            self._count(person.customer_id, found)
            person = self._allowed(person, found)
            reason = self._unfit(person)
        if reason:
            self.left_out[reason] += 1
            return None
        return person

    def check_country(self) -> None:
        """Ask for the country where phone numbers do not say it."""
        if not self.without_country or self.limits.country:
            return
        raise UnsafeGuessError(
            f"{self.without_country:,} phone numbers do not say their country, and neither do their rows.",
            remedy="Say in which country they are dialled, as in --country GB; or leave them out with --country none.",
        )

    def _cleaned(self, customer_id: str, contacts: Contacts) -> dict[str, tuple[str, str]]:
        """Clean the personal fields that matter and that the customer file has a column for."""
        has, default = contacts.columns, self.limits.default_country
        simple = ((role, clean) for role, clean in _SIMPLE.items() if role in has and role in self.wanted)
        found = {role: clean(contacts.get(customer_id, role)) for role, clean in simple}
        country, trouble = clean_country(contacts.get(customer_id, "country"))
        found["country"] = (country or default, GOOD if country or default else trouble)
        if "email" in has and "email" in self.wanted:
            join = self.destination.join_blanks
            found["email"] = clean_email(contacts.get(customer_id, "email"), join_blanks=join)
        if "phone" in has and "phone" in self.wanted:
            found["phone"] = clean_phone(contacts.get(customer_id, "phone"), found["country"][0])
        return found | (_names(customer_id, contacts) if "last_name" in self.wanted else {})

    def _count(self, customer_id: str, found: Mapping[str, tuple[str, str]]) -> None:
        for name in PERSONAL:
            if name not in self.form.fields or name not in found:
                continue
            value, trouble = found[name]
            unfit = trouble == HASHED and not self.form.hashed
            word = INVALID if unfit or not self._safe(name, value) else trouble or "used"
            counts = self.fields.setdefault(name, {})
            counts[word] = counts.get(word, 0) + 1
        if "phone" in self.form.fields and found.get("phone", ("", ""))[1] == INVALID and self.contacts is not None:
            country = found["country"][0] or self.limits.default_country
            self.without_country += not country and needs_country(self.contacts.get(customer_id, "phone"))

    def _allowed(self, person: Person, found: Mapping[str, tuple[str, str]]) -> Person:
        """Empty the fields that may not leave: not chosen, or in a form that the file cannot hold."""
        gone = {
            name: ""
            for name, (value, trouble) in found.items()
            if value
            and (
                name not in self.form.fields
                or (trouble == HASHED and not self.form.hashed)
                or not self._safe(name, value)
            )
        }
        return _replaced(person, gone) if gone else person

    def _safe(self, name: str, value: str) -> bool:
        return name != "email" or self.form.hashed or not value or GRAMMARS["e-mail"].fullmatch(value) is not None

    def _unfit(self, person: Person) -> str:
        shows_id = "customer_id" in self.form.fields and not self.destination.for_spreadsheets
        if shows_id and not GRAMMARS["id"].fullmatch(person.customer_id):
            return why.UNSAFE_ID
        if not self.destination.reaches(person, self.form):
            return why.UNREACHABLE
        keys = self.destination.keys(person)
        if not self.seen.isdisjoint(keys):
            return why.REPEATED
        self.seen.update(keys)
        return ""


def _lists(limits: Limits) -> tuple[PersonList, ...]:
    return (*limits.suppress, *limits.exclude)


def _people(members: pd.DataFrame, limits: Limits) -> Iterator[tuple[Person, bool]]:
    """Customers in the order of their ids, with whether they are core members."""
    ordered = members.loc[sorted(members.index)]
    absent: list[Any] = [None] * len(ordered)
    columns: dict[str, list[Any]] = {
        name: ordered[name].tolist() if name in ordered else absent for name in STUDY_COLUMNS
    }
    value = _numbers(ordered, "net_revenue")
    expected = _numbers(ordered, "expected_value_12m")
    for place, customer_id in enumerate(ordered.index):
        yield (
            Person(
                customer_id=str(customer_id),
                segment_id=int(columns["segment_id"][place]),
                segment=_text(columns["segment"][place]),
                confidence=float(columns["confidence"][place]),
                stage=_text(columns["stage"][place]),
                rfm_code=_text(columns["rfm_code"][place]),
                reason=_text(columns["reason"][place]),
                treatment="treat" if limits.holdout.get(str(customer_id)) is False else "",
                value=value[place],
                expected_value=expected[place],
            ),
            bool(columns["is_core"][place]),
        )


def _numbers(frame: pd.DataFrame, name: str) -> list[float]:
    return frame[name].astype(float).tolist() if name in frame else [math.nan] * len(frame)


def _text(value: Any) -> str:  # noqa: ANN401  a cell
    """Give a text that no spreadsheet would run; the names of segments may hold words of the shop."""
    text = "" if value is None or value != value else " ".join(str(value).split())
    return text.lstrip("=+-@＝＋－＠ ")


def _names(customer_id: str, contacts: Contacts) -> dict[str, tuple[str, str]]:
    has = contacts.columns
    if "first_name" in has or "last_name" in has or "name" not in has:
        return {
            role: clean_name(contacts.get(customer_id, role)) for role in ("first_name", "last_name") if role in has
        }
    whole = contacts.get(customer_id, "name")
    first, last = split_name(whole)
    trouble = GOOD if first else (clean_name(whole)[1] or INVALID)
    return {"first_name": (first, trouble), "last_name": (last, trouble if not last else GOOD)}


def _with(person: Person, found: Mapping[str, tuple[str, str]]) -> Person:
    return _replaced(person, {name: value for name, (value, _) in found.items()})


def _replaced(person: Person, changes: Mapping[str, str]) -> Person:
    """As `dataclasses.replace`, which is three times slower."""
    return Person(**{name: changes.get(name, getattr(person, name)) for name in Person.__slots__})


def _check_contacts(destination: Destination, form: Form, limits: Limits, contacts: Contacts | None) -> None:
    asked = sorted(form.fields & set(PERSONAL))
    if contacts is None:
        if destination.needs_contacts or asked:
            raise ConfigError(
                f"Nothing says how to reach people ({destination.title}); a study keeps no addresses.",
                remedy="Name your customer file, as in --customers customers.csv; it is read and not copied.",
            )
        return
    if "consent" not in contacts.columns and not limits.consent_elsewhere:
        raise UnsafeGuessError(
            f"No column of '{contacts.name}' says who agreed to marketing.",
            found=f"Columns understood: {', '.join(sorted(contacts.columns.values()))}.",
            remedy="Name it with --map consent=COLUMN; or, where you keep that elsewhere and everybody in the file "
            "agreed, say --consent-elsewhere.",
        )


def _warnings(
    destination: Destination, size: int, fields: Mapping[str, Mapping[str, int]], form: Form
) -> Iterator[str]:
    if 0 < size < destination.warn_below and destination.name != "generic":
        yield f"Only {size:,} people: {destination.title} works with lists of {destination.warn_below:,} or more."
    hashed = sum(counts.get(HASHED, 0) for counts in fields.values())
    if hashed:
        yield (
            f"{hashed:,} values were hashed before they came here; whether they were written as {destination.title} "
            "wants cannot be seen."
        )
    for name in ("email", "phone"):
        counts = fields.get(name, {})
        bad = sum(count for word, count in counts.items() if word not in ("used", HASHED, EMPTY))
        if name in form.fields and bad > 0.2 * max(sum(counts.values()), 1):
            yield f"{bad:,} of {sum(counts.values()):,} values for {PERSONAL[name]} cannot be used: look at the column."
