"""A command in a process of its own, measured: seconds, CPU seconds and memory of it and of all that it starts.

The processes are looked at every tenth of a second through `/proc`; Linux only.
"""

from __future__ import annotations

import os
import platform
import subprocess
import threading
import time
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path
from typing import Any

#: Versions told with every result, where the library is installed.
LIBRARIES = ("coterie", "duckdb", "numpy", "pandas", "scikit-learn", "scipy", "matplotlib", "seaborn")
_LOOK = 0.1  # seconds between two looks
_LAST_LINES = 400  # characters told of what a failed command wrote


class CommandError(RuntimeError):
    """A command ended with an error, or did not end in time; the message says which and what it wrote last."""


@dataclass
class _Family:
    """Largest memory of one process and of all, and the CPU seconds of each process that was seen."""

    largest_mb: float = 0.0
    memory_mb: float = 0.0
    ticks: dict[int, int] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        return sum(self.ticks.values()) / os.sysconf("SC_CLK_TCK")


def measure(command: list[str], *, longest: float | None = None) -> dict[str, float]:
    """Run a command to its end and measure it.

    Parameters
    ----------
    command : list of str
    longest : float, optional
        Seconds after which it and all that it started are ended.

    Returns
    -------
    dict
        wall, cpu : float, seconds; `cpu` counts children too, also those that nobody waits for, as Spark's Java
        largest_process_mb, all_processes_mb : float, resident; pages that processes share are counted for each
        first_output : float, seconds to the first thing written, NaN where nothing was
        busy_elsewhere : float, cores that other processes of the machine kept busy meanwhile, on average

    Raises
    ------
    CommandError
        It ended with an error, or `longest` passed.
    """
    start, busy = time.perf_counter(), _busy()
    # Compiled modules are kept, as on a user's machine: compiling anew at each start is nobody's daily cost.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings)
    family = _Family()
    watching = threading.Thread(target=_watch, args=(process.pid, family, longest), daemon=True)
    watching.start()
    first, output = float("nan"), b""
    with process.stdout as written:  # type: ignore[union-attr]  # it is a pipe
        while chunk := os.read(written.fileno(), 65536):
            first = time.perf_counter() - start if first != first else first
            output += chunk
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    watching.join()
    if status:
        raise CommandError(_why(process.returncode, wall, longest, output))
    cpu = max(usage.ru_utime + usage.ru_stime, family.cpu)
    return {
        "wall": wall,
        "cpu": cpu,
        "largest_process_mb": family.largest_mb,
        "all_processes_mb": family.memory_mb,
        "first_output": first,
        "busy_elsewhere": max(0.0, _busy() - busy - cpu) / wall,
    }


def _busy() -> float:
    """Seconds that all cores together have worked since the machine started, waiting and idling left out."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")


def _why(code: int, wall: float, longest: float | None, output: bytes) -> str:
    if longest is not None and wall >= longest:
        return f"It did not end within {longest:g} seconds."
    last = output.decode(errors="replace").strip()[-_LAST_LINES:]
    return f"It ended with status {code}; its last words: {last}"


def _watch(pid: int, family: _Family, longest: float | None) -> None:
    """Look at a process and all below it until it ends, or end them when `longest` has passed."""
    start = time.perf_counter()
    while _stat(pid)[:1] not in (["Z"], []):
        members = _members(pid)
        sizes = [_resident(member) for member in members]
        family.largest_mb = max(family.largest_mb, *sizes)
        family.memory_mb = max(family.memory_mb, sum(sizes))
        for member in members:
            if fields := _stat(member):
                family.ticks[member] = int(fields[11]) + int(fields[12])
        if longest is not None and time.perf_counter() - start > longest:
            for member in members:
                _end(member)
        time.sleep(_LOOK)


def _end(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


def _stat(pid: int) -> list[str]:
    """Fields of a process from its state on; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _members(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def machine() -> dict[str, Any]:
    """Cores, memory, load, versions, and how many threads numeric libraries may use; nothing that names the machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    versions = {name: metadata.version(name) for name in LIBRARIES if util.find_spec(name.replace("scikit-", "sk"))}
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages / 1e9, 1),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS"),
        "versions": versions,
    }


def is_crowded(described: dict[str, Any]) -> bool:
    """Whether other work kept more than half of the cores busy before."""
    return bool(described["load_before"] > described["cores"] / 2)


def rounded(value: Any) -> Any:  # noqa: ANN401  plain data
    """Plain data with three digits after the point, and None for NaN."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return None if value != value else round(value, 3)
    return value
