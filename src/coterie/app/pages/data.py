"""The data behind a study, and what was wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.flow_words import for_page
from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


def data_page(request: Request) -> Mapping[str, Any]:
    """Tables with an account of their rows, findings, how columns were understood, what each feature means."""
    study = opened(request)
    data = study.part("data")
    findings = [{**each, "remedy": for_page(each["remedy"])} for each in data["findings"]]
    return frame(request, study, "The data") | {"data": {**data, "findings": findings}}


ROUTES = (Page("data", "/studies/{study}/data", to_reader(data_page), "data.html.j2"),)
