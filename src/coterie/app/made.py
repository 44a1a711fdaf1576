"""Files made of a study for a page or a download, kept until the study or what was edited of it changes."""

from __future__ import annotations

import secrets
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coterie.app.received import make_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from coterie.app.settings import AppSettings

_LOCKS: dict[str, threading.Lock] = {}
_ALL = threading.Lock()


def kept_file(settings: AppSettings, study: str, version: int, name: str, make: Callable[[Path], None]) -> Path:
    """Give a file made of a study, made now by `make(path)` where it was not made before.

    Files of earlier versions of the study's edits are removed.

    Parameters
    ----------
    settings : AppSettings
    study : str
        Id of the study.
    version : int
        Version of its edits.
    name : str
        Made by the server, never by a browser.
    make : function
        Writes the file; what it raises is passed on, and nothing is kept.
    """
    folder = _folder(settings, study)
    path = folder / str(version) / name
    with _turn(str(path)):
        if path.exists() and not _is_outdated(settings, study, path):
            return path
        _remove_older(folder, version)
        make_private(path.parent, settings)
        part = path.with_name(f".{secrets.token_hex(6)}-{name}")
        try:
            make(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def remove_made(settings: AppSettings, study: str) -> None:
    """Remove all files made of a study, and those of others that were made by comparing with it."""
    shutil.rmtree(_folder(settings, study), ignore_errors=True)
    for path in (settings.home / "made").glob(f"*/*/against-{study}-*"):
        path.unlink(missing_ok=True)


def remove_outdated(settings: AppSettings) -> None:
    """Remove files that were made before their study was written anew, as when a customer was erased from it."""
    for path in (settings.home / "made").glob("*/*/*"):
        if _is_outdated(settings, path.parts[-3], path):
            path.unlink(missing_ok=True)


def _is_outdated(settings: AppSettings, study: str, path: Path) -> bool:
    try:
        return path.stat().st_mtime_ns < (settings.studies / study / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return False


def _folder(settings: AppSettings, study: str) -> Path:
    return settings.home / "made" / study


def _remove_older(folder: Path, version: int) -> None:
    for each in folder.glob("*"):
        if each.name.isdigit() and int(each.name) < version:
            shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _turn(key: str) -> Iterator[None]:
    """Let one thread at a time make a file; the others find it made."""
    with _ALL:
        lock = _LOCKS.setdefault(key, threading.Lock())
    with lock:
        yield
