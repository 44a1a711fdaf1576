"""What was exported, when, and how: one line each time, chained by hashes, never a person's data."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from coterie.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Name of the log beside a study's tables. It is not among the files that the manifest lists, for it grows.
LOG = "exports.jsonl"
_START = "0" * 64


def append_entry(folder: Path, entry: Mapping[str, Any]) -> None:
    """Add one line; it names the hash of the line before, so that a line taken out is found.

    Parameters
    ----------
    folder : Path
        The study's folder.
    entry : mapping
        Plain JSON values: counts, names of segments and files, options. No id, address or hash of a person.

    Raises
    ------
    StudyError
        The log cannot be written, or was damaged before.
    """
    path = folder / LOG
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            _lock(file.fileno())
            line = json.dumps({**entry, "before": _last_hash(file.read())}, ensure_ascii=False, sort_keys=True)
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as cause:
        raise StudyError(
            f"What was exported cannot be written down in '{path}', so nothing was exported.",
            found=cause.strerror or "",
            remedy="Make the study's folder writable, or copy the study to where you may write.",
        ) from cause


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Read the log, the oldest entry first, and hold the chain.

    Raises
    ------
    StudyError
        A line was changed or taken out.
    """
    path = folder / LOG
    if not path.is_file():
        return []
    before, entries = _START, []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            entry = json.loads(line)
            fits = entry["before"] == before
        except (ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            raise StudyError(
                f"The log of exports '{path}' was changed: line {number} does not follow from the one before.",
                remedy="Restore it from a backup, or move it away and note that the record begins anew.",
            )
        before = hashlib.sha256(line).hexdigest()
        entries.append(entry)
    return entries


def _last_hash(content: bytes) -> str:
    lines = content.splitlines()
    return hashlib.sha256(lines[-1]).hexdigest() if lines else _START


def _lock(descriptor: int) -> None:
    """Keep a second export from writing at the same time, where the system can."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
