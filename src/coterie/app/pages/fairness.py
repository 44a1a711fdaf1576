"""Purpose, people left out, and whom segments and offers stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.flow_words import for_page
from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


def fairness_page(request: Request) -> Mapping[str, Any]:
    """What the study was made for, and whether its segments or offers stand for a protected group."""
    study = opened(request)
    fairness = study.part("fairness")
    if fairness:
        fairness = {**fairness, "suppressed": for_page(fairness["suppressed"])}
    return frame(request, study, "Privacy and fairness") | {"fairness": fairness}


ROUTES = (Page("fairness", "/studies/{study}/fairness", to_reader(fairness_page), "fairness.html.j2"),)
