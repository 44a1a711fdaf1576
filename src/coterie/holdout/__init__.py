"""A test in time: segments from the data before a day, held against what their customers did afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.holdout.results import Difference, Explained, Holdout, SegmentAfter
    from coterie.holdout.running import TimeHoldout, answer_with

__all__ = ["Difference", "Explained", "Holdout", "SegmentAfter", "TimeHoldout", "answer_with"]

_HOMES = {
    "Difference": "coterie.holdout.results",
    "Explained": "coterie.holdout.results",
    "Holdout": "coterie.holdout.results",
    "SegmentAfter": "coterie.holdout.results",
    "TimeHoldout": "coterie.holdout.running",
    "answer_with": "coterie.holdout.running",
}

# Load the door's names when they are used, so that reading can begin before everything is loaded.
__getattr__ = lazily(__name__, _HOMES)
