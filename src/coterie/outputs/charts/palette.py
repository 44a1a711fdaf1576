"""Colours of the segments: a light module, so that a page need not load a plotting library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.vocabulary import Segment

#: Colours of segments 1, 2, …: after Okabe and Ito (2008) and Tol (2021), told apart by the colour-blind and in grey.
SEGMENT_COLOURS = (
    "#0072b2", "#e08214", "#009e73", "#b8457f", "#56b4e9", "#7b5aa6",
    "#a39a1d", "#8c2d19", "#44aa99", "#5b6b7a", "#d98fb5", "#2f3a8f",
)  # fmt: skip
#: The same by a word for each.
COLOUR_NAMES = dict(
    zip(
        SEGMENT_COLOURS,
        ("blue", "orange", "green", "pink", "sky blue", "purple", "olive", "brown", "teal", "slate", "rose", "navy"),
        strict=True,
    )
)
UNUSUAL_COLOUR = "#9aa5b1"


def colour(segment_id: int, *, unusual: bool = False) -> str:
    """Colour of a segment, the same in every picture."""
    return UNUSUAL_COLOUR if unusual else SEGMENT_COLOURS[(segment_id - 1) % len(SEGMENT_COLOURS)]


def colour_of(segment: Segment) -> str:
    """Colour of a segment where all of it is known: the one that a person chose, or that of its id."""
    return segment.colour or colour(segment.segment_id, unusual=segment.is_unusual)
