"""Test plans and their results, lists that were written, and previews of lists that wait for a yes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from coterie.app.store.database import new_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from coterie.app.store.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS plans (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    study TEXT NOT NULL,
    made REAL NOT NULL,
    told TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS results (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL REFERENCES plans(id) ON DELETE CASCADE,
    made REAL NOT NULL,
    told TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS lists (
    id TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('preview', 'writing', 'written')),
    made REAL NOT NULL,
    told TEXT NOT NULL
) STRICT;
"""


def add_plan(store: Database, key: str, study: str, now: float, told: Mapping[str, Any], plan: str) -> str:
    """Keep a plan whose folder is whole; give the id of the plan of that key, this one or an earlier."""
    sql = "INSERT OR IGNORE INTO plans VALUES (?, ?, ?, ?, ?)"
    store.write(sql, (plan, key, study, now, _dump(told)))
    return str(_one(store, "SELECT id FROM plans WHERE key = ?", key)["id"])


def plan_of_key(store: Database, key: str) -> str | None:
    """Id of the plan of a key, or None."""
    row = store.row("SELECT id FROM plans WHERE key = ?", (key,))
    return str(row["id"]) if row else None


def find_plan(store: Database, plan: str) -> dict[str, Any] | None:
    """A plan with what is told of it, or None."""
    row = store.row("SELECT * FROM plans WHERE id = ?", (plan,))
    return _told(row) if row else None


def plans_of(store: Database, study: str) -> list[dict[str, Any]]:
    """Plans of a study, the newest first."""
    return [_told(row) for row in store.rows("SELECT * FROM plans WHERE study = ? ORDER BY made DESC, id", (study,))]


def add_results(store: Database, key: str, plan: str, now: float, told: Mapping[str, Any], results: str) -> str:
    """Keep results whose folder is whole; give the id of the results of that key, these or earlier ones."""
    sql = "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?)"
    store.write(sql, (results, key, plan, now, _dump(told)))
    return str(_one(store, "SELECT id FROM results WHERE key = ?", key)["id"])


def results_of_key(store: Database, key: str) -> str | None:
    """Id of the results of a key, or None."""
    row = store.row("SELECT id FROM results WHERE key = ?", (key,))
    return str(row["id"]) if row else None


def find_results(store: Database, results: str) -> dict[str, Any] | None:
    """Results with what is told of them, or None."""
    row = store.row("SELECT * FROM results WHERE id = ?", (results,))
    return _told(row) if row else None


def results_of(store: Database, plan: str) -> list[dict[str, Any]]:
    """Results of a plan, the newest first."""
    return [_told(row) for row in store.rows("SELECT * FROM results WHERE plan = ? ORDER BY made DESC, id", (plan,))]


def add_preview(store: Database, study: str, now: float, told: Mapping[str, Any], token: str) -> None:
    """Keep a preview of lists under its token; nothing is written until somebody says yes to it."""
    store.write("INSERT INTO lists VALUES (?, ?, 'preview', ?, ?)", (token, study, now, _dump(told)))


def find_lists(store: Database, token: str) -> dict[str, Any] | None:
    """Lists by their token, seen or written, or None."""
    row = store.row("SELECT * FROM lists WHERE id = ?", (token,))
    return _told(row) if row else None


def lists_of(store: Database, study: str) -> list[dict[str, Any]]:
    """Lists that were written of a study, the newest first."""
    sql = "SELECT * FROM lists WHERE study = ? AND state = 'written' ORDER BY made DESC, id"
    return [_told(row) for row in store.rows(sql, (study,))]


def begin_writing(store: Database, token: str, now: float) -> bool:
    """Take a preview to be written; False where another request did, or where it is none. Its time begins anew."""
    sql = "UPDATE lists SET state = 'writing', made = ? WHERE id = ? AND state = 'preview'"
    return store.write(sql, (now, token)) == 1


def stop_writing(store: Database, token: str) -> None:
    """Give a preview back whose writing failed."""
    store.write("UPDATE lists SET state = 'preview' WHERE id = ? AND state = 'writing'", (token,))


def mark_written(store: Database, token: str, now: float, told: Mapping[str, Any]) -> bool:
    """Note that lists were written; False where they were removed in the meantime."""
    sql = "UPDATE lists SET state = 'written', made = ?, told = ? WHERE id = ?"
    return store.write(sql, (now, _dump(told), token)) == 1


def remove_lists(store: Database, token: str) -> bool:
    """Forget lists or a preview; their folder is the caller's to remove."""
    return store.write("DELETE FROM lists WHERE id = ?", (token,)) == 1


def old_previews(store: Database, before: float) -> list[str]:
    """Tokens of previews that nobody said yes to."""
    rows = store.rows("SELECT id FROM lists WHERE state != 'written' AND made < ?", (before,))
    return [str(row["id"]) for row in rows]


def all_of(store: Database, study: str) -> dict[str, list[str]]:
    """Ids of the plans, results and lists (written or not) of a study, by kind: what goes when it goes."""
    plans = [str(row["id"]) for row in store.rows("SELECT id FROM plans WHERE study = ?", (study,))]
    sql = "SELECT r.id FROM results r JOIN plans p ON p.id = r.plan WHERE p.study = ?"
    results = [str(row["id"]) for row in store.rows(sql, (study,))]
    lists = [str(row["id"]) for row in store.rows("SELECT id FROM lists WHERE study = ?", (study,))]
    return {"plans": plans, "results": results, "lists": lists}


def all_ids(store: Database) -> frozenset[str]:
    """Ids of all plans, results and lists: the names of the folders that are needed."""
    rows = store.rows("SELECT id FROM plans UNION ALL SELECT id FROM results UNION ALL SELECT id FROM lists")
    return frozenset(str(row["id"]) for row in rows)


def remove_all_of(store: Database, study: str) -> None:
    """Forget the plans, results and lists of a study."""
    with store.transaction() as connection:
        connection.execute("DELETE FROM lists WHERE study = ?", (study,))
        connection.execute("DELETE FROM plans WHERE study = ?", (study,))


def new_token() -> str:
    """A word for a plan, results or lists."""
    return new_id()


def _dump(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _told(row: sqlite3.Row) -> dict[str, Any]:
    return {**dict(row), "told": json.loads(row["told"])}


def _one(store: Database, sql: str, value: str) -> sqlite3.Row:
    row = store.row(sql, (value,))
    if row is None:
        raise LookupError(sql)
    return row
