"""What the customers of each segment are worth in the year ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.flow_words import all_for_page
from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


def worth_page(request: Request) -> Mapping[str, Any]:
    """The forecast with its ranges, how far to trust it, and what moving up a stage would bring."""
    study = opened(request)
    model = frame(request, study, "Worth")
    worth = study.part("worth")
    has_forecast = worth is not None and not worth["reason"]
    return model | {
        "worth": all_for_page(worth) if has_forecast else None,
        "reason": worth["reason"] if worth and worth["reason"] else "",
        "chart": f"{model['study']['base']}/charts/worth" if has_forecast else "",
    }


ROUTES = (Page("worth", "/studies/{study}/worth", to_reader(worth_page), "worth.html.j2"),)
