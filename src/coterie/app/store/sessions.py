"""Who is signed in. Only the hash of a session's word is kept: who reads the file cannot use it."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.app.store.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    word_hash TEXT PRIMARY KEY,
    began REAL NOT NULL,
    last_used REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tickets (
    word_hash TEXT PRIMARY KEY,
    made REAL NOT NULL
) STRICT;
"""

#: Seconds between two notes that a session is in use: a page need not wait for the disk each time.
_NOTED_EVERY = 60.0


def hash_of(word: str) -> str:
    """SHA-256 of a session's or ticket's word."""
    return hashlib.sha256(word.encode()).hexdigest()


def make_ticket(store: Database, now: float) -> str:
    """A word that opens one session, once."""
    word = secrets.token_urlsafe(32)
    store.write("INSERT INTO tickets VALUES (?, ?)", (hash_of(word), now))
    return word


def use_ticket(store: Database, word: str, now: float, *, valid: float) -> bool:
    """Whether a ticket was good; it is not any more. Tickets older than `valid` seconds are not."""
    sql = "DELETE FROM tickets WHERE word_hash = ? AND made > ? AND made <= ?"
    return store.write(sql, (hash_of(word), now - valid, now)) == 1


def begin(store: Database, now: float) -> str:
    """Begin a session; give the word for its cookie."""
    word = secrets.token_urlsafe(32)
    store.write("INSERT INTO sessions VALUES (?, ?, ?)", (hash_of(word), now, now))
    return word


def is_live(store: Database, word: str, now: float, *, idle: float, longest: float) -> bool:
    """Whether a session's word is good; notes that it is in use.

    A clock that was set back ends the session: times to come are no sign of use.
    """
    row = store.row("SELECT began, last_used FROM sessions WHERE word_hash = ?", (hash_of(word),))
    if row is None:
        return False
    if not (now - longest < row["began"] <= now + 1 and now - idle < row["last_used"] <= now + 1):
        end(store, word)
        return False
    if now - row["last_used"] > min(_NOTED_EVERY, idle / 4):
        store.write("UPDATE sessions SET last_used = ? WHERE word_hash = ?", (now, hash_of(word)))
    return True


def end(store: Database, word: str) -> None:
    """End a session."""
    store.write("DELETE FROM sessions WHERE word_hash = ?", (hash_of(word),))


def sweep(store: Database, now: float, *, longest: float) -> None:
    """Forget sessions and tickets that are over."""
    store.write("DELETE FROM sessions WHERE began < ?", (now - longest,))
    store.write("DELETE FROM tickets WHERE made < ?", (now - longest,))
