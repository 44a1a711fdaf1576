"""Audiences: who of a segment goes to which tool, in that tool's own form, with consent and tests respected."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.campaigns.audiences.audience import Audience, check_size, make_audience
    from coterie.campaigns.audiences.builders import (
        BUILDERS,
        SQL,
        SegmentRule,
        as_conditions,
        sql_condition,
    )
    from coterie.campaigns.audiences.contacts import Contacts, read_contacts
    from coterie.campaigns.audiences.countries import country_code
    from coterie.campaigns.audiences.destination import Destination
    from coterie.campaigns.audiences.destinations import DESTINATIONS, destination_of, form_for
    from coterie.campaigns.audiences.limits import Limits
    from coterie.campaigns.audiences.lists import PersonList, read_assignment, read_ids, read_list
    from coterie.campaigns.audiences.log import append_entry, read_log
    from coterie.campaigns.audiences.people import Form
    from coterie.campaigns.audiences.telling import preview, preview_document
    from coterie.campaigns.audiences.upload import upload_parts

_HOMES = {
    "BUILDERS": "builders",
    "SQL": "builders",
    "SegmentRule": "builders",
    "as_conditions": "builders",
    "sql_condition": "builders",
    "DESTINATIONS": "destinations",
    "Audience": "audience",
    "Contacts": "contacts",
    "Destination": "destination",
    "Form": "people",
    "Limits": "limits",
    "PersonList": "lists",
    "append_entry": "log",
    "check_size": "audience",
    "country_code": "countries",
    "destination_of": "destinations",
    "form_for": "destinations",
    "make_audience": "audience",
    "preview": "telling",
    "preview_document": "telling",
    "read_assignment": "lists",
    "read_contacts": "contacts",
    "read_ids": "lists",
    "read_list": "lists",
    "read_log": "log",
    "upload_parts": "upload",
}

__all__ = [
    "BUILDERS",
    "DESTINATIONS",
    "SQL",
    "Audience",
    "Contacts",
    "Destination",
    "Form",
    "Limits",
    "PersonList",
    "SegmentRule",
    "append_entry",
    "as_conditions",
    "check_size",
    "country_code",
    "destination_of",
    "form_for",
    "make_audience",
    "preview",
    "preview_document",
    "read_assignment",
    "read_contacts",
    "read_ids",
    "read_list",
    "read_log",
    "sql_condition",
    "upload_parts",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
