"""Groups: which method, how many, how real, and who belongs where. Arrays only."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.clustering.alternatives import Alternative
    from coterie.clustering.assign import Assigner, Assignment, significant
    from coterie.clustering.choice import Choice
    from coterie.clustering.segment_search import search
    from coterie.clustering.segmenter import AutoSegmenter
    from coterie.clustering.table import take

__all__ = ["Alternative", "Assigner", "Assignment", "AutoSegmenter", "Choice", "search", "significant", "take"]

_HOMES = {
    "Alternative": "coterie.clustering.alternatives",
    "Assigner": "coterie.clustering.assign",
    "Assignment": "coterie.clustering.assign",
    "AutoSegmenter": "coterie.clustering.segmenter",
    "Choice": "coterie.clustering.choice",
    "search": "coterie.clustering.segment_search",
    "significant": "coterie.clustering.assign",
    "take": "coterie.clustering.table",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used: the structure test in a process of its own starts faster."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
