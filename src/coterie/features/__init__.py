"""One row a customer: features from orders, events and customer tables, each with its name, unit and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.features.catalog import CATALOG, columns_of, slug
    from coterie.features.categories import columns_for
    from coterie.features.entries import Definition
    from coterie.features.table import build

__all__ = ["CATALOG", "Definition", "build", "columns_for", "columns_of", "slug"]

_HOMES = {
    "CATALOG": "coterie.features.catalog",
    "Definition": "coterie.features.entries",
    "build": "coterie.features.table",
    "columns_for": "coterie.features.categories",
    "columns_of": "coterie.features.catalog",
    "slug": "coterie.features.catalog",
}

# Load the door's names when they are used: the catalogue prints its page without an engine.
__getattr__ = lazily(__name__, _HOMES)
