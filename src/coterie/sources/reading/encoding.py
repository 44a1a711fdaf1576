"""How the bytes of a text file become characters: found by scanning the whole file, never guessed silently."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coterie.errors import ConfigError, InputError, UnsafeGuessError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coterie.config import SourcesSettings

#: Control characters that no table needs: C0 without TAB, LF and CR, and DEL.
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
#: UTF-8 read as CP1252 and written as UTF-8 again: an A with tilde or a circumflex before another mark.
_MOJIBAKE = (b"\xc3\x83\xc2", b"\xc3\xa2\xe2\x82\xac")
#: Bytes that CP1252 leaves undefined.
_UNDEFINED_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
#: Share of letters beyond ASCII above which a text is not Western.
_NOT_WESTERN = 0.25
#: A script of its own uses more different letters beyond ASCII than this.
_FEW_LETTERS = 4
#: Encodings in which bytes of ASCII mean themselves, wherever they stand.
_ASCII_AND_MORE = frozenset({"utf-8", "cp1252", "latin-1", "iso8859-1"})
#: Bytes read at a time.
_LARGE = 8 << 20
#: Bytes looked at together where most such pieces are ASCII alone.
_PIECE = 1 << 15


@dataclass(frozen=True)
class Bytes:
    """What a scan of all the bytes of a text file found."""

    encoding: str
    bom: bool = False
    guessed: bool = False  # neither by a byte order mark, nor valid UTF-8, nor pinned
    controls: int = 0
    lone_cr: int = 0
    crlf: int = 0
    lf: int = 0  # without those of CR LF
    quotes: int = 0
    mojibake: int = 0
    replaced: int = 0

    @property
    def line_ends(self) -> int:
        """Number of line ends of any kind."""
        return self.lone_cr + self.crlf + self.lf

    @property
    def mixed_ends(self) -> bool:
        """Whether more than one kind of line end occurs, be it inside quotes."""
        return sum(count > 0 for count in (self.lone_cr, self.crlf, self.lf)) > 1

    @property
    def is_clean(self) -> bool:
        """Whether the engine can take the bytes as they are."""
        return self.encoding in ("utf-8", "ascii") and not self.controls and not self.replaced


def scan(path: Path, settings: SourcesSettings, file: str) -> Bytes:
    """Find the encoding of a text file, and count what the engine cannot take.

    Cost: one pass over the bytes in chunks of 8 MiB; a second, lighter one where the text is not UTF-8.

    Raises
    ------
    ConfigError
        An unknown encoding.
    InputError
        Bytes that the encoding does not have, or two encodings in one file.
    UnsafeGuessError
        A text that is not Western and not Unicode: the message names candidates.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    bom = next(((mark, name) for mark, name in _BOMS if head.startswith(mark)), None)
    if settings.encoding:
        encoding = _known(settings.encoding)
        marked = bom is not None and bom[1] == encoding.removesuffix("-sig")
        return _pinned(path, encoding.removesuffix("-sig"), settings, file, bom=marked)
    if bom:
        return _checked(path, bom[1], settings, file, bom=True)
    if wide := _wide_without_mark(head):
        return _count(path, wide, guessed=True)
    return _checked(path, "utf-8", settings, file)


def _pinned(path: Path, encoding: str, settings: SourcesSettings, file: str, *, bom: bool) -> Bytes:
    try:
        return _count(path, encoding, bom=bom)
    except UnicodeDecodeError:
        found = _high_bytes(path)
    if settings.encoding_errors == "strict":
        raise _bad_bytes(file, encoding, found.invalid_line)
    return replace(_count(path, "latin-1"), encoding="utf-8", bom=bom, replaced=found.invalid)


