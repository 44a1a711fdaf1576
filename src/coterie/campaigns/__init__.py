"""What to do about each segment: lifecycle stages, what customers are worth, plays, value at stake, priorities."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.campaigns.plays import suggest_plays
    from coterie.campaigns.stages import NO_ORDER, STAGES, lifecycle_stages, stage_table
    from coterie.campaigns.value.history import OrderHistory, order_history
    from coterie.campaigns.value.worth import CustomerValue, customer_value

__all__ = [
    "NO_ORDER",
    "STAGES",
    "CustomerValue",
    "OrderHistory",
    "customer_value",
    "lifecycle_stages",
    "order_history",
    "stage_table",
    "suggest_plays",
]

_HOMES = {
    "NO_ORDER": "coterie.campaigns.stages",
    "STAGES": "coterie.campaigns.stages",
    "CustomerValue": "coterie.campaigns.value.worth",
    "OrderHistory": "coterie.campaigns.value.history",
    "customer_value": "coterie.campaigns.value.worth",
    "order_history": "coterie.campaigns.value.history",
    "lifecycle_stages": "coterie.campaigns.stages",
    "stage_table": "coterie.campaigns.stages",
    "suggest_plays": "coterie.campaigns.plays",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used, so that reading can begin before everything is loaded."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
