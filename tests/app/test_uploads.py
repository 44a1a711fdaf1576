"""Files as they come in: counted, bounded, named by us, and gone when they are cut off."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conftest import csrf_of, sign_in
from coterie.app import AppSettings, Limits, make_app
from coterie.app.refusals import RefusalError, TooLargeError
from coterie.app.uploads import safe_name, sweep_uploads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

EDGE = "----edge"


def small(settings: AppSettings, **limits: int) -> TestClient:
    """A client of an app with narrow limits and no reserve."""
    narrow = Limits(**{"reserve_bytes": 0, **limits})
    return sign_in(make_app(replace(settings, limits=narrow), clock=lambda: 1_000_000.0))


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    told = f'; filename="{filename}"' if filename is not None else ""
    return f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n'.encode() + value + b"\r\n"


def send(client: TestClient, *parts: bytes, end: bytes = f"--{EDGE}--\r\n".encode()) -> Any:
    """Send a form as it stands, in pieces, so that no length is told."""

    def pieces() -> Iterator[bytes]:
        yield from parts
        yield end

    return client.post("/uploads", content=pieces(), headers={"Content-Type": f"multipart/form-data; boundary={EDGE}"})


def token(client: TestClient) -> bytes:
    return part("csrf", csrf_of(client).encode())


def left(client: TestClient) -> list[Path]:
    return list(client.app.state.house.settings.uploads.iterdir())  # type: ignore[attr-defined]


def test_a_file_keeps_its_bytes_and_gets_a_place_that_the_client_did_not_choose(settings: AppSettings) -> None:
    client = small(settings)
    content = bytes(range(256)) * 20_000  # 5 MB, more than one piece
    answer = send(client, token(client), part("files", content, "../../up\\Orders (May).csv"))
    assert answer.status_code == 303, answer.text
    (file,) = [path for folder in left(client) for path in folder.rglob("*") if path.is_file()]
    assert file.read_bytes() == content
    assert file.name == "Orders (May).csv"
    row = client.app.state.house.store.row("SELECT * FROM inputs")  # type: ignore[attr-defined]
    assert (row["bytes"], len(row["sha256"])) == (len(content), 64)
    assert client.app.state.house.settings.uploads / row["stored"] == file  # type: ignore[attr-defined]


def test_a_file_that_is_too_large_is_cut_off_and_nothing_of_it_stays(settings: AppSettings) -> None:
    client = small(settings, file_bytes=10_000)
    answer = send(client, token(client), part("files", b"x" * 10_001, "a.csv"))
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert left(client) == []
    assert send(client, token(client), part("files", b"x" * 10_000, "a.csv")).status_code == 303


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_an_upload_that_is_cut_leaves_nothing(settings: AppSettings, share: float) -> None:
    client = small(settings)
    body = token(client) + part("files", b"id,spend\n" * 30_000, "a.csv")
    answer = send(client, body[: int(share * len(body))], end=b"")
    assert answer.status_code == 400
    assert "cut off" in answer.text
    assert left(client) == []
    assert client.app.state.house.store.rows("SELECT * FROM drafts") == []  # type: ignore[attr-defined]


def test_files_before_the_form_token_are_refused(settings: AppSettings) -> None:
    client = small(settings)
    assert send(client, part("files", b"a\n1\n", "a.csv"), token(client)).status_code == 403
    assert left(client) == []


def test_parts_files_and_fields_have_their_limits(settings: AppSettings) -> None:
    client = small(settings, parts=20, files=3, field_bytes=1000)
    many = [part(f"field{n}", b"") for n in range(21)]
    assert send(client, token(client), *many).status_code == 413
    files = [part("files", b"a\n", f"{n}.csv") for n in range(4)]
    assert send(client, token(client), *files).status_code == 413
    assert send(client, token(client), part("note", b"x" * 1001)).status_code == 413
    assert send(client, token(client)).status_code == 400  # no file at all
    assert left(client) == []


def test_uploads_stop_where_all_together_or_the_disk_have_no_room(settings: AppSettings) -> None:
    client = small(settings, total_bytes=1000)
    assert send(client, token(client), part("files", b"x" * 1000, "a.csv")).status_code == 303
    assert send(client, token(client), part("files", b"x", "b.csv")).status_code == 413
    full = small(replace(settings, home=settings.home.with_name("full")), reserve_bytes=1 << 62)
    assert send(full, token(full), part("files", b"x", "a.csv")).status_code == 413


def test_uploads_that_arrive_at_once_cannot_exceed_the_limit_together(settings: AppSettings) -> None:
    client = small(settings, total_bytes=1000)
    room = client.app.state.house.room  # type: ignore[attr-defined]
    with room.share() as other:
        other.ask(600)
        other.wrote(600)
        assert send(client, token(client), part("files", b"x" * 401, "a.csv")).status_code == 413
        assert send(client, token(client), part("files", b"x" * 300, "b.csv")).status_code == 303
        with pytest.raises(TooLargeError):
            other.ask(701)
    assert (
        send(client, token(client), part("files", b"x" * 700, "c.csv")).status_code == 303
    )  # the other came to nothing
    assert sum(path.stat().st_size for folder in left(client) for path in folder.rglob("*.csv")) == 1000


def test_of_many_threads_no_more_are_promised_room_than_there_is(settings: AppSettings) -> None:
    room = small(settings, total_bytes=1000).app.state.house.room  # type: ignore[attr-defined]
    meet, served = threading.Barrier(8), []

    def arrive() -> None:
        with room.share() as share:
            meet.wait(10)
            with suppress(TooLargeError):
                share.ask(300)
                served.append(share)
            meet.wait(10)

    threads = [threading.Thread(target=arrive) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(served) == 3


def test_a_told_length_beyond_the_limit_is_refused_before_a_byte_is_read(settings: AppSettings) -> None:
    client = small(settings, total_bytes=1000)
    headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}", "Content-Length": str(5 << 20)}
    assert client.post("/uploads", content=b"", headers=headers).status_code == 413


def test_what_no_draft_knows_and_what_grew_old_is_swept(settings: AppSettings) -> None:
    client = small(settings)
    assert send(client, token(client), part("files", b"a,b\n1,2\n", "a.csv")).status_code == 303
    house = client.app.state.house  # type: ignore[attr-defined]
    (house.settings.uploads / "halfanupload2222").mkdir()
    os.utime(house.settings.uploads / "halfanupload2222", (900_000.0, 900_000.0))
    house.store.write("UPDATE jobs SET state = 'done'")
    sweep_uploads(house.settings, house.store, 1_000_000.0)
    assert len(left(client)) == 1
    sweep_uploads(house.settings, house.store, 1_000_000.0 + 8 * 86_400)
    assert left(client) == []
    assert house.store.rows("SELECT * FROM inputs") == []


@pytest.mark.parametrize("name", ["orders", "orders.exe", ".csv/", "orders.csv.html", "", "x.zip"])
def test_what_is_no_table_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(RefusalError):
        safe_name(name)


@given(st.text(max_size=300))
def test_no_name_is_more_than_a_name(told: str) -> None:
    name = safe_name(told + ".csv")
    assert name.endswith(".csv")
    assert len(name) <= 90
    assert not set(name) & set('/\\\0\r\n"<>:|?*')
    assert not name.startswith(".")
    assert name.partition(".")[0].strip().lower() not in {"con", "nul", "aux", "prn", "com1"}
