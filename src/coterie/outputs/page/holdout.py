"""What the report says of segments that were held against later orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.outputs import words
from coterie.outputs.words import shown

if TYPE_CHECKING:
    from coterie.outputs.study import Study


def tested(study: Study) -> dict[str, Any] | None:
    """Give the conclusion, the rows of the table and what to keep in mind; None where nothing was tested."""
    held_out = study.manifest.get("holdout")
    if held_out is None or "holdout" not in study.tables:
        return None
    return {
        "conclusion": shown(held_out["conclusion"], 500),
        "days": words.count(held_out["days"]),
        "rows": [_row(row, study.currency) for row in study.tables["holdout"].itertuples(index=False)],
        "notes": [shown(note, 500) for note in held_out["notes"]],
    }


def _row(row: Any, currency: str) -> dict[str, str]:  # noqa: ANN401  a row of the table
    return {
        "name": shown(row.name, 60),
        "customers": words.count(row.size),
        "spend": words.money(row.spend, currency),
        "spend_range": _range(
            words.money(row.spend_low, currency), words.money(row.spend_high, currency), row.spend_low
        ),
        "orders": words.plain_number(row.orders),
        "orders_range": _range(words.plain_number(row.orders_low), words.plain_number(row.orders_high), row.orders_low),
        "silent": words.whole_percent(row.silent),
        "silent_range": _range(
            words.whole_percent(row.silent_low), words.whole_percent(row.silent_high), row.silent_low
        ),
    }


def _range(low: str, high: str, known: float) -> str:
    return "" if np.isnan(known) else f"{low} to {high}"
