"""The queue of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.app.store import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.app.settings import AppSettings
    from coterie.app.store import Database


class Jobs:
    """The jobs of a home."""

    def __init__(self, settings: AppSettings, store: Database, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def begin(self) -> None:
        """Look after the jobs from now on."""

    def leave(self) -> None:
        """Look after them no more; what runs goes on."""

    def going_on(self) -> list[dict[str, Any]]:
        """Jobs that wait or run, in the order of the queue."""
        return [dict(row) for row in jobs.jobs_in(self._store, "running", "queued", kind="study")]
