"""The door of the app: host, session and origin of every request, before anything else sees it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from coterie.app.answers import is_api, redirect, refusal
from coterie.app.refusals import NotAllowedError, RefusalError
from coterie.app.security.headers import with_headers
from coterie.app.security.origins import allowed_host, host_name, same_origin
from coterie.app.store import sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from coterie.app.house import House
    from coterie.app.security.keys import Keys

_log = logging.getLogger("coterie.app")
_SAFE = ("GET", "HEAD")
_LONGEST_PATH = 1_000  # letters; ours have less than a hundred


class Guard:
    """ASGI middleware that lets in what it knows and refuses the rest.

    Parameters
    ----------
    app : ASGI application
    house : House
    keys : Keys
    is_public : function
        Whether a path may be asked for without a session.
    clock : function
        Seconds since 1970.
    """

    def __init__(
        self,
        app: ASGIApp,
        house: House,
        keys: Keys,
        is_public: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._house = house
        self._keys = keys
        self._is_public = is_public
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._told(scope, receive, with_headers(send, scope))
        else:  # the app speaks over no socket
            await send({"type": "websocket.close", "code": 1008})

    async def _told(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an error that nobody caught is told in our shape, and in the log without any value."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._http(scope, receive, noted)
        except Exception as error:  # noqa: BLE001  a bare answer would lack the headers, and the log hold values
            _log.error("%s before or after a page was made", type(error).__name__)
            if not begun:
                ours = RefusalError("Something went wrong inside Coterie.", remedy="Go back and try again.")
                await refusal(Request(scope, receive), ours, 500)(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = {"house": self._house, "keys": self._keys, "clock": self._clock}
        scope["state"] = {**scope.get("state", {}), **state, "session": None, "csrf": "", "by_key": False}
        request = Request(scope, receive)
        answer = (
            self._host_refused(request)
            or _too_long(request)
            or await self._session_refused(request)
            or self._origin_refused(request)
        )
        await (answer or self._app)(scope, receive, send)

    def _host_refused(self, request: Request) -> Response | None:
        name = host_name(request.headers)
        reached_at = str((request.scope.get("server") or ("",))[0])
        if name is not None and allowed_host(self._house.settings, name, reached_at):
            return None
        error = RefusalError("This address is not one of the app's.", remedy="Open the link that coterie serve prints.")
        return refusal(request, error, 400 if name is None else 421)

    async def _session_refused(self, request: Request) -> Response | None:
        await run_in_threadpool(self._find_session, request)
        state = request.state
        if state.session is not None or state.by_key or self._is_public(request.url.path):
            return None
        if request.method in _SAFE and not is_api(request):
            return redirect("/login")
        error = NotAllowedError("You are not signed in.", remedy="Open the link that coterie serve prints.")
        return refusal(request, error, 401)

    def _find_session(self, request: Request) -> None:
        state, limits = request.state, self._house.settings.limits
        scheme, _, word = request.headers.get("authorization", "").partition(" ")
        state.by_key = scheme.lower() == "bearer" and self._keys.is_api(word.strip())
        cookie = request.cookies.get(cookie_name(request))
        idle, longest = limits.idle_minutes * 60.0, limits.session_hours * 3600.0
        if cookie and sessions.is_live(self._house.store, cookie, self._clock(), idle=idle, longest=longest):
            state.session, state.csrf = cookie, self._keys.csrf(cookie)

    def _origin_refused(self, request: Request) -> Response | None:
        if request.method in _SAFE or same_origin(request.headers, must_tell=not request.state.by_key):
            return None
        error = NotAllowedError(
            "The request does not come from a page of this app.", remedy="Open the app's own page and try again."
        )
        return refusal(request, error)


def _too_long(request: Request) -> Response | None:
    if len(request.scope["path"]) <= _LONGEST_PATH:
        return None
    return refusal(request, RefusalError("This address is too long.", remedy="Go back to the start."), 414)


def cookie_name(request: Request) -> str:
    """Name of the session's cookie; with the port, because browsers share cookies between the ports of a machine."""
    return f"coterie_{request.url.port or 80}"
