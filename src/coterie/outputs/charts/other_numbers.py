"""What becomes of each segment when there are fewer or more of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, Drawing, bare, canvas, wrapped
from coterie.outputs.words import number_word, shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study

_WHOLE = 0.9  # stability across solutions from which a segment counts as drawn from one other
_FAINT = 0.01  # share of all customers below which no line is drawn
_WIDEST = 46  # points, for a line that stands for everybody
_DARK = 0.7  # stability from which a circle is too dark for dark letters


def draw(study: Study) -> Drawing | None:
    """One column a number of segments, one circle a segment, one line the customers that two of them share."""
    table = study.tables.get("solutions")
    if table is None or table["n_segments"].nunique() < 2:
        return None
    k = int(study.manifest["search"]["n_segments"])
    circles = _circles_of(table)
    edges = {s.segment_id: colour_of(s) for s in study.profiled}
    title = _title(table, k)
    figure, axes, header = canvas(title, max(3.4, 0.5 * int(table["n_segments"].max()) + 1.0), 7.6)
    _lines(axes, table, circles)
    for circle in circles.values():
        _draw_circle(axes, circle, edges.get(circle.number, "white"))
    _names(axes, circles, study)
    _columns(axes, sorted(table["n_segments"].unique().tolist()), k)
    reading = (
        "Each column divides the customers into so many segments; each circle is one of them. A line shows customers "
        "whom two segments share, the wider the more. A dark circle takes its customers from one segment of the column "
        "before it: it does not hang on the number chosen. A pale one is put together from several. Numbered circles "
        "are the segments of this study."
    )
    return Drawing(figure, title, reading, header)


@dataclass(frozen=True)
class _Circle:
    """A segment of one of the solutions; `number` is its id in the study, 0 but for the chosen ones."""

    column: int
    height: float
    number: int
    stability: float


def _circles_of(table: pd.DataFrame) -> dict[tuple[int, int], _Circle]:
    """Circles by number of segments and cluster; those of a solution stand evenly, the first on top."""
    once = table.drop_duplicates(["n_segments", "cluster"])
    sizes = once.groupby("n_segments")["cluster"].max()
    columns = (once[name].tolist() for name in ("n_segments", "cluster", "segment_id", "stability"))
    return {(k, c): _Circle(k, (c - 0.5) / int(sizes[k]), s, v) for k, c, s, v in zip(*columns, strict=True)}


def _shade(stability: float) -> tuple[float, float, float]:
    """Pale to dark; the first column, which follows no other, is neutral."""
    from matplotlib.colors import to_rgb

    if np.isnan(stability):
        return to_rgb("#c3cbd3")
    pale, dark = np.array(to_rgb("#e6ecf1")), np.array(to_rgb(ACCENT))
    red, green, blue = pale + (dark - pale) * min(max(stability, 0.0), 1.0) ** 2
    return float(red), float(green), float(blue)


def _lines(axes: Axes, table: pd.DataFrame, circles: dict[tuple[int, int], _Circle]) -> None:
    numbers = sorted(table["n_segments"].unique().tolist())
    before = dict(zip(numbers[1:], numbers, strict=False))
    drawn = table[table["flow"] >= _FAINT].sort_values("flow", ascending=False, kind="stable")
    columns = (drawn[name].tolist() for name in ("n_segments", "cluster", "from_cluster", "flow"))
    for k, cluster, source, flow in zip(*columns, strict=True):
        start, end = circles[before[k], source], circles[k, cluster]
        axes.plot([start.column, end.column], [start.height, end.height], color=_shade(end.stability), alpha=0.75,
                  linewidth=max(_WIDEST * flow, 0.6), zorder=1, solid_capstyle="butt")  # fmt: skip


def _draw_circle(axes: Axes, circle: _Circle, edge: str) -> None:
    axes.plot(circle.column, circle.height, "o", color=_shade(circle.stability), zorder=3,
              markersize=19 if circle.number else 12, markeredgecolor=edge,
              markeredgewidth=3 if circle.number else 1.2)  # fmt: skip
    if circle.number:
        ink = "white" if circle.stability > _DARK else INK
        axes.text(circle.column, circle.height, str(circle.number), ha="center", va="center_baseline", color=ink,
                  fontsize=9, fontweight="bold", zorder=4)  # fmt: skip


def _names(axes: Axes, circles: dict[tuple[int, int], _Circle], study: Study) -> None:
    """Name the numbered circles at the right edge, each at the height of its circle."""
    names = {segment.segment_id: shown(segment.name) for segment in study.profiled}
    right = max(circle.column for circle in circles.values()) + 0.4
    for circle in circles.values():
        if circle.number in names:
            text = wrapped(f"{circle.number}  {names[circle.number]}", 27)
            axes.text(right, circle.height, text, va="center", fontsize=8.8, color=INK)


def _columns(axes: Axes, columns: list[int], k: int) -> None:
    bare(axes)
    # Room for the names, in units of columns: the fewer columns, the less of them a name takes.
    axes.set_xlim(min(columns) - 0.45, max(columns) + 0.45 + 0.55 * max(len(columns), 2))
    axes.set_ylim(1.0, -0.12)
    for column in columns:
        chosen = column == k
        text = f"{column} segments" if column == min(columns) else str(column)
        weight, ink = ("bold", ACCENT) if chosen else ("normal", MUTED)
        axes.text(column, -0.07, text, ha="center", color=ink, fontweight=weight, fontsize=9.2)
    axes.axvspan(k - 0.28, k + 0.28, color=RULE, alpha=0.35, zorder=0, linewidth=0)


def _title(table: pd.DataFrame, k: int) -> str:
    mine = table[table["n_segments"] == k].drop_duplicates("cluster")
    fewer = table.loc[table["n_segments"] < k, "n_segments"]
    if fewer.empty or mine["stability"].isna().any():
        return f"How the {number_word(k)} segments come apart when there are more of them"
    whole, before = int((mine["stability"] >= _WHOLE).sum()), number_word(int(fewer.max()))
    if whole == k:
        return f"Every segment lies within one segment of the division into {before}"
    if whole == 0:
        return f"No segment lies within one segment of the division into {before}"
    verb = "lies" if whole == 1 else "lie"
    count = f"{number_word(whole, capital=True)} of {number_word(k)} segments"
    return f"{count} {verb} within one segment of the division into {before}"
