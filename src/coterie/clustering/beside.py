"""The structure test on a second core: the same function in a process of its own, fed with plain arrays.

The process reads one `.npy` array from its standard input and writes one line of JSON. Whatever keeps it from
doing so, the test is then computed here: the result is the same, it only takes longer, and its `note` says so.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering.lumps import Lump
from coterie.clustering.structure import StructureTest, structure_test

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_LONGEST = 600  # seconds that the process may take
_NOTE = "Testing whether there are groups took longer: a second process was meant to do it, but {why}"


def begin_test(executor: Executor, X: np.ndarray, draws: int, seed: int) -> Future[StructureTest]:
    """Begin the structure test on another core, if there is one; `result()` waits for it.

    Parameters
    ----------
    executor : Executor
        A thread that waits for the process.
    X, draws, seed : as for `structure_test`
    """
    return executor.submit(_in_a_process if _cores() > 1 else _here, X, draws, seed)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_a_process(X: np.ndarray, draws: int, seed: int) -> StructureTest:
    buffer = io.BytesIO()
    np.save(buffer, X, allow_pickle=False)
    # -P: a file of the working directory, such as another's json.py, must not be taken for a module.
    command = [sys.executable, "-P", "-m", "coterie.clustering.beside", str(draws), str(seed)]
    try:
        done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True, timeout=_LONGEST)  # noqa: S603  our own module
        return _from_json(done.stdout)
    except (OSError, ValueError, TypeError, KeyError, subprocess.SubprocessError) as fault:
        return replace(_here(X, draws, seed), note=_NOTE.format(why=_why(fault)))


def _why(fault: Exception) -> str:
    """What kept the process from answering, without anything that it printed: that could be a customer's value."""
    if isinstance(fault, subprocess.CalledProcessError):
        return f"it ended with code {fault.returncode}"
    if isinstance(fault, subprocess.TimeoutExpired):
        return f"it gave no answer in {_LONGEST} seconds"
    if isinstance(fault, OSError):
        return f"it could not be started ({type(fault).__name__})"
    return "its answer could not be read"


def _from_json(text: bytes) -> StructureTest:
    data = json.loads(text)
    return StructureTest(**(data | {"lumps": tuple(Lump(**lump) for lump in data["lumps"])}))


def _here(X: np.ndarray, draws: int, seed: int) -> StructureTest:
    with threadpool_limits(limits=1):  # sums over several threads would differ in their last digits
        return structure_test(X, draws, seed=seed)


def main() -> None:
    """Be the process: array in, JSON out."""
    draws, seed = (int(argument) for argument in sys.argv[1:])
    X = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    sys.stdout.write(json.dumps(asdict(_here(X, draws, seed))))


if __name__ == "__main__":
    main()
