"""The structure test on a second core: the same function in another process, fed with plain arrays.

Where the run has a second process and no third core, that process draws the references, the first ones first, and this
one draws the last ones as soon as it has nothing else to do. Else a process of its own makes the test, which reads one
`.npy` array from its standard input and writes one line of JSON. Whatever keeps them from doing so, the test is then
computed here: the result is the same, it only takes longer, and its `note` says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.beside import BesideError, cores, running
from coterie.clustering.lumps import Lump
from coterie.clustering.npy import from_npy, to_npy
from coterie.clustering.structure import STATISTICS, ParametricBootstrap, StructureTest, settled, structure_test

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from typing import Any

    from coterie.beside import Message, SecondProcess

#: References that are asked for together.
_AT_ONCE = 3
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
    return _Shared(second, X, draws, seed).result if second is not None else None


class _Shared:
    """A test for which both processes draw references, a few at a time.

    Parameters
    ----------
    second : SecondProcess
    X, draws, seed : as for `structure_test`
    """

    def __init__(self, second: SecondProcess, X: np.ndarray, draws: int, seed: int) -> None:
        self._X, self._draws, self._seed, self._note = X, draws, seed, ""
        self._asked: deque[tuple[range, Future[Message]]] = deque()
        for first in range(0, draws, _AT_ONCE):
            part = range(first, min(first + _AT_ONCE, draws))
            header = {"seed": seed, "part": [part.start, part.stop]}
            self._asked.append((part, second.call(__name__, header, [] if first else [to_npy(X)])))

    def result(self) -> StructureTest:
        """Draw here what the other has not begun, which it is then free of, and wait for the rest."""
        mine = self._take_back()
        drawn: list[np.ndarray] = []
        ahead: dict[int, np.ndarray] = {}  # drawn here, before those of smaller numbers have come
        with threadpool_limits(limits=1):  # sums over several threads would differ in their last digits
            bootstrap = ParametricBootstrap(self._X, self._seed)
            while len(drawn) < self._draws and not settled(bootstrap.observed, drawn):
                if self._asked and (self._asked[0][1].done() or not mine):
                    drawn += self._first()
                elif len(drawn) in ahead:
                    drawn.append(ahead.pop(len(drawn)))
                else:
                    number = mine.popleft() if mine and self._asked else len(drawn)
                    ahead[number] = bootstrap.reference(number)
            self._forget()
            return replace(bootstrap.outcome(drawn), note=self._note)

    def _take_back(self) -> deque[int]:
        """Numbers of the references that the other has not begun; it is not asked for them any more."""
        mine: deque[int] = deque()
        while self._asked and self._asked[-1][1].cancel():
            mine.extendleft(reversed(self._asked.pop()[0]))
        return mine

    def _first(self) -> list[np.ndarray]:
        """Wait for the first ones that were asked for; where they do not come, the rest is left to this process."""
        part, asked = self._asked.popleft()
        try:
            rows = [np.array(row, dtype=float).reshape(len(STATISTICS)) for row in asked.result()[0]["drawn"]]
        except (BesideError, TypeError, KeyError, ValueError) as fault:
            self._note = _NOTE.format(why=_why(fault))
            rows = []
        if len(rows) < len(part):
            self._forget()
        return rows[: len(part)]

    def _forget(self) -> None:
        for _, asked in self._asked:
            asked.cancel()
        self._asked.clear()


#: The test that this process draws for, and what it has drawn.
_drawing: list[tuple[ParametricBootstrap, list[np.ndarray]]] = []


def answer(header: dict[str, Any], blobs: list[bytes]) -> Message:
    """Draw references for a test that another process makes, fewer where no further one matters.

    The first call brings the array.
    """
    with threadpool_limits(limits=1):
        if blobs:
            X = from_npy(blobs[0])
            _drawing[:] = [(ParametricBootstrap(X, header["seed"]), [])]
        bootstrap, drawn = _drawing[0]
        first, last = header["part"]
        while first <= len(drawn) < last and not settled(bootstrap.observed, drawn):
            drawn.append(bootstrap.reference(len(drawn)))
    return {"drawn": [row.tolist() for row in drawn[first:last]]}, []


def _in_a_process(X: np.ndarray, draws: int, seed: int) -> StructureTest:
    # -P: a file of the working directory, such as another's json.py, must not be taken for a module.
    command = [sys.executable, "-P", "-m", "coterie.clustering.beside", str(draws), str(seed)]
    try:
        done = subprocess.run(command, input=to_npy(X), capture_output=True, check=True, timeout=_LONGEST)  # noqa: S603  our own module
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


def _from_plain(data: dict[str, Any]) -> StructureTest:
    return StructureTest(**(data | {"lumps": tuple(Lump(**lump) for lump in data["lumps"])}))


def _here(X: np.ndarray, draws: int, seed: int) -> StructureTest:
    with threadpool_limits(limits=1):  # sums over several threads would differ in their last digits
        return structure_test(X, draws, seed=seed)


def main() -> None:
    """Be the process: array in, JSON out."""
    draws, seed = (int(argument) for argument in sys.argv[1:])
    X = from_npy(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(asdict(_here(X, draws, seed))))


if __name__ == "__main__":
    main()
