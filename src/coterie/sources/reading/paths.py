"""From what a user typed to the files that it names: a file, a folder, or a glob."""

from __future__ import annotations

import difflib
import glob
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from coterie.errors import InputError
from coterie.sources.reading.parts import listed

#: Endings of the files that a folder is searched for.
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".parquet", ".jsonl", ".ndjson", ".json", ".xlsx", ".xlsm")
_PACKED = (".gz", ".zip")
_ABSENT = "There is no file '{name}'."


@dataclass(frozen=True)
class Files:
    """The files behind one input, sorted by name; `ignored` are those in the folder that hold no table."""

    name: str
    paths: tuple[Path, ...]
    labels: tuple[str, ...]  # how each file is called in messages
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Size, time and identity of a file, to see whether it changed while it was read."""

    size: int
    modified_ns: int
    inode: int

    @classmethod
    def take(cls, path: Path, name: str) -> Snapshot:
        """Look at a file now."""
        try:
            status = path.stat()
        except OSError as cause:
            raise InputError(f"The file '{name}' disappeared while it was read.", remedy="Try again.") from cause
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)

    def check(self, path: Path, name: str) -> None:
        """Refuse a file that is no longer what it was."""
        if Snapshot.take(path, name) != self:
            raise InputError(
                f"The file '{name}' changed while it was read.",
                remedy="Wait until the export is complete, then try again.",
            )


def find_files(data: str | os.PathLike[str]) -> Files:
    """Find the regular files that a path, folder or glob names.

    Raises
    ------
    InputError
        When nothing is there, when it is no regular file, or when it may not be read.
    """
    text = os.fspath(data)
    name = Path(text).name or text
    if not text or "\0" in text:
        raise InputError("The name of a table is empty or holds a NUL character.", remedy="Name a file or a folder.")
    path = Path(text).expanduser()
    mode = _mode(path, name)
    if mode is None:
        return _globbed(str(path), name)
    if stat.S_ISDIR(mode):
        return _in_folder(path, name)
    _check_regular(path, name, mode)
    return Files(name, (path,), (name,))


def _mode(path: Path, name: str) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise InputError(
                f"'{name}' is a link to a file that is not there.", remedy="Name the file itself."
            ) from None
        return None
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise InputError(f"The file '{name}' cannot be opened.", found=f"The system says: {reason}.") from cause


def _check_regular(path: Path, name: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((word for test, word in _KINDS if test(mode)), "something else")
        raise InputError(
            f"'{name}' is not a regular file.", found=f"It is {kind}.", remedy="Save the data to a file and name that."
        )
    try:
        with path.open("rb"):
            pass
    except OSError as cause:
        raise InputError(
            f"The file '{name}' cannot be opened.",
            found=f"The system says: {cause.strerror}.",
            remedy="Check that you may read it.",
        ) from cause


_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def _globbed(pattern: str, name: str) -> Files:
    if not glob.has_magic(pattern):
        raise _no_such_file(Path(pattern), name)
    paths = sorted((Path(found) for found in glob.glob(pattern, recursive=True)), key=str)  # noqa: PTH207  absolute patterns
    files = [path for path in paths if not path.is_dir()]
    if not files:
        raise InputError(f"No file matches '{name}'.", remedy="Check the folder and the pattern.")
    return _several(name, files, [path.name for path in files], ())


def _no_such_file(path: Path, name: str) -> InputError:
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return InputError(_ABSENT.format(name=name), found="The folder that it should lie in is not there either.")
    near = difflib.get_close_matches(name, beside, n=3, cutoff=0.6)
    found = f"In that folder there is {listed(near)}." if near else ""
    return InputError(_ABSENT.format(name=name), found=found, remedy="Check the path.")


def _in_folder(folder: Path, name: str) -> Files:
    entries = sorted(
        (path for path in folder.rglob("*") if path.is_file() and not _hidden(path.relative_to(folder))),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    tables = [path for path in entries if _holds_table(path)]
    ignored = tuple(path.relative_to(folder).as_posix() for path in entries if not _holds_table(path))
    if not tables:
        found = f"It has {listed(ignored, 5)}." if ignored else "It is empty."
        raise InputError(
            f"The folder '{name}' holds no table.", found=found, remedy=f"Tables end in {', '.join(TABLE_SUFFIXES)}."
        )
    return _several(name, tables, [path.relative_to(folder).as_posix() for path in tables], ignored)


def _several(name: str, paths: list[Path], labels: list[str], ignored: tuple[str, ...]) -> Files:
    for path, label in zip(paths, labels, strict=True):
        mode = _mode(path, label)
        if mode is None:
            raise InputError(_ABSENT.format(name=label))
        _check_regular(path, label, mode)
    return Files(name, tuple(paths), tuple(labels), ignored)


def _hidden(relative: Path) -> bool:
    return any(part.startswith((".", "_", "~$")) for part in relative.parts)


def _holds_table(path: Path) -> bool:
    stem = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    return stem.suffix.lower() in TABLE_SUFFIXES or path.suffix.lower() in _PACKED
