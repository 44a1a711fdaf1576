"""Product groups where products have names but no categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.engines.duckdb import DuckDBEngine

#: Group of the products that belong to no other.
OTHER_PRODUCTS = "Other products"


def derive_product_groups(engine: DuckDBEngine, max_groups: int) -> bool:  # noqa: ARG001
    return False
