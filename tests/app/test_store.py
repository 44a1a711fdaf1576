"""The app's state: whole changes, many threads and processes, and no file of another kind mistaken for it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from coterie.app.store import open_store, studies
from coterie.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = {"title": "T", "made_at": "2026-01-01", "n_customers": 9, "n_segments": 3, "verdict": {"word": "natural"}}


def test_many_threads_write_without_being_turned_away(tmp_path: Path) -> None:
    store = open_store(tmp_path / "state.sqlite")

    def write(thread: int) -> None:
        for number in range(10):
            studies.add_study(store, f"{thread}-{number}", MANIFEST)

    threads = [threading.Thread(target=write, args=(each,)) for each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(studies.list_studies(store)) == 80


def test_what_another_process_writes_is_seen_after_the_store_was_opened_twice_here(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    store = open_store(path)
    open_store(path).close()  # must not drop the locks of the first: the other process would take the log away
    code = (
        "import sys, time; from coterie.app.store import open_store, sessions; "
        "store = open_store(sys.argv[1]); sessions.begin(store, time.time()); store.close()"
    )
    for expected in (1, 2):
        subprocess.run([sys.executable, "-c", code, str(path)], check=True)
        assert store.rows("SELECT count(*) FROM sessions")[0][0] == expected
        store.write("INSERT INTO tickets VALUES (?, 1.0)", (f"word {expected}",))
    with sqlite3.connect(path) as fresh:
        assert fresh.execute("SELECT count(*) FROM tickets").fetchone()[0] == 2
    fresh.close()


def test_a_change_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "state.sqlite")

    def half() -> None:
        with store.transaction() as connection:
            connection.execute("INSERT INTO tickets VALUES ('w', 1.0)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert store.rows("SELECT * FROM tickets") == []


def test_a_damaged_file_and_one_of_a_newer_version_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"this is no database, but a letter" * 50)
    with pytest.raises(StudyError, match="cannot be opened"):
        open_store(damaged)
    assert damaged.read_bytes().startswith(b"this is no database")
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StudyError, match="newer Coterie"):
        open_store(newer)
