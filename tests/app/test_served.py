"""A real `coterie serve` spoken to over sockets: cut uploads, slow clients, a second start, a port that is taken."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from coterie.app.security import make_keys

if TYPE_CHECKING:
    from pathlib import Path

    from app.conftest import Served

EDGE = "edge"


def ask(served: Served, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    key = {"Authorization": f"Bearer {make_keys(served.home).api}"}
    connection.request(method, path, body, {**key, **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def serve_again(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coterie", "serve", "--no-open", "--home", str(home), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_of_an_upload_whose_connection_breaks_nothing_stays(served: Served, share: float) -> None:
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'.encode()
    body = head + b"id,spend\n" + b"C1,2.5\n" * 300_000 + f"\r\n--{EDGE}--\r\n".encode()
    before = {path.name for path in (served.home / "uploads").iterdir()}
    connection = socket.create_connection(("127.0.0.1", served.port))
    told = (
        f"POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {make_keys(served.home).api}\r\n"
        f"Content-Type: multipart/form-data; boundary={EDGE}\r\n\r\n"
    )
    connection.sendall(told.encode() + body[: int(share * len(body))])
    connection.close()
    until = time.monotonic() + 20
    while (left := {path.name for path in (served.home / "uploads").iterdir()} - before) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == set()  # what was there before may go in the meantime


def test_fifty_clients_that_say_nothing_keep_nobody_waiting(served: Served) -> None:
    silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(50)]
    for connection in silent:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127")
    assert ask(served, "GET", "/health") == (200, b"ok")
    assert ask(served, "GET", "/api/")[0] == 200
    for connection in silent:
        connection.close()


def test_the_same_request_many_times_at_once_is_one_look_at_the_tables(served: Served) -> None:
    form = {"Content-Type": "application/json"}
    _, body = ask(served, "POST", "/api/sample", b"{}", **form)
    check = json.loads(body)["location"]
    changed = json.dumps({"reading:decimal": "."}).encode()
    answers: list[int] = []
    asked = [
        threading.Thread(target=lambda: answers.append(ask(served, "POST", f"/api{check}", changed, **form)[0]))
        for _ in range(30)
    ]
    for one in asked:
        one.start()
    for one in asked:
        one.join()
    assert answers == [200] * 30
    draft = check.split("/")[2]
    looks = [path for path in (served.home / "jobs").glob("*/request.json") if draft in path.read_text()]
    assert len(looks) == 2  # the first one, and the one with the change


def test_a_second_start_on_the_same_home_lets_into_the_first_and_ends(served: Served) -> None:
    told = serve_again(served.home)
    assert told.returncode == 0, told.stderr
    assert "is open already" in told.stderr
    assert f"{served.base}/open?token=" in told.stderr


def test_a_port_that_is_taken_is_told_with_what_to_do(served: Served, tmp_path: Path) -> None:
    told = serve_again(tmp_path / "other", "--port", str(served.port))
    assert told.returncode == 2
    assert "--port 0" in told.stderr


def test_the_terminal_shows_no_address_that_was_asked_for(served: Served) -> None:
    ask(served, "GET", "/studies/canary-word")
    assert "canary-word" not in served.said()
    assert served.said().count("token=") == 1
