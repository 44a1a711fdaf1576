"""What leaves: the study folder, its charts and report, and the scoring of other customers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.outputs.conditions import rules_document, rules_text, segment_rules
    from coterie.outputs.exporting import Export
    from coterie.outputs.forgetting import REMAINS, Erasure, forget
    from coterie.outputs.plain import to_plain
    from coterie.outputs.scoring import drift, read_customers, score
    from coterie.outputs.study import Study, load
    from coterie.outputs.tables import scores_csv
    from coterie.outputs.workbook import write_workbook

__all__ = [
    "REMAINS",
    "Erasure",
    "Export",
    "Study",
    "drift",
    "forget",
    "load",
    "read_customers",
    "rules_document",
    "rules_text",
    "score",
    "scores_csv",
    "segment_rules",
    "to_plain",
    "write_workbook",
]

_HOMES = {
    "Erasure": "coterie.outputs.forgetting",
    "Export": "coterie.outputs.exporting",
    "REMAINS": "coterie.outputs.forgetting",
    "Study": "coterie.outputs.study",
    "drift": "coterie.outputs.scoring",
    "forget": "coterie.outputs.forgetting",
    "load": "coterie.outputs.study",
    "read_customers": "coterie.outputs.scoring",
    "rules_document": "coterie.outputs.conditions",
    "rules_text": "coterie.outputs.conditions",
    "score": "coterie.outputs.scoring",
    "scores_csv": "coterie.outputs.tables",
    "segment_rules": "coterie.outputs.conditions",
    "to_plain": "coterie.outputs.plain",
    "write_workbook": "coterie.outputs.workbook",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used: to draw a chart takes none of what scoring takes."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
