"""The map of customers: one dot a customer, placed by the two directions in which they differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.outputs import shown

if TYPE_CHECKING:
    import pandas as pd

    from coterie.app.shelf import OpenStudy

#: Quantiles of the places that the frame holds; what lies further out is drawn at its edge.
_FRAME = (0.002, 0.998)
_HEIGHT = 460
_SMALL = 260
_SIZE, _MANY = 22, 1_500  # square pixels of a dot, where there are many
_FAINT = "#8a949e"


def whole(study: OpenStudy) -> dict[str, Any]:
    """All segments, with a rectangle to be drawn over the customers of interest."""
    import altair as alt

    brush = alt.selection_interval(name="brush", encodings=["x", "y"])
    chart = _dots(study, _colours(study), 0.55, _HEIGHT).add_params(brush)
    return _with_points(chart.to_dict(), study)


def place(study: OpenStudy, segment: int) -> dict[str, Any]:
    """One segment among all the others."""
    import altair as alt

    colour = alt.condition(alt.datum.s == segment, alt.value(study.tints[segment]), alt.value(_FAINT))
    spec = _dots(study, colour, 0.5, _SMALL).to_dict()
    return _with_points(spec, study, last=segment)


def _dots(study: OpenStudy, colour: Any, opacity: float, height: int) -> Any:  # noqa: ANN401  Altair's own types
    import altair as alt

    return (
        alt.Chart(alt.NamedData("points"))
        .mark_circle(size=_SIZE if len(sample(study)) > _MANY else 2.5 * _SIZE, opacity=opacity, clip=True)
        .encode(
            x=_axis(study, "x", "map_x"),
            y=_axis(study, "y", "map_y"),
            color=colour,
            tooltip=alt.Tooltip("name:N", title="Segment"),
        )
        .transform_lookup("s", from_=alt.LookupData(alt.NamedData("segments"), "s", ["name"]))
        .properties(width="container", height=height)
    )


def _axis(study: OpenStudy, channel: str, column: str) -> Any:  # noqa: ANN401  Altair's own types
    import altair as alt

    low, high = bounds(sample(study))[column]
    make = alt.X if channel == "x" else alt.Y
    return make(f"{channel}:Q", axis=None, scale=alt.Scale(domain=[low, high], nice=False, zero=False))


def _colours(study: OpenStudy) -> Any:  # noqa: ANN401  Altair's own types
    import altair as alt

    scale = alt.Scale(domain=list(study.tints), range=list(study.tints.values()))
    return alt.Color("s:N", scale=scale, legend=None)


def sample(study: OpenStudy) -> pd.DataFrame:
    """The customers on the map: segment, place, and the features that a selection is described by."""
    from coterie.outputs import feature_column

    features = [feature_column(name) for name in study.told.main_features(10)]
    return study.kept("map", lambda: study.people.sample(["segment_id", *features]))  # type: ignore[no-any-return]


def bounds(points: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Ends of both axes."""
    found = {}
    for column in ("map_x", "map_y"):
        low, high = np.quantile(points[column], _FRAME) if len(points) else (0.0, 1.0)
        pad = 0.06 * (high - low) or 1.0
        found[column] = (round(float(low - pad), 3), round(float(high + pad), 3))
    return found


def _with_points(spec: dict[str, Any], study: OpenStudy, last: int = 0) -> dict[str, Any]:
    """Put the points into a specification, those of the segment `last` over the others."""
    points = sample(study)
    if last:
        points = points.assign(over=points["segment_id"] == last).sort_values("over", kind="stable")
    rows = zip(points["map_x"].round(3), points["map_y"].round(3), points["segment_id"], strict=True)
    spec["datasets"] = {
        "points": [{"x": x, "y": y, "s": int(s)} for x, y, s in rows],
        "segments": [{"s": number, "name": shown(name, 60)} for number, name in study.names.items()],
    }
    return spec
