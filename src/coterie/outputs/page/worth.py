"""What the report says of the worth of customers: the year ahead by segment, the test, the checks, the way up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.campaigns import place_in_life
from coterie.outputs import words
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.words import shown

if TYPE_CHECKING:
    from coterie.outputs.study import Study

#: Fewest customers whose sums are shown.
_FEWEST = 10


def worth(study: Study) -> dict[str, Any] | None:
    """Give the chapter on worth, or why there is none; None where the study never asked."""
    found = study.manifest.get("worth")
    if found is None:
        return None
    if found["reason"] or "expected_value" not in study.tables:
        return {"reason": shown(found["reason"], 400)}
    return {
        "reason": "",
        "sentences": [shown(sentence, 900) for sentence in found["sentences"]],
        "has_money": "value" in study.tables["expected_value"],
        "rows": _rows(study),
        "checks": [{"holds": check["holds"], "sentence": shown(check["sentence"], 700)} for check in found["checks"]],
        "limits": [shown(sentence, 700) for sentence in found["limits"]],
        "assumptions": [shown(sentence, 400) for sentence in found["assumptions"]],
        "ladder": _ladder(study),
        "models": _models(found["models"], study.currency),
        "days": found["test"]["days"] if found["test"] else 0,
    }


def _rows(study: Study) -> list[dict[str, Any]]:
    """One row a segment: orders and value of the next 3, 6 and 12 months."""
    table = study.tables["expected_value"]
    names = {segment.segment_id: segment.name for segment in study.profiled} | {0: "All customers"}
    tints = {segment.segment_id: colour_of(segment) for segment in study.profiled}
    rows = []
    for segment_id in (*(key for key in names if key), 0):
        ahead = table[table["segment_id"] == segment_id].set_index("months")
        if ahead.empty or ahead["customers"].iloc[0] < _FEWEST:
            continue
        rows.append(
            {
                "name": shown(names[segment_id], 60),
                "colour": tints.get(segment_id, ""),
                "customers": words.count(ahead["customers"].iloc[0]),
                "orders": [_amount(ahead, months, "orders") for months in ahead.index],
                "value": [_amount(ahead, months, "value", study.currency) for months in ahead.index]
                if "value" in ahead
                else [],
                **({} if "value" not in ahead else _money_of_year(ahead.loc[12], study.currency)),
            }
        )
    return rows


def _amount(ahead: Any, months: int, name: str, currency: str | None = None) -> dict[str, str]:  # noqa: ANN401
    numbers = [float(ahead.loc[months, f"{name}{end}"]) for end in ("", "_low", "_high")]
    told = [words.plain_number(each) if currency is None else words.money(each, currency) for each in numbers]
    return {"middle": told[0], "range": f"{told[1]} to {told[2]}"}


def _money_of_year(year: Any, currency: str) -> dict[str, str]:  # noqa: ANN401  a row of the table
    return {
        "share": words.whole_percent(float(year["share"])),
        "at_risk": words.money(float(year["at_risk"]), currency),
        "profit": words.money(float(year["profit"]), currency),
    }


def _ladder(study: Study) -> list[dict[str, str]]:
    """Stages with at least ten customers as a life goes, and what moving up from each would bring."""
    if "value_stages" not in study.tables:
        return []
    rows = []
    most = float(study.tables["value_stages"]["value"].max())
    for row in study.tables["value_stages"].itertuples(index=False):
        stage: Any = row
        if stage.customers < _FEWEST:
            continue
        up = isinstance(stage.next_stage, str) and stage.next_stage and not math.isnan(stage.worth)
        rows.append(
            {
                "stage": stage.stage,
                "customers": words.count(stage.customers),
                "value": words.money(stage.value, study.currency),
                "moved_up": words.whole_percent(stage.moved_up),
                "next": stage.next_stage if up else "already worth most" if stage.value == most else "too few moved up",
                "worth": words.money(stage.worth, study.currency) if up else "",
                "moved": f"{words.count(stage.moved)} of {words.count(stage.customers_then)}" if up else "",
            }
        )
    return sorted(rows, key=lambda row: place_in_life(row["stage"]))


def _models(found: dict[str, Any], currency: str) -> list[str]:
    """Parameters with their intervals, for those who know the models."""
    told = []
    for name, title in (("orders", found.get("variant", "")), ("spending", "Gamma-Gamma")):
        parts = [f"{key} {_estimate(value)}" for key, value in found.get(name, {}).items()]
        unit = "; alpha in days" if name == "orders" else f"; gamma in {currency or 'currency'}"
        told += [f"{title}: {', '.join(parts)}{unit}."] if parts else []
    return told


def _estimate(value: dict[str, float | None]) -> str:
    middle = f"{value['value']:.3g}"
    if value["low"] is None or value["high"] is None:
        return f"{middle} (not bounded by the data)"
    return f"{middle} ({value['low']:.3g} to {value['high']:.3g})"
