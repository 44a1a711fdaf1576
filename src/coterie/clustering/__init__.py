"""Groups: which method, how many, how real, and who belongs where. Arrays only."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.clustering.alternatives import Alternative
    from coterie.clustering.assign import Assigner, Assignment
    from coterie.clustering.choice import Choice
    from coterie.clustering.segment_search import search
    from coterie.clustering.segmenter import AutoSegmenter

__all__ = ["Alternative", "Assigner", "Assignment", "AutoSegmenter", "Choice", "search"]

_HOMES = {
    "Alternative": "coterie.clustering.alternatives",
    "Assigner": "coterie.clustering.assign",
    "Assignment": "coterie.clustering.assign",
    "AutoSegmenter": "coterie.clustering.segmenter",
    "Choice": "coterie.clustering.choice",
    "search": "coterie.clustering.segment_search",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used: the structure test in a process of its own starts faster."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
