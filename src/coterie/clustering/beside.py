"""The structure test on a second core: the same function in another process, fed with plain arrays.

Where the run has a second process and no third core, that process makes the test; else one of its own does, which
reads one `.npy` array from its standard input and writes one line of JSON. Whatever keeps it from doing so, the test
is then computed here: the result is the same, it only takes longer, and its `note` says so.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.beside import BesideError, cores, running
from coterie.clustering.lumps import Lump
from coterie.clustering.structure import StructureTest, structure_test

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from typing import Any

    from coterie.beside import Message

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
    asked = ask_test(X, draws, seed)
    if asked is not None:
        return executor.submit(asked)
    return executor.submit(_in_a_process if cores() > 1 else _here, X, draws, seed)


def ask_test(X: np.ndarray, draws: int, seed: int) -> Callable[[], StructureTest] | None:
    """Ask the run's second process for the test, where it is the one to make it; what comes back waits for it."""
    second = running(__name__) if cores() == 2 else None
    if second is None:
        return None
    return partial(_answered, second.call(__name__, {"draws": draws, "seed": seed}, [_npy(X)]), X, draws, seed)


def answer(header: dict[str, Any], blobs: list[bytes]) -> Message:
    """Make the test that another process asks for."""
    X = np.load(io.BytesIO(blobs[0]), allow_pickle=False)
    return asdict(_here(X, header["draws"], header["seed"])), []


def _answered(asked: Future[Message], X: np.ndarray, draws: int, seed: int) -> StructureTest:
    try:
        return _from_plain(asked.result()[0])
    except (BesideError, TypeError, KeyError) as fault:
        return replace(_here(X, draws, seed), note=_NOTE.format(why=_why(fault)))


def _in_a_process(X: np.ndarray, draws: int, seed: int) -> StructureTest:
    # -P: a file of the working directory, such as another's json.py, must not be taken for a module.
    command = [sys.executable, "-P", "-m", "coterie.clustering.beside", str(draws), str(seed)]
    try:
        done = subprocess.run(command, input=_npy(X), capture_output=True, check=True, timeout=_LONGEST)  # noqa: S603  our own module
        return _from_plain(json.loads(done.stdout))
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


def _npy(X: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, X, allow_pickle=False)
    return buffer.getvalue()


def _from_plain(data: dict[str, Any]) -> StructureTest:
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
