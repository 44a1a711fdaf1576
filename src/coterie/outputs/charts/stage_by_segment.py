"""Where in their life as customers the members of each segment stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie import profiles
from coterie.campaigns import place_in_life
from coterie.outputs.charts.heat import heat_map, heat_width
from coterie.outputs.charts.style import ACCENT, Drawing, canvas
from coterie.outputs.words import shown, whole_percent

if TYPE_CHECKING:
    from coterie.outputs.study import Study

_FEWEST = 10  # customers behind a figure


def draw(study: Study) -> Drawing | None:
    """Heat map of stage by segment; each row sums to 100 %."""
    counts = stage_counts(study)
    if counts is None:
        return None
    shares = counts.div(counts.sum(axis=1), axis=0)
    hidden = hidden_cells(counts)
    labels = np.where(hidden, "·", shares.map(lambda share: f"{100 * share:.0f} %" if share else "").to_numpy())
    title = _title(shares)
    figure, axes, header = canvas(title, 0.46 * len(counts) + 0.75, heat_width(len(counts.columns)))
    values = shares.where(~hidden, 0.0)
    values.index = pd.Index([shown(str(name), 60) for name in values.index])
    heat_map(axes, values, labels, ("#f4f7fa", "#8db9d6", ACCENT), max(0.5, float(values.to_numpy().max())))
    reading = (
        "Each row is a segment and sums to 100 %: the share of its customers in each lifecycle stage, which comes from "
        f"recency, number of orders and money alone. A dot stands for a few customers (under {_FEWEST}), not shown."
    )
    return Drawing(figure, title, reading, header)


def stage_counts(study: Study) -> pd.DataFrame | None:
    """Customers by segment (rows, by id) and stage (columns, as a life goes); None without stages."""
    counted = study.customers.groupby(["segment_id", "stage"], dropna=False).size().rename("customers").reset_index()
    table = stages_of_segments(counted, [s.segment_id for s in study.profiled])
    if table is None:
        return None
    names = {s.segment_id: s.name for s in study.profiled}
    table.index = pd.Index([names[int(identity)] for identity in table.index])
    return table


def stages_of_segments(counted: pd.DataFrame, ids: list[int]) -> pd.DataFrame | None:
    """Make the table of stages from counts of customers.

    Parameters
    ----------
    counted : DataFrame
        Columns `segment_id`, `stage` ("" or missing where a customer has none), `customers`.
    ids : list of int
        Segments, in the order of the rows.

    Returns
    -------
    DataFrame or None
        One row a segment id with a customer in a stage, one column a stage, as a life goes; beyond nine the
        rarest are put together in a last one.
    """
    staged = counted[counted["stage"].fillna("") != ""]
    if staged.empty:
        return None
    table = staged.pivot_table(index="segment_id", columns="stage", values="customers", aggfunc="sum", fill_value=0)
    table = table.reindex(ids, fill_value=0).astype(int)
    totals = {str(stage): int(total) for stage, total in table.sum().items()}
    order = sorted(totals, key=lambda stage: (-totals[stage], stage))
    table = table[order]
    if len(order) > 9:
        rest = table[order[8:]].sum(axis=1)
        table = table[order[:8]].assign(**{"other stages": rest})
    table = table[sorted(table, key=place_in_life)]
    return table[table.sum(axis=1) > 0]


def hidden_cells(counts: pd.DataFrame) -> np.ndarray:
    """Cells of fewer than ten customers, and others as many as it takes that no row or column gives one away."""
    return profiles.hidden_cells(counts.to_numpy())


def _title(shares: pd.DataFrame) -> str:
    tops = shares.max(axis=1).to_numpy()
    place = int(tops.argmax())
    who, stage = str(shares.index[place]), str(shares.iloc[place].idxmax())
    return f"{whole_percent(float(tops[place]))} of {shown(who, 45)} are {shown(stage, 24)}"
