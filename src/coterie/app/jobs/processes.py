"""Processes as jobs know them: started apart from the server, found again by number and beginning, ended as a group."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.engines.duckdb import ONLY_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Seconds that a process gets to end by itself before it is ended.
_POLITE = 1.5


def began(pid: int) -> str:
    """When a process began, as the system tells it: with the number it names one process, also after a restart.

    Empty where there is no such process, or it has ended and nobody has asked for its end.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "" if Path("/proc/self").exists() else _began_elsewhere(pid)
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot} {fields[19]}"


def _began_elsewhere(pid: int) -> str:
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return asked.stdout.strip()


def is_alive(pid: int, beginning: str) -> bool:
    """Whether this very process is still there."""
    return bool(beginning) and began(pid) == beginning


def start(
    folder: Path, limits: tuple[int, int], work: Sequence[str], only: Sequence[Path] = ()
) -> subprocess.Popen[bytes]:
    """Start a job's process in a session of its own, so that it outlives the server.

    Parameters
    ----------
    folder : Path
        The job's folder: what the process tells goes to `log.txt`, what it needs for a while to `tmp/`.
    limits : tuple of int
        Bytes of address space, seconds of wall clock.
    work : sequence of str
        A module and its arguments.
    only : sequence of Path
        Folders of its tables; where there are any, its engine reaches no file beside them and its own.
    """
    scratch = folder / "tmp"
    scratch.mkdir(mode=0o700, exist_ok=True)
    reach = {ONLY_FOLDERS: os.pathsep.join(map(str, (*only, folder)))} if only else {}
    command = [sys.executable, "-P", "-m", "coterie.app.jobs.launch", str(folder / "process.json"), *map(str, limits)]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(  # noqa: S603  our own module
            [*command, *work],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=folder,
            env=os.environ | {"TMPDIR": str(scratch), "COLUMNS": "120", "NO_COLOR": "1"} | reach,
            start_new_session=True,
            umask=0o077,
        )


def noted(folder: Path) -> tuple[int, str] | None:
    """Number and beginning of the process of a job, as it noted them itself; None where none has begun."""
    with suppress(OSError, ValueError, KeyError):
        note: dict[str, Any] = json.loads((folder / "process.json").read_text(encoding="utf-8"))
        return int(note["pid"]), str(note["began"])
    return None


def end(pid: int, beginning: str) -> None:
    """End a process with all that it started: first by asking, then by force. Returns when it is gone."""
    if not is_alive(pid, beginning):
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, sign)
        until = time.monotonic() + _POLITE
        while time.monotonic() < until:
            if not is_alive(pid, beginning):
                break
            time.sleep(0.02)
    with suppress(ProcessLookupError, PermissionError):  # children that the first one left behind
        os.killpg(pid, signal.SIGKILL)
