"""Where a run is, as lines of JSON in a file: for programs that show it to somebody, such as the web app."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from coterie.errors import CoterieError

if TYPE_CHECKING:
    from pathlib import Path

_EVERY = 0.5  # seconds between two notes of the same stage


class Notes:
    """Appends a line `{"stage": words, "share": 0 to 1 of the work, "seconds": …}`, or `{"error": …}` at the end.

    Parameters
    ----------
    path : Path or None
        None writes nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._start = time.monotonic()
        self._last = ("", 0.0)

    def stage(self, title: str, share: float) -> None:
        """Note the stage, at once when it is new and at most twice a second afterwards."""
        now = time.monotonic()
        if self._path is None or (title == self._last[0] and now - self._last[1] < _EVERY):
            return
        self._last = (title, now)
        self._write(
            {"stage": title, "share": round(min(max(share, 0.0), 1.0), 4), "seconds": round(now - self._start, 1)}
        )

    def failed(self, error: BaseException) -> None:
        """Note why the run ended, where it was told to the user in words."""
        if isinstance(error, CoterieError) and self._path is not None:
            self._write({"error": {"what": error.what, "found": error.found, "remedy": error.remedy}})

    def _write(self, note: dict[str, Any]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(note, ensure_ascii=False) + "\n")
