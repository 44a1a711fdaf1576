"""An upload as it comes in: written to the disk piece by piece, counted all the way, and gone if it is cut."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from coterie.app.refusals import RefusalError, TooLargeError
from coterie.app.routing import bounded, check_form_token
from coterie.app.store import new_id
from coterie.app.uploads.names import safe_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from starlette.requests import Request

    from coterie.app.settings import AppSettings
    from coterie.app.uploads.room import Share

_PIECE = 1 << 20  # bytes that are gathered before they go to the disk
_HEADERS = 4 << 10  # bytes of the headers of one part
#: Seconds without a single byte after which an upload is given up.
_PATIENCE = 60.0
_ROOM_FOR_REST = 1 << 20  # bytes of a form around its files


@dataclass(frozen=True)
class Received:
    """What an upload brought.

    Attributes
    ----------
    fields : mapping of str to str
        Fields that are no files.
    inputs : tuple of dict
        Of each file: `shown` (its name), `stored` (path below the uploads folder), `bytes`, `sha256`.
    folder : str
        Name of the folder in which the files lie.
    """

    fields: dict[str, str]
    inputs: tuple[dict[str, Any], ...]
    folder: str


@dataclass
class _Part:
    """The part of the form that is being read."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    header: bytes = b""
    value: bytes = b""
    text: bytearray = field(default_factory=bytearray)
    size: int = 0
    shown: str = ""
    stored: str = ""
    file: BinaryIO | None = None
    digest: Any = None


class _Form:
    """Callbacks of the parser; what belongs to a file waits in `pieces` until a thread writes it."""

    def __init__(self, request: Request, settings: AppSettings, folder: Path) -> None:
        self.request = request
        self.limits = settings.limits
        self.folder = folder
        self.fields: dict[str, str] = {}
        self.inputs: list[dict[str, Any]] = []
        self.pieces: list[tuple[_Part, bytes]] = []
        self.finished: list[_Part] = []
        self.file_bytes = 0
        self.ended = False
        self.parts = 0
        self.part = _Part()

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self.part = _Part()
        self.parts += 1
        if self.parts > self.limits.parts:
            raise TooLargeError("The form has too many parts.", found=f"At most {self.limits.parts} are taken.")

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self.part.header += data[start:end]
        self._refuse_long_headers()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self.part.value += data[start:end]
        self._refuse_long_headers()

    def _refuse_long_headers(self) -> None:
        if len(self.part.header) + len(self.part.value) > _HEADERS or len(self.part.headers) > 8:
            raise TooLargeError("The form has too long a header.")

    def _header_end(self) -> None:
        self.part.headers[self.part.header.lower()] = self.part.value
        self.part.header = self.part.value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self.part.headers.get(b"content-disposition", b""))
        self.part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if options.get(b"filename"):
            self._begin_file(options[b"filename"].decode("utf-8", "replace"))
        elif b"filename" in options:
            self.part.name = ""  # the empty file field of a form in which none was chosen

    def _begin_file(self, told: str) -> None:
        check_form_token(self.request, self.fields.get("csrf", ""))  # the form's token stands before its files
        if len(self.inputs) + len(self.finished) >= self.limits.files:
            raise TooLargeError("Too many files at once.", found=f"At most {self.limits.files} are taken.")
        self.part.shown = safe_name(told)
        place = new_id()
        (self.folder / place).mkdir(mode=0o700)
        path = self.folder / place / self.part.shown
        self.part.stored = f"{self.folder.name}/{place}/{self.part.shown}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        self.part.file, self.part.digest = os.fdopen(descriptor, "wb"), hashlib.sha256()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self.part
        part.size += end - start
        if part.file is None:
            if part.size > self.limits.field_bytes:
                raise TooLargeError(
                    "A field of the form is too long.", found=f"At most {self.limits.field_bytes >> 10} KiB are taken."
                )
            part.text += data[start:end]
        elif part.size > self.limits.file_bytes:
            raise TooLargeError(
                f"The file '{part.shown}' is too large.",
                found=f"At most {self.limits.file_bytes / 2**30:.3g} GiB are taken.",
                remedy="Leave columns or years away, save it as Parquet, or use the command line.",
            )
        else:
            self.pieces.append((part, data[start:end]))

    def _part_end(self) -> None:
        if self.part.file is not None:
            self.finished.append(self.part)
        elif self.part.name:
            self.fields[self.part.name] = self.part.text.decode("utf-8", "replace")

    def _end(self) -> None:
        self.ended = True

    def write(self) -> None:
        """Write what has gathered; close the files that are whole."""
        for part, piece in self.pieces:
            if part.file is not None:
                part.file.write(piece)
                part.digest.update(piece)
        self.pieces.clear()
        for part in self.finished:
            if part.file is not None:
                part.file.flush()
                os.fsync(part.file.fileno())
                part.file.close()
            self.inputs.append(
                {"shown": part.shown, "stored": part.stored, "bytes": part.size, "sha256": part.digest.hexdigest()}
            )
        self.finished.clear()

    def close(self) -> None:
        """Close the file that was cut off."""
        for part in (self.part, *self.finished):
            if part.file is not None and not part.file.closed:
                part.file.close()


