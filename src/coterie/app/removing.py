"""A study removed with all that was kept for it; begun, it is brought to its end, also after the server was killed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from coterie.app.made import remove_made
from coterie.app.store import plans
from coterie.app.store.edits import pass_on, remove_edits
from coterie.app.store.going import all_going, begin_going, is_gone
from coterie.app.store.jobs import remove_jobs
from coterie.app.uploads import remove_uploads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.app.settings import AppSettings
    from coterie.app.shelf import Shelf
    from coterie.app.store import Database


def remove_whole_study(settings: AppSettings, store: Database, shelf: Shelf, study: str, draft: str | None) -> None:
    """Remove a study: its folder, edits, plans, results, lists, made files, and the upload that only it was made of.

    Parameters
    ----------
    settings : AppSettings
    store : Database
    shelf : Shelf
    study : str
    draft : str or None
        The upload that no other study was made of.
    """
    told = plans.all_of(store, study)
    pass_on(store, study)
    begin_going(store, study, {**told, "draft": draft})
    shelf.forget(settings.studies / study)
    _finish(settings, store, study, {**told, "draft": draft})


def finish_removing(settings: AppSettings, store: Database) -> None:
    """Bring to its end what a server that was killed began to remove."""
    for study, told in all_going(store).items():
        _finish(settings, store, study, told)


def _finish(settings: AppSettings, store: Database, study: str, told: Mapping[str, Any]) -> None:
    """Remove what is left; every step may be taken twice."""
    folders = [settings.studies / study, settings.jobs / study]  # a study has the id of the job that made it
    folders += [settings.plans / one for kind in ("plans", "results") for one in told[kind]]
    folders += [settings.home / "lists" / one for one in told["lists"]]
    for folder in folders:
        if folder.is_symlink():
            folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)
    for learned in settings.studies.glob(f"{study}-plan-*"):
        learned.unlink(missing_ok=True)
    remove_made(settings, study)
    if told["draft"]:
        remove_uploads(settings, store, told["draft"])
    plans.remove_all_of(store, study)
    remove_edits(store, study)
    remove_jobs(store, [study])
    is_gone(store, study)
