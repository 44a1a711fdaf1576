"""What a page of the app can be, and the one table of routes that is made of them all."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coterie.app.answers import FileAnswer, Redirect, as_json, hand_out, is_api, led, page, refusal
from coterie.app.refusals import NotAllowedError, RefusalError, TooLargeError
from coterie.errors import CoterieError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

Model: TypeAlias = Mapping[str, Any]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
_log = logging.getLogger("coterie.app")
#: Fields of a form without files: a table of a thousand columns has a choice for each.
MOST_FIELDS = 5_000


@dataclass(frozen=True)
class Page:
    """GET `path` gives HTML from `template`; GET `/api` + `path` the same model as JSON.

    `view` runs in a thread and gives a plain mapping. `public` pages are shown without a session.
    """

    name: str
    path: str
    view: Callable[[Request], Model]
    template: str
    public: bool = False


@dataclass(frozen=True)
class Action:
    """POST `path` (a form with its CSRF token) leads on, or shows `template` again with what is wrong (status 422).

    POST `/api` + `path` takes the same fields as JSON or as a form and answers JSON: `location`, or the model.
    """

    name: str
    path: str
    act: Callable[[Request, FormData], Redirect | Model]
    template: str = ""
    most_bytes: int = 1 << 20
    most_fields: int = 0  # beside files; 0: as many as the limits say
    public: bool = False


@dataclass(frozen=True)
class Download:
    """GET `path` gives a file with a name that the server made."""

    name: str
    path: str
    make: Callable[[Request], FileAnswer]


@dataclass(frozen=True)
class Stream:
    """POST `path`, whose body `take` reads in pieces and whose CSRF token it checks with `check_form_token`."""

    name: str
    path: str
    take: Callable[[Request], Awaitable[Redirect]]


@dataclass(frozen=True)
class Special:
    """GET `path` that is neither a page nor a download: the files of the app, the link that lets in."""

    name: str
    path: str
    answer: Callable[[Request], Response]
    public: bool = True


AnyRoute: TypeAlias = Page | Action | Download | Stream | Special


def make_routes(table: Sequence[AnyRoute]) -> list[Route]:
    """Make the routes of the app, each with its twin under `/api` where it has one."""
    return [route for each in table for route in _routes_of(each)]


def public_paths(table: Sequence[AnyRoute]) -> frozenset[str]:
    """Paths that may be asked for without a session."""
    paths = [each.path for each in table if getattr(each, "public", False) and "{" not in each.path]
    return frozenset([*paths, *(f"/api{path}" for path in paths)])


def _routes_of(each: AnyRoute) -> list[Route]:
    if isinstance(each, Page):
        endpoint, methods, twin = _page_endpoint(each), ["GET"], True
    elif isinstance(each, Action):
        endpoint, methods, twin = _action_endpoint(each), ["POST"], True
    elif isinstance(each, Stream):
        endpoint, methods, twin = _stream_endpoint(each), ["POST"], True
    elif isinstance(each, Download):
        endpoint, methods, twin = _simple_endpoint(each, lambda request: hand_out(each.make(request))), ["GET"], False
    else:
        endpoint, methods, twin = _simple_endpoint(each, each.answer), ["GET"], False
    routes = [Route(each.path, endpoint, methods=methods, name=each.name)]
    if twin:
        routes.append(Route(f"/api{each.path}", endpoint, methods=methods, name=f"api:{each.name}"))
    return routes


def _page_endpoint(each: Page) -> Endpoint:
    def draw(request: Request) -> Response:
        model = each.view(request)
        return as_json(model) if is_api(request) else page(request, each.template, model)

    return _simple_endpoint(each, draw)


def _simple_endpoint(each: AnyRoute, answer: Callable[[Request], Response]) -> Endpoint:
    async def work(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return _told(each, work)


def _action_endpoint(each: Action) -> Endpoint:
    def draw(request: Request, form: FormData) -> Response:
        found = each.act(request, form)
        if isinstance(found, Redirect):
            return led(request, found)
        status = 422 if found.get("errors") else 200
        return as_json(found, status) if is_api(request) else page(request, each.template, found, status)

    async def work(request: Request) -> Response:
        form = await read_form(request, each.most_bytes, each.most_fields)
        if not each.public:
            check_form_token(request, str(form.get("csrf", "")))
        try:
            return await run_in_threadpool(draw, request, form)
        finally:
            await form.close()

    return _told(each, work)


def _stream_endpoint(each: Stream) -> Endpoint:
    async def work(request: Request) -> Response:
        return led(request, await each.take(request))

    return _told(each, work)


def _told(each: AnyRoute, work: Endpoint) -> Endpoint:
    """Answer every error in the one shape; what is our fault is logged by its kind and place, without any value."""

    async def endpoint(request: Request) -> Response:
        request.state.page = each.name
        try:
            return await work(request)
        except CoterieError as error:
            return refusal(request, error)
        except HTTPException as error:
            return refusal(request, RefusalError(error.detail), error.status_code)
        except Exception as error:  # noqa: BLE001  told in words below, and in the log
            _log.error("%s in %s at %s", type(error).__name__, each.name, _place(error))
            return refusal(request, _ours(error), 500)

    return endpoint


def _ours(error: Exception) -> RefusalError:
    return RefusalError(
        f"Something went wrong inside Coterie ({type(error).__name__}). It is our fault, not yours.",
        remedy="Go back and try again; if it happens again, report what you did.",
    )


def _place(error: Exception) -> str:
    trace, place = error.__traceback__, "unknown place"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('coterie/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def check_form_token(request: Request, token: str) -> None:
    """Refuse a form that does not carry the token of its session, in the field `csrf` or the header `X-CSRF-Token`.

    Programs that show the API's key send no cookie that a foreign page could misuse, and need none.
    """
    told = request.headers.get("x-csrf-token") or token
    session = request.state.session
    if request.state.by_key or (session is not None and request.state.keys.is_csrf(session, told)):
        return
    raise NotAllowedError(
        "This form has grown old: it was made for an earlier visit.",
        remedy="Load the page again and send it once more.",
    )


async def read_form(request: Request, most_bytes: int, most_fields: int = 0) -> FormData:
    """Read the fields of a form, or of a JSON object, of bounded size.

    Parameters
    ----------
    request : Request
    most_bytes : int
    most_fields : int
        Fields that a form with files may have; 0: as many as the limits say.

    Raises
    ------
    TooLargeError
        More bytes, fields, or bytes in a field than the app takes.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _read_multipart(request, most_bytes, most_fields)
    body = b"".join([piece async for piece in bounded(request, most_bytes)])
    try:
        if kind == "application/json":
            return _from_json(_plain_json(body))
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        return FormData([(name, value) for name, value in pairs])
    except ValueError as cause:
        if "fields" in str(cause):
            raise TooLargeError("The form has too many fields.", found=f"At most {MOST_FIELDS:,} are taken.") from cause
        raise RefusalError(
            "The form could not be read.", remedy="Load the page again and send it once more."
        ) from cause


