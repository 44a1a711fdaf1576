"""Charts that the browser draws: Vega-Lite specifications with their data, made from a study's tables.

A specification says what is shown and nothing of how it looks: colours of paper and ink come from the tokens when it is
drawn, so that a chart fits light and dark.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from coterie.app.charts import map_of_customers, numbers, profile, worth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from coterie.app.shelf import OpenStudy
    from coterie.app.words import Reader

__all__ = ["CHARTS", "chart_json"]

#: Name -> what makes the specification of a study, and of one or two of its segments where it shows those.
CHARTS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "map": map_of_customers.whole,
    "place": map_of_customers.place,
    "profile": profile.one,
    "beside": profile.two,
    "numbers": numbers.by_number,
    "worth": worth.by_segment,
}


def chart_json(study: OpenStudy, name: str, segments: tuple[int, ...], reader: Reader) -> bytes:
    """Give a chart as JSON, made when first asked for.

    Parameters
    ----------
    study : OpenStudy
    name : str
        One of `CHARTS`.
    segments : tuple of int
        Ids of the segments that it is about; none for a chart of all.
    reader : Reader
        Who looks at it, and so how numbers in its texts are written.
    """

    def make() -> bytes:
        spec = reader.rewrite(CHARTS[name](study, *segments))
        return json.dumps(spec, separators=(",", ":"), allow_nan=False).encode("utf-8")

    made: bytes = study.kept(("chart", name, segments, str(reader.locale)), make)
    return made
