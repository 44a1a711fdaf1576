"""Where money for campaigns goes, and what the next unit of it would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, Drawing, canvas, wrapped
from coterie.outputs.words import money, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from coterie.campaigns import Allocation
    from coterie.outputs.study import Study

_POINTS = 24


def draw(study: Study) -> Drawing | None:
    """Left: what each segment gets of the budget, or of all that pays. Right: net gain by the money spent."""
    from coterie.campaigns import allocate, economics_in, worth_spending

    table = study.tables.get("budget")
    economics = economics_in(table) if table is not None else {}
    most = worth_spending(economics)
    if most <= 0:
        return None
    settings = study.settings
    amount = settings.budget.amount if settings.budget.amount is not None else most
    doubt, seed = settings.budget.doubt, settings.seed
    found = allocate(economics, amount, doubt=doubt, seed=seed)
    title = (
        f"{money(found.spend, study.currency)} on campaigns in a year should leave {money(found.net, study.currency)}"
    )
    figure, (left, right), header = canvas(
        title, max(3.0, 0.44 * len(found.shares) + 1.1), 7.6, ncols=2, gridspec_kw={"width_ratios": (1.25, 1)}
    )
    _given(left, found, study)
    amounts = np.linspace(0.0, max(most, amount) * 1.1, _POINTS)
    curve = [allocate(economics, float(one), doubt=doubt, seed=seed) for one in amounts]
    _curve(right, amounts, curve, found, study.currency)
    reading = (
        "Left: money for each segment, with the margin that it is expected to bring beyond what comes anyway. Right: "
        "what is left of that margin after the money is spent, by the budget, with the range that the assumed effects "
        "leave open, 19 times in 20. It flattens because those who fit best are reached first."
    )
    return Drawing(figure, title, reading, header)


def _given(axes: Axes, found: Allocation, study: Study) -> None:
    segments = {segment.segment_id: segment for segment in study.profiled}
    most = max(share.spend for share in found.shares)
    for place, share in enumerate(found.shares):
        axes.barh(place, share.spend, 0.5, color=colour_of(segments[share.segment_id]), alpha=0.85)
        told = (
            f"{money(share.spend, study.currency)} → {money(share.gain, study.currency)}" if share.spend else "nothing"
        )
        axes.text(share.spend + 0.03 * most, place, told, va="center", fontsize=8.4, color=INK)
    labels = [wrapped(shown(segments[share.segment_id].name), 22) for share in found.shares]
    axes.set_yticks(range(len(labels)), labels, color=INK, fontsize=8.4)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(0, 1.75 * most)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title("Spent → brought", fontsize=9.2, loc="left", color=INK)


def _curve(axes: Axes, amounts: np.ndarray, curve: list[Allocation], found: Allocation, currency: str) -> None:
    axes.fill_between(amounts, [one.net_low for one in curve], [one.net_high for one in curve], color=RULE, alpha=0.6)
    axes.plot(amounts, [one.net for one in curve], color=ACCENT, linewidth=1.8)
    axes.plot([found.spend], [found.net], "o", color=ACCENT, markersize=6)
    axes.axhline(0, color=RULE, linewidth=0.8)
    ends = [0.0, float(amounts[-1]) / 2, float(amounts[-1])]
    axes.set_xticks(ends, [money(one, currency) for one in ends], fontsize=8, color=MUTED)
    ticks = [float(tick) for tick in axes.get_yticks()]
    axes.set_yticks(ticks, [money(tick, currency) for tick in ticks], fontsize=8)
    axes.set_title("Left over, by the budget of a year", fontsize=9.2, loc="left", color=INK)
    axes.grid(axis="y")
