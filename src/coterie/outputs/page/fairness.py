"""What the report says of purpose, people left out, and fairness: whom segments and offers stand for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.words import shown

if TYPE_CHECKING:
    import pandas as pd

    from coterie.outputs.study import Study

#: A table of which more is hidden is not shown.
_MOST_HIDDEN = 0.7
_ORIGINS = {
    "audit": "checked only",
    "basis": "segments are built on it",
    "described": "described only",
}


def fairness(study: Study) -> dict[str, Any] | None:
    """Give the chapter on privacy and fairness; None for a study that never asked."""
    found = study.manifest.get("privacy")
    if found is None:
        return None
    audit = found["audit"] or {"reason": "Nothing was checked.", "attributes": [], "proxy_sentences": [],
                               "offer_sentences": [], "notes": []}  # fmt: skip
    return {
        "purpose": shown(found["purpose"], 900),
        "suppressed": _suppressed(found["suppressed"]),
        "special": [{"column": shown(column, 60), "reason": shown(reason, 300)}
                    for column, reason in found["special"].items()],
        "reason": shown(audit["reason"], 400),
        "attributes": [_attribute(study, entry) for entry in audit["attributes"]],
        "proxy_sentences": [shown(sentence, 900) for sentence in audit["proxy_sentences"]],
        "offer_sentences": [shown(sentence, 600) for sentence in audit["offer_sentences"]],
        "offers": _offers(study),
        "notes": [shown(sentence, 600) for sentence in audit["notes"]],
    }  # fmt: skip


def _suppressed(customers: int | None) -> str:
    if customers is None:
        return (
            "No list of people who objected was given. If somebody objected to being profiled for marketing, leave "
            "them out before anything is computed with --suppress FILE."
        )
    who = "1 customer" if customers == 1 else f"{words.count(customers)} customers"
    return f"{who} on lists of people who objected were left out before anything was computed."


def _attribute(study: Study, entry: dict[str, Any]) -> dict[str, Any]:
    table = study.tables.get("proxies")
    return {
        "label": shown(entry["label"], 60),
        "origin": _ORIGINS[entry["origin"]],
        "strength": f"{entry['strength']:.2f}",
        "range": f"{entry['strength_low']:.2f} to {entry['strength_high']:.2f}",
        "flagged": entry["is_flagged"],
        "grid": _grid(study, table[table["attribute"] == entry["name"]]) if table is not None else None,
    }


def _grid(study: Study, rows: pd.DataFrame) -> dict[str, Any] | None:
    """Segments down, groups across: the share of each group in each segment; None where hardly any can be shown."""
    if rows["share"].isna().mean() > _MOST_HIDDEN:
        return None
    names = {segment.segment_id: segment.name for segment in study.profiled}
    groups = list(dict.fromkeys(rows["group"]))
    read: list[Any] = list(rows.itertuples(index=False))
    shares = {(int(row.segment_id), str(row.group)): row for row in read}
    lines = []
    for segment_id in dict.fromkeys(int(value) for value in rows["segment_id"]):
        cells = [_cell(shares[segment_id, group]) for group in groups]
        lines.append({"name": shown(names.get(segment_id, ""), 60), "cells": cells})
    return {"groups": [shown(group, 40) for group in groups], "lines": lines}


def _cell(row: Any) -> dict[str, Any]:  # noqa: ANN401  a row of the table
    if math.isnan(row.share):
        return {"text": "not shown", "stands_out": ""}
    sure = row.p_adjusted < 0.05
    return {
        "text": words.whole_percent(row.share),
        "stands_out": ("more" if row.difference > 0 else "fewer") if sure else "",
    }


def _offers(study: Study) -> list[dict[str, str]]:
    if "offers" not in study.tables:
        return []
    labels = {entry["name"]: entry["label"] for entry in study.manifest["privacy"]["audit"]["attributes"]}
    return [_offer(row, labels) for row in study.tables["offers"].itertuples(index=False)]


def _offer(row: Any, labels: dict[str, str]) -> dict[str, str]:  # noqa: ANN401  a row of the table
    hidden, bare = math.isnan(row.ratio), math.isnan(row.ratio_low)
    return {
        "offer": shown(row.offer, 40),
        "group": f"{shown(labels.get(row.attribute, row.attribute), 40)}: {shown(row.group, 40)}",
        "customers": words.count(row.customers),
        "rate": "not shown" if hidden else words.whole_percent(row.rate),
        "ratio": "" if hidden else f"{row.ratio:.2f}",
        "range": "" if bare else f"{row.ratio_low:.2f} to {row.ratio_high:.2f}",
        "alarm": "screening alarm" if row.alarm else "",
    }
