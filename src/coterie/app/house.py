"""What every page can reach: the settings, the store, the studies that are open, and the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import Request

    from coterie.app.jobs import Jobs
    from coterie.app.settings import AppSettings
    from coterie.app.shelf import Shelf
    from coterie.app.store import Database


@dataclass(frozen=True)
class House:
    """The app behind a request."""

    settings: AppSettings
    store: Database
    shelf: Shelf
    jobs: Jobs


def house_of(request: Request) -> House:
    """Give the house that a request came to."""
    return cast("House", request.state.house)
