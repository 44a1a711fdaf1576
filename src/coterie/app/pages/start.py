"""The first page: hand over files, or take the sample store; what runs, and the newest studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.house import house_of
from coterie.app.routing import Page
from coterie.app.store import studies

if TYPE_CHECKING:
    from starlette.requests import Request


def show(request: Request) -> dict[str, Any]:
    """What a person can begin with, what goes on, and what there is."""
    house = house_of(request)
    newest = [dict(row) for row in studies.list_studies(house.store, 6)]
    return {"sources": sorted(house.settings.sources), "jobs": house.jobs.going_on(), "studies": newest}


ROUTES = (Page("start", "/", show, "start.html.j2"),)
