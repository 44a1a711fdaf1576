"""How the number of segments was chosen: what the report says to someone who knows no statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from coterie.outputs.study import Study

#: Trust from which a word applies, the highest first.
_TRUST_WORDS = ((0.8, "high", "good"), (0.6, "fair", "fair"), (-math.inf, "low", "poor"))


def chosen(study: Study) -> dict[str, Any] | None:
    """Give the account of the choice; None for a study from before it was kept."""
    search = study.manifest["search"]
    account = search.get("account")
    if not account:
        return None
    told = {part: [shown(sentence, 500) for sentence in sentences] for part, sentences in account.items()}
    k = words.number_word(len(study.profiled))
    answers = [
        {"question": f"Why {k}?", "sentences": _parts(told, "number", "price", "limits")},
        {"question": "Why this method?", "sentences": _parts(told, "method")},
        {"question": "What came second?", "sentences": _parts(told, "second")},
        {"question": "What to doubt", "sentences": _parts(told, "doubt")},
    ]
    return {
        "trust": _trust(search.get("trust")),
        "sure": told.get("sure", []),
        "answers": [answer for answer in answers if answer["sentences"]],
        "numbers": _numbers(study.tables.get("numbers")),
    }


def _parts(told: dict[str, list[str]], *parts: str) -> list[str]:
    return [sentence[:1].upper() + sentence[1:] for part in parts for sentence in told.get(part, [])]


def _trust(trust: float | None) -> dict[str, str] | None:
    if trust is None or math.isnan(trust):
        return None
    word, tone = next((word, tone) for least, word, tone in _TRUST_WORDS if trust >= least)
    return {"value": f"{trust:.2f} of 1", "word": word, "tone": tone, "width": f"{100 * trust:.0f}"}


def _numbers(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """One row a number of segments; what would change is told beside the numbers next to the chosen one."""
    if table is None or len(table) < 2:
        return []
    k = int(table.loc[table["chosen"], "n_segments"].iloc[0])
    rows = []
    for row in table.to_dict("records"):
        near = abs(row["n_segments"] - k) == 1 or row["free"]
        rows.append(
            {
                "n": str(int(row["n_segments"])),
                "method": words.method_name(str(row["method"])),
                "trust": f"{row['score']:.2f}",
                "width": f"{100 * row['score']:.0f}",
                "again": "—" if math.isnan(row["stability"]) else f"{row['stability']:.2f}",
                "chosen": bool(row["chosen"]),
                "change": _change(row) if near or row["chosen"] else "",
            }
        )
    return rows


def _change(row: Mapping[Any, Any]) -> str:
    if row["chosen"]:
        return "chosen"
    told = shown(str(row["change"]), 400)
    if row["free"]:
        told = f"what we would have chosen, left free{f'; {told}' if told else ''}"
    return told[:1].upper() + told[1:]
