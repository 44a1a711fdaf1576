"""A study as SQL: from the store's own table to the segment of each customer, in readable named steps."""

from __future__ import annotations

from coterie.outputs.sql.there import Outside, Placed, place_there, why_not_there
from coterie.outputs.sql.writing import stored_sql, study_sql

__all__ = ["Outside", "Placed", "place_there", "stored_sql", "study_sql", "why_not_there"]
