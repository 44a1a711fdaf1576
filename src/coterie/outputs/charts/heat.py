"""The heat map that two charts share: segments down, words across, a figure in each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.outputs.charts.style import INK, WIDTH, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LIGHT = 0.408  # luminance from which a cell takes dark text


def heat_width(columns: int) -> float:
    """Inches that a heat map of so many columns needs."""
    return WIDTH if columns <= 6 else 8.6


def heat_map(axes: Axes, values: pd.DataFrame, labels: np.ndarray, **scale: Any) -> None:  # noqa: ANN401  a mesh's options
    """Draw a heat map of `values` with the texts of `labels`; NaN cells stay white and bare."""
    numbers = values.to_numpy(dtype=float)
    known = ~np.isnan(numbers)
    mesh = axes.pcolormesh(np.ma.masked_array(numbers, ~known), linewidth=2, edgecolor="white", **scale)
    axes.set(xlim=(0, numbers.shape[1]), ylim=(numbers.shape[0], 0))
    axes.spines[:].set_visible(False)
    mesh.update_scalarmappable()
    fills = np.reshape(mesh.get_facecolor(), (*numbers.shape, 4))
    for row, column in np.argwhere(known):
        axes.text(
            column + 0.5, row + 0.5, labels[row, column], ha="center", va="center", fontsize=9.5,
            color=_ink_on(fills[row, column]),
        )  # fmt: skip
    axes.set_yticks(np.arange(len(values.index)) + 0.5, [wrapped(str(name), 24) for name in values.index])
    axes.set_xticks(np.arange(len(values.columns)) + 0.5, [wrapped(str(name), 12) for name in values.columns])
    axes.tick_params(axis="y", labelcolor=INK, labelsize=8.8)
    axes.tick_params(axis="x", labelcolor=INK, labelsize=8.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)


def _ink_on(fill: np.ndarray) -> str:
    """Dark text on light cells, white on dark ones, by relative luminance (WCAG 2.2)."""
    red, green, blue = np.where(fill[:3] <= 0.04045, fill[:3] / 12.92, ((fill[:3] + 0.055) / 1.055) ** 2.4)
    return "#262626" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT else "white"
