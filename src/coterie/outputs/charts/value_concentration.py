"""How much of the value few customers bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.segment_sizes import value_word
from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, Drawing, canvas
from coterie.outputs.tables import feature_column
from coterie.outputs.words import percent

if TYPE_CHECKING:
    from coterie.outputs.study import Study


def draw(study: Study) -> Drawing | None:
    """Lorenz curve, from the best customer on, with the share of the top fifth."""
    curve = concentration(study)
    if curve is None:
        return None
    top = float(np.interp(0.2, np.linspace(0, 1, len(curve)), curve))
    title = f"The best 20 % of customers bring {percent(top)} of {value_word(study)}"
    figure, axes, header = canvas(title, 3.7)
    places = np.linspace(0, 1, len(curve))
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=1.2)
    axes.plot(places, curve, color=ACCENT, linewidth=2.4)
    axes.fill_between(places, places, curve, color=ACCENT, alpha=0.08, linewidth=0)
    axes.plot([0.2, 0.2, 0], [0, top, top], color=MUTED, linewidth=0.9, linestyle=(0, (3, 3)))
    axes.plot(0.2, top, "o", color=ACCENT, markersize=8)
    axes.annotate(f"20 % of customers,\n{percent(top)} of {value_word(study)}", (0.2, top), xytext=(14, -16),
                  textcoords="offset points", fontsize=9.5, fontweight="bold", color=INK, va="top")  # fmt: skip
    axes.text(0.62, 0.585, "if all were worth the same", color=MUTED, fontsize=8.5)
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.set_xticks(ticks, [percent(tick) for tick in ticks])
    axes.set_yticks(ticks, [percent(tick) for tick in ticks])
    axes.set_xlabel("share of customers, the best first")
    axes.set_ylabel(f"share of {value_word(study)}")
    axes.set_xlim(0, 1.0)
    axes.set_ylim(0, max(1.03, float(curve.max()) * 1.02))
    axes.grid()
    reading = (
        "The further the curve bends away from the straight line, the more the shop depends on few customers. "
        "Customers whose returns exceed their purchases pull the end of the curve down."
    )
    return Drawing(figure, title, reading, header)


def concentration(study: Study) -> np.ndarray | None:
    """Cumulated share of value at 0, 1, …, 200 two-hundredths of the customers; None where there is no value."""
    name = study.manifest["value"]
    if name is None or feature_column(name) not in study.customers:
        return None
    values = np.sort(study.customers[feature_column(name)].reset_index(drop=True).dropna().to_numpy(dtype=float))[::-1]
    if len(values) < 20 or values.sum() <= 0:
        return None
    cumulated = np.concatenate([[0.0], np.cumsum(values)]) / values.sum()
    return np.asarray(np.interp(np.linspace(0, len(values), 201), np.arange(len(values) + 1), cumulated))
