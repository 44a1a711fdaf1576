"""`coterie serve` at work: a free port, a link that lets in once, the browser, and the server itself."""

from __future__ import annotations

import json
import os
import socket
import time
import webbrowser
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from coterie.app.application import make_app
from coterie.app.pages.login import TICKET_SECONDS
from coterie.app.store import open_store, sessions
from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coterie.app.settings import AppSettings

#: Seconds that open pages get to finish when the server is told to stop.
_GRACE = 3


def serve(settings: AppSettings, *, open_browser: bool, tell: Callable[[str], None]) -> None:
    """Serve the app until it is interrupted. Where this home is served already, let the user in there.

    Raises
    ------
    ConfigError
        The port is taken by another program.
    """
    os.umask(0o077)
    settings.make_folders()
    running = _running(settings.home)
    if running:
        tell("Coterie is open already with these studies.")
        _let_in(settings, running, open_browser=open_browser, tell=tell)
        return
    with _listen(settings) as listening:
        address = {"host": settings.host, "port": listening.getsockname()[1], "pid": os.getpid()}
        _note(settings.home, address)
        try:
            _run(settings, listening, lambda: _let_in(settings, address, open_browser=open_browser, tell=tell))
        finally:
            (settings.home / "server.json").unlink(missing_ok=True)


def _run(settings: AppSettings, listening: socket.socket, when_up: Callable[[], None]) -> None:
    import uvicorn

    config = uvicorn.Config(
        make_app(settings),
        lifespan="on",  # without it no job is looked after: better not to start
        log_level="warning",
        access_log=False,  # addresses hold ids, and once the word that lets in
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
        limit_concurrency=500,
        h11_max_incomplete_event_size=64 << 10,
    )
    timer = Timer(0.3, when_up)
    timer.daemon = True
    timer.start()
    uvicorn.Server(config).run([listening])


def _listen(settings: AppSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(128)
    except OSError as cause:
        listening.close()
        raise ConfigError(
            f"Port {settings.port} at {settings.host} cannot be used.",
            found=cause.strerror or "",
            remedy="Take a free one with --port 0, or name another.",
        ) from cause
    return listening


def _let_in(settings: AppSettings, address: dict[str, Any], *, open_browser: bool, tell: Callable[[str], None]) -> None:
    """Print a link that lets in once, and open it."""
    link = f"{_base(address)}/"
    if not settings.password:
        store = open_store(settings.database)
        link = f"{_base(address)}/open?token={sessions.make_ticket(store, time.time())}"
        store.close()
    tell(f"Open {link}")
    if not settings.password:
        tell(
            f"The link is good once, within {TICKET_SECONDS / 60:.0f} minutes. "
            "Ctrl-C ends the app; studies in work go on."
        )
    if open_browser:
        webbrowser.open(link)


def _base(address: dict[str, Any]) -> str:
    host = str(address["host"])
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  compared, not listened on
    return f"http://{f'[{name}]' if ':' in name else name}:{address['port']}"


def _note(home: Path, address: dict[str, Any]) -> None:
    path = home / "server.json"
    path.write_text(json.dumps(address), encoding="utf-8")
    path.chmod(0o600)


def _running(home: Path) -> dict[str, Any] | None:
    """Where this home is being served, if it is: the note of a server that was killed does not count."""
    with suppress(OSError, ValueError, KeyError, URLError):
        address: dict[str, Any] = json.loads((home / "server.json").read_text(encoding="utf-8"))
        os.kill(int(address["pid"]), 0)
        straight = build_opener(ProxyHandler({}))  # a proxy of the environment cannot reach this machine's own address
        with straight.open(f"{_base(address)}/health", timeout=2) as answer:
            return address if answer.read() == b"ok" else None
    return None
