"""What each number of segments would be worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import shown

if TYPE_CHECKING:
    from coterie.app.shelf import OpenStudy


def by_number(study: OpenStudy) -> dict[str, Any]:
    """Score by number of segments, the chosen one marked."""
    import altair as alt

    rows = [
        {
            "n": int(row["n_segments"]),
            "score": round(float(row["score"]), 4),
            "chosen": bool(row["chosen"]),
            "told": shown(str(row["change"]), 120) if isinstance(row["change"], str) else "",
        }
        for row in study.study.tables["numbers"].to_dict("records")
        if not math.isnan(row["score"])
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("n:O", title="Number of segments", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("score:Q", title="Score (0 to 1)", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(values=[0, 0.5, 1])),
        tooltip=["n:O", "score:Q"],
    )
    line = base.mark_line(strokeWidth=2, opacity=0.6)
    dots = base.mark_point(filled=True, opacity=1).encode(
        size=alt.condition(alt.datum.chosen, alt.value(220), alt.value(60)),
    )
    spec: dict[str, Any] = alt.layer(line, dots).properties(width="container", height=230).to_dict()
    return spec
