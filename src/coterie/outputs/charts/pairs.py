"""Features against each other, two at a time: for a notebook, where one looks for what nobody asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.errors import ConfigError
from coterie.outputs.charts.feature_distributions import most_telling
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import INK, look, wrapped
from coterie.outputs.tables import feature_column
from coterie.outputs.words import shown
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from seaborn import PairGrid

    from coterie.outputs.study import Study

#: Features that are drawn where nobody names them, and as many as stay legible.
_USUAL, _MOST = 4, 8
_SKEWED = frozenset({Kind.MONEY, Kind.COUNT, Kind.DAYS})
_SEED = 0


def draw_pairs(study: Study, features: Sequence[str] = (), *, customers: int = 2000) -> PairGrid:
    """Draw customers by each pair of features, and each feature by segment on the diagonal; see `Study.pairs`."""
    import seaborn as sns

    names = list(features) or most_telling(study, _USUAL)
    _check(study, names, customers)
    table, labels = _table(study, names, customers)
    order = [wrapped(shown(segment.name), 22) for segment in study.profiled if segment.name in set(table["segment"])]
    colours = [colour_of(segment) for segment in study.profiled if segment.name in set(table["segment"])]
    table["segment"] = [wrapped(shown(name), 22) for name in table["segment"]]
    with look():
        grid = sns.pairplot(
            table.rename(columns=labels), vars=list(labels.values()), hue="segment", hue_order=order, palette=colours,
            corner=True, height=2.1, plot_kws={"s": 9, "alpha": 0.55, "linewidth": 0},
            diag_kws={"common_norm": False, "fill": True, "alpha": 0.25, "warn_singular": False},
        )  # fmt: skip
        grid.tick_params(labelcolor=INK, labelsize=8)
        for handle, colour in zip(grid.legend.legend_handles, colours, strict=True):
            handle.set(markersize=7, alpha=1.0, color=colour)
        return grid


def _check(study: Study, names: Sequence[str], customers: int) -> None:
    """Refuse what cannot be drawn, with what can."""
    columns = set(study.customers)
    there = [name for name, each in study.features.items() if each.is_numeric and feature_column(name) in columns]
    absent = [name for name in names if name not in there]
    if absent or not 1 <= len(names) <= _MOST:
        raise ConfigError(
            f"{', '.join(map(repr, absent)) or f'{len(names)} features'} cannot be drawn in pairs.",
            found=f"Numeric features of this study: {', '.join(there) or 'none'}.",
            remedy=f"Name one to {_MOST} of them.",
        )
    if customers < 1:
        raise ConfigError(f"{customers} customers cannot be drawn.", remedy="Say at least 1, better some thousand.")


def _table(study: Study, names: Sequence[str], customers: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give a sample of the customers with the features on a scale that shows them, and what each axis is called."""
    drawn = np.random.default_rng(_SEED).permutation(len(study.customers))[:customers]
    frame = study.customers.iloc[np.sort(drawn)]
    table = frame[["segment"]].reset_index(drop=True)
    labels = {}
    for name in names:
        feature = study.features[name]
        values = frame[feature_column(name)].to_numpy(dtype=float, na_value=np.nan)
        skewed = feature.kind in _SKEWED and not np.nanmin(values, initial=0.0) < 0
        table[name] = np.log10(1 + values) if skewed else values
        unit = "log10 of 1 + " + (feature.unit or "value") if skewed else feature.unit
        labels[name] = wrapped(shown(feature.label, 44), 24) + (f"\n({unit})" if unit else "")
    return table, labels
