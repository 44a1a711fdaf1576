"""How many customers each segment has, beside what it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import INK, MUTED, RULE, Drawing, bare, canvas, wrapped
from coterie.outputs.words import number_word, shown, whole_percent

if TYPE_CHECKING:
    from coterie.outputs.study import Study

_HEIGHT = 0.36


def draw(study: Study) -> Drawing | None:
    """Two bars a segment: share of customers, and share of value where there is a value."""
    table = study.segments
    has_value = bool(table["value_share"].notna().all())
    title = _title(study) if has_value else _title_of_sizes(study)
    figure, axes, header = canvas(title, 0.62 * len(table) + 0.55)
    places = np.arange(len(table))
    colours = [colour_of(s) for s in study.profiled]
    offset = _HEIGHT / 2 if has_value else 0.0
    axes.barh(places - offset, table["share"], _HEIGHT * 0.92, color=RULE)
    _labels(axes, places - offset, table["share"], MUTED, "of customers")
    if has_value:
        axes.barh(places + offset, table["value_share"].clip(lower=0), _HEIGHT * 0.92, color=colours)
        _labels(axes, places + offset, table["value_share"], INK, f"of {value_word(study)}")
    axes.set_yticks(places, [wrapped(shown(name), 26) for name in table["name"]], color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.35 * max(table["share"].max(), table["value_share"].max() if has_value else 0))
    bare(axes, y=False)
    return Drawing(figure, title, _reading(study, has_value), header)


def value_word(study: Study) -> str:
    """What the value feature is called in a sentence."""
    name = study.manifest["value"]
    if name is None:
        return "value"
    return "revenue" if name == "net_revenue" else study.features[name].label if name in study.features else "value"


def _labels(axes, places, shares, ink: str, first: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for n, (place, share) in enumerate(zip(places, shares, strict=True)):
        text = whole_percent(share) + (f" {first}" if n == 0 else "")
        axes.annotate(text, (max(share, 0), place), xytext=(3, 0), textcoords="offset points", va="center", ha="left",
                      color=ink, fontsize=9)  # fmt: skip


def _title(study: Study) -> str:
    table = study.segments.sort_values("value_share", ascending=False)
    cumulated = table["value_share"].cumsum().to_numpy()
    few = int(np.argmax(cumulated >= 0.6)) + 1 if (cumulated >= 0.6).any() else len(table)
    few = min(few, max(1, len(table) - 1))
    who = "One segment brings" if few == 1 else f"{number_word(few, capital=True)} segments bring"
    customers = table["share"].to_numpy()[:few].sum()
    brought = whole_percent(cumulated[few - 1])
    return f"{who} {brought} of {value_word(study)} with {whole_percent(customers)} of the customers"


def _title_of_sizes(study: Study) -> str:
    largest = study.segments.sort_values("share", ascending=False).iloc[0]
    return (
        f"The largest segment, {shown(largest['name'], 40)}, holds {whole_percent(largest['share'])} of the customers"
    )


def _reading(study: Study, has_value: bool) -> str:
    grey = "Grey: share of all customers."
    return f"{grey} Colour: share of {value_word(study)}." if has_value else grey
