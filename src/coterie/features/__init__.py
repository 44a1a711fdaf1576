"""One row a customer: features from orders, events and customer tables, each with its name, unit and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.features.catalog import CATALOG
    from coterie.features.table import build

__all__ = ["CATALOG", "build"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module's attribute
    """Load the door's names when they are used: the catalogue prints its page without an engine."""
    if name == "CATALOG":
        from coterie.features.catalog import CATALOG

        return CATALOG
    if name == "build":
        from coterie.features.table import build

        return build
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
