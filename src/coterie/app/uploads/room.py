"""Room for uploads: what all that arrive at once may take together, promised to each before it comes."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coterie.app.refusals import TooLargeError
from coterie.app.store import uploads as kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coterie.app.settings import AppSettings
    from coterie.app.store import Database


class Room:
    """What is left of the limit of all uploads and of the disk; uploads that arrive at once cannot exceed it together.

    Parameters
    ----------
    settings : AppSettings
    store : Database
    """

    def __init__(self, settings: AppSettings, store: Database) -> None:
        self._settings = settings
        self._store = store
        self._turn = threading.Lock()
        self._promised = 0
        self._unwritten = 0

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Begin an upload; what was promised to it is free again when the body ends, kept by then or gone."""
        share = Share(self)
        try:
            yield share
        finally:
            self._change(-share.promised, share.written - share.promised)

    def promise(self, more: int) -> None:
        """Promise so many bytes more.

        Raises
        ------
        TooLargeError
            They are not there.
        """
        with self._turn:
            left = self._settings.limits.total_bytes - kept.kept_bytes(self._store) - self._promised
            free = shutil.disk_usage(self._settings.uploads).free - self._unwritten
            if more > min(left, free - self._settings.limits.reserve_bytes):
                raise TooLargeError(
                    "There is no room for this upload.",
                    found="The disk is nearly full, or all uploads together have reached their limit.",
                    remedy="Delete studies or drafts that you do not need any more.",
                )
            self._promised += more
            self._unwritten += more

    def wrote(self, written: int) -> None:
        """Note bytes that the disk has by now."""
        self._change(0, -written)

    def _change(self, promised: int, unwritten: int) -> None:
        with self._turn:
            self._promised += promised
            self._unwritten += unwritten


class Share:
    """What one upload was promised, and what of it lies on the disk, in bytes."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.promised = 0
        self.written = 0

    def ask(self, total: int) -> None:
        """Have so many bytes in all promised; raises `TooLargeError` where they are not there."""
        if total > self.promised:
            self._room.promise(total - self.promised)
            self.promised = total

    def wrote(self, more: int) -> None:
        """Note bytes that were written."""
        more = min(more, self.promised - self.written)
        self.written += more
        self._room.wrote(more)
