"""How surely the segments come back when the customers are drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, Drawing, canvas, wrapped
from coterie.outputs.words import number_word, rounded_down, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study
    from coterie.vocabulary import Segment

_SURE, _PATTERN = 0.75, 0.6  # Hennig (2007)


def draw(study: Study) -> Drawing | None:
    """Left: agreement of bootstrap pairs by number of segments. Right: agreement of each segment with itself."""
    segments = [s for s in study.profiled if not np.isnan(s.stability)]
    table = study.tables["stability"]
    if not segments or table.empty:
        return None
    stable = sum(s.stability >= _SURE for s in segments)
    title = _title(stable, len(segments))
    figure, (left, right), header = canvas(
        title, max(3.1, 0.42 * len(segments) + 1.2), 7.6, ncols=2, gridspec_kw={"width_ratios": (1, 1.05)}
    )
    _pairs(left, study)
    _per_segment(right, study)
    reading = (
        "Left: customers are drawn again and again; each dot compares two resulting segmentations by the chosen "
        "method, 1 meaning that they are the same (adjusted Rand index). Right: how much of each segment is found "
        "again, each small dot one pair of samples, the bar most of them, the large dot the mean (Jaccard similarity); "
        "from 0.75 it is stable, under 0.6 do not build a programme on it."
    )
    return Drawing(figure, title, reading, header)


def _pairs(axes: Axes, study: Study) -> None:
    table = study.tables["stability"]
    chosen = study.manifest["search"]["n_segments"]
    sizes = sorted(table["n_segments"].unique())
    draws = [table.loc[table["n_segments"] == k, "adjusted_rand"].dropna().to_numpy() for k in sizes]
    plain = {"color": MUTED, "linewidth": 1}
    boxes = axes.boxplot(
        draws, positions=range(len(sizes)), widths=0.6, showfliers=False, patch_artist=True, capprops=plain,
        whiskerprops=plain, medianprops=plain, boxprops={"edgecolor": MUTED, "linewidth": 1}, manage_ticks=False,
    )  # fmt: skip
    for k, box in zip(sizes, boxes["boxes"], strict=True):
        box.set_facecolor(ACCENT if k == chosen else RULE)
    places = np.repeat(np.arange(len(sizes)), [len(each) for each in draws])
    axes.plot(places, np.concatenate(draws), "o", color=INK, markersize=2, markeredgewidth=0, alpha=0.45)
    axes.set_xticks(range(len(sizes)), [str(k) for k in sizes])
    axes.set_xlim(-0.5, len(sizes) - 0.5)
    axes.set_ylim(min(0.0, float(table["adjusted_rand"].min())), 1.02)
    axes.set_xlabel("number of segments")
    axes.set_ylabel("")
    if chosen in sizes:
        axes.get_xticklabels()[sizes.index(chosen)].set(color=ACCENT, fontweight="bold")
    axes.set_title("Agreement of two fresh samples", fontsize=9.2, loc="left", color=INK)
    axes.grid(axis="y")


def _per_segment(axes: Axes, study: Study) -> None:
    for place, segment in enumerate(study.profiled):
        if not np.isnan(segment.stability):
            _segment(axes, study, segment, place)
    for limit, word in ((_PATTERN, "pattern"), (_SURE, "stable")):
        axes.axvline(limit, color=MUTED, linewidth=0.9, linestyle=(0, (3, 3)), zorder=0)
        left = word == "stable"
        axes.text(
            limit + (0.012 if left else -0.012), -0.62, word, ha="left" if left else "right", fontsize=8, color=MUTED
        )
    names = [wrapped(shown(s.name), 24) for s in study.profiled]
    axes.set_yticks(range(len(names)), names, color=INK, fontsize=8.5)
    axes.set_ylim(len(names) - 0.5, -0.9)
    axes.set_xlim(0, 1.16)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.spines["left"].set_visible(False)
    axes.set_title("Each segment, found again", fontsize=9.2, loc="left", color=INK)


def _segment(axes: Axes, study: Study, segment: Segment, place: int) -> None:
    tint = colour_of(segment)
    table = study.tables.get("segment_stability")
    draws = [] if table is None else table.loc[table["segment_id"] == segment.segment_id, "jaccard"].to_list()
    if np.isfinite(segment.stability_low):
        axes.plot([segment.stability_low, segment.stability_high], [place, place], color=tint, linewidth=3.2, alpha=0.5)
    axes.plot(draws, [place + 0.26] * len(draws), "o", color=tint, markersize=2.2, alpha=0.55, markeredgewidth=0)
    axes.plot(segment.stability, place, "o", color=tint, markersize=9)
    axes.text(1.05, place, rounded_down(segment.stability), va="center", fontsize=8.8, color=INK)


def _title(stable: int, total: int) -> str:
    if stable == total:
        every = "Both" if total == 2 else f"All {number_word(total)}"
        return f"{every} segments come back when the customers are drawn again"
    if stable == 0:
        return "No segment comes back surely when the customers are drawn again"
    verb = "comes" if stable == 1 else "come"
    return f"{number_word(stable, capital=True)} of {number_word(total)} segments {verb} back surely in fresh samples"
