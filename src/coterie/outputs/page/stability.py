"""What the report says of how surely each segment is found again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.words import shown

if TYPE_CHECKING:
    from coterie.outputs.study import Study
    from coterie.vocabulary import Segment

#: Class and meaning of each stability badge.
_BADGES = {
    "stable": ("good", "Stable", "It comes back when the customers are drawn again."),
    "pattern": ("fair", "A pattern", "It comes back in part: its core is sure, its border is not."),
    "do not rely on it": (
        "poor",
        "Do not build on it",
        "Do not build a programme on this one: it often dissolves when the customers are drawn again.",
    ),
}


def badge(segment: Segment) -> dict[str, str]:
    """Give the badge of a segment: its class, its label, what it means, and the numbers behind it."""
    tone, label, meaning = _BADGES.get(segment.stability_badge, ("fair", segment.stability_badge, ""))
    known = not math.isnan(segment.stability)
    return {
        "tone": tone,
        "label": label,
        "meaning": meaning,
        "number": f"{words.rounded_down(segment.stability)} of 1" if known else "not measured",
        "mostly": _mostly(segment),
        "elsewhere": shown(segment.elsewhere, 300),
    }


def surely(study: Study) -> list[dict[str, Any]]:
    """Give one row a segment for the table of the report; none where nothing was measured."""
    measured = [segment for segment in study.profiled if not math.isnan(segment.stability)]
    return [
        {
            "name": shown(segment.name, 80),
            "colour": colour_of(segment),
            "anchor": f"segment-{segment.segment_id}",
            "badge": badge(segment),
            "again": words.rounded_down(segment.stability),
            "across": "—" if math.isnan(segment.stability_across) else f"{segment.stability_across:.2f}",
        }
        for segment in measured
    ]


def _mostly(segment: Segment) -> str:
    if math.isnan(segment.stability_low):
        return ""
    return f"{segment.stability_low:.2f} to {segment.stability_high:.2f}"
