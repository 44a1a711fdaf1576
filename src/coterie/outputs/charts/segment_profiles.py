"""The segment profile plot: each segment against all customers, marker variables in full colour.

After the plot of Dolnicar, Grün and Leisch (2018), Market Segmentation Analysis, section 8.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import FAINT, INK, MUTED, RULE, Drawing, canvas, wrapped
from coterie.outputs.words import amount, number_word, shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study
    from coterie.vocabulary import Segment

_MOST = 12
_REACH = 2.0  # standard deviations that a panel shows on either side


def draw(study: Study) -> Drawing | None:
    """One panel a segment, one bar a feature: how far its value lies from that of all customers."""
    names = main_features(study, _MOST)
    if not names:
        return None
    table = study.profiles[study.profiles["feature"].isin(names)]
    title = _title(study, table)
    columns = min(3, len(study.profiled))
    rows = -(-len(study.profiled) // columns)
    height = rows * (0.27 * len(names) + 0.55) + 0.3
    figure, grid, header = canvas(title, height, 8.6, nrows=rows, ncols=columns, sharey=True, squeeze=False)
    panels = grid.ravel()
    for axes, segment in zip(panels, study.profiled, strict=False):
        _panel(axes, segment, table[table["segment_id"] == segment.segment_id].set_index("feature"), names, study)
    for axes in panels[len(study.profiled) :]:
        axes.set_visible(False)
    panels[0].set_yticks(range(len(names)), [shown(study.features[name].label, 34) for name in names])
    panels[0].invert_yaxis()
    for axes in grid[:, 0]:
        axes.tick_params(axis="y", labelcolor=INK)
    reading = (
        "Each bar shows how far the segment lies from all customers, in standard deviations of the customers; the "
        "figure is the segment's own value. Full colour: a marker, a feature that sets the segment apart. Pale: near "
        "the average."
    )
    return Drawing(figure, title, reading, header)


def main_features(study: Study, most: int) -> list[str]:
    """Numeric features of the basis, or those that differ most, that have a profile; in the order of the basis."""
    profiled = set(study.profiles["feature"])
    chosen = [name for name in study.manifest["basis"]["features"] if name in profiled and name in study.features]
    if len(chosen) < 3:
        strength = study.profiles.assign(size=study.profiles["effect_size"].abs()).groupby("feature")["size"].max()
        others = [str(name) for name in strength.sort_values(ascending=False, kind="stable").index]
        chosen += [name for name in others if name not in chosen and name in study.features]
    numeric = [name for name in chosen if study.features[name].is_numeric]
    return numeric[:most]


def _panel(axes: Axes, segment: Segment, rows: pd.DataFrame, names: list[str], study: Study) -> None:
    tint = colour_of(segment)
    axes.axvline(0, color=RULE, linewidth=1)
    for place, name in enumerate(names):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color=FAINT, alpha=0.6, linewidth=0)
        if name not in rows.index:
            continue
        row: dict[Any, Any] = rows.loc[name].to_dict()
        effect = float(np.clip(np.nan_to_num(float(row["effect_size"])), -_REACH, _REACH))
        marker = bool(row["is_marker"])
        axes.barh(place, effect, 0.66, color=tint, alpha=1.0 if marker else 0.3)
        label = shown(amount(float(row["segment_value"]), study.features[name], study.currency), 18)
        axes.text(
            effect + (0.08 if effect >= 0 else -0.08), place, label, va="center",
            ha="left" if effect >= 0 else "right", fontsize=7.8, color=INK if marker else MUTED,
        )  # fmt: skip
    axes.set_xlim(-_REACH - 1.15, _REACH + 1.15)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.set_title(wrapped(shown(segment.name), 25), fontsize=9.2, color=INK, fontweight="bold", loc="left", pad=7)
    axes.plot([0, 0.16], [1.012, 1.012], transform=axes.transAxes, color=tint, linewidth=3.2, clip_on=False,
              solid_capstyle="butt")  # fmt: skip


def _title(study: Study, table: pd.DataFrame) -> str:
    strength = table.assign(size=table["effect_size"].abs()).groupby("feature")["size"].mean()
    strongest = [str(name) for name in strength.sort_values(ascending=False, kind="stable").index[:2]]
    labels = [study.features[name].label for name in strongest]
    segments = number_word(len(study.profiled))
    text = " and ".join(shown(label, 40) for label in labels)
    return f"What sets the {segments} segments apart most: {text}"
