"""What a list would hold, told before it is written: counts, reasons, columns, and three masked rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coterie.campaigns.audiences.people import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coterie.campaigns.audiences.audience import Audience
    from coterie.campaigns.audiences.destination import Destination
    from coterie.campaigns.audiences.people import Form

_SHOWN = 3
_OPEN = ("segment", "value", "consent")


def preview(audiences: Sequence[Audience], destination: Destination, form: Form) -> str:
    """Tell in words what would be written; no person can be recognised in it."""
    hashing = " (hashed; hashed data are personal data too)" if form.hashed else ""
    lines = [f"For {destination.title}{hashing}"]
    for audience in audiences:
        lines += ["", *_about(audience)]
    lines += ["", "Columns: " + ", ".join(audiences[0].header) if audiences else ""]
    lines += [f"Note: {note}" for note in destination.notes]
    return "\n".join(lines)


def preview_document(audiences: Sequence[Audience]) -> list[dict[str, Any]]:
    """Give the same as plain data."""
    return [
        {
            "segment_id": audience.segment_id,
            "segment": audience.segment,
            "customers": audience.members,
            "people": audience.size,
            "left_out": dict(audience.left_out),
            "fields": {name: dict(counts) for name, counts in audience.fields.items()},
            "columns": list(audience.header),
            "rows_masked": [list(row) for row in masked_rows(audience)],
            "warnings": list(audience.warnings),
        }
        for audience in audiences
    ]


def masked_rows(audience: Audience) -> list[tuple[str, ...]]:
    """Give the first rows with everything masked that could tell who it is."""
    return [
        tuple(cell if column.field in _OPEN else mask(cell) for column, cell in zip(audience.columns, row, strict=True))
        for row in audience.rows[:_SHOWN]
    ]


def mask(text: str) -> str:
    """Hide a value but for its first character and its kind.

    >>> mask("ann@shop.com"), mask("+442079460018"), mask("Ann"), mask("6915771be1c5")
    ('a***@***', '+4***', 'A***', '6***')
    """
    if not text:
        return ""
    if "@" in text[1:]:
        return f"{text[0]}***@***"
    return (text[:2] if text.startswith("+") else text[0]) + "***"


def _about(audience: Audience) -> Iterator[str]:
    yield f"{audience.segment}: {audience.size:,} of {audience.members:,} customers"
    for reason, count in audience.left_out.items():
        yield f"  left out: {count:,} {reason}"
    for name, counts in audience.fields.items():
        told = ", ".join(f"{count:,} {word}" for word, count in sorted(counts.items(), key=_order))
        yield f"  {PERSONAL[name]}: {told}"
    for row in masked_rows(audience):
        yield "  " + re.sub(r",+$", "", ",".join(row))
    for warning in audience.warnings:
        yield f"  Warning: {warning}"


def _order(item: tuple[str, int]) -> tuple[bool, str]:
    return item[0] != "used", item[0]
