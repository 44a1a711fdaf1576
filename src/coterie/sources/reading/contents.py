"""What a file really is, by its first bytes; and the table inside a gzip or zip file."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from coterie.errors import InputError
from coterie.sources.reading.parts import listed, plural

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes read at a time.
CHUNK = 1 << 20
#: A packed file may unpack to this many bytes, or to `MAX_RATIO` times its size where that is more.
MAX_UNPACKED = 500_000_000
MAX_RATIO = 200


class Content(StrEnum):
    """Kinds of content, in the words of our messages."""

    TEXT = "text"
    JSON = "JSON"
    PARQUET = "Parquet"
    EXCEL = "an Excel workbook"
    GZIP = "gzip"
    ZIP = "zip"


#: First bytes of files that we do not read, in the words of our messages, and what to do instead.
_FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook (.xls) or one protected by a password",
        "Save it as .xlsx without a password.",
    ),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"%PDF", "a PDF document", "Export the table as CSV."),
    (b"BZh", "a bzip2 archive", "Unpack it first, or pack it with gzip."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first, or pack it with gzip."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first, or pack it with gzip."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first, or pack it with gzip."),
    (b"Rar!", "a RAR archive", "Unpack it first, or pack it with gzip."),
    (b"\x89PNG", "a picture", "Export the table as CSV."),
    (b"\xff\xd8\xff", "a picture", "Export the table as CSV."),
    (b"ORC", "an ORC file", "Export the table as Parquet or CSV."),
    (b"Obj\x01", "an Avro file", "Export the table as Parquet or CSV."),
    (b"PARE", "an encrypted Parquet file", "Export it without encryption."),
)
_JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")


def recognise(path: Path, file: str) -> Content:
    """Tell what a file is by its bytes, and refuse what its name does not promise.

    Raises
    ------
    InputError
        An empty file, a web page, a format that we do not read, or one that hides behind another's name.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise InputError(f"The file '{file}' is empty.", found="It has 0 bytes.", remedy="Export it again.")
    _refuse_foreign(head, file)
    content = _content(path, head, file)
    _check_name(content, head, file)
    return content


def _refuse_foreign(head: bytes, file: str) -> None:
    for magic, words, remedy in _FOREIGN:
        if head.startswith(magic):
            raise InputError(f"'{file}' is {words}, which is not read.", remedy=remedy)


def _content(path: Path, head: bytes, file: str) -> Content:
    if head.startswith(b"\x1f\x8b"):
        return Content.GZIP
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_content(path, file)
    if head.startswith(b"PAR1"):
        return Content.PARQUET
    if file.lower().endswith((*_JSON_SUFFIXES, *(f"{suffix}.gz" for suffix in _JSON_SUFFIXES))):
        return Content.JSON
    return Content.TEXT


def _zip_content(path: Path, file: str) -> Content:
    members = _members(path, file)
    if "[Content_Types].xml" not in members and "mimetype" not in members:
        return Content.ZIP
    if "xl/workbook.xml" in members:
        return Content.EXCEL
    kinds = {
        "xl/workbook.bin": "an Excel binary workbook (.xlsb)",
        "mimetype": "an OpenDocument file (.ods)",
        "word/document.xml": "a Word document",
    }
    words = next((kind for member, kind in kinds.items() if member in members), "an Office document of an unknown kind")
    raise InputError(f"'{file}' is {words}, which is not read.", remedy="Save it as .xlsx or CSV.")


def _members(path: Path, file: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as cause:
        raise _damaged(file, "zip archive") from cause


def _check_name(content: Content, head: bytes, file: str) -> None:
    suffix = file.lower().rsplit(".", 1)[-1] if "." in file else ""
    if content is Content.EXCEL and suffix not in ("xlsx", "xlsm"):
        raise InputError(
            f"'{file}' is really an Excel workbook.", remedy="Give it the ending .xlsx, or save it as CSV."
        )
    if content is Content.PARQUET and suffix in ("csv", "tsv", "txt", "tab", "xlsx", "json"):
        raise InputError(f"'{file}' is really a Parquet file.", remedy="Give it the ending .parquet.")
    if content is Content.TEXT and suffix in ("parquet", "xlsx", "xlsm"):
        raise _damaged(file, "Parquet file" if suffix == "parquet" else "Excel workbook")
    if content is Content.TEXT:
        _refuse_web_page(head, file)


def _refuse_web_page(head: bytes, file: str) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<script", b"<table")):
        words = "XML" if start.startswith(b"<?xml") else "HTML, a web page"
        raise InputError(
            f"'{file}' looks like {words}, not like a table.",
            remedy="Perhaps the download asked for a log-in. Export the table again as CSV.",
        )
    if start.startswith((b'{"', b"{\n", b"{\r", b"{ ", b"[{", b"[\n", b"[ {", b"{}", b"[]")):
        raise InputError(
            f"'{file}' looks like JSON, not CSV.",
            remedy="Export the table again as CSV; if it holds records, give it the ending .json or .jsonl.",
        )


def _damaged(file: str, kind: str) -> InputError:
    return InputError(
        f"'{file}' is not a readable {kind}: it is damaged or cut short.", remedy="Export or copy it again."
    )


def unpack(path: Path, content: Content, into: Path, file: str) -> str:
    """Unpack the one table inside a gzip or zip file, in chunks; returns the name of what was inside.

    Raises
    ------
    InputError
        A damaged archive, more than one table inside, or far more data than any table packs.
    """
    try:
        if content is Content.GZIP:
            with gzip.open(path, "rb") as stream:
                _copy_bounded(stream, path, into, file)
            return file.removesuffix(".gz").removesuffix(".GZ")
        return _unzip(path, into, file)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as cause:
        raise _damaged(file, f"{content} file") from cause


def _unzip(path: Path, into: Path, file: str) -> str:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        if len(members) != 1:
            raise InputError(
                f"'{file}' holds {plural(len(members), 'file')}, not one table.",
                found=f"It has {listed([m.filename.rsplit('/', 1)[-1] for m in members], 5)}." if members else "",
                remedy="Unpack it and name the tables, or the folder that they lie in.",
            )
        if members[0].flag_bits & 1:
            raise InputError(f"'{file}' is protected by a password.", remedy="Unpack it first.")
        with archive.open(members[0]) as stream:
            _copy_bounded(stream, path, into, file)
        return members[0].filename.rsplit("/", 1)[-1]


def _copy_bounded(stream: gzip.GzipFile | IO[bytes], path: Path, into: Path, file: str) -> None:
    limit = max(MAX_UNPACKED, MAX_RATIO * path.stat().st_size)
    written = 0
    with into.open("wb") as target:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > limit:
                raise InputError(
                    f"'{file}' unpacks to more than {limit // 1_000_000:,} MB, far more than a table does.",
                    remedy="Unpack it yourself and name the table inside, if that is what you want.",
                )
            target.write(chunk)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
