"""The structure test on a second core: the same function in a process of its own, fed with plain arrays.

The process reads one `.npy` array from its standard input and writes one line of JSON. Whatever keeps it from
doing so, the test is then computed here: the result is the same, it only takes longer.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering.structure import StructureTest, structure_test

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_LONGEST = 600  # seconds that the process may take


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
        return StructureTest(**json.loads(done.stdout))
    except (OSError, ValueError, TypeError, subprocess.SubprocessError):
        return _here(X, draws, seed)


def _here(X: np.ndarray, draws: int, seed: int) -> StructureTest:
    return structure_test(X, draws, seed=seed)


def main() -> None:
    """Be the process: array in, JSON out."""
    draws, seed = (int(argument) for argument in sys.argv[1:])
    X = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    with threadpool_limits(limits=1):
        found = structure_test(X, draws, seed=seed)
    sys.stdout.write(json.dumps({"p_value": found.p_value, "z": found.z, "observed": found.observed}))


if __name__ == "__main__":
    main()
