"""What the app remembers: one SQLite file, one module a subject with its own tables."""

from __future__ import annotations

from coterie.app.store import edits, going, jobs, plans, sessions, studies, uploads
from coterie.app.store.database import Database, new_id

__all__ = ["SCHEMAS", "Database", "new_id", "open_store"]

#: Tables of every subject; a new subject adds its `SCHEMA` here.
SCHEMAS = (sessions.SCHEMA, uploads.SCHEMA, jobs.SCHEMA, studies.SCHEMA, edits.SCHEMA, plans.SCHEMA, going.SCHEMA)


def open_store(path: object) -> Database:
    """Open the app's state with the tables of every subject."""
    return Database(path, SCHEMAS)
