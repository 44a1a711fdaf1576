"""The files of the app that are made, not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from coterie.app.house import house_of
from coterie.app.look import chart_library, tokens
from coterie.app.routing import Special

if TYPE_CHECKING:
    from starlette.requests import Request

#: Their address changes with their content, so a browser need never ask again.
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def tokens_file(request: Request) -> Response:
    """The tokens of the visual language."""
    _ = request
    return Response(tokens(), media_type="text/css", headers=_FOREVER)


def vega_file(request: Request) -> Response:
    """The library that draws charts."""
    content = chart_library(house_of(request).settings.home)
    return Response(content, media_type="text/javascript", headers=_FOREVER)


ROUTES = (
    Special("tokens", "/static/tokens.css", tokens_file),
    Special("vega", "/static/vega.js", vega_file),
)
