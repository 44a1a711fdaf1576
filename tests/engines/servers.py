"""A PostgreSQL server and a Spark session for the tests: private, on free ports, gone with the tests."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

_ROOT = 0


@dataclass(frozen=True)
class PostgresServer:
    """Where a server of our own listens, and who may ask it."""

    host: str
    port: int
    user: str
    password: str
    database: str

    def parameters(self) -> dict[str, Any]:
        """Connection parameters, as libpq names them."""
        return {
            "host": self.host, "port": self.port, "user": self.user, "password": self.password, "dbname": self.database,
        }  # fmt: skip

    @property
    def url(self) -> str:
        """The address as a user would type it."""
        return f"postgres://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server whose collation is not by code point, so that a forgotten collation shows."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; scripts/test-setup.sh installs it")
    folder = Path(tempfile.mkdtemp(prefix="coterie-postgres-"))
    owner = _unprivileged()
    try:
        server = PostgresServer("127.0.0.1", _free_port(), "merchant", secrets.token_hex(8), "postgres")
        _initialise(programs, folder, owner, server)
        process = _start(programs, folder, owner, server)
        try:
            _wait_for(server, process, folder)
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(programs: Path, folder: Path, owner: str | None, server: PostgresServer) -> None:
    words = folder / "password"
    words.write_text(server.password)
    if owner:
        for path in (folder, words):
            shutil.chown(path, owner)
    collation = ["--locale-provider=icu", "--icu-locale=en-US"] if _version(programs) >= 15 else []
    command = [
        programs / "initdb", "--pgdata", folder / "data", "--encoding=UTF8", "--locale=C.UTF-8", *collation,
        "--no-sync", "--auth=scram-sha-256", f"--username={server.user}", f"--pwfile={words}",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, user=owner, cwd=folder)


def _start(programs: Path, folder: Path, owner: str | None, server: PostgresServer) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": server.host, "port": server.port, "unix_socket_directories": folder, "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": 20,
    }  # fmt: skip
    command = [programs / "postgres", "-D", folder / "data"]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, user=owner, cwd=folder)


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(**server.parameters()).close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                pytest.fail("PostgreSQL did not start:\n" + (folder / "log").read_text()[-2000:])
            time.sleep(0.1)
        else:
            return
    pytest.fail("PostgreSQL did not answer within 30 seconds")


def _postgres_programs() -> Path | None:
    """Folder of the newest server installed, of version 14 or later."""
    there = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found = shutil.which("postgres")
    there += [Path(found).resolve().parent] if found else []
    usable = [folder for folder in there if (folder / "initdb").exists() and _version(folder) >= 14]
    return max(usable, key=_version, default=None)


def _version(programs: Path) -> int:
    told = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return int(told.split()[2].split(".")[0])


def _unprivileged() -> str | None:
    """A user for the server where we are root: it refuses to run as root."""
    if os.getuid() != _ROOT:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """Start one local session; starting takes most of ten seconds, so the whole run shares it."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    home = _java_home()
    if home is None:
        pytest.skip("Java 17 is not installed; scripts/test-setup.sh installs it")
    os.environ["JAVA_HOME"] = str(home)
    folder = Path(tempfile.mkdtemp(prefix="coterie-spark-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            session = _session(folder)
        yield session
        session.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _session(folder: Path) -> SparkSession:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.default.parallelism": "2",
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "1g",
        "spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.local.dir": str(folder),
        "spark.sql.session.timeZone": "UTC", "spark.sql.adaptive.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]").appName("coterie-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _java_home() -> Path | None:
    """A Java that Spark 4 runs on: 17 or 21."""
    for pattern in ("java-17*", "*-17-*", "java-21*", "*-21-*"):
        for folder in sorted(Path("/usr/lib/jvm").glob(pattern)):
            if (folder / "bin" / "java").exists():
                return folder
    named = os.environ.get("JAVA_HOME")
    return Path(named) if named and (Path(named) / "bin" / "java").exists() else None
