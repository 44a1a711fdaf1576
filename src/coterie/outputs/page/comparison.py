"""The page of two studies held against each other, in the look of the report; and the same as lines and plain data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.advice import KEEP
from coterie.outputs.charts.palette import colour
from coterie.outputs.fates import KEPT, MERGED, NEW, RENAMED, SCATTERED, SPLIT
from coterie.outputs.plain import to_plain
from coterie.outputs.words import shown
from coterie.profiles import capital
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    import pandas as pd

    from coterie.outputs.comparing import Comparison, Side
    from coterie.outputs.shifts import Shift

#: Moves and features that are told in a terminal, and on a page before the rest is folded away.
_FEW, _MANY = 6, 12
#: Change of the share of customers with a known value from which on it is told.
_KNOWN_CHANGED = 0.02
_TONES = {KEPT: "good", RENAMED: "good", MERGED: "fair", SPLIT: "fair", SCATTERED: "poor", NEW: "fair"}
_SHIFT_TONES = {"steady": "good", "moved a little": "fair", "moved far": "poor"}


def render_comparison(comparison: Comparison) -> str:
    """Make the page."""
    from coterie.outputs.report import environment

    page = comparison_page(comparison)
    return environment().get_template("comparison.html.j2").render(**page, title=page["new"]["title"])


def comparison_page(comparison: Comparison) -> dict[str, Any]:
    """Give what a page shows, as texts and plain numbers: one shape for the file and for the app."""
    agreement = comparison.agreement
    return {
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "advice": {
            "sentence": comparison.advice.sentence,
            "keep": comparison.advice.action == KEEP,
            "reasons": [shown(reason, 600) for reason in comparison.advice.reasons],
        },
        "figures": [
            {"value": words.count(comparison.in_both), "label": "customers in both studies"},
            {"value": _stayed(comparison), "label": "of them in the segment that continues theirs"},
            {"value": words.count(comparison.appeared), "label": "only in the new one"},
            {"value": words.count(comparison.gone), "label": "only in the earlier one"},
        ],
        "agreement": {
            "index": "—" if math.isnan(agreement.index) else f"{agreement.index:.2f}",
            "word": agreement.word,
        },
        "fates": [
            {"word": fate.word, "tone": _TONES.get(fate.word, ""), "sentence": shown(fate.sentence, 500)}
            for fate in comparison.fates
        ],
        "matrix": _matrix(comparison.moved),
        "shifts": [_shift(shift, comparison) for shift in _first(comparison.shifts)],
        "first_shifts": _MANY,
        "warnings": _warnings(comparison),
    }


def comparison_lines(comparison: Comparison) -> list[str]:
    """Say it in a few lines, for a terminal."""
    page = comparison_page(comparison)
    lines = [page["advice"]["sentence"], *(f"  {reason}" for reason in page["advice"]["reasons"]), *page["warnings"]]
    lines += ["", " · ".join(f"{figure['value']} {figure['label']}" for figure in page["figures"])]
    lines.append(
        f"The two studies are {page['agreement']['word']} where they speak of the same customers "
        f"(adjusted Rand index {page['agreement']['index']}; 1 = the same, 0 = no more than chance)."
    )
    lines += ["", "Segments", *(f"  {fate['word']}: {fate['sentence']}" for fate in page["fates"])]
    moved = [shift for shift in page["shifts"] if shift["word"] != "steady"]
    lines += ["", "What drifted", *(f"  {shift['sentence']}" for shift in moved[:_FEW])]
    if not moved:
        lines.append("  Nothing that is more than chance.")
    if len(moved) > _FEW:
        lines.append(f"  … and {len(moved) - _FEW} more; --out comparison.html has all.")
    return lines


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """Give it as plain data for a program; numbers that are unknown are null."""
    return {
        "old": to_plain(comparison.old),
        "new": to_plain(comparison.new),
        "advice": to_plain(comparison.advice),
        "customers": {
            "in_both": comparison.in_both,
            "only_new": comparison.appeared,
            "only_old": comparison.gone,
        },
        "agreement": to_plain(comparison.agreement) | {"word": comparison.agreement.word},
        "earlier_model": to_plain(comparison.replaced),
        "segments": [to_plain(fate) for fate in comparison.fates],
        "moved": to_plain(comparison.moved.to_dict("records")),
        "drift": [
            {
                "feature": shift.feature.name,
                "label": shift.feature.label,
                "unit": shift.feature.unit,
                "in_basis": shift.in_basis,
                "level": shift.level,
                "known": {"before": shift.known[0], "after": shift.known[1]},
                **to_plain({"before": shift.before, "after": shift.after, "psi": shift.psi, "chance": shift.chance}),
                "word": shift.word,
            }
            for shift in comparison.shifts
        ],
    }


def _side(side: Side) -> dict[str, str]:
    return {
        "title": shown(side.title, 100),
        "as_of": f"{side.as_of.day} {side.as_of:%B %Y}" if side.as_of else "",
        "customers": words.count(side.customers),
        "segments": words.number_word(side.segments),
        "verdict": side.verdict.value,
    }


def _stayed(comparison: Comparison) -> str:
    """Share of the customers in both who are in the segment that continues their own."""
    if not comparison.in_both:
        return "—"
    stayed = sum(fate.shared for fate in comparison.fates if fate.word in (KEPT, RENAMED))
    return words.whole_percent(stayed / comparison.in_both)


def _first(shifts: tuple[Shift, ...]) -> list[Shift]:
    """What moved and counts for the segments first, then what else moved, then what is steady."""
    order = {"moved far": 0, "moved a little": 0, "steady": 1}
    return sorted(shifts, key=lambda shift: (order[shift.word], not shift.in_basis))


def _matrix(moved: pd.DataFrame) -> dict[str, Any]:
    """Rows of the earlier segments, columns of the new ones; customers of one study only come last."""
    starts = moved.drop_duplicates("from_segment_id").sort_values("from_segment_id", key=_last)
    ends = moved.drop_duplicates("to_segment_id").sort_values("to_segment_id", key=_last)
    found = {(row.from_segment_id, row.to_segment_id): row for row in moved.itertuples(index=False)}
    columns = list(zip(ends["to_segment_id"], ends["to_segment"], strict=True))
    return {
        "columns": [_name(*column) for column in columns],
        "rows": [
            {**_name(start, name), "cells": [_cell(found.get((start, end))) for end, _ in columns]}
            for start, name in zip(starts["from_segment_id"], starts["from_segment"], strict=True)
        ],
    }


def _last(ids: pd.Series) -> pd.Series:
    """Sort by id, with 0 after all others."""
    return ids.where(ids > 0, ids.max() + 1)


def _name(identity: int, name: str) -> dict[str, Any]:
    return {"name": shown(name, 60), "segment_id": int(identity), "colour": colour(int(identity)) if identity else ""}


def _cell(row: Any) -> dict[str, Any]:  # noqa: ANN401  a row of the table, or None
    """Customers and their share of the earlier segment; `heat` is the share in tenths, 0 to 10, for a shade."""
    if row is None:
        return {"customers": "", "share": "", "heat": 0}
    share = float(row.share_of_from)
    return {
        "customers": words.count(row.customers),
        "share": words.whole_percent(share) if row.from_segment_id else "",
        "heat": round(10 * share) if row.from_segment_id else 0,
    }


def _shift(shift: Shift, comparison: Comparison) -> dict[str, Any]:
    feature, currency = shift.feature, comparison.new.currency
    share = feature.kind is Kind.CATEGORY
    before, after = (
        words.percent(value) if share else words.amount(value, feature, currency)
        for value in (shift.before, shift.after)
    )
    name = f"{feature.label}: share of “{shown(shift.level, 40)}”" if shift.level else feature.label
    what = "share" if share else "mean" if feature.kind in (Kind.SHARE, Kind.FLAG) else "median"
    changed = words.beside(shift.after, shift.before)
    told = f"{capital(shown(name, 100))}: {before} → {after}"
    unknown = _known_told(shift.known)
    return {
        "label": shown(name, 100),
        "what": what,
        "before": before,
        "after": after,
        "changed": changed,
        "word": shift.word,
        "tone": _SHIFT_TONES[shift.word],
        "known": unknown,
        "psi": f"{shift.psi:.2f}",
        "in_basis": shift.in_basis,
        "sentence": f"{told} ({', '.join(part for part in (what, changed, shift.word, unknown) if part)}).",
    }


def _known_told(known: tuple[float, float]) -> str:
    """Say of how many customers a value is known, where that changed."""
    if abs(known[1] - known[0]) < _KNOWN_CHANGED:
        return ""
    return f"known of {words.percent(known[0])}, now of {words.percent(known[1])} of customers"


def _warnings(comparison: Comparison) -> list[str]:
    """What a reader has to know before anything is believed."""
    old, new = comparison.old, comparison.new
    told = []
    if old.as_of and new.as_of and old.as_of > new.as_of:
        told.append("The study named first looks at a later day than the second: did you mean the other way round?")
    if not comparison.in_both:
        told.append("No customer is in both studies: are the customer ids the same kind of number?")
    if old.currency and new.currency and old.currency != new.currency:
        told.append(
            f"The studies count in different money ({shown(old.currency, 12)} and "
            f"{shown(new.currency, 12)}): what drifted in money may be that."
        )
    return told
