"""What a campaign brought, segment by segment: the forest plot of its lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns import KEEP, STOP
from coterie.outputs import words
from coterie.outputs.charts.style import ACCENT, INK, MUTED, WARNING, Drawing, canvas, wrapped

if TYPE_CHECKING:
    from coterie.campaigns import Measured, Uplift

_COLOURS = {KEEP: ACCENT, STOP: WARNING}


def draw_forest(measured: Measured) -> Drawing:
    """Lift of each segment with its 95 % interval, the line at nothing, and the lift that would pay."""
    rows = [*measured.segments, measured.total]
    kept = sum(uplift.verdict == KEEP for uplift in measured.segments)
    title = f"{kept} of {len(measured.segments)} segments bought more because of the campaign, and it paid there"
    figure, axes, header = canvas(title, 0.5 * len(rows) + 1.1, 7.6)
    for place, uplift in enumerate(rows):
        colour = _COLOURS.get(uplift.verdict, MUTED)
        axes.plot([100 * uplift.lift.low, 100 * uplift.lift.high], [place, place], color=colour, linewidth=2.4)
        marker = "D" if uplift is measured.total else "o"
        axes.plot(100 * uplift.lift.estimate, place, marker, color=colour, markersize=8)
        if uplift.money is not None and np.isfinite(uplift.money.break_even):
            axes.plot(100 * uplift.money.break_even, place, "|", color=INK, markersize=15, markeredgewidth=1.6)
        axes.annotate(
            _label(uplift), (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=8.4, color=INK
        )
    axes.axvline(0, color=MUTED, linewidth=0.9)
    axes.set_yticks(range(len(rows)), [wrapped(words.shown(uplift.segment), 26) for uplift in rows], color=INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("more buyers in a hundred customers because of the campaign")
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    reading = (
        "Dots: how many more in a hundred customers bought than among those left out; lines: the range that chance "
        "allows (95 %). A line that crosses 0 may be no effect at all. Upright strokes: from there on it pays."
    )
    return Drawing(figure, title, reading, header)


def _label(uplift: Uplift) -> str:
    return f"{100 * uplift.lift.estimate:+.1f} · {uplift.verdict}"
