"""How the app answers: pages from templates, the same models as JSON, files, and one shape for every error."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from coterie.app.look import made
from coterie.app.refusals import status_of
from coterie.app.words import Reader, short, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from coterie.errors import CoterieError

STATIC = Path(__file__).parent / "static"
#: For a study's report, which brings its style along and needs nothing else.
REPORT_CSP = (
    "sandbox allow-modals; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Redirect:
    """Where an action leads: a path of the app; with a cookie (name, word) where it begins or ends a session."""

    to: str
    cookie: tuple[str, str] | None = None


@dataclass(frozen=True)
class FileAnswer:
    """A file to hand out: `content` where it was made in memory, `path` where it lies on disk.

    `name` is made by the server. With `inline` the browser shows it, closed off from the app (for reports).
    """

    name: str
    media_type: str
    content: bytes | None = None
    path: Path | None = None
    inline: bool = False


@cache
def environment() -> Environment:
    """The templates, every value escaped, every unknown name an error."""
    found = Environment(
        loader=PackageLoader("coterie.app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    found.globals |= {"static": static, "made": made}
    found.filters["short"] = short
    return found


@cache
def static(name: str) -> str:
    """Address of a file of the app, with a mark of its content so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def is_api(request: Request) -> bool:
    """Whether a request wants JSON."""
    return request.url.path == "/api" or request.url.path.startswith("/api/")


def page(request: Request, template: str, model: Mapping[str, Any], status: int = 200) -> Response:
    """A page from a template: the names of the model, and `request`, `url`, `csrf`, `nav`."""
    around = {
        "request": request,
        "url": lambda name, **ids: str(request.app.url_path_for(name, **ids)),
        "csrf": getattr(request.state, "csrf", ""),
        "nav": {"here": getattr(request.state, "page", ""), "path": request.url.path},
        "reader": Reader.of(request),
        "signed_in": getattr(request.state, "session", None) is not None,
    }
    return HTMLResponse(environment().get_template(template).render({**around, **model}), status)


def as_json(model: Mapping[str, Any], status: int = 200) -> Response:
    """A model as JSON; numbers that are unknown are null."""
    from coterie.outputs import to_plain

    text = json.dumps({"ok": status < 400, **to_plain(dict(model))}, ensure_ascii=False, allow_nan=False, default=str)
    return Response(text.encode("utf-8"), status, media_type="application/json")


def redirect(to: str) -> Response:
    """Lead the browser to another page of ours."""
    return RedirectResponse(quote(to, safe="/?=&%#"), 303)


def led(request: Request, to: Redirect) -> Response:
    """Lead on: the browser by a redirect, a program by JSON."""
    answer = as_json({"location": to.to}) if is_api(request) else redirect(to.to)
    if to.cookie:
        set_cookie(answer, *to.cookie)
    return answer


def set_cookie(answer: Response, name: str, word: str) -> None:
    """Give the browser the session's word, out of reach of scripts and of other sites; an empty word takes it away."""
    answer.set_cookie(name, word, httponly=True, samesite="strict", path="/", max_age=None if word else 0)


def hand_out(answer: FileAnswer) -> Response:
    """Hand out a file under a name that can do no harm in a header."""
    name = re.sub(r'[\x00-\x1f\x7f"\\/:*?<>|]+', "_", answer.name).strip(". ")[:120] or "file"
    kind = "inline" if answer.inline else "attachment"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    headers = {"Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    if answer.inline:
        headers["Content-Security-Policy"] = REPORT_CSP
    if answer.path is not None:
        return FileResponse(answer.path, headers=headers, media_type=answer.media_type)
    return Response(answer.content, headers=headers, media_type=answer.media_type)


def error_model(what: str, found: str, remedy: str, status: int) -> dict[str, Any]:
    """The one shape of every error."""
    return {"status": status, "error": {"what": what, "found": found, "remedy": remedy}}


def refusal(request: Request, error: CoterieError, status: int | None = None) -> Response:
    """Tell an error as a page, or as JSON under `/api`."""
    status = status or status_of(error)
    model = error_model(error.what, error.found, error.remedy, status)
    answer = as_json(model, status) if is_api(request) else page(request, "error.html.j2", model, status)
    if status in (429, 503):
        answer.headers["Retry-After"] = "10"
    return answer
