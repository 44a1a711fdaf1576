"""Text becomes values: one set of rules, decided over the whole column, with counts."""

from __future__ import annotations

from coterie.sources.casting.cast import Cast, CastRules
from coterie.sources.casting.dates import cast_dates
from coterie.sources.casting.numbers import cast_numbers, decimal_evidence
from coterie.sources.casting.texts import cast_flags, cast_ids, cast_texts

__all__ = [
    "Cast",
    "CastRules",
    "cast_dates",
    "cast_flags",
    "cast_ids",
    "cast_numbers",
    "cast_texts",
    "decimal_evidence",
]
