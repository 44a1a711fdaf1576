"""Two segments side by side: where they differ most from each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.app.pages.of_study import frame, numbers_of, opened, to_reader
from coterie.app.routing import Page
from coterie.app.stages import stage_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from starlette.requests import Request

    from coterie.app.shelf import OpenStudy

_FIRST = 14  # rows shown before one asks for the others


def compare_page(request: Request) -> Mapping[str, Any]:
    """`?a=` and `?b=` are segment ids; by default the first two."""
    study = opened(request)
    model = frame(request, study, "Side by side")
    ids = list(study.names)
    pair = _pair(request, ids)
    choices = [{"number": number, "name": study.names[number]} for number in ids]
    model = model | {"choices": choices, "pair": [], "rows": [], "more": [], "chart": "", "stages": []}
    if len(pair) < 2:
        return model
    told = {each["number"]: each for each in study.part("segments")}
    rows = study.kept(("compare", pair), lambda: _rows(study, *pair))
    return model | {
        "pair": [told[number] for number in pair],
        "rows": rows[:_FIRST],
        "more": rows[_FIRST:],
        "chart": f"{model['study']['base']}/charts/beside?of={pair[0]},{pair[1]}",
        "stages": _stages(study, *pair),
    }


def _pair(request: Request, ids: list[int]) -> tuple[int, ...]:
    wished = [number for name in "ab" for number in numbers_of(request.query_params.get(name, ""))]
    pair = list(dict.fromkeys(number for number in wished if number in ids))[:2]
    return tuple([*pair, *(number for number in ids if number not in pair)][:2])


def _rows(study: OpenStudy, first: int, second: int) -> list[dict[str, Any]]:
    """One row a feature, the largest difference between the two first."""
    table = study.study.profiles
    table = table[table["feature"].isin(list(study.study.features))]
    keys = ["feature", "level"] if "level" in table else ["feature"]
    mine, theirs = (
        table[table["segment_id"] == number].assign(**{key: table[key].fillna("") for key in keys}).set_index(keys)
        for number in (first, second)
    )
    both = [key for key in mine.index if key in theirs.index]
    rows = [_row(study, key, mine.loc[key], theirs.loc[key]) for key in both]
    return sorted(rows, key=lambda row: (-row["apart"], row["label"]))


def _row(study: OpenStudy, key: Any, mine: pd.Series, theirs: pd.Series) -> dict[str, Any]:  # noqa: ANN401  an index entry
    name, level = (key[0], key[1]) if isinstance(key, tuple) else (key, "")
    here, there = float(mine["segment_value"]), float(theirs["segment_value"])
    apart = abs(float(mine["effect_size"]) - float(theirs["effect_size"]))
    label = study.label(name)
    return {
        "label": f"{label}: {level}" if level else label,
        "a": study.told.amount(name, here),
        "b": study.told.amount(name, there),
        "all": study.told.amount(name, float(mine["overall_value"])),
        "words": study.told.beside(here, there),
        "apart": 0.0 if math.isnan(apart) else round(apart, 4),
        "a_marker": bool(mine["is_marker"]),
        "b_marker": bool(theirs["is_marker"]),
    }


def _stages(study: OpenStudy, first: int, second: int) -> list[dict[str, str]]:
    rows = {row["number"]: row for row in stage_rows(study)}
    if first not in rows or second not in rows:
        return []
    pairs = zip(rows[first]["cells"], rows[second]["cells"], strict=True)
    return [{"stage": a["stage"], "a": a["share_told"], "b": b["share_told"]} for a, b in pairs]


ROUTES = (Page("compare", "/studies/{study}/compare", to_reader(compare_page), "compare.html.j2"),)
