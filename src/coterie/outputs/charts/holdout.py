"""What segments found before a day told of the time after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.outputs import words
from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, WARNING, Drawing, canvas, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study

#: Groupings shown, with their colour and name; the segments are always there.
_GROUPINGS = {
    "segments": (ACCENT, "segments"),
    "rfm_boxes": (WARNING, "RFM boxes"),
    "past_spend_fifths": (RULE, "fifths by past spend"),
}
_OUTCOMES = {"spend": "what they\nspent", "orders": "how often\nthey ordered", "silence": "who stayed\nsilent"}
_BAR = 0.26


def draw(study: Study) -> Drawing | None:
    """Left: spend after the day, by segment. Right: how much of the differences each way of grouping explains."""
    if "holdout" not in study.tables or study.tables["holdout_explained"].empty:
        return None
    after, explained = study.tables["holdout"], study.tables["holdout_explained"]
    days = study.manifest["holdout"]["days"]
    title = _title(explained)
    height = max(3.4, 0.46 * len(after) + 1.3)
    figure, (left, right), header = canvas(title, height, 7.6, ncols=2, gridspec_kw={"width_ratios": (1.1, 1)})
    _spend(left, after, study.currency)
    left.set_title(f"Spend per customer in the {days} days after", fontsize=9.2, loc="left", color=INK)
    _explained(right, explained)
    right.set_title("Differences told, of 100 %", fontsize=9.2, loc="left", color=INK)
    reading = (
        f"Segments were found with the data up to {_day(study.manifest['holdout']['split_on'])} and nothing later. "
        f"Left: what their customers then spent, with the range that chance allows (95 %), and the share of them who "
        f"ordered nothing. Right: how much of the differences between customers one knows from the group alone, each "
        f"customer told from others; 0 % is nothing."
    )
    return Drawing(figure, title, reading, header)


def _spend(axes: Axes, after: pd.DataFrame, currency: str) -> None:
    rows: list[Any] = list(after.itertuples(index=False))
    most = float(np.nanmax([max(row.spend, row.spend_high) for row in rows]))
    for place, row in enumerate(rows):
        if not np.isnan(row.spend_low):
            axes.plot([row.spend_low, row.spend_high], [place, place], color=ACCENT, linewidth=2.2, alpha=0.55)
        axes.plot(row.spend, place, "o", color=ACCENT, markersize=7)
        label = f"{words.money(row.spend, currency)} · {words.whole_percent(row.silent)} silent"
        right = np.nanmax([row.spend, row.spend_high])
        axes.text(right + 0.06 * most, place, label, va="center", fontsize=8.4, color=INK)
    axes.set_yticks(range(len(rows)), [wrapped(words.shown(row.name), 22) for row in rows], color=INK, fontsize=8.4)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(min(0.0, float(np.nanmin(after["spend_low"].fillna(after["spend"])))), 1.75 * most)
    ticks = [float(tick) for tick in _few_places().tick_values(0, most) if tick <= 1.02 * most]
    axes.set_xticks(ticks, [words.money(tick, currency) for tick in ticks])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def _explained(axes: Axes, table: pd.DataFrame) -> None:
    outcomes = [name for name in _OUTCOMES if name in set(table["outcome"])]
    shown = [name for name in _GROUPINGS if name in set(table["grouping"])]
    for number, grouping in enumerate(shown):
        colour, label = _GROUPINGS[grouping]
        found = table[table["grouping"] == grouping].set_index("outcome").loc[outcomes]
        places = np.arange(len(outcomes)) + _BAR * (number - (len(shown) - 1) / 2)
        n_groups = int(found["n_groups"].iloc[0])
        label = label.replace("RFM", f"{n_groups} RFM") if grouping == "rfm_boxes" else label
        axes.barh(places, found["explained"], _BAR * 0.88, color=colour, label=label)
        axes.hlines(places, found["low"], found["high"], color=INK, linewidth=1, alpha=0.7)
        for place, (_, row) in zip(places, found.iterrows(), strict=True):
            text = words.whole_percent(max(row["explained"], 0.0))
            axes.text(max(row["high"], 0.0) + 0.01, place, text, va="center", fontsize=8, color=MUTED)
    _finish(axes, outcomes, float(table["high"].max()))


def _finish(axes: Axes, outcomes: list[str], most: float) -> None:
    axes.set_yticks(range(len(outcomes)), [_OUTCOMES[name] for name in outcomes], color=INK, fontsize=8.4)
    axes.set_ylim(len(outcomes) - 0.45, -0.55)
    axes.set_xlim(right=1.2 * max(most, 0.05))
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.xaxis.set_major_locator(_few_places())
    axes.xaxis.set_major_formatter(lambda value, _: words.percent(value))
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.11), ncols=3, fontsize=8, handlelength=1, columnspacing=1)


def _few_places() -> Any:  # noqa: ANN401  a matplotlib locator
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3, steps=[1, 2, 5, 10])


def _title(table: pd.DataFrame) -> str:
    spend = table[table["outcome"] == "spend"].set_index("grouping")
    if "segments" not in spend.index:
        return "What segments from before a day told of the time after it"
    told = f"Segments told {_share(spend, 'segments')} of later differences in spend"
    return f"{told}, RFM boxes {_share(spend, 'rfm_boxes')}" if "rfm_boxes" in spend.index else told


def _share(table: pd.DataFrame, grouping: str) -> str:
    value = float(table["explained"].loc[grouping])
    return words.whole_percent(value) if value > 0 else "nothing"


def _day(text: str) -> str:
    import datetime as dt

    last = dt.date.fromisoformat(text) - dt.timedelta(days=1)
    return f"{last.day} {last:%B %Y}"
