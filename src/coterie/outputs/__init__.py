"""What leaves: the study folder, its charts and report, and the scoring of other customers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.outputs.plain import to_plain
    from coterie.outputs.scoring import drift, read_customers, score
    from coterie.outputs.study import Study, load
    from coterie.outputs.tables import scores_csv

__all__ = ["Study", "drift", "load", "read_customers", "score", "scores_csv", "to_plain"]

_HOMES = {
    "Study": "coterie.outputs.study",
    "drift": "coterie.outputs.scoring",
    "load": "coterie.outputs.study",
    "read_customers": "coterie.outputs.scoring",
    "score": "coterie.outputs.scoring",
    "scores_csv": "coterie.outputs.tables",
    "to_plain": "coterie.outputs.plain",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used: to draw a chart takes none of what scoring takes."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
