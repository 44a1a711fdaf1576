"""How the main features are spread within each segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.segment_profiles import main_features
from coterie.outputs.charts.style import INK, MUTED, Drawing, canvas, wrapped
from coterie.outputs.tables import feature_column
from coterie.outputs.words import amount, shown
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study

_FEWEST = 20  # customers behind a box
_MOST_TICKS = 4
_TELLING = 0.5  # effect size from which a feature separates segments


def draw(study: Study) -> Drawing | None:
    """Box plots of up to four features of the basis: median, middle half, and the range of nine in ten."""
    names = most_telling(study, 4)
    if not names:
        return None
    title = _title(study, names[0])
    panels = len(names)
    figure, grid, header = canvas(
        title, (0.31 * len(study.profiled) + 0.62) * (2 if panels > 2 else 1), 8.0, nrows=2 if panels > 2 else 1,
        ncols=min(panels, 2), squeeze=False, sharey=True,
    )  # fmt: skip
    for axes, name in zip(grid.ravel(), names, strict=False):
        _boxes(axes, study, name)
    for axes in grid.ravel()[panels:]:
        axes.set_visible(False)
    grid[0, 0].set_yticks(range(len(study.profiled)), [wrapped(shown(s.name), 26) for s in study.profiled])
    grid[0, 0].invert_yaxis()
    for axes in grid[:, 0]:
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8.5)
    reading = (
        "Box: the middle half of the segment's customers, with the median as a line. Whiskers: nine customers in ten. "
        "Where boxes overlap, that feature alone does not tell the segments apart."
    )
    return Drawing(figure, title, reading, header)


def most_telling(study: Study, most: int) -> list[str]:
    """Features with the largest effects; a box around yes and no would show nothing."""
    names = [
        name
        for name in main_features(study, 12)
        if feature_column(name) in study.customers and study.features[name].kind != Kind.FLAG
    ]
    return sorted(names, key=lambda name: -_effect(study, name))[:most]


def _effect(study: Study, name: str) -> float:
    sizes = study.profiles.loc[study.profiles["feature"] == name, "effect_size"].abs()
    return float(sizes.fillna(0.0).max()) if len(sizes) else 0.0


def _title(study: Study, first: str) -> str:
    label = _capital(shown(study.features[first].label, 50))
    if _effect(study, first) < _TELLING:
        return f"{label} differs little between the segments"
    return f"{label} separates the segments best, with overlap"


def _boxes(axes: Axes, study: Study, name: str) -> None:
    feature, column = study.features[name], study.customers[feature_column(name)]
    owner = study.customers["segment_id"].to_numpy()
    values = column.to_numpy(dtype=float, na_value=np.nan)
    for place, segment in enumerate(study.profiled):
        inside = values[(owner == segment.segment_id) & ~np.isnan(values)]
        if len(inside) < _FEWEST:
            axes.text(0.01, place, "too few customers", transform=axes.get_yaxis_transform(), va="center",
                      fontsize=8, color=MUTED)  # fmt: skip
            continue
        low, first, middle, third, high = np.quantile(inside, [0.05, 0.25, 0.5, 0.75, 0.95])
        tint = colour_of(segment)
        axes.plot([low, high], [place, place], color=tint, linewidth=1.2, alpha=0.8)
        axes.barh(place, third - first, 0.52, left=first, color=tint, alpha=0.85)
        axes.plot([middle, middle], [place - 0.26, place + 0.26], color="white", linewidth=2)
    _scale(axes, study, name, values)
    axes.set_title(shown(feature.label, 44), fontsize=9.2, loc="left", color=INK)


def _scale(axes: Axes, study: Study, name: str, values: np.ndarray) -> None:
    from matplotlib.ticker import MaxNLocator

    feature = study.features[name]
    known = values[~np.isnan(values)]
    wide = feature.kind in (Kind.MONEY, Kind.COUNT, Kind.DAYS) and len(known) and known.min() > 0
    if wide and np.quantile(known, 0.95) > 12 * np.quantile(known, 0.05):
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        ticks = [base * 10.0**power for power in range(-3, 10) for base in (1, 3)]
        ticks = [tick for tick in ticks if low <= tick <= high]
        # Labels with units are wide: beyond four, one in two or more is left out.
        axes.set_xticks(ticks[:: -(-len(ticks) // _MOST_TICKS)])
        axes.minorticks_off()
    else:
        axes.xaxis.set_major_locator(MaxNLocator(_MOST_TICKS))
    axes.xaxis.set_major_formatter(lambda value, _: amount(float(value), feature, study.currency))
    axes.grid(axis="x")
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="x", labelsize=8)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
