"""A report as PDF, printed by the Chromium that is on the machine, where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from coterie.app.refusals import MissingError, RefusalError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_SECONDS = 90.0
#: The page needs nothing from anywhere, and gets nothing: every host is refused.
_ALONE = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


@cache
def browser_for_print() -> str | None:
    """Path of a browser that can print, or None."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def print_page(page: Path, target: Path) -> None:
    """Print a page of ours to a PDF file, in a process that is ended where it takes too long.

    Raises
    ------
    MissingError
        There is no browser to print with.
    RefusalError
        It did not print.
    """
    browser = browser_for_print()
    if browser is None:
        raise MissingError(
            "There is no browser on this machine that could make the PDF.",
            remedy="Open the report and print it to a PDF from your own browser.",
        )
    with tempfile.TemporaryDirectory(prefix="coterie-print-") as folder:
        made = Path(folder) / "page.pdf"
        # A sandbox cannot be made by the superuser; the page is our own and runs no script.
        rights = ("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()
        command = [browser, *_ALONE, *rights, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        _run([*command, page.resolve().as_uri()])
        if not made.is_file() or not made.stat().st_size:
            raise RefusalError(
                "The browser of this machine did not make the PDF.",
                remedy="Open the report and print it to a PDF from your own browser.",
            )
        shutil.move(made, target)


def _run(command: list[str]) -> None:
    process = subprocess.Popen(  # noqa: S603  a browser found by name, and arguments of ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired as cause:
        raise RefusalError(
            "Making the PDF took too long and was stopped.",
            remedy="Open the report and print it to a PDF from your own browser.",
        ) from cause
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
