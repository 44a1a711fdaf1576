"""A study folder on disk: whole or not there, private to its owner, every file with its checksum."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from coterie.errors import StudyError
from coterie.outputs.manifest import FORMAT_VERSION
from coterie.outputs.plain import dump_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

MANIFEST = "manifest.json"
_BLOCK = 1 << 20
_SYNCED_AT_ONCE = 8


class FolderWriter:
    """Writes files into a folder that nobody sees yet, and keeps an account of them.

    Parameters
    ----------
    folder : Path
    sync : bool, default True
        Whether each file lies on the disk before the next is begun; without it, who made the writer sees to that.
    """

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.folder = folder
        self._sync = sync
        self.files: dict[str, dict[str, Any]] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for writing (mode 0600); on leaving it is in the account, and on the disk."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            if self._sync:
                os.fsync(file.fileno())
        self.files[name] = {"bytes": path.stat().st_size, "sha256": _checksum(path)}

    def put(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        with self.open(name) as file:
            file.write(content)


@contextmanager
def whole_or_absent(folder: Path, manifest: dict[str, Any]) -> Iterator[FolderWriter]:
    """Give a writer into a hidden folder that takes the name `folder` when everything is written.

    The manifest, with the checksums of all the files, is written last. After a failure nothing is left.

    Raises
    ------
    StudyError
        The folder exists and holds something, or the disk refuses (full, read-only); the message says which.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(
            f"The study cannot be written to '{folder}': something is there already.",
            remedy="Name another folder with --out; a study is never changed.",
        )
    hidden = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.part"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        hidden.mkdir(mode=0o700)
        writer = FolderWriter(hidden, sync=False)
        yield writer
        files = dict(sorted(writer.files.items()))
        _sync_files([hidden / name for name in files])
        writer.put(MANIFEST, dump_json(manifest | {"files": files}))
        _sync_files([hidden / MANIFEST])
        _sync_folders(hidden)
        hidden.rename(folder)
        _sync(folder.parent)
    except OSError as cause:
        raise StudyError(
            f"The study cannot be written to '{folder}'; nothing was left there.",
            found=_disk_trouble(cause, folder),
            remedy="Make room, or name another folder with --out.",
        ) from cause
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


class FolderReader:
    """Reads the files of a study folder, each checked against the manifest before it is used.

    Parameters
    ----------
    folder : Path
    manifest : dict, optional
        Read from the folder where it is not given, as by who is still writing it.

    Raises
    ------
    StudyError
        There is no study, it was made by a newer version, or its manifest is damaged.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.manifest = manifest or _read_manifest(folder)

    def read(self, name: str) -> bytes:
        """Content of a file, once its checksum has been compared.

        Raises
        ------
        StudyError
            The file is missing or differs from what was written.
        """
        entry = self.manifest["files"].get(name)
        if entry is None or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise self.damaged(name, "the manifest does not list it")
        try:
            content = (self.folder / name).read_bytes()
        except OSError as cause:
            raise self.damaged(name, cause.strerror or "it cannot be read") from cause
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise self.damaged(name, f"its content changed after it was written ({len(content)} bytes)")
        return content

    def json(self, name: str) -> Any:  # noqa: ANN401  a JSON value
        """Give the content of a JSON file."""
        try:
            return json.loads(self.read(name))
        except ValueError as cause:
            raise self.damaged(name, "it is not valid JSON") from cause

    def damaged(self, name: str, found: str) -> StudyError:
        """Make the error that names a damaged part."""
        return StudyError(
            f"The study '{self.folder}' is damaged: part '{name}'.",
            found=f"Found: {found}.",
            remedy="Copy the folder again from where it was made, or run `coterie segment` again.",
        )


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        version = tuple(int(part) for part in manifest["format_version"].split("."))
        files = manifest["files"]
    except OSError as cause:
        raise StudyError(
            f"'{folder}' is not a study.",
            found=f"It has no readable {MANIFEST} ({cause.strerror}).",
            remedy="Name the folder that `coterie segment` wrote; `coterie studies` lists them.",
        ) from cause
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise StudyError(f"The study '{folder}' is damaged: part '{MANIFEST}'.", found="It is incomplete.") from cause
    if version[0] > FORMAT_VERSION[0] or not isinstance(files, dict):
        made_by = manifest.get("versions", {}).get("coterie", "unknown")
        raise StudyError(
            f"The study '{folder}' was made by a newer Coterie ({made_by}).",
            found=f"Its format is {manifest['format_version']}; this version reads {FORMAT_VERSION[0]}.x.",
            remedy="Upgrade with: pip install --upgrade coterie",
        )
    return dict(manifest)


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sync_files(paths: Sequence[Path]) -> None:
    """Wait until files lie on the disk; several at a time, so that the disk writes them together."""
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        list(pool.map(_sync_file, paths))


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folders(top: Path) -> None:
    for folder in [top, *(path for path in top.rglob("*") if path.is_dir())]:
        _sync(folder)


def _sync(folder: Path) -> None:
    if os.name == "nt":  # a directory cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk_trouble(cause: OSError, folder: Path) -> str:
    reason = cause.strerror or type(cause).__name__
    try:
        free = shutil.disk_usage(folder.parent).free
    except OSError:
        return f"{reason}."
    return f"{reason}; {free / 1e6:,.0f} MB are free there."