def _known(name: str) -> str:
    try:
        with suppress(UnicodeDecodeError):
            b"abcd".decode(name)  # what is known here may still be no encoding of text, as "zlib" is none
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise ConfigError(
            f"--encoding {name} is no encoding that is known here.",
            remedy="Common ones: utf-8, cp1252, latin-1, utf-16.",
        ) from None


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark: Western text has a NUL in every other byte."""
    if len(head) < 8:
        return None
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def _checked(path: Path, encoding: str, settings: SourcesSettings, file: str, *, bom: bool = False) -> Bytes:
    if encoding != "utf-8":
        return _count(path, encoding, bom=bom)
    totals, broken = _totals(path, "utf-8")
    return _not_utf8(path, settings, file, totals) if broken else _counted(totals, encoding, bom=bom)


def _count(path: Path, encoding: str, *, bom: bool = False, guessed: bool = False) -> Bytes:
    """Count line ends, quotes and control characters, and check every byte of what should be UTF-8."""
    totals, broken = _totals(path, encoding)
    if broken:
        raise broken
    return _counted(totals, encoding, bom=bom, guessed=guessed)


def _totals(path: Path, encoding: str) -> tuple[Counter[str], UnicodeDecodeError | None]:
    """Count marks, in all of the file even where it turns out not to be UTF-8; and what the decoder says of that."""
    totals: Counter[str] = Counter()
    broken: UnicodeDecodeError | None = None
    checks = codecs.getincrementaldecoder("utf-8")() if encoding == "utf-8" else None
    ascii_based = not encoding.startswith(("utf-16", "utf-32"))
    last = b""
    for chunk in _with_end(path):
        if checks and not broken and (not chunk.isascii() or checks.getstate()[0]):
            try:
                checks.decode(chunk, final=not chunk)
                totals["mojibake"] += sum(chunk.count(mark) for mark in _MOJIBAKE)
            except UnicodeDecodeError as cause:
                broken = cause
        if ascii_based:
            _count_marks(chunk, last, totals)
            last = chunk[-1:]
    return totals, broken


def _counted(totals: Counter[str], encoding: str, *, bom: bool = False, guessed: bool = False) -> Bytes:
    crlf = totals["crlf"]
    ends = {"lone_cr": totals["cr"] - crlf, "crlf": crlf, "lf": totals["lf"] - crlf}
    mojibake = totals["mojibake"] if encoding == "utf-8" else 0
    rest = {name: totals[name] for name in ("controls", "quotes")}
    return Bytes("utf-8" if encoding == "ascii" else encoding, bom, guessed, **ends, **rest, mojibake=mojibake)


def _count_marks(chunk: bytes, last: bytes, totals: Counter[str]) -> None:
    if returns := chunk.count(b"\r"):
        totals["cr"] += returns
    if returns or last == b"\r":
        totals["crlf"] += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
    totals["lf"] += chunk.count(b"\n")
    totals["quotes"] += chunk.count(b'"')
    totals["controls"] += len(chunk) - len(chunk.translate(None, CONTROLS))


def chunks(path: Path, size: int = 0) -> Iterator[bytes]:
    """Read the bytes of a file in chunks, of 8 MiB where no size is given.

    Few large reads: after each one this thread waits until other threads, such as one that loads modules, let it go on.
    """
    with path.open("rb") as stream:
        while large := stream.read(_LARGE):
            for start in range(0, len(large), size or _LARGE):
                yield large[start : start + (size or _LARGE)]


@dataclass
class _HighBytes:
    """Runs of bytes beyond ASCII in a file that is not valid UTF-8."""

    valid: int = 0
    valid_line: int = 0
    invalid: int = 0
    invalid_line: int = 0
    counts: Counter[int] | None = None


def _not_utf8(path: Path, settings: SourcesSettings, file: str, totals: Counter[str]) -> Bytes:
    found = _high_bytes(path)
    if settings.encoding_errors == "replace":
        return replace(_counted(totals, "latin-1"), encoding="utf-8", replaced=found.invalid)
    if found.valid:
        raise InputError(
            f"'{file}' mixes two encodings: UTF-8 (first in line {found.valid_line:,}) "
            f"and another one (first in line {found.invalid_line:,}).",
            found=f"{found.valid:,} places are UTF-8, {found.invalid:,} are not.",
            remedy="Export it again as UTF-8; or pin one with --encoding cp1252; "
            "or accept losses with --encoding-errors replace.",
        )
    return _counted(totals, _western(found, file, path), guessed=True)


def _high_bytes(path: Path) -> _HighBytes:
    found = _HighBytes(counts=Counter())
    line = 1
    for lines in _whole_lines(path):
        if not lines.isascii():
            _classify(lines, line, found)
        line += lines.count(b"\n")
    return found


def _classify(lines: bytes, line: int, found: _HighBytes) -> None:
    counts = found.counts if found.counts is not None else Counter()
    for start, run in _runs(lines):
        counts.update(run)
        try:
            run.decode("utf-8")
        except UnicodeDecodeError:
            found.invalid += 1
            found.invalid_line = found.invalid_line or line + lines.count(b"\n", 0, start)
        else:
            found.valid += 1
            found.valid_line = found.valid_line or line + lines.count(b"\n", 0, start)


def _runs(lines: bytes) -> Iterator[tuple[int, bytes]]:
    """Runs of bytes beyond ASCII and where they begin; pieces that have none, as most have not, are passed over."""
    start = 0
    while start < len(lines):
        end = start + _PIECE
        while end < len(lines) and lines[end] >= 0x80:  # no run may be cut
            end += 1
        piece = lines[start:end]
        if not piece.isascii():
            yield from ((start + run.start(), run.group()) for run in _HIGH.finditer(piece))
        start = end


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Chunks that end at a line end, so that no character is cut."""
    rest = b""
    for chunk in chunks(path):
        whole, end, tail = (rest + chunk).rpartition(b"\n")
        if end:
            yield whole + end
        rest = tail
    if rest:
        yield rest


