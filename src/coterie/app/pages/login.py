"""The way in: the link that `coterie serve` prints, or the password; and the way out."""

from __future__ import annotations

import hmac
import time
from threading import Lock
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from coterie.app.answers import Redirect, set_cookie
from coterie.app.house import house_of
from coterie.app.refusals import NotAllowedError, TooManyError
from coterie.app.routing import Action, Page, Special
from coterie.app.security.guard import cookie_name
from coterie.app.store import sessions

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request

#: Seconds for which a link that lets in is good.
TICKET_SECONDS = 3600.0
#: Wrong passwords in a minute after which nobody is asked for one for the rest of it.
_MOST_TRIES = 10
_tries: list[float] = []
_lock = Lock()


def open_link(request: Request) -> Response:
    """Exchange the word of a link, which is good once, for a session."""
    house, now = house_of(request), request.state.clock()
    if not sessions.use_ticket(house.store, request.query_params.get("token", ""), now, valid=TICKET_SECONDS):
        raise NotAllowedError(
            "This link was used before, or it is too old.",
            remedy="Run coterie serve again: it opens the app with a new one.",
        )
    return _let_in(request)


def ask(request: Request) -> dict[str, Any]:
    """The page that asks for the password, or tells where the link is."""
    return {"has_password": bool(house_of(request).settings.password), "errors": []}


def check(request: Request, form: FormData) -> Redirect | dict[str, Any]:
    """Let in who knows the password."""
    password = house_of(request).settings.password
    _count_tries()
    if password and hmac.compare_digest(str(form.get("password", "")).encode(), password.encode()):
        word = sessions.begin(house_of(request).store, request.state.clock())
        return Redirect("/", cookie=(cookie_name(request), word))
    with _lock:
        _tries.append(time.monotonic())
    return {"has_password": bool(password), "errors": ["This is not the password."]}


def _count_tries() -> None:
    with _lock:
        _tries[:] = [tried for tried in _tries if time.monotonic() - tried < 60]
        if len(_tries) >= _MOST_TRIES:
            raise TooManyError("Too many wrong passwords.", remedy="Wait a minute and try again.")


def leave(request: Request, _form: FormData) -> Redirect:
    """End the session."""
    if request.state.session:
        sessions.end(house_of(request).store, request.state.session)
    return Redirect("/login", cookie=(cookie_name(request), ""))


def _let_in(request: Request) -> Response:
    word = sessions.begin(house_of(request).store, request.state.clock())
    answer = RedirectResponse("/", 303, headers={"Referrer-Policy": "no-referrer"})
    set_cookie(answer, cookie_name(request), word)
    return answer


ROUTES = (
    Special("open", "/open", open_link),
    Page("login", "/login", ask, "login.html.j2", public=True),
    Action("check-password", "/login", check, "login.html.j2", public=True),
    Action("logout", "/logout", leave),
)
