"""Klaviyo list upload: one profile a row, with the segment as a property of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import Column, Destination, number

if TYPE_CHECKING:
    from coterie.campaigns.audiences.people import Form


class Klaviyo(Destination):
    """Klaviyo; profiles are known by e-mail or phone."""

    name = "klaviyo"
    title = "Klaviyo list"
    page = "https://help.klaviyo.com/hc/en-us/articles/115005078967"
    fields = ("email", "phone", "first_name", "last_name")
    further = ("city", "country", "customer_id", "consent")
    most_bytes = 50_000_000
    notes = (
        "Turn off the flows that the list would start before you upload it.",
        "Klaviyo keeps who unsubscribed there; the file does not sign anybody up unless you ask for the field consent.",
    )

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give the e-mail first, as Klaviyo wants, then the fields that may leave, then the segment."""
        listed = (
            Column("Email", "email", "e-mail", lambda p: p.email, "lower case"),
            Column("Phone Number", "phone", "phone", lambda p: p.phone, "with + and country code"),
            Column("First Name", "first_name", "text", lambda p: p.first_name, "as in your file"),
            Column("Last Name", "last_name", "text", lambda p: p.last_name, "as in your file"),
            Column("City", "city", "text", lambda p: p.city, "as in your file"),
            Column("Country", "country", "country", lambda p: p.country, "two letters"),
            Column("Customer ID", "customer_id", "id", lambda p: p.customer_id, "a property of your own"),
            Column("Email Marketing Consent", "consent", "text", lambda p: "Subscribe" if p.email else "",
                   "Subscribe: signs the people up"),
        )  # fmt: skip
        kept = tuple(column for column in listed if column.field in form.fields)
        return (
            *kept,
            Column("Segment", "segment", "text", lambda p: p.segment, "the segment's name"),
            Column("Segment Confidence", "segment", "number", lambda p: number(p.confidence), "0 to 1"),
        )


DESTINATION = Klaviyo()
