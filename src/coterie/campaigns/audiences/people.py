"""One person on the way out, and how the values of a destination's file are to be written."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

#: Personal fields that a customer file may hold, with a plain name for each.
PERSONAL = {
    "email": "e-mail address",
    "phone": "phone number",
    "first_name": "first name",
    "last_name": "last name",
    "city": "city",
    "state": "state or region",
    "postcode": "postcode",
    "country": "country",
    "birth_date": "date of birth",
    "gender": "gender",
    "device": "advertising id of the phone",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with the study's word on them and the cleaned values of the customer file; "" = not there."""

    customer_id: str
    segment_id: int = 0
    segment: str = ""
    confidence: float = math.nan
    stage: str = ""
    rfm_code: str = ""
    reason: str = ""
    treatment: str = ""  # "treat" where a test plan assigned it
    value: float = math.nan  # what the customer brought so far
    expected_value: float = math.nan  # what is expected in the next 12 months
    email: str = ""
    phone: str = ""  # E.164, as +442079460018
    first_name: str = ""
    last_name: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""  # ISO code, as GB
    birth_date: str = ""  # YYYY-MM-DD
    gender: str = ""  # f or m
    device: str = ""


@dataclass(frozen=True)
class Form:
    """How to write a destination's file.

    Attributes
    ----------
    fields : frozenset of str
        Fields that may leave; columns of others stay empty or away.
    hashed : bool
        Hash what the destination hashes.
    phone : {"e164", "digits"}
        Whether a phone number keeps its `+`, where a destination's own pages disagree.
    """

    fields: frozenset[str] = field(default_factory=frozenset)
    hashed: bool = False
    phone: str = "e164"
