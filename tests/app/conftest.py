"""The app on a home of its own: without a server, behind a real one, and in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from coterie.app import AppSettings, make_app
from coterie.app.store import sessions, studies
from coterie.outputs import Study
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from pathlib import Path

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
