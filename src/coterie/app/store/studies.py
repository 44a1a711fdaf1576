"""The studies that the app keeps: an id, the folder of that name, and what lists show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from coterie.app.store.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS studies (
    id TEXT PRIMARY KEY,
    draft TEXT,
    title TEXT NOT NULL,
    made_at TEXT NOT NULL,
    customers INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    parent TEXT
) STRICT;
"""


def add_study(
    store: Database, study: str, manifest: Mapping[str, object], *, draft: str | None = None, parent: str | None = None
) -> None:
    """Keep a study whose folder is whole; `parent` is the study that it is a later one of. Does nothing when kept."""
    verdict = manifest["verdict"]
    store.write(
        "INSERT OR IGNORE INTO studies VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            study,
            draft,
            manifest["title"],
            manifest["made_at"],
            manifest["n_customers"],
            manifest["n_segments"],
            verdict["word"] if isinstance(verdict, dict) else "",
            parent,
        ),
    )


def find_study(store: Database, study: str) -> sqlite3.Row | None:
    """The row of a study, or None."""
    return store.row("SELECT * FROM studies WHERE id = ?", (study,))


def list_studies(store: Database, limit: int = 1000) -> list[sqlite3.Row]:
    """The newest studies first."""
    return store.rows("SELECT * FROM studies ORDER BY made_at DESC, id LIMIT ?", (limit,))
