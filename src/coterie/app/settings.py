"""What the app is told before it starts: its home, its address, its limits, and the sources that an owner named."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Names under which a browser on the same machine reaches the app.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Limits:
    """How much the app takes on; every one can be set in `[limits]` of the home's `app.toml`."""

    file_bytes: int = 2 << 30  # of one uploaded file
    total_bytes: int = 10 << 30  # of all uploads that are kept
    files: int = 10  # in one upload
    parts: int = 100  # files and fields together, in one form
    field_bytes: int = 64 << 10  # of one field that is no file
    reserve_bytes: int = 2 << 30  # of the disk that uploads leave free
    queue: int = 20  # studies that may wait
    running: int = 0  # studies at a time; 0 = one for each two cores
    read_memory: int = 4 << 30  # address space of the process that reads tables
    read_seconds: int = 600  # wall clock of reading tables
    run_memory: int = 16 << 30  # address space of the process that makes a study
    run_seconds: int = 6 * 3600  # wall clock of making a study
    idle_minutes: int = 30  # after which a session ends that nobody used
    session_hours: int = 12  # after which every session ends
    upload_days: int = 7  # after which uploads of no use are removed


@dataclass(frozen=True)
class AppSettings:
    """Where the app lives and who may reach it.

    Attributes
    ----------
    home : Path
        Folder (mode 0700) of everything that the app keeps: `state.sqlite`, `uploads/`, `studies/`, `plans/`, `jobs/`.
    host, port : str, int
        Address to listen on; port 0 takes a free one.
    password : str
        Asked for at `/login`; empty: only the link that `coterie serve` prints lets in.
    sources : mapping of str to str
        Name -> address of a database, from `[sources]` of the home's `app.toml`. A browser can name one, never an
        address.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8765
    password: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def database(self) -> Path:
        """File of the app's state."""
        return self.home / "state.sqlite"

    @property
    def uploads(self) -> Path:
        """Folder of uploaded files, one folder a draft."""
        return self.home / "uploads"

    @property
    def studies(self) -> Path:
        """Folder of study folders, named by the ids that the store gave."""
        return self.home / "studies"

    @property
    def plans(self) -> Path:
        """Folder of campaign plans."""
        return self.home / "plans"

    @property
    def jobs(self) -> Path:
        """Folder of what jobs are told and tell, one folder a job."""
        return self.home / "jobs"

    @property
    def only_local(self) -> bool:
        """Whether only this machine can reach the app."""
        return self.host in LOOPBACK

    def make_folders(self) -> None:
        """Make the folders of the home, for their owner alone."""
        for folder in (self.home, self.uploads, self.studies, self.plans, self.jobs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.chmod(0o700)


def default_home() -> Path:
    """Folder of the app's state where none is named: `COTERIE_HOME`, or one in the user's data folder."""
    named = os.environ.get("COTERIE_HOME")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "coterie"


def make_settings(
    home: Path | None = None, *, host: str = "127.0.0.1", port: int = 8765, password: str = ""
) -> AppSettings:
    """Settings from the command line and from `app.toml` in the home.

    Raises
    ------
    ConfigError
        An address that others can reach without a password; a key of `app.toml` that is unknown or has no meaning.
    """
    if host not in LOOPBACK and not password:
        raise ConfigError(
            f"Others on the network could reach the app at {host}, and it has no password.",
            remedy="Name a file that holds one with --password-file FILE, or leave --host away.",
        )
    folder = (home or default_home()).absolute()
    told = _read(folder / "app.toml")
    return AppSettings(folder, host, port, password, _limits(told.get("limits", {})), _sources(told.get("sources", {})))


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise ConfigError("The app's settings file app.toml cannot be read.", found=str(cause)) from cause
    unknown = sorted(set(told) - {"limits", "sources"})
    if unknown:
        raise ConfigError(
            f"Unknown key '{unknown[0]}' in app.toml.", remedy="It may hold the tables [limits] and [sources]."
        )
    return told


def _limits(told: Mapping[str, Any]) -> Limits:
    known = [each.name for each in fields(Limits)]
    for name, value in told.items():
        if name not in known:
            raise ConfigError(f"Unknown key 'limits.{name}' in app.toml.", remedy=f"Known keys: {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ConfigError(f"Key 'limits.{name}' in app.toml must be a whole number of at least 0.")
    return Limits(**told)


def _sources(told: Mapping[str, Any]) -> dict[str, str]:
    for name, address in told.items():
        if not isinstance(address, str) or "://" not in address:
            raise ConfigError(
                f"Source '{name}' in app.toml is not the address of a database.",
                remedy='Write it as in: shop = "postgres://reader@db.example/shop?table=orders"',
            )
    return dict(told)