def _western(found: _HighBytes, file: str, path: Path) -> str:
    """CP1252, or Latin-1 where CP1252 has no such byte; refuse a text that does not look Western.

    Detectors that score letter frequencies misread short Western tables, so the decision rests on two plain facts: how
    many letters lie beyond ASCII (vowels stand for letters), and whether they lie where CP1252 keeps its letters. A few
    different ones, however often, are a repeated word such as a town's name among codes and numbers, not a script.
    """
    counts = found.counts or Counter()
    letters = sum(count for byte, count in counts.items() if byte >= 0xC0)
    marks = sum(count for byte, count in counts.items() if 0x80 <= byte < 0xA0)
    different = sum(byte >= 0xC0 for byte in counts)
    if letters > 20 and different > _FEW_LETTERS and letters > _NOT_WESTERN * (_vowels_beside(path) + letters):
        raise _unsafe(file, _candidates(path))
    if marks > 3 and marks > 2 * letters and any(byte in _UNDEFINED_CP1252 for byte in counts):
        raise _unsafe(file, ["cp850", "mac_roman"])
    return "latin-1" if any(byte in _UNDEFINED_CP1252 for byte in counts) else "cp1252"


def _vowels_beside(path: Path) -> int:
    """Count the vowels of ASCII in parts of a file that have other letters as well."""
    parts = (lines for lines in _whole_lines(path) if not lines.isascii())
    return sum(len(lines) - len(lines.translate(None, b"aeiouAEIOU")) for lines in parts)


def _candidates(path: Path) -> list[str]:
    from charset_normalizer import from_bytes

    sample = b"".join(line for lines in _whole_lines(path) for line in lines.splitlines(True) if not line.isascii())[
        :65536
    ]
    names = [match.encoding for match in from_bytes(sample)][:3]
    return list(dict.fromkeys([*names, "cp1251", "cp1253", "cp1254"]))[:4]


def _unsafe(file: str, candidates: list[str]) -> UnsafeGuessError:
    return UnsafeGuessError(
        f"The encoding of '{file}' cannot be told safely: it is neither UTF-8 nor Western European.",
        remedy=f"Name it: --encoding {candidates[0]}" + "".join(f", or {name}" for name in candidates[1:]) + ".",
    )


def transcode(path: Path, into: Path, found: Bytes, settings: SourcesSettings, file: str) -> int:
    """Write a text as UTF-8 without mark and control characters, in chunks.

    Returns
    -------
    int
        Number of places that were not valid in the encoding and became U+FFFD.

    Raises
    ------
    InputError
        Bytes that the encoding does not have, naming the line.
    """
    errors = "replace" if settings.encoding_errors == "replace" else "strict"
    decoder = codecs.getincrementaldecoder(found.encoding)(errors=errors)
    first, line, replaced = True, 1, 0
    plain = found.encoding in _ASCII_AND_MORE
    removed = CONTROLS if found.controls or not plain else b""
    with into.open("wb") as target:
        for chunk in _with_end(path, _PIECE):
            if plain and chunk and chunk.isascii() and not decoder.getstate()[0]:
                first, line = False, line + chunk.count(b"\n")
                target.write(chunk.translate(None, removed) if removed else chunk)
                continue
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as cause:
                line += chunk.count(b"\n", 0, cause.start)
                raise _bad_bytes(file, found.encoding, line) from cause
            text = text.removeprefix("\ufeff") if first else text
            first, line = first and not text, line + chunk.count(b"\n")
            replaced += text.count("\ufffd") if errors == "replace" else 0
            target.write(text.encode("utf-8", "replace").translate(None, removed))
    return replaced


def _with_end(path: Path, size: int = 0) -> Iterator[bytes]:
    yield from chunks(path, size)
    yield b""


def _bad_bytes(file: str, encoding: str, line: int) -> InputError:
    return InputError(
        f"'{file}' has bytes that are not valid {encoding}, first in line {line:,}.",
        remedy="Name another encoding with --encoding, or accept losses with --encoding-errors replace.",
    )
