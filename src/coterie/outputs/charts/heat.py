"""The heat map that two charts share: segments down, words across, a figure in each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.style import INK, WIDTH, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

#: Text on light shades, and the luminance from which a shade is light.
DARK_TEXT, LIGHT_FROM = "#262626", 0.408


def heat_width(columns: int) -> float:
    """Inches that a heat map of so many columns needs."""
    return WIDTH if columns <= 6 else 8.6


def heat_map(axes: Axes, values: pd.DataFrame, labels: np.ndarray, shades: Sequence[str], top: float) -> None:
    """Draw a heat map of `values` with the texts of `labels`; NaN cells stay white.

    Parameters
    ----------
    axes : Axes
    values : DataFrame of floats, one row and one column a line and a column of the map
    labels : array of str, of the shape of `values`
    shades : sequence of str
        Colours from 0 to `top`, evenly apart.
    top : float
        Largest value that a shade stands for.
    """
    from matplotlib.colors import LinearSegmentedColormap

    rows, columns = values.shape
    cells = np.ma.masked_invalid(values.to_numpy(dtype=float))
    scale = LinearSegmentedColormap.from_list("heat", list(shades))
    mesh = axes.pcolormesh(cells, cmap=scale, vmin=0, vmax=top, edgecolors="white", linewidth=2)
    inks = [_ink_on(colour) for colour in mesh.to_rgba(cells).reshape(-1, 4)[:, :3]]
    places = [(column + 0.5, row + 0.5) for row in range(rows) for column in range(columns)]
    for place, text, ink, known in zip(places, labels.ravel(), inks, ~np.ma.getmaskarray(cells).ravel(), strict=True):
        if text and known:
            axes.text(*place, text, ha="center", va="center", fontsize=9.5, color=ink)
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.spines[:].set_visible(False)
    names = [wrapped(str(name), 24) for name in values.index]
    axes.set_yticks(np.arange(rows) + 0.5, names, color=INK, fontsize=8.8)
    heads = [wrapped(str(name), 12) for name in values.columns]
    axes.set_xticks(np.arange(columns) + 0.5, heads, color=INK, fontsize=8.5)
    axes.xaxis.tick_top()


def _ink_on(colour: np.ndarray) -> str:
    """Ink that can be read on a shade, by its relative luminance (Web Content Accessibility Guidelines 2.2)."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return DARK_TEXT if float(linear @ (0.2126, 0.7152, 0.0722)) > LIGHT_FROM else "white"
