"""The queue: jobs wait their turn, run as processes of their own, and are found again after the server was killed."""

from __future__ import annotations

import logging
import shutil
import threading
from typing import TYPE_CHECKING, Any

from coterie.app.jobs import processes, telling
from coterie.app.jobs.endings import ending
from coterie.app.refusals import ConflictError, MissingError, TooManyError
from coterie.app.store import jobs as kept
from coterie.app.store import uploads
from coterie.beside import cores

if TYPE_CHECKING:
    import sqlite3
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from coterie.app.settings import AppSettings
    from coterie.app.store import Database

_log = logging.getLogger("coterie.app")
_AFTER_TROUBLE = 2.0  # seconds before the queue is looked after again
_EVERY = 0.2  # seconds between two looks at the processes
#: Looks at tables are short, and a person waits for them: they have places of their own beside the studies.
_LOOKS = 2
_KINDS = ("look", "study")


def _not_started(cause: OSError) -> dict[str, str]:
    return {
        "what": "The work could not be started.",
        "found": cause.strerror or type(cause).__name__,
        "remedy": "Hand over the files again.",
    }


class Jobs:
    """The jobs of a home.

    Parameters
    ----------
    settings : AppSettings
    store : Database
    clock : function
        Seconds since 1970.
    """

    def __init__(self, settings: AppSettings, store: Database, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._own: dict[str, subprocess.Popen[bytes]] = {}
        self._turn = threading.Lock()
        self._wake = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Look after the jobs from now on: those that an earlier server left are found again."""
        self._over.clear()
        self._thread = threading.Thread(target=self._watch, name="jobs", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Look after them no more; what runs goes on."""
        self._over.set()
        self._wake.set()
        if self._thread:
            self._thread.join(5)
        for own in self._own.values():
            own.poll()
            own.returncode = own.returncode or 0  # left on purpose: nobody need wait for it
        self._own.clear()

    def folder(self, job: str) -> Path:
        """Folder of what a job is told and tells."""
        return self._settings.jobs / job

    def add(self, new: Mapping[str, Any], files: Callable[[], Mapping[str, bytes]]) -> str:
        """Put a job into the queue, once for each key, and give its id.

        Parameters
        ----------
        new : mapping
            `key`, `kind` ("look" or "study"), `title`, `draft`, `parent`, and `command`: a module and its arguments, in
            which `{job}` stands for the job's folder and `{study}` for the folder of the study to be made.
        files : function
            Gives name -> content of what the job's process finds in its folder; asked only where the job is new.

        Raises
        ------
        TooManyError
            Too many jobs wait.
        """
        job, is_new = kept.add_job(
            self._store,
            {**new, "queued": self._clock()},
            most_waiting=self._settings.limits.queue,
            before=lambda job: self._furnish(job, files()),
        )
        if not job:
            raise TooManyError(
                "Too many studies wait already.",
                found=f"{self._settings.limits.queue} are in the queue.",
                remedy="Wait until some are done, or cancel one.",
            )
        if is_new:
            self._wake.set()
        return job

    def _furnish(self, job: str, files: Mapping[str, bytes]) -> None:
        folder = self.folder(job)
        folder.mkdir(mode=0o700)
        for name, content in files.items():
            path = folder / name
            path.touch(mode=0o600)
            path.write_bytes(content)

    def find(self, job: str) -> sqlite3.Row:
        """The row of a job.

        Raises
        ------
        MissingError
            There is no such job.
        """
        row = kept.find_job(self._store, job)
        if row is None:
            raise MissingError("There is no such job, or not any more.", remedy="Go back to the start.")
        return row

    def cancel(self, job: str) -> None:
        """Stop a job within 5 seconds; nothing of it is left but the note that it was cancelled."""
        row = self.find(job)
        if not kept.mark_over(self._store, job, "cancelled", self._clock()):
            return
        process = processes.noted(self.folder(job)) or (row["pid"] or 0, row["pid_began"] or "")
        own = self._own.get(job)
        processes.end(*process)
        if own is not None:
            if own.poll() is None:
                own.kill()
            own.wait()
        self._tidy(job)

    def again(self, job: str) -> str:
        """Run a job that did not end well once more, as a new one; give its id.

        Raises
        ------
        ConflictError
            It is not over, or it is done.
        """
        row = self.find(job)
        if row["state"] not in ("failed", "cancelled", "interrupted"):
            raise ConflictError("This job cannot be run again.", remedy="Open its study, or wait for its end.")
        names = ("settings.toml", "request.json")
        folder = self.folder(job)
        files = {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}
        new = {name: row[name] for name in ("key", "kind", "title", "draft", "parent")}
        new["key"] = kept.key_of(row)  # asked for twice, it is run once more and not twice
        return self.add({**new, "command": kept.command_of(row)}, lambda: files)

    def tell(self, row: sqlite3.Row) -> dict[str, Any]:
        """What a page shows of a job."""
        told: dict[str, Any] = {name: row[name] for name in ("id", "kind", "title", "state", "draft", "parent")}
        until = row["ended"] or self._clock()
        told["seconds"] = max(0.0, until - row["began"]) if row["began"] else 0.0
        told["took"] = telling.took(told["seconds"])
        told["waiting_before"] = kept.waiting_before(self._store, row) if row["state"] == "queued" else 0
        told["error"] = kept.error_of(row)
        told |= {"stage": "", "share": 0.0, "left": ""}
        if row["state"] == "running":
            told |= telling.way(self.folder(row["id"]), told["seconds"])
        elif row["state"] == "done":
            told["share"] = 1.0
        return told

    def going_on(self) -> list[dict[str, Any]]:
        """Studies that are being made or wait for it, in the order of the queue."""
        return [self.tell(row) for row in kept.jobs_in(self._store, "running", "queued", kind="study")]

    def _watch(self) -> None:
        while not self._over.is_set():
            try:
                self.look_after()
            except Exception as error:  # noqa: BLE001  a full disk must not end the queue: it is tried again
                _log.error("%s while looking after the jobs", type(error).__name__)
                self._over.wait(_AFTER_TROUBLE)
            self._wake.wait(_EVERY)
            self._wake.clear()

    def look_after(self) -> None:
        """Note which jobs have ended, and start those whose turn it is."""
        with self._turn:
            for row in kept.jobs_in(self._store, "running"):
                self._look_at(row)
            for kind in _KINDS:
                self._start_next(kind)

    def _look_at(self, row: sqlite3.Row) -> None:
        own = self._own.get(row["id"])
        if own is not None:
            code = own.poll()
            if code is None or self._is_run_by_another(row["id"], own.pid):
                return
        elif processes.is_alive(row["pid"] or 0, row["pid_began"] or ""):
            return
        else:
            code = None
        state, error = ending(self._settings, self._store, row, code)
        kept.mark_over(self._store, row["id"], state, self._clock(), error=error)
        self._own.pop(row["id"], None)
        self._tidy(row["id"])

    def _is_run_by_another(self, job: str, pid: int) -> bool:
        """Whether a process that a killed server started was first; ours has left it the work then."""
        first = processes.noted(self.folder(job))
        if first is None or first[0] == pid or not processes.is_alive(*first):
            return False
        self._own.pop(job, None)
        self._store.write("UPDATE jobs SET pid = ?, pid_began = ? WHERE id = ?", (*first, job))
        return True

    def _start_next(self, kind: str) -> None:
        running = len(kept.jobs_in(self._store, "running", kind=kind))
        for row in kept.jobs_in(self._store, "queued", kind=kind)[: max(0, self._places(kind) - running)]:
            try:
                self._start(row)
            except OSError as cause:  # its folder is gone, say: those behind it need not wait for it
                kept.mark_over(self._store, row["id"], "failed", self._clock(), error=_not_started(cause))

    def _places(self, kind: str) -> int:
        return _LOOKS if kind == "look" else self._settings.limits.running or max(1, cores() // 2)

    def _start(self, row: sqlite3.Row) -> None:
        job, limits = row["id"], self._settings.limits
        before = processes.noted(self.folder(job))  # started by a server that was killed before it could say so
        if before is None:
            bounds = (
                (limits.read_memory, limits.read_seconds)
                if row["kind"] == "look"
                else (limits.run_memory, limits.run_seconds)
            )
            work = [self._filled(part, job) for part in kept.command_of(row)]
            own = processes.start(self.folder(job), bounds, work, self._reached(row))
            self._own[job] = own
            before = own.pid, processes.began(own.pid)
        if not kept.mark_running(self._store, job, before, self._clock()):  # cancelled in the meantime
            processes.end(*before)
            left = self._own.pop(job, None)
            if left is not None:
                left.wait()
            self._tidy(job)

    def _reached(self, row: sqlite3.Row) -> tuple[Path, ...]:
        """Folders in which a job's tables lie; none where they lie in a database, which has files of its own."""
        inputs = uploads.inputs_of(self._store, row["draft"]) if row["draft"] else []
        if not inputs or not all(each["stored"] for each in inputs):
            return ()
        folders = {each["stored"].partition("/")[0] for each in inputs} | {row["draft"]}
        return tuple(self._settings.uploads / folder for folder in sorted(folders))

    def _filled(self, part: str, job: str) -> str:
        places = {"{job}": str(self.folder(job)), "{study}": str(self._settings.studies / job)}
        for mark, place in places.items():
            part = part.replace(mark, place)
        return part

    def _tidy(self, job: str) -> None:
        """Remove what a job's process needed for a while, and the study that it did not finish."""
        shutil.rmtree(self.folder(job) / "tmp", ignore_errors=True)
        for half in self._settings.studies.glob(f".{job}*"):
            shutil.rmtree(half, ignore_errors=True)

    def forget(self, jobs: Sequence[str]) -> None:
        """Forget jobs that are over, with their folders."""
        kept.remove_jobs(self._store, jobs)
        for job in jobs:
            shutil.rmtree(self.folder(job), ignore_errors=True)
