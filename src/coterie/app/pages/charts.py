"""What the browser draws: the specification of a chart, for our own script to fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from coterie.app.charts import CHARTS, chart_json
from coterie.app.pages.of_study import numbers_of, opened
from coterie.app.refusals import MissingError
from coterie.app.routing import Special
from coterie.app.words import Reader

if TYPE_CHECKING:
    from starlette.requests import Request

#: How many segments each chart is about.
_ABOUT = {"place": 1, "profile": 1, "beside": 2}
#: The table that a chart is made of, where not every study has it.
_NEEDS = {"numbers": "numbers", "worth": "expected_value"}


def chart(request: Request) -> Response:
    """A chart of a study: `?of=3` names the segment that it is about, `?of=3,5` two of them."""
    study, name = opened(request), str(request.path_params["chart"])
    segments = numbers_of(request.query_params.get("of", ""))
    wanted = _ABOUT.get(name, 0)
    has_table = name not in _NEEDS or _NEEDS[name] in study.study.tables
    if name not in CHARTS or not has_table or len(segments) != wanted or not set(segments) <= set(study.names):
        raise MissingError("There is no such chart of this study.")
    return Response(chart_json(study, name, segments, Reader.of(request)), media_type="application/json")


ROUTES = (Special("chart", "/studies/{study}/charts/{chart}", chart, public=False),)
