"""The order in which the segments deserve attention."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.profiles import money, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns.playbook import Template
    from coterie.vocabulary import Segment

#: What the play of a segment says that is not surely found again.
_DOUBTS = {
    "pattern": (
        "This segment is a pattern, not a sure group: a good part of it changes when other customers are drawn. "
        "Try the play on its core first."
    ),
    "do not rely on it": (
        "Do not build a programme on this segment: it often dissolves when other customers are drawn. "
        "A small test does no harm."
    ),
}
#: How much of a segment's stake counts, by how far the segment can be trusted.
_TRUST = {"stable": 1.0, "pattern": 0.8, "do not rely on it": 0.5, "": 0.8}


def prioritised(segments: Sequence[Segment], templates: Sequence[Template], currency: str) -> tuple[Segment, ...]:
    """Number the plays by what they could move.

    The value at stake counts in full for stable segments, at 80 % for those that are only a pattern, at half for those
    not to be relied on. Where any stake is unknown, urgency of the play × number of customers takes its place for all.

    Returns
    -------
    tuple of Segment
        In the order given, each play with its priority (1 = first) and the reason.
    """
    valued = all(segment.play is not None and math.isfinite(segment.play.value_at_stake) for segment in segments)
    merits = [
        (_stake(segment) if valued else template.urgency * segment.size) * _TRUST[segment.stability_badge]
        for segment, template in zip(segments, templates, strict=True)
    ]
    order = sorted(range(len(segments)), key=lambda place: (-round(merits[place], 6), segments[place].segment_id))
    ranks = {place: rank for rank, place in enumerate(order, start=1)}
    return tuple(
        _ranked(segment, template, ranks[place], len(segments), currency if valued else None)
        for place, (segment, template) in enumerate(zip(segments, templates, strict=True))
    )


def _ranked(segment: Segment, template: Template, rank: int, n: int, currency: str | None) -> Segment:
    if segment.play is None:
        return segment
    place = "The only segment" if n == 1 else f"Place {rank} of {n}"
    if currency is None:
        reason = (
            f"{place} by urgency ({template.urgency} of 10) and number of customers ({share(segment.share)} of all)"
        )
    else:
        reason = f"{place} by what the play could move in a year ({money(segment.play.value_at_stake, currency)})"
    doubt = {
        "pattern": "; counted at 80 %, since the segment did not come back every time it was checked",
        "do not rely on it": "; counted at half, since the segment often did not come back when it was checked",
    }.get(segment.stability_badge, "")
    told = _DOUBTS.get(segment.stability_badge, "")
    play = replace(segment.play, priority=rank, priority_reason=f"{reason}{doubt}.", doubt=told)
    return replace(segment, play=play)


def _stake(segment: Segment) -> float:
    return segment.play.value_at_stake if segment.play is not None else 0.0
