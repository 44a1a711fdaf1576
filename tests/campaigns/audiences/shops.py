"""A customer file and the members of a segment, small enough to be counted by hand."""

from __future__ import annotations

import pandas as pd

from coterie.campaigns.audiences import Contacts, read_contacts
from coterie.config import SourcesSettings

READING = SourcesSettings()


def make_members(n: int = 30) -> pd.DataFrame:
    """Customers C01 … of segment 2, every third at its fringe."""
    ids = [f"C{number:02d}" for number in range(1, n + 1)]
    return pd.DataFrame(
        {
            "segment_id": 2,
            "segment": "Frequent regulars",
            "confidence": 0.9,
            "is_core": [number % 3 != 0 for number in range(1, n + 1)],
            "stage": "Champions",
            "rfm_code": "555",
            "reason": "Orders often.",
            "net_revenue": 12.5,
        },
        index=pd.Index(ids, name="customer_id"),
    )


def make_file(n: int = 30, **columns: object) -> pd.DataFrame:
    """What a shop exports: everybody agreed and can be reached, unless `columns` says otherwise."""
    numbers = range(1, n + 1)
    frame = {
        "Customer ID": [f"C{number:02d}" for number in numbers],
        "Email": [f"person{number}@shop.com" for number in numbers],
        "Phone": [f"+44 20 7946 00{number:02d}" for number in numbers],
        "First Name": "Ann",
        "Last Name": "Lee",
        "Country": "United Kingdom",
        "Zip": "SW1A 1AA",
        "Accepts Marketing": "yes",
    }
    return pd.DataFrame({**frame, **columns})


def contacts_of(frame: pd.DataFrame, members: pd.DataFrame | None = None) -> Contacts:
    """The customer file, read."""
    return read_contacts(frame, (make_members() if members is None else members).index, READING)
