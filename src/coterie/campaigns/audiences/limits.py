"""Who may not be in a list: those who objected, those who did not agree, those whom a test holds out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.campaigns.audiences.cleaning import clean_country, clean_email, clean_phone
from coterie.campaigns.audiences.countries import EEA_AND_UK
from coterie.campaigns.audiences.headers import agreed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.campaigns.audiences.contacts import Contacts
    from coterie.campaigns.audiences.lists import PersonList
    from coterie.campaigns.audiences.people import Person

#: Value of `Limits.country` that leaves numbers without a country out instead of asking.
NO_COUNTRY = "none"

SUPPRESSED = "on a suppression list"
EXCLUDED = "on the list of people to exclude"
HELD = "in the holdout of the test"
NOT_CORE = "not a core member of the segment"
NO_CONTACT = "not in the customer file"
NO_CONSENT = "did not agree to marketing"
NO_AD_CONSENT = "did not agree to personalised advertising (Europe, or country unknown)"
SHARED = "same e-mail or phone as somebody in the holdout"
UNSAFE_ID = "customer id that a spreadsheet would run as a formula"
UNREACHABLE = "no usable e-mail, phone or other key"
REPEATED = "same address as another customer in the list"


@dataclass(frozen=True)
class Limits:
    """What keeps people out of a list.

    Attributes
    ----------
    core_only : bool
        Leave out customers at the fringe of a segment or between two.
    suppress, exclude : tuple of PersonList
        People who objected, and people whom this campaign is not for.
    holdout : mapping of str to bool
        Customer id -> whether a test plan holds the customer out.
    country : str
        ISO code for phones and addresses without a country; "none" leaves such phones out; "" asks.
    consent_elsewhere : bool
        The user states that everybody in the customer file agreed to marketing.
    """

    core_only: bool = False
    suppress: tuple[PersonList, ...] = ()
    exclude: tuple[PersonList, ...] = ()
    holdout: Mapping[str, bool] = field(default_factory=dict)
    country: str = ""
    consent_elsewhere: bool = False

    @property
    def default_country(self) -> str:
        """ISO code, or "" where none was said."""
        return "" if self.country == NO_COUNTRY else self.country

    def reason(self, person: Person, contacts: Contacts | None, *, is_core: bool, asks_ad_consent: bool) -> str:
        """Why a person is left out; "" where nothing is against it. What the law asks comes first."""
        names = (person.customer_id, person.email, person.phone)
        if any(people.holds(*names) for people in self.suppress):
            return SUPPRESSED
        if contacts is not None:
            refused = self._refused(person, contacts, asks_ad_consent=asks_ad_consent)
            if refused:
                return refused
        if self.holdout.get(person.customer_id):
            return HELD
        if any(people.holds(*names) for people in self.exclude):
            return EXCLUDED
        return NOT_CORE if self.core_only and not is_core else ""

    def _refused(self, person: Person, contacts: Contacts, *, asks_ad_consent: bool) -> str:
        if person.customer_id not in contacts.ids:
            return NO_CONTACT
        if not self.consent_elsewhere and not contacts.consent.get(person.customer_id, False):
            return NO_CONSENT
        if asks_ad_consent and _ads_refused(person, contacts, self.default_country):
            return NO_AD_CONSENT
        return ""

    def held_addresses(self, contacts: Contacts | None) -> frozenset[str]:
        """E-mails and phones of everybody whom the test holds out, so that no second account reaches them."""
        if contacts is None:
            return frozenset()
        found: set[str] = set()
        for key, held in self.holdout.items():
            if held and key in contacts.ids:
                country = clean_country(contacts.get(key, "country"))[0] or self.default_country
                found.add(clean_email(contacts.get(key, "email"))[0])
                found.add(clean_phone(contacts.get(key, "phone"), country)[0])
        return frozenset(found - {""})


def _ads_refused(person: Person, contacts: Contacts, default_country: str) -> bool:
    """Whether a column of consent to advertising lacks a yes where the law of the place asks for one."""
    asked = [role for role in ("ad_user_data", "ad_personalization") if role in contacts.columns]
    country = clean_country(contacts.get(person.customer_id, "country"))[0] or default_country
    if not asked or (country and country not in EEA_AND_UK):
        return False
    return not all(agreed(contacts.get(person.customer_id, role)) for role in asked)
