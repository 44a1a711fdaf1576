"""What every page can reach: the settings, the store, the studies that are open, the jobs, the room for uploads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import Request

    from coterie.app.jobs import Jobs
    from coterie.app.settings import AppSettings
    from coterie.app.shelf import Shelf
    from coterie.app.store import Database
    from coterie.app.uploads import Room


@dataclass(frozen=True)
class House:
    """The app behind a request."""

    settings: AppSettings
    store: Database
    shelf: Shelf
    jobs: Jobs
    room: Room


def house_of(request: Request) -> House:
    """Give the house that a request came to."""
    return cast("House", request.state.house)
