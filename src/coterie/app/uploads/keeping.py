"""What becomes of uploads: removed with their draft, and swept away when nobody has used them for days."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from coterie.app.store import jobs as kept_jobs
from coterie.app.store import uploads as kept

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.app.settings import AppSettings
    from coterie.app.store import Database

#: Seconds after which a folder that no draft knows was left by a server that was killed.
_LONGEST_UPLOAD = 6 * 3600.0


def remove_uploads(settings: AppSettings, store: Database, draft: str) -> None:
    """Forget a draft and remove its files, with what the looks at them left and the runs that came to nothing."""
    jobs = kept_jobs.ended_of_draft(store, draft)
    for folder in (settings.uploads / draft, *(settings.jobs / job for job in jobs)):
        shutil.rmtree(folder, ignore_errors=True)
    kept.remove_draft(store, draft)  # forgotten last: a server that is killed in between knows what is left to do
    kept_jobs.remove_jobs(store, jobs)


def sweep_uploads(settings: AppSettings, store: Database, now: float) -> None:
    """Remove uploads that no draft knows (cut off by the end of a server), and drafts that have grown old."""
    for row in kept.drafts_before(store, now - settings.limits.upload_days * 86_400.0):
        remove_uploads(settings, store, row["id"])
    folders = list(settings.uploads.iterdir())
    known = kept.stored_folders(store)
    for folder in folders:
        if folder.name not in known and is_older(folder, now - _LONGEST_UPLOAD):
            shutil.rmtree(folder, ignore_errors=True)


def is_older(folder: Path, moment: float) -> bool:
    """Whether a folder was last changed before a moment; one that has just gone is not."""
    try:
        return folder.stat().st_mtime < moment
    except OSError:
        return False
