"""Customers by segment and lifecycle stage, counted once from two columns of the customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coterie.outputs import hidden_cells, stages_of_segments, whole_percent

if TYPE_CHECKING:
    from coterie.app.shelf import OpenStudy


def stage_table(study: OpenStudy) -> pd.DataFrame | None:
    """Customers by segment id (rows) and stage (columns, as a life goes); None without stages."""

    def count() -> pd.DataFrame | None:
        rows = study.people.counts(["segment_id", "stage"])
        staged = pd.DataFrame(rows, columns=["segment_id", "stage", "count_all"])
        return stages_of_segments(staged.rename(columns={"count_all": "customers"}), list(study.names))

    found: pd.DataFrame | None = study.kept("stages", count)
    return found


def stage_rows(study: OpenStudy) -> list[dict[str, Any]]:
    """One row a segment: the share of its customers in each stage, those of very few hidden."""

    def make() -> list[dict[str, Any]]:
        counts = stage_table(study)
        if counts is None:
            return []
        hidden = hidden_cells(counts)
        return [
            _row(study, int(str(number)), counts.iloc[place], hidden[place])
            for place, number in enumerate(counts.index)
        ]

    rows: list[dict[str, Any]] = study.kept("stage rows", make)
    return rows


def _row(study: OpenStudy, number: int, counts: pd.Series, hidden: Any) -> dict[str, Any]:  # noqa: ANN401  a bool array
    total = int(counts.sum())
    cells = [
        {
            "stage": str(stage),
            "customers": None if hide else int(count),
            "share": 0.0 if hide else int(count) / total,
            "share_told": "under ten" if hide else whole_percent(int(count) / total),
            "hidden": bool(hide),
        }
        for (stage, count), hide in zip(counts.items(), hidden, strict=True)
    ]
    return {
        "number": number,
        "name": study.names[number],
        "colour": study.tints[number],
        "total": total,
        "cells": cells,
    }
