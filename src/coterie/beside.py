"""A second process that works beside this one: it loads what it needs early, then answers calls, one after the other.

Messages are a line of JSON and plain bytes over pipes; nothing that is sent can run. Whatever goes wrong in the
process, whoever asked does the work itself: the result is the same, it only takes longer.
"""

from __future__ import annotations

import gc
import json
import os
import select
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from types import TracebackType
    from typing import IO

#: What a call sends and gets: plain data for JSON, and any number of byte strings.
Message: TypeAlias = tuple[dict[str, Any], list[bytes]]


#: Stands between the modules that are loaded at once and those that can wait.
_LATER = "--later"
_MOMENT = 0.05  # seconds

_running: ContextVar[SecondProcess | None] = ContextVar("_running", default=None)


class BesideError(Exception):
    """The second process did not answer."""


class SecondProcess:
    """A process with one thread of its own here that waits for its answers.

    Parameters
    ----------
    modules : sequence of str
        Modules of Coterie that it loads at once.
    later : sequence of str
        Modules that it loads when no call waits.

    Notes
    -----
    Use as a context manager: the process begins with `start` or the first call, and ends with the context, whatever
    happens. It takes one core and the memory of the modules that it loads, some 150 to 350 MB.
    """

    def __init__(self, modules: Sequence[str], *, later: Sequence[str] = ()) -> None:
        # -P: a file of the working directory, such as another's json.py, must not be taken for a module.
        self._command = [sys.executable, "-P", "-m", "coterie.beside", *modules, _LATER, *later]
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = Lock()
        self._ended = False
        self._waiting = ThreadPoolExecutor(1)
        self.modules = frozenset(modules)
        self.calls_answered = 0

    def start(self) -> subprocess.Popen[bytes]:
        """Begin to load, if that has not begun: at a time when nothing more urgent is short of a core.

        Raises
        ------
        BesideError
            The context has ended.
        OSError
            The system starts no further process.
        """
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with self._starting:
            if self._ended:
                raise BesideError("The process has ended.")
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603  our own module
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=os.environ | one_thread,
                )
            return self._process

    def __enter__(self) -> Self:
        self._before = _running.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _running.reset(self._before)
        with self._starting:
            self._ended = True
        self._waiting.shutdown(wait=False, cancel_futures=True)
        if self._process is None:
            return
        self._process.kill()  # it keeps nothing that could be lost
        self._waiting.shutdown(wait=True)
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes
        self._process.wait()

    def call(self, module: str, header: dict[str, Any], blobs: Sequence[bytes] = ()) -> Future[Message]:
        """Let `module.answer(header, blobs)` run there; `result()` raises `BesideError` where no answer comes."""
        return self._waiting.submit(self._ask, {"module": module, "header": header}, blobs)

    def _ask(self, header: dict[str, Any], blobs: Sequence[bytes]) -> Message:
        try:
            process = self.start()
            out, back = process.stdin, process.stdout
            if out is None or back is None:
                raise BesideError("The process has no pipes.")
            send(out, header, blobs)
            answer = receive(back)
        except (OSError, EOFError, ValueError) as cause:
            raise BesideError(f"The second process gave no answer ({type(cause).__name__}).") from cause
        self.calls_answered += 1
        return answer


def running(module: str) -> SecondProcess | None:
    """Give the second process that this work goes on beside, if it has loaded `module`."""
    second = _running.get()
    return second if second is not None and module in second.modules else None


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def send(stream: IO[bytes], header: dict[str, Any], blobs: Sequence[bytes]) -> None:
    """Write one message: the length of each part, then the parts."""
    parts = [json.dumps(header).encode(), *blobs]
    stream.write(struct.pack(f"<{len(parts) + 1}Q", len(parts), *map(len, parts)))
    for part in parts:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> Message:
    """Read one message.

    Raises
    ------
    EOFError
        The other side has gone.
    """
    (count,) = struct.unpack("<Q", _exactly(stream, 8))
    lengths = struct.unpack(f"<{count}Q", _exactly(stream, 8 * count))
    header, *blobs = [_exactly(stream, length) for length in lengths]
    return json.loads(header), blobs


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise EOFError("The message ended early.")
    return data


def main() -> None:
    """Be the process: load, then answer until nobody asks any more."""
    back = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not get into the answers
    at = sys.argv.index(_LATER)
    gc.disable()
    for module in sys.argv[1:at]:
        import_module(module)
    gc.freeze()  # what is loaded stays: no collection of garbage need look at it
    gc.enable()
    later = iter(sys.argv[at + 1 :])
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            if _idle():
                for module in later:
                    import_module(module)
            call, blobs = receive(sys.stdin.buffer)
            send(back, *import_module(call["module"]).answer(call["header"], blobs))


def _idle() -> bool:
    """Whether nobody asks for a moment: the next call, if it waits already, is sent on the answer to the last."""
    with suppress(OSError, ValueError):  # where a pipe cannot be looked at, as on Windows
        return not select.select([sys.stdin], [], [], _MOMENT)[0]
    return True


if __name__ == "__main__":
    main()
