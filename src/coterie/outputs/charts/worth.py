"""What segments are expected to bring in a year, and how an earlier forecast came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.outputs import words
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, WARNING, Drawing, canvas, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study

#: Fewest customers whose sums are shown.
_FEWEST = 10


def draw(study: Study) -> Drawing | None:
    """Left: expected value of each segment with its range. Right: forecast and outcome by tenths, where tested."""
    table = study.tables.get("expected_value")
    if table is None or "value" not in table:
        return None
    year = table[(table["months"] == 12) & (table["segment_id"] > 0) & (table["customers"] >= _FEWEST)]
    if year.empty:
        return None
    tenths = study.tables.get("value_tenths")
    names = {segment.segment_id: segment.name for segment in study.profiled}
    best = int(np.argmax(year["share"].to_numpy()))
    name, part = names[int(year["segment_id"].iloc[best])], float(year["share"].iloc[best])
    title = f"{words.shown(name)}: {words.whole_percent(part)} of the value to expect in 12 months"
    height = max(3.0, 0.44 * len(year) + 1.1)
    if tenths is None:
        figure, left, header = canvas(title, height)
    else:
        figure, (left, right), header = canvas(title, height, 7.6, ncols=2, gridspec_kw={"width_ratios": (1.25, 1)})
        _tested(right, tenths, study)
    _expected(left, year, study)
    reading = (
        "Left: net revenue to expect in the next 12 months, with the range in which it falls 19 times in 20 if "
        "customers go on as so far."
    )
    if tenths is not None:
        reading += (
            " Right: customers in ten equal groups by an earlier forecast; the bars are what they then spent each, the "
            "marks what had been foreseen."
        )
    return Drawing(figure, title, reading, header)


def _expected(axes: Axes, year: pd.DataFrame, study: Study) -> None:
    segments = {segment.segment_id: segment for segment in study.profiled}
    rows: list[Any] = list(year.itertuples(index=False))
    most = float(year["value_high"].max())
    for place, row in enumerate(rows):
        tint = colour_of(segments[int(row.segment_id)])
        axes.barh(place, row.value, 0.5, color=tint, alpha=0.85)
        axes.plot([row.value_low, row.value_high], [place, place], color=INK, linewidth=1.4)
        label = f"{words.money(row.value, study.currency)} · {words.whole_percent(row.share)}"
        axes.text(row.value_high + 0.03 * most, place, label, va="center", fontsize=8.4, color=INK)
    labels = [wrapped(words.shown(segments[int(row.segment_id)].name), 22) for row in rows]
    axes.set_yticks(range(len(rows)), labels, color=INK, fontsize=8.4)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.65 * most)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title("Expected in 12 months", fontsize=9.2, loc="left", color=INK)


def _tested(axes: Axes, tenths: pd.DataFrame, study: Study) -> None:
    days = study.manifest["worth"]["test"]["days"]
    places = tenths["tenth"].to_numpy()
    axes.bar(places, tenths["actual_value"], 0.7, color=RULE, label="came")
    axes.plot(places, tenths["predicted_value"], "o", color=ACCENT, markersize=5, label="foreseen")
    axes.set_yscale("symlog", linthresh=max(float(np.median(tenths["predicted_value"])), 1e-9))
    ticks = [float(tick) for tick in axes.get_yticks() if 0 <= tick <= float(tenths["actual_value"].max()) * 1.5]
    axes.set_yticks(ticks, [words.money(tick, study.currency) for tick in ticks], fontsize=8)
    axes.minorticks_off()
    axes.set_xticks([1, 10], ["lowest\nforecast", "highest\nforecast"], fontsize=8, color=MUTED)
    axes.set_title(f"Tested: spend each, {days} days", fontsize=9.2, loc="left", color=INK)
    axes.grid(axis="y")
    axes.legend(loc="upper left", fontsize=8, handlelength=1)
    missed = study.manifest["worth"]["test"]["scores"]
    bias = next(
        (score["bias"] for score in missed if (score["outcome"], score["forecast"]) == ("value", "model")), None
    )
    if bias is not None and abs(bias) >= 0.1:
        side = "too low" if bias < 0 else "too high"
        axes.text(0.02, 0.72, f"{words.whole_percent(abs(bias))} {side} in all", transform=axes.transAxes, fontsize=8,
                  color=WARNING)  # fmt: skip
