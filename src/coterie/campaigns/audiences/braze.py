"""Braze user import: profiles known by external_id get the segment as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import Column, Destination, number

if TYPE_CHECKING:
    from coterie.campaigns.audiences.people import Form, Person


class Braze(Destination):
    """Braze; only ids and the segment leave unless more is asked for."""

    name = "braze"
    title = "Braze user import"
    page = "https://www.braze.com/docs/user_guide/data/unification/user_data/import_users/csv/"
    fields = ("customer_id",)
    further = ("email", "phone", "first_name", "last_name", "city", "country", "gender", "birth_date")
    needs_contacts = False
    most_bytes = 500_000_000
    notes = (
        "The customer id of the study is taken for Braze's external_id: they must be the same.",
        "Empty cells overwrite nothing in Braze. Each attribute written costs data points.",
    )

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give external_id, the default attributes that may leave, and two attributes of our own."""
        listed = (
            Column("email", "email", "e-mail", lambda p: p.email, "lower case"),
            Column("phone", "phone", "phone", lambda p: p.phone, "with + and country code"),
            Column("first_name", "first_name", "text", lambda p: p.first_name, "as in your file"),
            Column("last_name", "last_name", "text", lambda p: p.last_name, "as in your file"),
            Column("home_city", "city", "text", lambda p: p.city, "as in your file"),
            Column("country", "country", "country", lambda p: p.country, "two letters"),
            Column("gender", "gender", "text", lambda p: p.gender.upper(), "F or M"),
            Column("dob", "birth_date", "date", lambda p: p.birth_date, "YYYY-MM-DD"),
        )
        return (
            Column("external_id", "customer_id", "id", lambda p: p.customer_id, "your customer id"),
            *(column for column in listed if column.field in form.fields),
            Column("coterie_segment", "segment", "text", lambda p: p.segment, "the segment's name"),
            Column("coterie_segment_confidence", "segment", "number", lambda p: number(p.confidence), "0 to 1"),
        )

    def reaches(self, person: Person, form: Form) -> bool:
        """A customer id is enough."""
        del form
        return bool(person.customer_id)

    def keys(self, person: Person) -> tuple[str, ...]:
        """Give the customer id."""
        return (person.customer_id,)


DESTINATION = Braze()
