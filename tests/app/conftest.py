"""The app on a home of its own: without a server, behind a real one, and in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from coterie.app import AppSettings, make_app
from coterie.app.store import open_store, sessions, studies
from coterie.outputs import Study
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page
    from starlette.applications import Starlette

BASE = "http://127.0.0.1:8765"
#: Id of the study that every fresh home holds.
STUDY = "gardenstudy22222"


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up study on disk, written once; no test changes it."""
    return Study.from_segmentation(make_segmentation()).write(tmp_path_factory.mktemp("garden") / STUDY)


def keep_study(app: Starlette, folder: Path, study: str = STUDY) -> None:
    """Put a study into the app's home, as a job that is done does."""
    house = app.state.house
    place = house.settings.studies / study
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(folder)
    studies.add_study(house.store, study, json.loads((folder / "manifest.json").read_text()))


def sign_in(app: Starlette) -> TestClient:
    """A client with a session, which sends what a browser would send."""
    client = TestClient(app, base_url=BASE, headers={"Origin": BASE}, follow_redirects=False)
    house = app.state.house
    client.cookies.set("coterie_8765", sessions.begin(house.store, 1_000_000.0), domain="127.0.0.1", path="/")
    return client


def csrf_of(client: TestClient) -> str:
    """The token that the forms of a client's session carry."""
    from coterie.app.security import make_keys

    home = client.app.state.house.settings.home
    return make_keys(home).csrf(client.cookies["coterie_8765"])


@pytest.fixture
def settings(tmp_path: Path) -> AppSettings:
    """A fresh home."""
    return AppSettings(tmp_path / "home")


@pytest.fixture
def app(settings: AppSettings, garden: Path) -> Starlette:
    """The app on a fresh home with one study, at a time that does not pass."""
    made = make_app(settings, clock=lambda: 1_000_000.0)
    keep_study(made, garden)
    return made


@pytest.fixture
def client(app: Starlette) -> TestClient:
    """A signed-in client of the app, without a server. Send `data={"csrf": csrf_of(client), …}` with a POST."""
    return sign_in(app)


class Served:
    """A real `coterie serve` on a free port, which can be killed and started again on the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start the server; after a kill on the port that it had."""
        command = [
            sys.executable,
            "-m",
            "coterie",
            "serve",
            "--home",
            str(self.home),
            "--no-open",
            "--port",
            str(self.port),
        ]
        with (self.home.with_suffix(".said")).open("wb") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said)
        end = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/open", self.said())):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"coterie serve did not start: {self.said()}")
            time.sleep(0.05)
        self.port = int(found[1])

    def said(self) -> str:
        """What the server has told the terminal."""
        return self.home.with_suffix(".said").read_text()

    @property
    def base(self) -> str:
        """Address of the app."""
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        """A link that lets in once."""
        store = open_store(self.home / "state.sqlite")
        word = sessions.make_ticket(store, time.time())
        store.close()
        return f"{self.base}/open?token={word}"

    def kill(self) -> None:
        """End the server without a word, as `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)


def stop_jobs(home: Path) -> None:
    """End every job of a home."""
    from coterie.app.jobs import processes

    for folder in (home / "jobs").glob("*"):
        noted = processes.noted(folder)
        if noted:
            processes.end(*noted)


@pytest.fixture(scope="session")
def served(garden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real server with one study, shared by the tests of a worker."""
    server = Served(tmp_path_factory.mktemp("served") / "home")
    store = open_store(server.home / "state.sqlite")
    shutil.copytree(garden, server.home / "studies" / STUDY)
    studies.add_study(store, STUDY, json.loads((garden / "manifest.json").read_text()))
    store.close()
    yield server
    server.stop()
    stop_jobs(server.home)


class Watched:
    """What a browser's pages said, and whom they asked, which no test may leave unlooked at."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.wrong: list[str] = []
        context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        page.on("request", lambda request: self._asked(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.base}/", "data:", "blob:")):
            self.wrong.append(f"asked {url}")


def sign_in_browser(browser: Browser, served: Served, **options: Any) -> tuple[BrowserContext, Watched]:
    """A browser of its own (cookies, storage) that is signed in; `Watched` notes every error and foreign request."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    watched = Watched(context, served.base)
    page = context.new_page()
    page.goto(served.link())
    page.close()
    return context, watched


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page of a signed-in browser; the test fails where it said an error or asked another host."""
    context, watched = sign_in_browser(browser, served)
    yield context.new_page()
    context.close()
    assert watched.wrong == []
