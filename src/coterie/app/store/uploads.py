"""Drafts: what a person has handed over and said so far on the way to a study."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from coterie.app.store.database import new_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from coterie.app.store.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS drafts (
    id TEXT PRIMARY KEY,
    made REAL NOT NULL,
    title TEXT NOT NULL,
    parent TEXT,
    told TEXT NOT NULL DEFAULT '{}',
    look TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS inputs (
    id TEXT PRIMARY KEY,
    draft TEXT NOT NULL REFERENCES drafts(id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    shown TEXT NOT NULL,
    stored TEXT,
    source TEXT,
    kind TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT ''
) STRICT;
"""


def add_draft(
    store: Database,
    now: float,
    title: str,
    inputs: Sequence[Mapping[str, Any]],
    *,
    parent: str | None = None,
    draft: str | None = None,
) -> str:
    """Keep a draft with its inputs; give its id.

    Parameters
    ----------
    store : Database
    now : float
        Seconds since 1970, for the sweep of old uploads.
    title : str
        What lists show.
    inputs : sequence of mapping
        `shown` (the name as the person knows it), `kind` (or None), and either `stored` (path below the uploads folder,
        with `bytes` and `sha256`) or `source` (the name of a source of the settings).
    parent : str, optional
        The study that this is to be a later one of.
    draft : str, optional
        Its id, which is the name of the folder of its files; by default a new one.
    """
    draft = draft or new_id()
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO drafts (id, made, title, parent) VALUES (?, ?, ?, ?)", (draft, now, title, parent)
        )
        for place, each in enumerate(inputs):
            connection.execute(
                "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (new_id(), draft, place, each["shown"], each.get("stored"), each.get("source"), each.get("kind"),
                 each.get("bytes", 0), each.get("sha256", "")),
            )  # fmt: skip
    return draft


def find_draft(store: Database, draft: str) -> sqlite3.Row | None:
    """The row of a draft, or None."""
    return store.row("SELECT * FROM drafts WHERE id = ?", (draft,))


def inputs_of(store: Database, draft: str) -> list[sqlite3.Row]:
    """The inputs of a draft in the order in which they were handed over."""
    return store.rows("SELECT * FROM inputs WHERE draft = ? ORDER BY place", (draft,))


def told_of(row: sqlite3.Row) -> dict[str, Any]:
    """What the person said about a draft: settings by dotted key."""
    told: dict[str, Any] = json.loads(row["told"])
    return told


def tell_draft(store: Database, draft: str, told: Mapping[str, Any], look: str | None) -> None:
    """Keep what the person said, and the job that looks at the tables with it."""
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    row = find_draft(store, draft)
    if row is not None and (row["told"], row["look"]) != (text, look):
        store.write("UPDATE drafts SET told = ?, look = ? WHERE id = ?", (text, look, draft))


def set_kinds(store: Database, kinds: Mapping[str, str | None]) -> None:
    """Keep which kind of table each input (by id) is said to be."""
    with store.transaction() as connection:
        connection.executemany(
            "UPDATE inputs SET kind = ? WHERE id = ?", [(kind, each) for each, kind in kinds.items()]
        )


def remove_draft(store: Database, draft: str) -> None:
    """Forget a draft and its inputs; the files are the caller's to remove."""
    store.write("DELETE FROM drafts WHERE id = ?", (draft,))


def kept_bytes(store: Database) -> int:
    """Bytes of all uploads that are kept."""
    row = store.row("SELECT coalesce(sum(bytes), 0) AS n FROM inputs")
    return int(row["n"]) if row else 0


def drafts_before(store: Database, moment: float) -> list[sqlite3.Row]:
    """Drafts made before a moment that no job needs."""
    sql = (
        "SELECT * FROM drafts WHERE made < ? AND id NOT IN "
        "(SELECT draft FROM jobs WHERE draft IS NOT NULL AND state IN ('queued', 'running'))"
    )
    return store.rows(sql, (moment,))


def stored_folders(store: Database) -> frozenset[str]:
    """Names of the folders in which uploads are kept: of files, and of what was handed over with a draft's choices."""
    found = store.rows("SELECT stored AS place FROM inputs WHERE stored IS NOT NULL UNION ALL SELECT id FROM drafts")
    return frozenset(str(row["place"]).partition("/")[0] for row in found)
