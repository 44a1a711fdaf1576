"""The map of customers: draw a rectangle, and see who is inside and how they differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.app.charts.map_of_customers import bounds, sample
from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page
from coterie.outputs import feature_column, whole_percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from starlette.requests import Request

    from coterie.app.shelf import OpenStudy

_FEWEST = 10  # customers whose averages are shown
_AREAS = ("top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right")


def map_page(request: Request) -> Mapping[str, Any]:
    """`?box=left,right,bottom,top` (places on the map) or `?area=` (a ninth of it) selects customers."""
    study = opened(request)
    model = frame(request, study, "Map of customers")
    points = sample(study)
    shown = len(points) >= _FEWEST and bool(points["map_x"].min() < points["map_x"].max())
    box = _box(request, points) if shown else None
    total = int(study.study.manifest["n_customers"])
    return model | {
        "drawn": shown,
        "n_shown": len(points),
        "n_customers": total,
        "areas": _AREAS,
        "area": request.query_params.get("area", ""),
        "box": list(box) if box else [],
        "chart": f"{model['study']['base']}/charts/map",
        "legend": [{"name": name, "colour": study.tints[number]} for number, name in study.names.items()],
        "selection": _selection(study, points, box) if box else None,
    }


def _box(request: Request, points: pd.DataFrame) -> tuple[float, float, float, float] | None:
    area = request.query_params.get("area", "")
    if area in _AREAS:
        return _ninth(_AREAS.index(area), points)
    try:
        numbers = tuple(float(part) for part in request.query_params.get("box", "").split(","))
    except ValueError:
        return None
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        return None
    left, right, bottom, top = numbers
    return min(left, right), max(left, right), min(bottom, top), max(bottom, top)


def _ninth(place: int, points: pd.DataFrame) -> tuple[float, float, float, float]:
    (left, right), (bottom, top) = bounds(points)["map_x"], bounds(points)["map_y"]
    row, column = divmod(place, 3)
    width, height = (right - left) / 3, (top - bottom) / 3
    # What lies beyond the frame belongs to the ninth at its edge.
    ends = (
        left + column * width if column else -math.inf,
        left + (column + 1) * width if column < 2 else math.inf,
        top - (row + 1) * height if row < 2 else -math.inf,
        top - row * height if row else math.inf,
    )
    return tuple(max(-1e12, min(1e12, end)) for end in ends)  # type: ignore[return-value]


def _selection(study: OpenStudy, points: pd.DataFrame, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """Who is inside: how many of each segment, and in what they differ from all that are drawn."""
    left, right, bottom, top = box
    inside = points[points["map_x"].between(left, right) & points["map_y"].between(bottom, top)]
    counts, all_of = inside["segment_id"].value_counts(), points["segment_id"].value_counts()
    segments = [
        {
            "name": name,
            "colour": study.tints[number],
            "customers": int(counts.get(number, 0)),
            "width": f"{100 * int(counts.get(number, 0)) / max(len(inside), 1):.1f}",
            "share": whole_percent(int(counts.get(number, 0)) / max(len(inside), 1)),
            "of_segment": whole_percent(int(counts.get(number, 0)) / int(all_of[number])) if number in all_of else "—",
        }
        for number, name in study.names.items()
    ]
    enough = len(inside) >= _FEWEST
    return {
        "customers": len(inside),
        "share": whole_percent(len(inside) / len(points)),
        "segments": [row for row in segments if row["customers"]],
        "enough": enough,
        "features": _differences(study, points, inside) if enough else [],
    }


def _differences(study: OpenStudy, points: pd.DataFrame, inside: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for name in study.told.main_features(10):
        column = feature_column(name)
        if column not in points:
            continue
        here, overall = inside[column].median(), points[column].median()
        spread = float(points[column].std()) or 1.0
        rows.append(
            {
                "label": study.label(name),
                "here": study.told.amount(name, float(here)),
                "all": study.told.amount(name, float(overall)),
                "words": study.told.beside(float(here), float(overall)),
                "apart": _finite(abs(float(inside[column].mean() - points[column].mean())) / spread),
            }
        )
    return sorted(rows, key=lambda row: (-row["apart"], row["label"]))


def _finite(value: float) -> float:
    return round(value, 4) if math.isfinite(value) else 0.0


ROUTES = (Page("map", "/studies/{study}/map", to_reader(map_page), "map.html.j2"),)
