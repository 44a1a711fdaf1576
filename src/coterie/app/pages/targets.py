"""Which segments to target, and what each campaign may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


def targets_page(request: Request) -> Mapping[str, Any]:
    """The order of the segments with its reasons, the criteria behind it, and the money."""
    study = opened(request)
    return frame(request, study, "Which to target") | {"strategy": study.part("strategy")}


ROUTES = (Page("targets", "/studies/{study}/targets", to_reader(targets_page), "targets.html.j2"),)
