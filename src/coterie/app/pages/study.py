"""The first page of a study: how real the segments are, then a card for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

#: What a card shows of a segment; the rest stands on the segment's own page.
_CARD = (
    "number", "name", "colour", "size", "share", "share_width", "has_value", "value_word", "value_share",
    "value_width", "badge", "facts", "play",
)  # fmt: skip


def study_page(request: Request) -> Mapping[str, Any]:
    """Verdict first, then the segments."""
    study = opened(request)
    model = frame(request, study, "Segments")
    cards = [
        {name: segment[name] for name in _CARD} | {"href": f"{model['study']['base']}/segments/{segment['number']}"}
        for segment in study.part("segments")
    ]
    return model | {"opening": _opening(study.part("opening")), "segments": cards}


def _opening(told: Mapping[str, Any]) -> dict[str, Any]:
    """The opening with the places of the ribbons' parts, which a drawing needs and a row of boxes does not."""
    ribbons = [{"label": row["label"], "parts": _placed(row["parts"])} for row in told["ribbons"]]
    return {**told, "ribbons": ribbons}


def _placed(parts: list[dict[str, str]]) -> list[dict[str, Any]]:
    total = sum(float(part["width"]) for part in parts) or 1.0
    placed, start = [], 0.0
    for part in parts:
        width = 100 * float(part["width"]) / total
        placed.append({**part, "start": f"{start:.3f}", "width": f"{width:.3f}", "middle": f"{start + width / 2:.3f}"})
        start += width
    return placed


ROUTES = (Page("study", "/studies/{study}", to_reader(study_page), "study.html.j2"),)
