"""The first moments of a job's process: limits, a note of who it is, then the work itself takes its place.

Run as `python -m coterie.app.jobs.launch NOTE BYTES SECONDS MODULE ARGUMENT...`. Limits that a process gives to itself
hold whatever becomes of the server.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from coterie.app.jobs.processes import began

#: By how much jobs stand back behind the server, so that pages stay quick while studies are made.
_YIELDING = 10


def main(arguments: list[str]) -> None:
    """Take the limits and become `python -m MODULE ARGUMENT...`.

    Parameters
    ----------
    arguments : list of str
        A file for the process's note, which must not be there yet: a job runs once. Bytes of address space and seconds
        of wall clock; 0 for no limit. The module and its arguments.
    """
    note, memory, seconds, *work = arguments
    os.umask(0o077)
    descriptor = os.open(Path(note), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "began": began(os.getpid())}, file)
    limit(int(memory), int(seconds))
    if hasattr(os, "nice"):
        os.nice(_YIELDING)
    os.execv(sys.executable, [sys.executable, "-P", "-m", *work])  # noqa: S606  our own module


def limit(memory: int, seconds: int) -> None:
    """Limit this process's address space and its seconds of wall clock; both outlive `exec`."""
    with suppress(ImportError, ValueError, OSError):  # a system without such limits
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        if seconds:
            cores = os.cpu_count() or 1
            resource.setrlimit(resource.RLIMIT_CPU, (seconds * cores, seconds * cores + 5))
    if seconds and hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