async def receive(request: Request, settings: AppSettings, share: Share) -> Received:
    """Take an upload (multipart form) to the disk; of one that is cut or too large nothing is left.

    Parameters
    ----------
    request : Request
    settings : AppSettings
    share : Share
        Of the room for uploads. A length that the browser tells is promised at once, so that an upload for which there
        is no room is refused before it comes; without one, each piece before it is written.

    Raises
    ------
    TooLargeError
        A file, all uploads together, or the form itself are larger than the limits, or the disk is nearly full.
    RefusalError
        The form is damaged, was cut off, or came too slowly.
    NotAllowedError
        The form's token does not stand before its files.

    Notes
    -----
    At most 1 MiB of the body is in memory at a time.
    """
    boundary = _boundary(request)
    folder = settings.uploads / new_id()
    told = request.headers.get("content-length", "0")
    await run_in_threadpool(share.ask, max(1, (int(told) if told.isdigit() else 0) - _ROOM_FOR_REST))
    folder.mkdir(mode=0o700)
    form = _Form(request, settings, folder)
    try:
        await _feed(form, MultipartParser(boundary, form.callbacks()), share)  # type: ignore[arg-type]
        check_form_token(request, form.fields.get("csrf", ""))
        return Received(form.fields, tuple(form.inputs), folder.name)
    except BaseException:
        form.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        if not form.inputs:
            shutil.rmtree(folder, ignore_errors=True)


async def _feed(form: _Form, parser: MultipartParser, share: Share) -> None:
    """Hand the body to the parser, and its files to the disk, piece by piece."""
    gathered = 0
    pieces = bounded(form.request, _most(form))
    try:
        while (piece := await asyncio.wait_for(anext(pieces, None), _PATIENCE)) is not None:
            for start in range(0, len(piece), _PIECE):
                part = piece[start : start + _PIECE]
                parser.write(part)
                gathered += len(part)
            if gathered >= _PIECE:
                await run_in_threadpool(_write, form, share)
                gathered = 0
        parser.finalize()
        await run_in_threadpool(_write, form, share)
    except (TimeoutError, ClientDisconnect, FormParserError) as cause:
        raise _cut_off() from cause
    if not form.ended:
        raise _cut_off()


def _write(form: _Form, share: Share) -> None:
    gathered = sum(len(piece) for _, piece in form.pieces)
    form.file_bytes += gathered
    share.ask(form.file_bytes)
    form.write()
    share.wrote(gathered)


def _most(form: _Form) -> int:
    """Bytes that a form can have at most: its files, and what stands around them."""
    return form.limits.files * form.limits.file_bytes + _ROOM_FOR_REST


def _cut_off() -> RefusalError:
    return RefusalError(
        "The upload was cut off, or came too slowly.", remedy="Nothing of it was kept: hand the files over once more."
    )


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary: bytes = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise RefusalError("Files come as a multipart form.", remedy="Use the form of the start page.")
    return boundary
