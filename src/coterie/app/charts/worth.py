"""What each segment is worth in the year ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.outputs import shown

if TYPE_CHECKING:
    from coterie.app.shelf import OpenStudy

_ROW = 34
_LABEL = "datum.value == 0 ? '0' : datum.label"  # "0", not "0k"
_FEWEST = 10  # customers behind a sum that is shown


def by_segment(study: OpenStudy) -> dict[str, Any]:
    """One bar a segment with the range in which its value of 12 months falls 19 times in 20."""
    import altair as alt

    table = study.study.tables["expected_value"]
    year = table[(table["months"] == 12) & (table["segment_id"] > 0) & (table["customers"] >= _FEWEST)]
    middle = "value" if "value" in year else "orders"
    tell = study.told.money if middle == "value" else lambda value: f"{value:,.0f} orders"
    rows = [
        {
            "segment": shown(study.names[int(row["segment_id"])], 60),
            "middle": round(float(row[middle]), 2),
            "low": round(float(row[f"{middle}_low"]), 2),
            "high": round(float(row[f"{middle}_high"]), 2),
            "told": tell(float(row[middle])),
            "range": f"{tell(float(row[f'{middle}_low']))} to {tell(float(row[f'{middle}_high']))}",
        }
        for row in year.to_dict("records")
    ]
    names, tints = [shown(name, 60) for name in study.names.values()], list(study.tints.values())
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("segment:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        tooltip=["segment:N", alt.Tooltip("told:N", title="Expected"), alt.Tooltip("range:N", title="19 times in 20")],
    )
    unit = "orders" if middle == "orders" else study.study.currency
    title = f"Expected in 12 months{f' ({shown(unit, 20)})' if unit else ''}"
    bars = base.mark_bar(cornerRadius=2, height={"band": 0.62}).encode(
        x=alt.X("middle:Q", title=title, axis=alt.Axis(format="~s", tickCount=5, labelExpr=_LABEL)),
        color=alt.Color("segment:N", scale=alt.Scale(domain=names, range=tints), legend=None),
    )
    ranges = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    spec: dict[str, Any] = alt.layer(bars, ranges).properties(width="container", height=_ROW * len(rows)).to_dict()
    return spec
