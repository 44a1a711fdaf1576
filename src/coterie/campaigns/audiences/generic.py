"""The generic list: who is in a segment, why, and in which group of a test; for any tool or spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import Column, Destination, number
from coterie.campaigns.audiences.people import PERSONAL

if TYPE_CHECKING:
    from coterie.campaigns.audiences.people import Form, Person


class Generic(Destination):
    """A plain table of customers; no address leaves unless it is asked for."""

    name = "generic"
    title = "a plain list for any tool"
    page = ""
    fields = ("customer_id",)
    further = tuple(PERSONAL)
    needs_contacts = False
    smallest = 0
    for_spreadsheets = True
    notes = ("The list holds customer ids: personal data, to be kept as such.",)

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give the study's columns, then the personal fields that were asked for."""
        own = (
            Column("customer_id", "customer_id", "id", lambda p: p.customer_id, "as in the orders"),
            Column("segment_id", "segment", "number", lambda p: str(p.segment_id), "1 = highest total value"),
            Column("segment_name", "segment", "text", lambda p: p.segment, "the segment's name"),
            Column("confidence", "segment", "number", lambda p: number(p.confidence, 4), "0 to 1"),
            Column("stage", "segment", "text", lambda p: p.stage, "lifecycle stage"),
            Column("rfm_code", "segment", "text", lambda p: p.rfm_code, "recency, frequency, money: 555 is best"),
            Column("clv_12m", "segment", "number", lambda p: number(p.expected_value),
                   "value expected in the next 12 months, where the study has it"),
            Column("treatment", "segment", "text", lambda p: p.treatment, "`treat` where a test plan assigned it"),
            Column("reason", "reason", "text", lambda p: p.reason, "why the customer is in the segment"),
        )  # fmt: skip
        return own + tuple(
            Column(name, name, "text", lambda p, name=name: str(getattr(p, name)), told)  # type: ignore[misc]
            for name, told in PERSONAL.items()
            if name in form.fields
        )

    def reaches(self, person: Person, form: Form) -> bool:
        """A customer id is enough."""
        del form
        return bool(person.customer_id)

    def keys(self, person: Person) -> tuple[str, ...]:
        """Give the customer id."""
        return (person.customer_id,)


DESTINATION = Generic()
