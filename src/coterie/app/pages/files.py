"""The app's own files: styles and scripts, from a list made once, so that no name from outside becomes a path."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from coterie.app.answers import STATIC
from coterie.app.refusals import MissingError
from coterie.app.routing import Special

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}


@cache
def _files() -> dict[str, Path]:
    found = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.suffix in _TYPES}
    return dict(sorted(found.items()))


def give(request: Request) -> Response:
    """A file of the app; a browser may keep one whose address carries the mark of its content."""
    path = _files().get(request.path_params["file"])
    if path is None:
        raise MissingError("There is no such file.")
    kept = "public, max-age=31536000, immutable" if request.query_params.get("v") else "no-cache"
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers={"Cache-Control": kept})


def healthy(_request: Request) -> Response:
    """Say that the server is there."""
    return PlainTextResponse("ok")


ROUTES = (Special("static", "/static/{file:path}", give), Special("health", "/health", healthy))
