"""Mailchimp import: one contact a row, known by the e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import Column, Destination

if TYPE_CHECKING:
    from coterie.campaigns.audiences.people import Form, Person


class Mailchimp(Destination):
    """Mailchimp; letters beyond ASCII are taken only after the @."""

    name = "mailchimp"
    title = "Mailchimp audience import"
    page = "https://mailchimp.com/help/format-guidelines-for-your-import-file/"
    fields = ("email", "first_name", "last_name")
    further = ("phone", "birth_date")
    notes = (
        "Give the import a tag with the segment's name.",
        "Mailchimp keeps who unsubscribed or was cleaned there; leave those settings as they are.",
    )

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give the address, the names, and the segment for a field that Mailchimp calls SEGMENT."""
        listed = (
            Column("Email Address", "email", "e-mail", lambda p: p.email, "lower case; ASCII before the @"),
            Column("First Name", "first_name", "text", lambda p: p.first_name, "as in your file, at most 255 bytes"),
            Column("Last Name", "last_name", "text", lambda p: p.last_name, "as in your file, at most 255 bytes"),
            Column("Phone Number", "phone", "phone", lambda p: p.phone, "with + and country code"),
            Column("Birthday", "birth_date", "text", lambda p: p.birth_date[5:].replace("-", "/"), "MM/DD"),
        )
        kept = tuple(column for column in listed if column.field in form.fields)
        return (*kept, Column("SEGMENT", "segment", "text", _segment, "the segment's name, at most 255 bytes"))

    def reaches(self, person: Person, form: Form) -> bool:
        """By an e-mail address whose left part is ASCII."""
        del form
        return bool(person.email) and person.email.rpartition("@")[0].isascii()

    def keys(self, person: Person) -> tuple[str, ...]:
        """Give the address."""
        return (person.email,)


def _segment(person: Person) -> str:
    return person.segment.encode()[:255].decode(errors="ignore")


DESTINATION = Mailchimp()
