"""What the workbook reader does not tell: cells with an error, and formulas whose result was never computed."""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from coterie.sources.reading.contents import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ERROR_CELL = re.compile(rb'<c r="[A-Z]+(\d+)"[^>]*\bt="e"')
_UNCOMPUTED = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")


@dataclass(frozen=True)
class CellMarks:
    """Row numbers of cells with an error, and the number of formulas without a result."""

    error_rows: frozenset[int] = frozenset()
    uncomputed: int = 0


def scan_cells(path: Path, sheet: str) -> CellMarks:
    """Look through the XML of one sheet, in chunks; nothing in it is expanded or executed."""
    errors: set[int] = set()
    uncomputed = 0
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if member is None:
            return CellMarks()
        with archive.open(member) as stream:
            for rows in _whole_cells(stream):
                if b't="e"' in rows:
                    errors.update(int(number) for number in _ERROR_CELL.findall(rows))
                if b"<f" in rows:
                    uncomputed += len(_UNCOMPUTED.findall(rows))
    return CellMarks(frozenset(errors), uncomputed)


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the sheet's part in the archive."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    tags = _SHEET.findall(archive.read("xl/workbook.xml"))
    wanted = next((tag for tag in tags if html.unescape(_attribute(tag, "name")) == sheet), b"")
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    key = _attribute(wanted, r"\w+:id")
    target = next((_attribute(tag, "Target") for tag in relations if key and _attribute(tag, "Id") == key), "")
    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return member if member in names else None


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"'.encode(), tag)
    return found.group(1).decode("utf-8", "replace") if found else ""


def _whole_cells(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(CHUNK):
        whole, end, tail = (rest + chunk).rpartition(b"</c>")
        if end:
            yield whole + end
        rest = tail
    yield rest
