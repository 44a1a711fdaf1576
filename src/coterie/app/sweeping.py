"""What is removed by itself: sessions that are over, and files of people that nothing needs any more."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from coterie.app.made import remove_outdated
from coterie.app.removing import finish_removing
from coterie.app.store import plans, sessions
from coterie.app.uploads import is_older, sweep_uploads

if TYPE_CHECKING:
    from coterie.app.house import House
    from coterie.app.settings import AppSettings
    from coterie.app.store import Database

#: Seconds after which a preview that nobody said yes to is removed with the files that it was made of.
_STALE = 3600.0
#: Seconds after which a folder that the store does not know was left by a server that was killed.
_LEFT_BEHIND = 6 * 3600.0


def sweep_home(house: House, now: float) -> None:
    """Remove sessions that are over, and what people handed over or had made that is of no more use.

    Parameters
    ----------
    house : House
    now : float
        Seconds since 1970.
    """
    finish_removing(house.settings, house.store)
    sessions.sweep(house.store, now, longest=house.settings.limits.session_hours * 3600.0)
    sweep_uploads(house.settings, house.store, now)
    sweep_previews(house.settings, house.store, now)
    _sweep_left_behind(house.settings, house.store, now)
    remove_outdated(house.settings)


def sweep_previews(settings: AppSettings, store: Database, now: float) -> None:
    """Remove previews of lists that nobody said yes to, with the files of people that they were made of."""
    stale = max(_STALE, 2.0 * settings.limits.read_seconds)  # never one that is being written
    for token in plans.old_previews(store, now - stale):
        shutil.rmtree(settings.home / "lists" / token, ignore_errors=True)
        plans.remove_lists(store, token)


def _sweep_left_behind(settings: AppSettings, store: Database, now: float) -> None:
    """Remove folders of lists, plans and results that were cut off by the end of a server."""
    folders = [each for parent in (settings.home / "lists", settings.plans) for each in parent.glob("*")]
    known = plans.all_ids(store)  # asked after the folders: one that is made in between is known, or young
    for folder in folders:
        if folder.name not in known and is_older(folder, now - _LEFT_BEHIND):
            shutil.rmtree(folder, ignore_errors=True)
