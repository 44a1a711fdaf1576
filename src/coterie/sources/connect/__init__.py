"""Tables that stay where they are: in the user's own database or cluster, mapped there by queries."""

from __future__ import annotations

from coterie.sources.connect.handed import ConnectedTable, table
from coterie.sources.connect.opening import open_shop
from coterie.sources.connect.place import database_file, is_distant

__all__ = ["ConnectedTable", "database_file", "is_distant", "open_shop", "table"]
