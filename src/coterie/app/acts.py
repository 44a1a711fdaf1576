"""Tasks for `coterie.app.acting`: started, waited for within a limit, ended whole where they take too long."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from coterie.app.refusals import RefusalError, TooManyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.app.settings import AppSettings

#: What the command line's options are called on a page.
_ON_PAGE = (
    (
        r"Name your customer file, as in --customers customers\.csv; it is read and not copied\.",
        "Choose the file that has their addresses under “Customer file”, or tick the one that this study was made of.",
    ),
    (r" ?\(--suppress\)", ""),
    (r"--map (\w+)=COLUMN", r"the column of “\1” under “Columns of the file”"),
    (r"(--map customer_id=\S+)", "the column of the customer id under “Columns of the file”"),
    (r"; or say --consent-elsewhere|or say --consent-elsewhere", "; or tick “Everybody in the customer file agreed”"),
    (r"--consent-elsewhere", "“Everybody in the customer file agreed to marketing”"),
    (r"with --customers( FILE)?", "under “Customer file”"),
    (r"--customers( FILE)?", "“Customer file”"),
    (r"--country (\w\w)", r"\1 as the country"),
    (r"--suppress( FILE)?", "“People who objected”"),
    (r"--baseline 0\.05", "5 under “How many would buy anyway”"),
    (r"Leave --hashed away\.", "Leave the file as the tool wants it."),
)
#: Tasks at a time; the others wait, and after so many seconds are sent away.
_AT_ONCE, _PATIENCE = 2, 60.0
_TURNS = threading.BoundedSemaphore(_AT_ONCE)


class TaskError(RefusalError):
    """A task could not be done for a reason that the person can do something about."""

    status = 422


def ask(settings: AppSettings, task: Mapping[str, Any]) -> dict[str, Any]:
    """Have a task done by a process of its own.

    Raises
    ------
    TaskError
        What the process said was wrong.
    TooManyError
        Too many tasks are going on.
    RefusalError
        It took too long or broke down.
    """
    if not _TURNS.acquire(timeout=_PATIENCE):
        raise TooManyError("Too much is being worked on just now.", remedy="Try again in a minute.")
    try:
        told = json.dumps({**task, "memory": settings.limits.run_memory, "only": _reached(settings, task)}, default=str)
        return _answer(_run(told, settings.limits.read_seconds), str(settings.home))
    finally:
        _TURNS.release()


def _reached(settings: AppSettings, task: Mapping[str, Any]) -> str:
    """The folder beside which a task's engine reaches no file; none where it reads a database of the owner's."""
    asked = json.dumps(task, default=str)
    return "" if any(json.dumps(address) in asked for address in settings.sources.values()) else str(settings.home)


def on_page(text: str) -> str:
    """Put the words of our pages for the options of the command line."""
    for pattern, words in _ON_PAGE:
        text = re.sub(pattern, words, text)
    return text


def _run(told: str, seconds: float) -> str:
    process = subprocess.Popen(
        [sys.executable, "-m", "coterie.app.acting"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        return process.communicate(told, timeout=seconds)[0]
    except subprocess.TimeoutExpired as cause:
        raise RefusalError(
            "This took too long and was stopped.",
            found=f"It was given {seconds:,.0f} seconds.",
            remedy="Use a smaller file, or raise limits.read_seconds in the app's settings file.",
        ) from cause
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started, if anything of it is left."""
    if process.poll() is None:
        with_group = getattr(os, "killpg", None)
        if with_group:
            with_group(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _answer(text: str, home: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(text)
    except ValueError as cause:
        raise RefusalError(
            "The work broke down before it was done.",
            remedy="Try again; if it happens again, use a smaller file, or report what you did.",
        ) from cause
    if "error" in told:
        # Where the app keeps its files is nobody's business on a page.
        error = {part: re.sub(rf"{re.escape(home)}[^\s'\"]*/", "", text) for part, text in told["error"].items()}
        raise TaskError(on_page(error["what"]), found=error["found"], remedy=on_page(error["remedy"]))
    answer: dict[str, Any] = told["answer"]
    return answer
