"""The pictures of the page of benchmarks: seconds, and memory, over the number of order lines."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from coterie.outputs.charts.palette import SEGMENT_COLOURS
from coterie.outputs.charts.style import ACCENT, INK, MUTED, Drawing, canvas, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

#: Sides as they are called in words, ours in front.
NAMES = {"coterie": "Coterie", "floor": "the floor", "pandas": "pandas", "polars": "Polars", "spark": "Spark"}
_COLOURS = {
    "coterie": ACCENT,
    "floor": MUTED,
    "pandas": SEGMENT_COLOURS[1],
    "polars": SEGMENT_COLOURS[2],
    "spark": SEGMENT_COLOURS[3],
}
_LABEL = 0.055  # least distance of two labels, as a share of the height


def points_of(sizes: Sequence[Mapping[str, Any]], of: str) -> dict[str, list[tuple[int, float]]]:
    """Order lines and a measure of each side, where it ended."""
    found = {
        side: [(one["lines"], one["sides"][side][of]) for one in sizes if of in one["sides"].get(side, {})]
        for side in NAMES
    }
    return {side: points for side, points in found.items() if points}


def fingerprint(points: Mapping[str, Any]) -> str:
    """Twelve letters that stand in a picture and change when what it shows changes."""
    return hashlib.sha256(json.dumps(points, sort_keys=True).encode()).hexdigest()[:12]


def picture(points: Mapping[str, list[tuple[int, float]]], title: str, unit: str, reading: str) -> Drawing:
    """Draw one line a side on two logarithmic scales, each named at its end."""
    with look():
        figure, axes, header = canvas(title, 3.6)
        axes.set_xscale("log")
        axes.set_yscale("log")
        for side, found in points.items():
            front = side == "coterie"
            axes.plot(*zip(*found, strict=True), "o-", color=_COLOURS[side], linewidth=2.6 if front else 1.5,
                      markersize=5 if front else 3.5, zorder=3 if front else 2)  # fmt: skip
        _name_lines(axes, points)
        axes.set_xlabel("order lines")
        axes.set_ylabel(unit)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _place: f"{value:,.10g}")
            axis.set_minor_formatter("")
        axes.grid(which="major")
        axes.margins(x=0.16, y=0.1)
    return Drawing(figure, title, reading, header)


def _name_lines(axes: Axes, points: Mapping[str, list[tuple[int, float]]]) -> None:
    """Write each side's name beside its last point, names moved apart where lines end close together.

    A line that ends before others has its name below: above it, a longer line may pass.
    """
    low, high = axes.get_ylim()
    ratio, farthest = (high / low) ** _LABEL, max(found[-1][0] for found in points.values())
    whole = sorted((found[-1][1], side) for side, found in points.items() if found[-1][0] == farthest)
    short = sorted((found[-1][1], side) for side, found in points.items() if found[-1][0] < farthest)
    last, places = low, {}
    for y, side in whole:
        places[side] = last = max(y, last * ratio)
    last = high
    for y, side in reversed(short):
        places[side] = last = min(y / ratio, last / ratio)
    for side, y in places.items():
        axes.annotate(NAMES[side], points[side][-1], xytext=(points[side][-1][0] * 1.12, y),
                      color=INK if side == "coterie" else MUTED, fontweight="bold" if side == "coterie" else "normal",
                      fontsize=9, va="center")  # fmt: skip


def svg_of(drawing: Drawing, points: Mapping[str, Any]) -> str:
    """Give the picture as SVG, with its reading and the fingerprint of what it shows."""
    text = drawing.svg().decode("utf-8")
    told = f"<desc>{drawing.title} {drawing.reading} [{fingerprint(points)}]</desc>"
    return text.replace('<g id="figure_1">', f'{told}\n <g id="figure_1">', 1)
