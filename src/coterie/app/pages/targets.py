"""Which segments to target, and what each campaign may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.flow_words import all_for_page
from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


def targets_page(request: Request) -> Mapping[str, Any]:
    """The order of the segments with its reasons, the criteria behind it, and the money."""
    study = opened(request)
    return frame(request, study, "Which to target") | {"strategy": _for_page(study.part("strategy"))}


def _for_page(strategy: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The part as the report has it, but for the advice to name an option of the command line."""
    return {**strategy, "budget": all_for_page(strategy["budget"])} if strategy else strategy


ROUTES = (Page("targets", "/studies/{study}/targets", to_reader(targets_page), "targets.html.j2"),)
