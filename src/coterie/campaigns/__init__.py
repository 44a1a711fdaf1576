"""What to do about each segment: lifecycle stages, plays from the playbook, value at stake, priorities."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.campaigns.plays import suggest_plays
    from coterie.campaigns.stages import NO_ORDER, STAGES, lifecycle_stages, stage_table

__all__ = ["NO_ORDER", "STAGES", "lifecycle_stages", "stage_table", "suggest_plays"]

_HOMES = {
    "NO_ORDER": "coterie.campaigns.stages",
    "STAGES": "coterie.campaigns.stages",
    "lifecycle_stages": "coterie.campaigns.stages",
    "stage_table": "coterie.campaigns.stages",
    "suggest_plays": "coterie.campaigns.plays",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used, so that reading can begin before everything is loaded."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
