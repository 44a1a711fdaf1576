"""Jobs: processes that read tables or make studies, from the queue to their end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from coterie.app.store.database import new_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from coterie.app.store.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('look', 'study')),
    title TEXT NOT NULL,
    draft TEXT,
    parent TEXT,
    command TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
    place INTEGER NOT NULL,
    queued REAL NOT NULL,
    began REAL,
    ended REAL,
    pid INTEGER,
    pid_began TEXT,
    error TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, place);
"""

#: States after which the same request makes a new job.
_FREE = ("failed", "cancelled", "interrupted")
#: States in which nothing happens any more.
OVER = ("done", "failed", "cancelled", "interrupted")


def add_job(
    store: Database, new: Mapping[str, Any], *, most_waiting: int, before: Callable[[str], None]
) -> tuple[str, bool]:
    """Put a job at the end of the queue, once for each key: a key whose job did not end well is free again.

    Parameters
    ----------
    store : Database
    new : mapping
        `key`, `kind`, `title`, `draft`, `parent`, `command` (list of str), `queued` (seconds since 1970).
    most_waiting : int
        Jobs of this kind that may wait.
    before : function
        Is given the id before anybody else sees the job.

    Returns
    -------
    str, bool
        Id of the job of that key, and whether it is new. The id is "" where too many wait.
    """
    found = store.row("SELECT id, state FROM jobs WHERE key = ?", (new["key"],))
    if found and found["state"] not in _FREE:
        return str(found["id"]), False
    with store.transaction() as connection:
        known = connection.execute("SELECT id, state FROM jobs WHERE key = ?", (new["key"],)).fetchone()
        if known and known["state"] not in _FREE:
            return known["id"], False
        waiting = "SELECT count(*) FROM jobs WHERE state = 'queued' AND kind = ?"
        if connection.execute(waiting, (new["kind"],)).fetchone()[0] >= most_waiting:
            return "", False
        if known:
            connection.execute("UPDATE jobs SET key = key || ' ' || id WHERE id = ?", (known["id"],))  # see `key_of`
        job = new_id()
        before(job)
        (place,) = connection.execute("SELECT coalesce(max(place), 0) + 1 FROM jobs").fetchone()
        connection.execute(
            "INSERT INTO jobs (id, key, kind, title, draft, parent, command, state, place, queued) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
            (job, new["key"], new["kind"], new["title"], new.get("draft"), new.get("parent"),
             json.dumps(new["command"]), place, new["queued"]),
        )  # fmt: skip
    return job, True


def find_job(store: Database, job: str) -> sqlite3.Row | None:
    """The row of a job, or None."""
    return store.row("SELECT * FROM jobs WHERE id = ?", (job,))


def key_of(row: sqlite3.Row) -> str:
    """The key under which a job was asked for, also where a later job of that key has taken its place."""
    return str(row["key"]).removesuffix(f" {row['id']}")


def command_of(row: sqlite3.Row) -> list[str]:
    """The module and the arguments of a job."""
    command: list[str] = json.loads(row["command"])
    return command


def jobs_in(store: Database, *states: str, kind: str | None = None) -> list[sqlite3.Row]:
    """Jobs in any of these states, in the order of the queue."""
    marks = ", ".join("?" * len(states))
    only, values = (" AND kind = ?", (*states, kind)) if kind else ("", states)
    return store.rows(f"SELECT * FROM jobs WHERE state IN ({marks}){only} ORDER BY place", values)


def newest_jobs(store: Database, kind: str, limit: int) -> list[sqlite3.Row]:
    """The last jobs of a kind, the newest first."""
    return store.rows("SELECT * FROM jobs WHERE kind = ? ORDER BY place DESC LIMIT ?", (kind, limit))


def waiting_before(store: Database, row: sqlite3.Row) -> int:
    """How many jobs of its kind wait before this one."""
    sql = "SELECT count(*) AS n FROM jobs WHERE state = 'queued' AND kind = ? AND place < ?"
    found = store.row(sql, (row["kind"], row["place"]))
    return int(found["n"]) if found else 0


def mark_running(store: Database, job: str, process: tuple[int, str], now: float) -> bool:
    """Note the process (number, beginning) of a job that was waiting; False where it waits no more."""
    sql = "UPDATE jobs SET state = 'running', pid = ?, pid_began = ?, began = ? WHERE id = ? AND state = 'queued'"
    return store.write(sql, (*process, now, job)) == 1


def mark_over(store: Database, job: str, state: str, now: float, *, error: Mapping[str, str] | None = None) -> bool:
    """Note how a job ended; False where that was noted before."""
    text = json.dumps(error, ensure_ascii=False) if error else None
    sql = "UPDATE jobs SET state = ?, ended = ?, error = ? WHERE id = ? AND state IN ('queued', 'running')"
    return store.write(sql, (state, now, text, job)) == 1


def error_of(row: sqlite3.Row) -> dict[str, str] | None:
    """What a failed job said: `what`, `found`, `remedy`."""
    error: dict[str, str] | None = json.loads(row["error"]) if row["error"] else None
    return error


def remove_jobs(store: Database, jobs: Sequence[str]) -> None:
    """Forget jobs that are over."""
    with store.transaction() as connection:
        connection.executemany("DELETE FROM jobs WHERE id = ?", [(job,) for job in jobs])


def ended_of_draft(store: Database, draft: str) -> list[str]:
    """Jobs of a draft that are over and made no study."""
    sql = (
        "SELECT id FROM jobs WHERE draft = ? AND state NOT IN ('queued', 'running') "
        "AND (kind = 'look' OR state != 'done')"
    )
    return [str(row["id"]) for row in store.rows(sql, (draft,))]
