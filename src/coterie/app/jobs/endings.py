"""How a job ended, from what it left: a whole study is done, whoever saw it end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from coterie.app.jobs import telling
from coterie.app.store import studies

if TYPE_CHECKING:
    import sqlite3

    from coterie.app.settings import AppSettings
    from coterie.app.store import Database

#: What a look at tables leaves in its folder.
LOOK = "look.json"
_DAMAGED = {
    "what": "The study was made, but its folder is damaged.",
    "found": "Its manifest cannot be read.",
    "remedy": "Look at the disk, then run it again.",
}


def ending(
    settings: AppSettings, store: Database, row: sqlite3.Row, code: int | None
) -> tuple[str, dict[str, str] | None]:
    """State of a job whose process is gone, and why where it did not end well.

    A study is kept under the id of its job as soon as its folder is whole: the manifest is written last.
    """
    folder = settings.jobs / row["id"]
    if row["kind"] == "look":
        if (folder / LOOK).exists():
            return "done", None
    else:
        manifest = settings.studies / row["id"] / "manifest.json"
        if manifest.exists():
            try:
                told = json.loads(manifest.read_text(encoding="utf-8"))
                studies.add_study(store, row["id"], told, draft=row["draft"], parent=row["parent"])
            except (ValueError, KeyError, TypeError):
                return "failed", _DAMAGED
            return "done", None
    why = telling.why(folder, code)
    was_told = bool(telling.progress(folder)) and any("error" in note for note in telling.progress(folder))
    if code is None and not was_told and "coterie: " not in telling.log(folder):
        return "interrupted", {
            "what": "The work was interrupted before it was done.",
            "found": "Its process ended while the app was not there to see it.",
            "remedy": "Run it again.",
        }
    return "failed", why
