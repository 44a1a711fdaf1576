"""Which segment to work on first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.style import INK, MUTED, Drawing, bare, canvas, wrapped
from coterie.outputs.words import count, money, shown

if TYPE_CHECKING:
    from coterie.outputs.study import Study


def draw(study: Study) -> Drawing | None:
    """One bar a segment, by priority: the value at stake, with the play."""
    planned = [s for s in study.profiled if s.play is not None]
    planned = [s for s in planned if s.play and s.play.value_at_stake == s.play.value_at_stake]
    if not planned or max(s.play.value_at_stake for s in planned if s.play) <= 0:
        return None
    planned.sort(key=lambda s: (s.play.priority if s.play else 0, s.segment_id))
    first = planned[0]
    title = f"Start with {shown(first.name, 45)}: {_stake(first, study)} at stake"
    figure, axes, header = canvas(title, 0.66 * len(planned) + 0.35)
    largest = max(s.play.value_at_stake for s in planned if s.play)
    for place, segment in enumerate(planned):
        play = segment.play
        if play is None:
            continue
        tint = colour_of(segment)
        axes.barh(place - 0.1, max(play.value_at_stake, 0), 0.4, color=tint)
        axes.text(max(play.value_at_stake, 0) + 0.015 * largest, place - 0.1, _stake(segment, study), va="center",
                  fontsize=9.5, fontweight="bold", color=INK)  # fmt: skip
        detail = f"{shown(play.title, 60)} · {count(segment.size)} customers"
        axes.text(0, place + 0.27, detail, va="center", fontsize=8.5, color=MUTED)
    names = [f"{n}. {wrapped(shown(s.name), 26)}" for n, s in enumerate(planned, start=1)]
    axes.set_yticks(range(len(planned)), names, color=INK)
    axes.set_ylim(len(planned) - 0.4, -0.5)
    axes.set_xlim(0, 1.3 * largest)
    bare(axes, y=False)
    reading = (
        "Bars: what each play could move, by the assumptions told with it; a first estimate, to be replaced by a test. "
        "The order also weighs how easily the segment moves."
    )
    return Drawing(figure, title, reading, header)


def _stake(segment, study: Study) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return money(segment.play.value_at_stake, study.currency)
