"""One row a customer: features from orders, events and customer tables, each with its name, unit and meaning."""

from coterie.features.catalog import CATALOG
from coterie.features.table import build

__all__ = ["CATALOG", "build"]
