"""A test in time: segments from the data before a day, held against what their customers did afterwards."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used, so that reading can begin before everything is loaded."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
