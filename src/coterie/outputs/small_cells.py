"""Numbers that a study does not keep: those of fewer than ten customers, or made up mostly by one or two of them."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.worth import SEGMENT_COLUMNS
from coterie.profiles import SMALLEST_CELL, hidden_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from coterie.vocabulary import Segment

NOTE = "not shown: it would tell what single customers brought"
TOO_FEW = f"not shown: fewer than {SMALLEST_CELL} customers"
#: Numbers of a segment in the table of profiles.
_NUMBERS = ("segment_value", "index", "effect_size", "spread", "segment_mean")
#: Criteria of a target that are amounts of money.
_MONEY = ("value", "gain")
_AMOUNT = re.compile(r" \([^()]*\d[^()]*\)")


def untold(segments: Sequence[Segment]) -> frozenset[int]:
    """Give the segments whose sums are not told: their profile leaves the value out, or they are fewer than ten."""
    with_value = any(not math.isnan(segment.value) for segment in segments)
    return frozenset(s.segment_id for s in segments if s.size < SMALLEST_CELL or (with_value and math.isnan(s.value)))


def without_stakes(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Take the value at stake out of the plays whose segment's value is not told: it is a part of that value."""
    hidden = untold(segments)
    return tuple(_without_stake(segment) if segment.segment_id in hidden else segment for segment in segments)


def _without_stake(segment: Segment) -> Segment:
    if segment.play is None or math.isnan(segment.play.value_at_stake):
        return segment
    reason = _AMOUNT.sub("", segment.play.priority_reason)
    play = replace(segment.play, value_at_stake=math.nan, value_at_stake_note=NOTE, priority_reason=reason)
    return replace(segment, play=play)


def protected(tables: Mapping[str, pd.DataFrame], segments: Sequence[Segment]) -> dict[str, pd.DataFrame]:
    """Take out of a study's tables what is not told of segments.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    segments : sequence of Segment

    Returns
    -------
    dict of str to DataFrame
        Sums of money (`expected_value`, `budget`, the forecast in `segments`) without the segments that `untold` gives;
        `profiles` with empty numbers for segments of fewer than ten customers, and, where one alone is so small, with
        empty shares and means of the next smallest, from which and the total those of the small one would follow.
    """
    hidden = untold(segments)
    found = dict(tables)
    if not hidden:
        return found
    for name in ("expected_value", "budget"):
        if name in found:
            found[name] = found[name][~found[name]["segment_id"].isin(hidden)].reset_index(drop=True)
    found |= _targets(found, hidden, frozenset(s.segment_id for s in segments if s.size < SMALLEST_CELL))
    columns = [name for name in SEGMENT_COLUMNS if name in found["segments"]]
    found["segments"] = _emptied(found["segments"], found["segments"]["segment_id"].isin(hidden), columns)
    found["profiles"] = _profiles(found["profiles"], segments)
    return found


def _targets(
    tables: Mapping[str, pd.DataFrame], hidden: frozenset[int], small: frozenset[int]
) -> dict[str, pd.DataFrame]:
    """Leave away what the choice of targets says of money in hidden segments, and of anything in small ones."""
    found = {}
    if "targeting_criteria" in tables:
        table = tables["targeting_criteria"]
        rows = table["segment_id"].isin(small) | (table["segment_id"].isin(hidden) & table["name"].isin(_MONEY))
        found["targeting_criteria"] = _emptied(table, rows, ["value", "score"])
        found["targeting_criteria"].loc[rows, "told"] = NOTE
        found["targeting_criteria"].loc[table["segment_id"].isin(small), "told"] = TOO_FEW
    if "targeting" in tables:
        table = tables["targeting"].copy()
        rows = table["segment_id"].isin(hidden)
        table.loc[rows, "sentence"] = [_without_reasons(text) for text in table.loc[rows, "sentence"]]
        found["targeting"] = table
    return found


def _without_reasons(sentence: str) -> str:
    place, reasons, _ = sentence.partition(" Most in its favour")
    return f"{place} The reasons are not shown: they would tell of single customers." if reasons else sentence


def _profiles(table: pd.DataFrame, segments: Sequence[Segment]) -> pd.DataFrame:
    ids = np.array([segment.segment_id for segment in segments])
    sizes = np.array([segment.size for segment in segments])
    small = sizes < SMALLEST_CELL
    beside = ids[hidden_parts(sizes, small) & ~small]
    rows = table["segment_id"].isin(ids[small])
    if "statistic" in table:
        rows |= table["segment_id"].isin(beside) & (table["statistic"] != "median")
    return _emptied(table, rows, [name for name in _NUMBERS if name in table])


def _emptied(table: pd.DataFrame, rows: pd.Series, columns: Collection[str]) -> pd.DataFrame:
    if not rows.any() or not columns:
        return table
    copy = table.copy()
    copy.loc[rows, list(columns)] = np.nan
    return copy