def _plain_json(body: bytes) -> object:
    """What a JSON body says; one that is nested without end, or holds halves of letters, is a ValueError."""
    try:
        told: object = json.loads(body or b"{}")
    except RecursionError as cause:
        raise ValueError("nested too deeply") from cause
    json.dumps(told, ensure_ascii=False).encode("utf-8")
    return told


def _from_json(told: object) -> FormData:
    if not isinstance(told, dict):
        raise RefusalError("The body is not a JSON object.", remedy='Send fields as in {"name": "value"}.')
    pairs = [(key, each) for key, value in told.items() for each in (value if isinstance(value, list) else [value])]
    if len(pairs) > MOST_FIELDS:
        raise TooLargeError("The form has too many fields.", found=f"At most {MOST_FIELDS:,} are taken.")
    return FormData([(key, value if isinstance(value, str) else json.dumps(value)) for key, value in pairs])


async def _read_multipart(request: Request, most_bytes: int, most_fields: int) -> FormData:
    limits = request.state.house.settings.limits
    parser = MultiPartParser(
        request.headers,
        bounded(request, most_bytes),
        max_files=limits.files,
        max_fields=most_fields or limits.parts,
        max_part_size=limits.field_bytes,
    )
    try:
        return await parser.parse()
    except MultiPartException as cause:
        raise TooLargeError("The form could not be taken.", found=cause.message) from cause


async def bounded(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body of a request in pieces, cut off with an error where it is longer than told or than the app takes."""
    error = TooLargeError(
        "More was sent than the app takes.", found=f"At most {most_bytes / 2**20:,.0f} MiB are taken."
    )
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > most_bytes:
        raise error
    seen = 0
    async for piece in request.stream():
        seen += len(piece)
        if seen > most_bytes:
            raise error
        yield piece
