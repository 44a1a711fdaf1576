"""Files that a form brings along, laid down under names of our own; a browser's name never becomes a path."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile

from coterie.app.refusals import TooLargeError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.datastructures import FormData

    from coterie.app.settings import AppSettings

#: Endings that say how a table is read; any other is read as text.
_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet", ".jsonl", ".json", ".gz", ".csv.gz")
#: Largest form with files of people or results.
MOST_BYTES = 512 << 20


def files_of(form: FormData, field: str) -> list[UploadFile]:
    """The files of a field; one that was left empty is none."""
    return [each for each in form.getlist(field) if isinstance(each, UploadFile) and each.filename]


def make_private(folder: Path, settings: AppSettings) -> None:
    """Make a folder of the home, and those above it, for their owner alone."""
    for each in (*reversed(folder.relative_to(settings.home).parents[:-1]), folder.relative_to(settings.home)):
        (settings.home / each).mkdir(mode=0o700, exist_ok=True)


def lay_down(file: UploadFile, folder: Path, name: str, settings: AppSettings) -> tuple[Path, str]:
    """Write a file into a folder for its owner alone.

    Returns
    -------
    path : Path
        `name` with the ending of the browser's file, where it is one that tables have.
    sha256 : str

    Raises
    ------
    TooLargeError
        The disk would be left with too little room.
    """
    make_private(folder, settings)
    if shutil.disk_usage(folder).free - (file.size or 0) < settings.limits.reserve_bytes:
        raise TooLargeError("There is too little room on the disk for this file.", remedy="Make room, then try again.")
    path = folder / f"{name}{_ending(file.filename or '')}"
    path.touch(mode=0o600)
    digest = hashlib.sha256()
    with path.open("wb") as target:
        while piece := file.file.read(1 << 20):
            digest.update(piece)
            target.write(piece)
    return path, digest.hexdigest()


def _ending(name: str) -> str:
    found = [ending for ending in _ENDINGS if name.lower().endswith(ending)]
    return max(found, key=len, default=".csv")
