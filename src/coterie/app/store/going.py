"""Studies that are on their way out: what goes with each is noted before anything goes, so that none goes by halves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.app.store.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS going (
    study TEXT PRIMARY KEY,
    told TEXT NOT NULL
) STRICT;
"""


def begin_going(store: Database, study: str, told: Mapping[str, Any]) -> None:
    """Forget a study, and note with the same breath what is still to be removed of it."""
    with store.transaction() as connection:
        connection.execute("INSERT OR IGNORE INTO going VALUES (?, ?)", (study, json.dumps(told, sort_keys=True)))
        connection.execute("DELETE FROM studies WHERE id = ?", (study,))


def all_going(store: Database) -> dict[str, dict[str, Any]]:
    """Studies that are on their way out, each with what was noted."""
    return {row["study"]: json.loads(row["told"]) for row in store.rows("SELECT * FROM going ORDER BY study")}


def is_gone(store: Database, study: str) -> None:
    """Note that nothing of a study is left."""
    store.write("DELETE FROM going WHERE study = ?", (study,))
