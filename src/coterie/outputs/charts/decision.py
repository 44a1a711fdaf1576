"""Which segments to target: the decision chart of attractiveness against strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import FAINT, INK, MUTED, RULE, Drawing, bare, canvas, wrapped
from coterie.outputs.words import shown, whole_percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study

_MIDDLE = 5.0
_HEIGHT = 4.9
_LARGEST = 2200.0  # points² of the largest bubble
_SMALLEST = 170.0  # in which a number can be read


def draw(study: Study) -> Drawing | None:
    """One bubble a segment: attractiveness to the right, our strength upwards, its area the number of customers."""
    table = study.tables.get("targeting")
    if table is None or table.empty or bool(table[["attractiveness", "strength"]].isna().to_numpy().any()):
        return None
    figure, (axes, side), header = canvas(
        _title(table), max(_HEIGHT, 0.5 * len(table)), 7.6, ncols=2, gridspec_kw={"width_ratios": (1.75, 1)}
    )
    low = [max(0.0, min(4.0, float(table[end].min()) - 1.2)) for end in ("attractiveness", "strength")]
    _quadrants(axes, low)
    segments = {segment.segment_id: segment for segment in study.profiled}
    largest = max(segment.size for segment in study.profiled)
    tints = {key: colour_of(segment) for key, segment in segments.items()}
    for row in sorted(_rows(table), key=lambda row: -segments[row["segment_id"]].size):
        out, at = bool(row["knock_out"]), (row["attractiveness"], row["strength"])
        size = max(_LARGEST * segments[row["segment_id"]].size / largest, _SMALLEST)
        axes.scatter(*at, s=size, zorder=3, **_bubble(tints[row["segment_id"]], knocked_out=out))
        axes.text(*at, str(row["rank"]), ha="center", va="center", fontsize=9, fontweight="bold", zorder=4,
                  color=tints[row["segment_id"]] if out else "white")  # fmt: skip
    _names(side, table, tints)
    axes.set_xlabel("Attractiveness of the segment, 0 to 10 →", loc="right")
    axes.set_ylabel("Our strength there, 0 to 10 →", loc="top")
    axes.set_xlim(low[0], 10.3)
    axes.set_ylim(low[1], 10.3)
    sizes = ", ".join(f"{shown(s.name, 45)} {whole_percent(s.share)}" for s in study.profiled)
    reading = (
        "To the right what makes a segment worth having, upwards how well the shop can reach and serve it, each 0 to "
        f"10 by the criteria and weights of the settings. The area of a bubble is its number of customers ({sizes}); "
        "an empty one is no target, for the reason told below. Top right comes first."
    )
    return Drawing(figure, _title(table), reading, header)


def _title(table: pd.DataFrame) -> str:
    first = min(_rows(table), key=lambda row: row["rank"])
    if first["knock_out"]:
        return "No segment is a target as things stand"
    return f"Target first: {shown(str(first['segment']), 45)}"


def _bubble(tint: str, *, knocked_out: bool) -> dict[str, Any]:
    if knocked_out:
        return {"facecolor": "white", "edgecolor": tint, "linewidth": 1.6, "linestyle": "--"}
    return {"facecolor": tint, "edgecolor": "white", "linewidth": 1.0, "alpha": 0.9}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _quadrants(axes: Axes, low: list[float]) -> None:
    axes.axvline(_MIDDLE, color=RULE, linewidth=1, zorder=1)
    axes.axhline(_MIDDLE, color=RULE, linewidth=1, zorder=1)
    axes.axvspan(_MIDDLE, 10.3, ymin=(_MIDDLE - low[1]) / (10.3 - low[1]), color=FAINT, zorder=0)
    axes.text(10.2, 10.2, "target", ha="right", va="top", fontsize=9, color=MUTED)
    axes.text(low[0] + 0.08, 10.2, "serve at little cost", ha="left", va="top", fontsize=9, color=MUTED)
    axes.text(10.2, low[1] + 0.08, "build strength first", ha="right", va="bottom", fontsize=9, color=MUTED)
    axes.text(low[0] + 0.08, low[1] + 0.08, "not now", ha="left", va="bottom", fontsize=9, color=MUTED)


def _names(axes: Axes, table: pd.DataFrame, tints: dict[int, str]) -> None:
    """List the segments by rank, each number in its colour: names beside bubbles would cover each other."""
    rows = sorted(_rows(table), key=lambda row: row["rank"])
    for place, row in enumerate(rows):
        axes.text(0.0, place, str(row["rank"]), va="center", fontsize=10, fontweight="bold",
                  color=tints[row["segment_id"]])  # fmt: skip
        name = wrapped(shown(str(row["segment"])), 29)
        axes.text(0.09, place + 0.06, name, va="bottom", fontsize=8.8, color=INK)
        axes.text(0.09, place + 0.12, row["decision"], va="top", fontsize=8.2, color=MUTED)
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(rows), 6) - 0.4, -0.6)
    bare(axes)
