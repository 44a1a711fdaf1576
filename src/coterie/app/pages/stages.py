"""Where the customers of each segment stand in their life as customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page
from coterie.app.stages import stage_rows
from coterie.campaigns import LIFE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_SHADES = 9


def stages_page(request: Request) -> Mapping[str, Any]:
    """A table of segments by stage, shaded by share."""
    study = opened(request)
    model = frame(request, study, "Lifecycle stages")
    rows = stage_rows(study)
    return model | {
        "stages": [cell["stage"] for cell in rows[0]["cells"]] if rows else [],
        "rows": [{**row, "cells": [{**cell, "shade": _shade(cell["share"])} for cell in row["cells"]]} for row in rows],
        "tops": [_top(row) for row in rows],
    }


def _shade(share: float) -> int:
    """Step of the scale from 0 to 9; half of a segment or more is the darkest."""
    return min(_SHADES, round(share / 0.5 * _SHADES))


def _top(row: Mapping[str, Any]) -> dict[str, str]:
    named = [cell for cell in row["cells"] if cell["stage"] in LIFE] or row["cells"]  # rare ones together are no stage
    best = max(named, key=lambda cell: cell["share"])
    return {"name": row["name"], "stage": best["stage"], "share": best["share_told"]}


ROUTES = (Page("stages", "/studies/{study}/stages", to_reader(stages_page), "stages.html.j2"),)
