"""How the number of segments and the method were chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.outputs.charts.style import ACCENT, INK, MUTED, RULE, Drawing, canvas
from coterie.outputs.words import method_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from coterie.outputs.study import Study


def draw(study: Study) -> Drawing | None:
    """One line a method: its score by number of segments, the choice ringed."""
    table = study.candidates
    if "score" not in table or table["score"].notna().sum() < 2:
        return None
    table = table.dropna(subset=["score"])
    method, k = study.manifest["search"]["method"], study.manifest["search"]["n_segments"]
    title = _title(table, method, k, len(study.candidates))
    figure, axes, header = canvas(title, 3.5)
    _lines(axes, table, method)
    chosen = table[(table["method"] == method) & (table["n_segments"] == k)]
    if not chosen.empty:
        best = chosen.sort_values("score").iloc[-1]
        axes.plot(
            k, best["score"], "o", markersize=13, markerfacecolor="none", markeredgecolor=ACCENT, markeredgewidth=2
        )
        axes.annotate("chosen", (k, best["score"]), xytext=(0, 13), textcoords="offset points", ha="center",
                      color=ACCENT, fontweight="bold", fontsize=9.5)  # fmt: skip
    axes.set_xticks(sorted(table["n_segments"].unique()))
    axes.set_xlabel("number of segments")
    axes.set_ylabel("score: expected match with true groups")
    axes.grid(axis="y")
    axes.margins(x=0.04, y=0.16)
    reading = (
        "One line a method: how well such divisions match the true groups in our tests (1 = exactly, 0 = no better "
        "than chance). How surely a division comes back counts too. Lines that lie close together are practically as "
        "good."
    )
    return Drawing(figure, title, reading, header)


def _lines(axes: Axes, table: pd.DataFrame, chosen: str) -> None:
    ends: list[tuple[float, int, str]] = []
    for name, rows in table.groupby("method", sort=True):
        line = rows.groupby("n_segments")["score"].max()
        front = name == chosen
        axes.plot(line.index, line.to_numpy(), "o-", color=ACCENT if front else RULE, linewidth=2.4 if front else 1.3,
                  markersize=4.5 if front else 3.2, zorder=3 if front else 2)  # fmt: skip
        ends.append((float(line.iloc[-1]), int(line.index[-1]), str(name)))
    low, high = table["score"].min(), table["score"].max()
    step, last = 0.055 * ((high - low) or 1.0), -1e9
    for score, k, name in sorted(ends):
        last = max(score, last + step)
        axes.annotate(method_name(name), (k, score), xytext=(k + 0.2, last), color=INK if name == chosen else MUTED,
                      fontsize=8.8, va="center", fontweight="bold" if name == chosen else "normal",
                      annotation_clip=False)  # fmt: skip


def _title(table: pd.DataFrame, method: str, k: int, tried: int) -> str:
    best = table.sort_values("score", ascending=False, kind="stable").iloc[0]
    if best["method"] == method and best["n_segments"] == k:
        return f"{k} segments by {method_name(method)} scored best of {tried} candidates"
    return f"{k} segments by {method_name(method)} were chosen among {tried} candidates"
