"""What a person changed of the segments of a study, every state kept, so that a change can be taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from coterie.outputs import edits_from_plain, edits_to_plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from coterie.app.store.database import Database
    from coterie.outputs import SegmentEdit

SCHEMA = """
CREATE TABLE IF NOT EXISTS edits (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    study TEXT NOT NULL,
    told TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS edits_by_study ON edits (study, version);
"""
_NOTHING = "{}"
#: States of one study that can be taken back; older ones are forgotten.
_MOST_STATES = 100


def current_edits(store: Database, study: str) -> tuple[int, dict[int, SegmentEdit]]:
    """Version (a number that never comes back) and edits by segment id of a study; 0 and none where there are none.

    A study that is a later one of another begins with the edits of that one as they are when it is first asked for:
    its segments keep their ids where the people do.
    """
    row = _last(store, study)
    if row is None:
        row = _begin(store, study)
    return (0, {}) if row is None else (int(row["version"]), _read(row["told"]))


def keep_edits(
    store: Database, study: str, edits: Mapping[int, SegmentEdit], *, after: int | None = None
) -> int | None:
    """Keep a new state; give its version. The same state again is no new one.

    With `after`, the version that the change was made to: None, and nothing is kept, where another change came between.
    """
    current_edits(store, study)
    told = _written(edits)
    with store.transaction() as connection:
        rows = connection.execute(
            "SELECT version, told FROM edits WHERE study = ? ORDER BY version DESC", (study,)
        ).fetchall()
        if (rows[0]["told"] if rows else _NOTHING) == told:
            return int(rows[0]["version"]) if rows else 0
        if after is not None and after != (int(rows[0]["version"]) if rows else 0):
            return None
        if not rows:
            connection.execute("INSERT INTO edits (study, told) VALUES (?, ?)", (study, _NOTHING))
        made = connection.execute("INSERT INTO edits (study, told) VALUES (?, ?)", (study, told))
        old = [(row["version"],) for row in rows[_MOST_STATES - 1 :]]
        connection.executemany("DELETE FROM edits WHERE version = ?", old)
        return int(made.lastrowid or 0)


def undo_edits(store: Database, study: str, version: int) -> bool:
    """Take back the last state, if it is this version; False where it is not, or where there is none before it."""
    with store.transaction() as connection:
        rows = connection.execute(
            "SELECT version FROM edits WHERE study = ? ORDER BY version DESC LIMIT 2", (study,)
        ).fetchall()
        if len(rows) < 2 or rows[0]["version"] != version:
            return False
        connection.execute("DELETE FROM edits WHERE version = ?", (version,))
    return True


def can_undo(store: Database, study: str) -> bool:
    """Whether there is a state to go back to."""
    row = store.row("SELECT count(*) AS n FROM edits WHERE study = ?", (study,))
    return row is not None and row["n"] > 1


def pass_on(store: Database, study: str) -> None:
    """Let the later studies of a study take its edits over now, as before it is removed."""
    for row in store.rows("SELECT id FROM studies WHERE parent = ?", (study,)):
        current_edits(store, row["id"])


def remove_edits(store: Database, study: str) -> int:
    """Forget all states of a study; give how many there were."""
    return store.write("DELETE FROM edits WHERE study = ?", (study,))


def _begin(store: Database, study: str) -> sqlite3.Row | None:
    """Take over the edits of the study that this is a later one of, once."""
    row = store.row("SELECT parent FROM studies WHERE id = ?", (study,))
    if row is None or not row["parent"]:
        return None
    _, edits = current_edits(store, row["parent"])
    with store.transaction() as connection:
        if connection.execute("SELECT 1 FROM edits WHERE study = ?", (study,)).fetchone() is None:
            connection.execute("INSERT INTO edits (study, told) VALUES (?, ?)", (study, _written(edits)))
    return _last(store, study)


def _last(store: Database, study: str) -> sqlite3.Row | None:
    return store.row("SELECT version, told FROM edits WHERE study = ? ORDER BY version DESC LIMIT 1", (study,))


def _written(edits: Mapping[int, SegmentEdit]) -> str:
    return json.dumps(edits_to_plain(edits), ensure_ascii=False, sort_keys=True)


def _read(told: str) -> dict[int, SegmentEdit]:
    return edits_from_plain(json.loads(told))
