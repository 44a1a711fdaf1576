"""One segment on a page of its own: who they are, how sure, where they lie, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.pages.of_study import frame, opened, segment_of, to_reader
from coterie.app.routing import Page
from coterie.outputs import feature_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from starlette.requests import Request

    from coterie.app.shelf import OpenStudy
    from coterie.vocabulary import Segment

_TYPICAL = 5  # customers shown
_TOLD = 6  # features told of each
_UNTOLD = {"spend_trend"}  # a number that nobody can picture
_FEWEST = 10  # members of a segment whose customers are shown


def segment_page(request: Request) -> Mapping[str, Any]:
    """All that is known of one segment."""
    study = opened(request)
    segment = segment_of(study, int(request.path_params["segment"]))
    told = next(each for each in study.part("segments") if each["number"] == segment.segment_id)
    model = frame(request, study, told["name"])
    base, ids = model["study"]["base"], list(study.names)
    other = ids[(ids.index(segment.segment_id) + 1) % len(ids)]
    return model | {
        "segment": told,
        "stages": _stages(study, segment),
        "typical": _typical(study, segment),
        "others": [
            {
                "name": name,
                "href": f"{base}/segments/{number}",
                "colour": study.tints[number],
                "here": name == told["name"],
            }
            for number, name in study.names.items()
        ],
        "beside": f"{base}/compare?a={segment.segment_id}&b={other}" if len(ids) > 1 else "",
        "profile_chart": f"{base}/charts/profile?of={segment.segment_id}",
        "place_chart": f"{base}/charts/place?of={segment.segment_id}",
    }


def _stages(study: OpenStudy, segment: Segment) -> list[dict[str, Any]]:
    """The five stages of life in which most of its customers stand, in the order of a life."""
    from coterie.app.stages import stage_rows
    from coterie.campaigns import place_in_life

    rows = [row for row in stage_rows(study) if row["number"] == segment.segment_id]
    cells = [cell for row in rows for cell in row["cells"] if cell["share"] > 0 and not cell["hidden"]]
    largest = sorted(cells, key=lambda cell: (-cell["share"], cell["stage"]))[:5]
    return sorted(largest, key=lambda cell: place_in_life(cell["stage"]))


def _typical(study: OpenStudy, segment: Segment) -> dict[str, Any] | None:
    """Some customers near the middle of the segment, without their ids; None for a segment of very few."""
    if segment.size < _FEWEST or not segment.typical:
        return None
    names = _features(study, segment)
    frame = _typical_rows(study)
    ids = [identity for identity in segment.typical if identity in frame.index][:_TYPICAL]
    rows = [
        {"name": f"Customer {chr(ord('A') + place)}", "cells": [_cell(study, name, frame, identity) for name in names]}
        for place, identity in enumerate(ids)
    ]
    return {"features": [study.label(name) for name in names], "rows": rows} if rows else None


def _features(study: OpenStudy, segment: Segment) -> list[str]:
    """Its markers first, then what the customers were compared by."""
    numeric = [
        name for name in segment.markers if name in study.study.features and study.study.features[name].is_numeric
    ]
    both = dict.fromkeys([*numeric, *study.told.main_features(_TOLD)])
    return [name for name in both if name not in _UNTOLD][:_TOLD]


def _typical_rows(study: OpenStudy) -> pd.DataFrame:
    """The typical customers of all segments, read at once."""
    segments = study.study.profiled
    names = dict.fromkeys(name for segment in segments for name in _features(study, segment))
    ids = [identity for segment in segments for identity in segment.typical[:_TYPICAL]]
    columns = [feature_column(name) for name in names]
    found: pd.DataFrame = study.kept("typical", lambda: study.people.rows(ids, columns))
    return found


def _cell(study: OpenStudy, name: str, frame: pd.DataFrame, identity: str) -> str:
    column = feature_column(name)
    row: dict[Any, Any] = frame.loc[identity].to_dict()
    return study.told.amount(name, float(row[column])) if column in row else "—"


ROUTES = (Page("segment", "/studies/{study}/segments/{segment:int}", to_reader(segment_page), "segment.html.j2"),)
