"""Search for one customer: in which segment, how surely, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.app.pages.of_study import frame, opened, to_reader
from coterie.app.routing import Page
from coterie.outputs import feature_column, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from starlette.requests import Request

    from coterie.app.shelf import OpenStudy

_MOST = 20
_LONGEST = 200  # characters of a search
_FEATURES = 12
#: What is read of each customer beside the features.
_COLUMNS = (
    "segment_id", "confidence", "reason", "stage", "place", "second_segment_id", "p_alive", "expected_orders_12m",
    "expected_value_12m",
)  # fmt: skip
_PLACES = {
    "core": "in the middle of the segment",
    "fringe": "at the edge of the segment",
    "between": "between two segments",
}


def customers_page(request: Request) -> Mapping[str, Any]:
    """`?q=` is a customer's id or its beginning; what is shown is never kept by the browser."""
    study = opened(request)
    asked = request.query_params.get("q", "").strip()[:_LONGEST]
    model = frame(request, study, "Find a customer") | {"q": asked, "rows": [], "more": False, "one": None}
    if not asked:
        return model
    names = study.told.main_features(_FEATURES)
    found, more = study.people.find(asked, [*_COLUMNS, *map(feature_column, names)], _MOST)
    base = model["study"]["base"]
    rows = [_row(study, base, str(identity), row) for identity, row in found.iterrows()]
    exact = bool(rows) and (rows[0]["id"] == asked or len(rows) == 1)
    one = rows[0] | {"features": _features(study, names, found.iloc[0])} if exact else None
    return model | {"rows": rows[1:] if exact else rows, "more": more, "one": one}


def _row(study: OpenStudy, base: str, identity: str, row: pd.Series) -> dict[str, Any]:
    number, second = int(row["segment_id"]), _number(row.get("second_segment_id"))
    return {
        "id": identity,
        "segment": study.names.get(number, ""),
        "href": f"{base}/segments/{number}",
        "colour": study.tints.get(number, ""),
        "confidence": _number(row.get("confidence")),
        "sure": _sure(_number(row.get("confidence"))),
        "reason": shown(study.in_owners_words(str(row.get("reason") or "")), 400),
        "stage": row.get("stage") or "",
        "place": _PLACES.get(str(row.get("place")), ""),
        "second": study.names.get(int(second), "") if not math.isnan(second) else "",
        "worth": _worth(study, row),
    }


def _number(value: Any) -> float:  # noqa: ANN401  a cell
    return math.nan if value is None else float(value)


def _sure(confidence: float) -> str:
    """Say how often refits on other samples keep such a customer in the segment."""
    return "" if math.isnan(confidence) else f"{math.floor(100 * confidence + 1e-9)} times in 100"


def _worth(study: OpenStudy, row: pd.Series) -> str:
    alive, value = _number(row.get("p_alive")), _number(row.get("expected_value_12m"))
    if math.isnan(alive):
        return ""
    told = f"With {100 * alive:.0f} % still a customer"
    return told if math.isnan(value) else f"{told}; {study.told.money(value)} to expect in the next 12 months"


def _features(study: OpenStudy, names: list[str], row: pd.Series) -> list[dict[str, str]]:
    """Her own values beside those of her segment and of all customers."""
    table = study.study.profiles
    mine = table[table["segment_id"] == int(row["segment_id"])].drop_duplicates("feature")
    rows: dict[str, dict[Any, Any]] = {each["feature"]: each for each in mine.to_dict("records")}
    told = []
    for name in names:
        if name in rows and feature_column(name) in row:
            values = (row[feature_column(name)], rows[name]["segment_value"], rows[name]["overall_value"])
            her, segment, everyone = (study.told.amount(name, float(value)) for value in values)
            told.append({"label": study.label(name), "her": her, "segment": segment, "all": everyone})
    return told


ROUTES = (Page("customers", "/studies/{study}/customers", to_reader(customers_page), "customers.html.j2"),)
