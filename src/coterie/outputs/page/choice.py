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
_TRUST_WORDS: tuple[tuple[float, str, str], ...] = (
    (0.8, "high", "good"),
    (0.6, "fair", "fair"),
    (-math.inf, "low", "poor"),
)
#: Another number of segments is nearly as good when its score is no further behind.
_NEARLY = 0.02


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
        "trust": trust_of(search),
        "sure": told.get("sure", []),
        "answers": [answer for answer in answers if answer["sentences"]],
        "numbers": _numbers(study.tables.get("numbers")),
    }


def _parts(told: dict[str, list[str]], *parts: str) -> list[str]:
    return [sentence[:1].upper() + sentence[1:] for part in parts for sentence in told.get(part, [])]


def trust_of(search: Mapping[str, Any]) -> dict[str, str] | None:
    """How far to trust a choice, from the manifest's account of the search; None where nothing is known.

    A word such as "high" stands only where the choice was made in the way that was tested.
    """
    trust = search.get("trust")
    if trust is None or math.isnan(trust):
        return None
    below = "below " if search.get("trust_is_a_bound") else ""
    word, tone = next((word, tone) for least, word, tone in _TRUST_WORDS if trust >= least)
    if not search.get("trust_tested", True):
        word, tone = "not tested", "fair"
    elif below:
        word, tone = _TRUST_WORDS[-1][1:]
    return {"value": f"{below}{trust:.2f} of 1", "word": word, "tone": tone, "width": f"{100 * trust:.0f}"}


def _numbers(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """One row a number of segments next to the chosen one, nearly as good, or held against it in other samples."""
    if table is None or len(table) < 2:
        return []
    mine = table.loc[table["chosen"]].iloc[0]
    rows = []
    for row in table.to_dict("records"):
        near = abs(row["n_segments"] - mine["n_segments"]) == 1 or row["score"] >= mine["score"] - _NEARLY
        if near or row["chosen"] or row["free"] or not math.isnan(row["stability"]):
            rows.append(
                {
                    "n": str(int(row["n_segments"])),
                    "method": words.method_name(str(row["method"])),
                    "score": f"{row['score']:.2f}",
                    "width": f"{100 * row['score']:.0f}",
                    "again": _again(row),
                    "chosen": bool(row["chosen"]),
                    "change": _change(row),
                }
            )
    return rows


def _again(row: Mapping[Any, Any]) -> str:
    """How surely it comes back; beside another number, what the chosen one reached in the same samples."""
    if math.isnan(row["stability"]):
        return "—"
    beside = row.get("stability_chosen", math.nan)
    if row["chosen"] or beside is None or math.isnan(beside):
        return f"{row['stability']:.2f}"
    return f"{beside - row['stability_lost']:.2f} (chosen: {beside:.2f})"


def _change(row: Mapping[Any, Any]) -> str:
    if row["chosen"]:
        return "chosen"
    told = shown(str(row["change"]), 400)
    if row["free"]:
        told = f"what we would have chosen, left free{f'; {told}' if told else ''}"
    return told[:1].upper() + told[1:]
