"""The app put together: its house, its routes behind the guard, and what goes on in the background."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from coterie.app.answers import refusal
from coterie.app.house import House
from coterie.app.jobs import Jobs
from coterie.app.pages import TABLE
from coterie.app.refusals import MissingError, RefusalError
from coterie.app.routing import make_routes, public_paths
from coterie.app.security import Guard, make_keys
from coterie.app.shelf import Shelf
from coterie.app.store import open_store
from coterie.app.sweeping import sweep_home
from coterie.app.uploads import Room
from coterie.app.warming import begin_to_warm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from coterie.app.settings import AppSettings

_STATIC = "/static/"
_SWEPT_EVERY = 3600.0  # seconds
_log = logging.getLogger("coterie.app")


def make_app(settings: AppSettings, *, clock: Callable[[], float] = time.time) -> Starlette:
    """Make the app of a home.

    Parameters
    ----------
    settings : AppSettings
    clock : function
        Seconds since 1970; sessions, the queue and the sweep of old uploads go by it.

    Returns
    -------
    Starlette
        An ASGI application behind the guard. `state.house` is what its pages work with. Jobs are looked after while its
        lifespan lasts; they go on when it ends.

    Raises
    ------
    StudyError, ConfigError
        The home cannot be used.
    """
    house = make_house(settings, clock)
    public = public_paths(TABLE)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        begin_to_warm(house)
        await run_in_threadpool(house.jobs.begin)
        sweeping = asyncio.create_task(_sweep(house, clock))
        yield
        sweeping.cancel()
        await run_in_threadpool(house.jobs.leave)

    app = Starlette(routes=make_routes(TABLE), lifespan=lifespan, exception_handlers={HTTPException: _not_routed})
    app.router.redirect_slashes = False
    app.state.house = house
    app.add_middleware(
        Guard,
        house=house,
        keys=make_keys(settings.home),
        is_public=lambda path: path in public or path.startswith(_STATIC),
        clock=clock,
    )
    return app


def make_house(settings: AppSettings, clock: Callable[[], float] = time.time) -> House:
    """Open the home: its folders, its state, its studies and its jobs."""
    settings.make_folders()
    store = open_store(settings.database)
    return House(settings, store, Shelf(), Jobs(settings, store, clock), Room(settings, store))


async def _sweep(house: House, clock: Callable[[], float]) -> None:
    """Remove what is of no more use, now and every hour; trouble with it must not end it for good."""
    while True:
        try:
            await run_in_threadpool(sweep_home, house, clock())
        except Exception as error:  # noqa: BLE001  a busy state or a full disk is over an hour later
            _log.error("%s while sweeping the home", type(error).__name__)
        await asyncio.sleep(_SWEPT_EVERY)


def _not_routed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return refusal(request, MissingError("There is no such page.", remedy="Go back to the start."))
    return refusal(request, RefusalError("This page cannot be asked for in this way."), status)
