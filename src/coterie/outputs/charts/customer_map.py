"""Where the customers lie when the basis is pressed flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import INK, Drawing, bare, canvas, wrapped
from coterie.outputs.words import count, shown
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    import pandas as pd

    from coterie.outputs.study import Study

_MOST = 5_000

_FINDINGS = {
    VerdictWord.NATURAL: "The segments lie apart as groups of their own",
    VerdictWord.REPRODUCIBLE: "The segments are regions that border on each other",
    VerdictWord.CONSTRUCTIVE: "The customers form one cloud; the segments divide it",
    VerdictWord.NONE: "The customers form one cloud without parts",
}


def draw(study: Study) -> Drawing | None:
    """One dot a customer, the segment's name at its middle."""
    points = study.customers[["segment_id", "map_x", "map_y"]].dropna()
    if len(points) < 10 or points["map_x"].min() == points["map_x"].max():
        return None
    points = _sample(points)
    title = f"{_FINDINGS[study.verdict.word]}"
    figure, axes, header = canvas(title, 4.9)
    for segment in study.profiled:
        inside = points[points["segment_id"] == segment.segment_id]
        tint = colour_of(segment)
        axes.scatter(inside["map_x"], inside["map_y"], s=9, color=tint, alpha=0.5, linewidths=0, rasterized=True)
    _frame(axes, points)
    _name_places(axes, study, points)
    bare(axes)
    shown_of = "All" if len(points) == len(study.customers) else f"{count(len(points))} of"
    share = f"{shown_of} {count(len(study.customers))} customers"
    reading = (
        f"{share}, one dot each, placed by the two directions in which they differ most. Flattening hides differences "
        f"in the other directions: segments that overlap here can be apart there."
    )
    return Drawing(figure, title, reading, header)


def _sample(points: pd.DataFrame) -> pd.DataFrame:
    """Every nth customer by id: the same dots each time."""
    step = -(-len(points) // _MOST)
    return points.iloc[::step]


def _frame(axes, points: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for values, place in ((points["map_x"], axes.set_xlim), (points["map_y"], axes.set_ylim)):
        low, high = np.quantile(values, [0.002, 0.998])
        pad = 0.06 * (high - low) or 1.0
        place(low - pad, high + pad)


def _name_places(axes, study: Study, points: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    taken: list[tuple[float, float]] = []
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for segment in study.profiled:
        inside = points[points["segment_id"] == segment.segment_id]
        if inside.empty:
            continue
        x = float(np.clip(inside["map_x"].median(), left + 0.16 * (right - left), right - 0.16 * (right - left)))
        y = float(inside["map_y"].median())
        while any(abs(x - a) < 0.28 * (right - left) and abs(y - b) < 0.09 * (top - bottom) for a, b in taken):
            y += 0.045 * (top - bottom)
        taken.append((x, y))
        tint = colour_of(segment)
        axes.text(
            x, y, wrapped(shown(segment.name), 24), ha="center", va="center", fontsize=8.6, color=INK,
            fontweight="bold", linespacing=1.15,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": tint, "linewidth": 1.4},
        )  # fmt: skip
