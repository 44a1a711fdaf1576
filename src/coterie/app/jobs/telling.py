"""What a job tells of itself: its stage, how far it is, what is left, and why it ended."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

#: Share of the work from which a remaining time is worth telling.
_HONEST_FROM = 0.1
_TAIL = 64 << 10
_SAID = "coterie: "


def progress(folder: Path) -> list[dict[str, Any]]:
    """What a job's process noted of its way, one mapping a note; a line that is not whole yet is left out."""
    notes = []
    for line in _tail(folder / "progress.jsonl").splitlines():
        with suppress(ValueError):
            notes.append(json.loads(line))
    return [note for note in notes if isinstance(note, dict)]


def way(folder: Path, seconds: float) -> dict[str, Any]:
    """Where a running job is.

    Returns
    -------
    dict
        `stage` (words), `share` (0 to 1 of the work), `left` (words; empty where nothing honest can be said).
    """
    notes = [note for note in progress(folder) if "stage" in note]
    if not notes:
        return {"stage": "Starting", "share": 0.0, "left": ""}
    last = notes[-1]
    share = min(max(float(last.get("share", 0.0)), 0.0), 0.99)
    noted = float(last.get("seconds", seconds))
    return {"stage": str(last["stage"]), "share": share, "left": left(share, noted, max(0.0, seconds - noted))}


def left(share: float, seconds: float, since: float = 0.0) -> str:
    """The remaining time in words.

    Parameters
    ----------
    share : float
        Of the work, done after so many `seconds`.
    since : float
        Seconds gone by since then without a word. Once they are more than was left, nothing honest can be said.
    """
    if share < _HONEST_FROM or seconds <= 0:
        return ""
    rest = seconds * (1 - share) / share - since
    if rest < 0:
        return ""
    if rest < 10:
        return "a few seconds left"
    if rest < 90:
        return f"about {round(rest / 10) * 10:.0f} seconds left"
    return f"about {rest / 60:.0f} minutes left"


def took(seconds: float) -> str:
    """The time that work has taken so far, in words.

    Examples
    --------
    >>> took(9.6), took(60), took(200)
    ('10 seconds', '1 minute', '3 minutes 20 seconds')
    """
    minutes, rest = divmod(round(seconds), 60)
    words = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((minutes, "minute"), (rest, "second")) if n]
    return " ".join(words) or "0 seconds"


def log(folder: Path) -> str:
    """The end of what the process wrote for people."""
    return _tail(folder / "log.txt")


def why(folder: Path, code: int | None) -> dict[str, str]:
    """Why a job did not end well: `what`, `found`, `remedy`.

    Parameters
    ----------
    folder : Path
    code : int or None
        What the process ended with (negative: the signal that ended it); None where nobody was there to see it.
    """
    told = [note["error"] for note in progress(folder) if isinstance(note.get("error"), dict)]
    if told:
        return {key: str(told[-1].get(key, "")) for key in ("what", "found", "remedy")}
    text = log(folder)
    if code is not None and -code in _ENDED_BY:
        return _ENDED_BY[-code]
    if "MemoryError" in text or "Out of Memory" in text or "bad_alloc" in text:
        return _ENDED_BY[int(signal.SIGKILL)]
    if _SAID in text:
        what, _, rest = text.rpartition(_SAID)[2].strip().partition("\n")
        found, _, remedy = rest.partition("\n")
        what = what[:1].upper() + what[1:]
        return {"what": what, "found": found if remedy else "", "remedy": remedy or found}
    return {
        "what": "The work stopped without a word.",
        "found": "" if code is None else f"It ended with code {code}.",
        "remedy": "Run it again; if it happens again, report what the log says.",
    }


_MEMORY = {
    "what": "The system ended the work, most likely because memory ran out.",
    "found": "",
    "remedy": "Close other programs, or hand over fewer rows or columns, and run it again.",
}
_TIME = {
    "what": "The work took longer than it may, and was ended.",
    "found": "",
    "remedy": "Hand over fewer rows, or raise run_seconds in the [limits] of app.toml.",
}
_CRASH = {
    "what": "The work crashed: a library that reads tables or computes stopped without an answer.",
    "found": "",
    "remedy": "Save the tables anew as plain CSV and try again; if it happens again, report it.",
}
_ENDED_BY: dict[int, dict[str, str]] = {
    int(signal.SIGKILL): _MEMORY,
    int(signal.SIGABRT): _CRASH,
    int(signal.SIGSEGV): _CRASH,
}
for _name in ("SIGALRM", "SIGXCPU"):
    if hasattr(signal, _name):
        _ENDED_BY[int(getattr(signal, _name))] = _TIME


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
