"""The studies that are open: their small tables in memory, their customers on the disk.

A page takes milliseconds because nothing that it needs grows with the number of customers, save what is read from
`customers.parquet` by column and row group, and then only once where the answer is small.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from coterie.app.people import People
from coterie.errors import StudyError
from coterie.outputs import Study, Told, in_new_words, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

_MOST_OPEN = 8
_LONGEST_NAME, _LONGEST_LABEL = 80, 60
#: What `OpenStudy.part` gives: each is made when a page first asks for it.
PARTS = (
    "opening", "segments", "choice", "evidence", "surely", "tree", "change", "tested", "worth", "strategy", "fairness",
    "data",
)  # fmt: skip


class OpenStudy:
    """A study without its customers in memory, and what pages show of it, made once.

    Attributes
    ----------
    study : Study
        All tables but the customers.
    told : Told
        The study in words.
    people : People
        The customers, read from the disk by column and row group.
    renamed : mapping of str to str
        Name of a segment in the study's folder -> the name that its owner gave it.
    """

    def __init__(self, study: Study, folder: Path, renamed: Mapping[str, str] | None = None) -> None:
        self.study = study
        self.renamed = renamed or {}
        self.in_owners_words = in_new_words(self.renamed)  # for sentences about a customer
        self.folder = folder
        self.told = Told(study)
        self.people = People(folder / "customers.parquet")
        self._lock = threading.RLock()
        self._kept: dict[Hashable, Any] = {}

    def part(self, name: str) -> Any:  # noqa: ANN401  plain values, by the part
        """Give a part of the report as plain values: one of `Told`'s, by its name."""
        if name not in PARTS:
            raise KeyError(name)
        return self.kept(("part", name), getattr(self.told, name))

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever `make` gives
        """Give what `make` gave when it was first asked for under this key; two threads never make it twice."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            return self._kept[key]

    @cached_property
    def names(self) -> dict[int, str]:
        """Names of the segments as pages show them, by id."""
        return {segment.segment_id: shown(segment.name, _LONGEST_NAME) for segment in self.study.profiled}

    def label(self, feature: str) -> str:
        """Give the words for a feature as pages show them."""
        return shown(self.study.features[feature].label, _LONGEST_LABEL)

    @cached_property
    def tints(self) -> dict[int, str]:
        """Colours of the segments as "#0072b2", by id."""
        return {segment.segment_id: self.told.tint(segment) for segment in self.study.profiled}


class Shelf:
    """The studies that were opened last; a study whose folder was written anew is opened anew.

    Parameters
    ----------
    most : int, default 8
        Studies that stay open; the one unused for longest is closed.
    """

    def __init__(self, most: int = _MOST_OPEN) -> None:
        self._most = most
        self._open: OrderedDict[Hashable, OpenStudy] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, folder: Path, revise: Callable[[Study], Study] | None = None, version: Hashable = None) -> OpenStudy:
        """Give a study of a folder, opened before or now.

        Parameters
        ----------
        folder : Path
        revise : callable, optional
            Makes the study that pages show of the one that was read, such as one with the owner's own names.
        version : hashable, optional
            What tells the outcomes of `revise` apart.

        Raises
        ------
        StudyError
            The folder is missing, damaged, or of a newer version.
        """
        key = (folder, _fingerprint(folder), version)
        with self._lock:
            if key in self._open:
                self._open.move_to_end(key)
                return self._open[key]
        read = Study.load(folder, customers=False)
        seen = revise(read) if revise else read
        return self._put(key, OpenStudy(seen, folder, _renamed(read, seen)))

    def _put(self, key: Hashable, opened: OpenStudy) -> OpenStudy:
        with self._lock:
            kept = self._open.setdefault(key, opened)
            self._open.move_to_end(key)
            while len(self._open) > self._most:
                self._open.popitem(last=False)
            return kept

    def forget(self, folder: Path) -> None:
        """Close a study, as before its folder is removed."""
        with self._lock:
            for key in [key for key, opened in self._open.items() if opened.folder == folder]:
                del self._open[key]


def _renamed(read: Study, seen: Study) -> dict[str, str]:
    pairs = zip(read.profiled, seen.profiled, strict=True)
    return {before.name: after.name for before, after in pairs if before.name != after.name}


def _fingerprint(folder: Path) -> Hashable:
    """What changes when a folder is written anew: its manifest is written last, and never changed."""
    try:
        found = (folder / "manifest.json").stat()
    except OSError as cause:
        raise StudyError(
            f"The study '{folder.name}' is not there any more.",
            found=cause.strerror or "it cannot be read",
            remedy="Open another one from the list of studies.",
        ) from cause
    return found.st_mtime_ns, found.st_size, found.st_ino
