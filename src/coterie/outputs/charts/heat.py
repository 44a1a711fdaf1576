"""The heat map that two charts share: segments down, words across, a figure in each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.outputs.charts.style import INK, WIDTH, wrapped

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes


def heat_width(columns: int) -> float:
    """Inches that a heat map of so many columns needs."""
    return WIDTH if columns <= 6 else 8.6


def heat_map(axes: Axes, values: pd.DataFrame, labels: np.ndarray, **scale: Any) -> None:  # noqa: ANN401  seaborn's options
    """Draw a heat map of `values` with the texts of `labels`; NaN cells stay white."""
    import seaborn as sns

    sns.heatmap(
        values, annot=labels, fmt="", cbar=False, linewidths=2, linecolor="white", ax=axes,
        annot_kws={"fontsize": 9.5}, **scale,
    )  # fmt: skip
    axes.set_yticklabels([wrapped(str(name), 24) for name in values.index], rotation=0, color=INK, fontsize=8.8)
    axes.set_xticklabels([wrapped(str(name), 12) for name in values.columns], rotation=0, color=INK, fontsize=8.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlabel("")
    axes.set_ylabel("")
