"""Which categories each segment buys more or less of than the average customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coterie.outputs.charts.heat import heat_map, heat_width
from coterie.outputs.charts.style import DIVERGING, Drawing, canvas
from coterie.outputs.words import plain_number, shown
from coterie.vocabulary import Block, Kind

if TYPE_CHECKING:
    from coterie.outputs.study import Study
    from coterie.vocabulary import Feature

_MOST = 9


def draw(study: Study) -> Drawing | None:
    """Heat map of the index of each category share; 100 is the average customer."""
    categories = category_features(study)
    if len(categories) < 2:
        return None
    rows = study.profiles[study.profiles["feature"].isin(categories)]
    table = rows.pivot_table(index="segment_id", columns="feature", values="index", aggfunc="first", dropna=False)
    largest = rows.groupby("feature")["overall_value"].first().sort_values(ascending=False, kind="stable")
    table = table.reindex(columns=[name for name in largest.index if name in table][:_MOST])
    names = {s.segment_id: s.name for s in study.profiled}
    title = _title(study, table, names)
    table.index = pd.Index([shown(names[int(identity)], 60) for identity in table.index])
    table.columns = pd.Index([shown(category_name(study.features[str(name)]), 40) for name in table.columns])
    figure, axes, header = canvas(title, 0.46 * len(table) + 0.78, heat_width(len(table.columns)))
    labels = table.map(lambda value: "" if pd.isna(value) else f"{value:.0f}").to_numpy()
    heat_map(axes, table.clip(upper=200), labels, DIVERGING, 200.0)
    reading = (
        "100 is the average customer. 200 means that this category's share of the segment's spending is twice the "
        "average; 50 means half of it."
    )
    return Drawing(figure, title, reading, header)


def category_features(study: Study) -> list[str]:
    """Names of the features that hold the share of a category, and have a profile."""
    profiled = set(study.profiles["feature"])
    return [
        name
        for name, feature in study.features.items()
        if feature.block == Block.INTERESTS and feature.kind == Kind.SHARE and name in profiled
    ]


def category_name(feature: Feature) -> str:
    """Name of the category behind a share: its label without the words before it."""
    for opening in ("share of spend on ", "share of spending on ", "share of "):
        if feature.label.startswith(opening):
            return feature.label.removeprefix(opening)
    return feature.label


def _title(study: Study, table: pd.DataFrame, names: dict[int, str]) -> str:
    if table.isna().all(axis=None):
        return "Categories by segment"
    tops = table.max(axis=1).fillna(-1.0).to_numpy()
    place, index = int(tops.argmax()), float(tops.max())
    segment_id, feature = table.index[place], table.iloc[place].idxmax()
    category = shown(category_name(study.features[str(feature)]), 30)
    who = shown(names[int(str(segment_id))], 40)
    if index < 120:
        return "The segments buy much the same categories"
    return f"{who} give {category} {plain_number(index / 100)} times the average share"
