"""How one segment, or two, differ from all customers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import shown

if TYPE_CHECKING:
    from coterie.app.shelf import OpenStudy

_MOST = 12
_REACH = 2.0  # standard deviations that the chart shows on either side
_ROW = 26


def one(study: OpenStudy, segment: int) -> dict[str, Any]:
    """One bar a feature: how far the segment lies from all customers, in standard deviations."""
    import altair as alt

    rows = _rows(study, segment, _features(study, (segment,)))
    tint = study.tints[segment]
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y("feature:N", sort=None, title=None),
            x=_deviation(),
            color=alt.value(tint),
            opacity=alt.condition(alt.datum.marker, alt.value(1.0), alt.value(0.4)),
            tooltip=_TOLD,
        )
        .properties(width="container", height=_ROW * len(rows))
    )
    spec: dict[str, Any] = bars.to_dict()
    return spec


def two(study: OpenStudy, first: int, second: int) -> dict[str, Any]:
    """Two dots a feature, joined by a line: how far each segment lies from all customers."""
    import altair as alt

    features = _features(study, (first, second))
    rows = [row for segment in (first, second) for row in _rows(study, segment, features)]
    names = [shown(study.names[segment], 60) for segment in (first, second)]
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=alt.Y("feature:N", sort=None, title=None), x=_deviation())
    line = base.mark_line(strokeWidth=2, opacity=0.5, color="#8a949e").encode(detail="feature:N")
    scale = alt.Scale(domain=names, range=[study.tints[first], study.tints[second]])
    dots = base.mark_point(filled=True, size=130, opacity=1).encode(
        color=alt.Color("segment:N", scale=scale, legend=None),
        shape=alt.Shape("segment:N", scale=alt.Scale(domain=names, range=["circle", "diamond"]), legend=None),
        tooltip=_TOLD,
    )
    spec: dict[str, Any] = alt.layer(line, dots).properties(width="container", height=_ROW * len(features)).to_dict()
    return spec


_TOLD = ["segment:N", "feature:N", "value:N", "all:N"]


def _deviation() -> Any:  # noqa: ANN401  Altair's own types
    import altair as alt

    axis = alt.Axis(values=[-2, -1, 0, 1, 2], labelExpr="datum.value === 0 ? 'all customers' : ''", ticks=False)
    return alt.X("effect:Q", title="less ← → more", scale=alt.Scale(domain=[-_REACH, _REACH], clamp=True), axis=axis)


def _features(study: OpenStudy, segments: tuple[int, ...]) -> list[str]:
    """The features in which these segments differ most from all customers."""
    table = study.study.profiles
    mine = table[table["segment_id"].isin(segments) & table["feature"].isin(list(study.study.features))]
    numeric = mine[[study.study.features[name].is_numeric for name in mine["feature"]]]
    strength = numeric.assign(size=numeric["effect_size"].abs().fillna(0.0)).groupby("feature")["size"].max()
    order = sorted(strength.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return [str(name) for name, _ in order[:_MOST]]


def _rows(study: OpenStudy, segment: int, features: list[str]) -> list[dict[str, Any]]:
    table = study.study.profiles
    mine = table[table["segment_id"] == segment].drop_duplicates("feature").set_index("feature")
    rows = []
    for name in features:
        if name not in mine.index:
            continue
        row: dict[Any, Any] = mine.loc[name].to_dict()
        effect = float(row["effect_size"])
        rows.append(
            {
                "segment": shown(study.names[segment], 60),
                "feature": shown(study.study.features[name].label, 44),
                "effect": 0.0 if math.isnan(effect) else round(max(-_REACH, min(_REACH, effect)), 3),
                "value": study.told.amount(name, float(row["segment_value"])),
                "all": study.told.amount(name, float(row["overall_value"])),
                "marker": bool(row["is_marker"]),
            }
        )
    return rows
