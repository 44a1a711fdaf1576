from __future__ import annotations

import io
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from coterie.beside import BesideError, SecondProcess, receive, running, send

if TYPE_CHECKING:
    from pathlib import Path


def test_a_message_comes_out_as_it_went_in() -> None:
    stream = io.BytesIO()
    send(stream, {"name": "ä", "number": float("inf")}, [b"", b"\x00\r\n" * 3])
    send(stream, {}, [])
    stream.seek(0)
    assert receive(stream) == ({"name": "ä", "number": float("inf")}, [b"", b"\x00\r\n" * 3])
    assert receive(stream) == ({}, [])


def test_a_message_that_is_cut_short_is_no_message() -> None:
    stream = io.BytesIO()
    send(stream, {"a": 1}, [b"12345"])
    with pytest.raises(EOFError):
        receive(io.BytesIO(stream.getvalue()[:-1]))


def test_the_process_ends_with_its_context_and_answers_nothing_afterwards() -> None:
    with SecondProcess(["coterie.vocabulary"]) as second:
        assert running("coterie.vocabulary") is second
        assert running("coterie.pipeline") is None
        assert isinstance(second.call("coterie.vocabulary", {}).exception(), BesideError)  # it has no `answer`
    assert second._process is not None
    assert second._process.poll() is not None
    assert running("coterie.vocabulary") is None
    with pytest.raises(RuntimeError):  # as of any executor that has been shut down
        second.call("coterie.vocabulary", {})


def test_a_process_that_nobody_needed_was_never_begun() -> None:
    with SecondProcess(["coterie.vocabulary"]) as second:
        pass
    assert second._process is None
    with pytest.raises(BesideError):
        second.start()


def test_where_the_system_starts_no_process_every_call_says_that_none_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refused)
    with SecondProcess(["coterie.vocabulary"]) as second:
        assert isinstance(second.call("coterie.vocabulary", {}).exception(), BesideError)


def test_what_can_wait_is_loaded_when_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answering.py").write_text(
        "import sys\n\ndef answer(header, blobs):\n    return {'loaded': 'calendar' in sys.modules}, []\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with SecondProcess(["answering"], later=["calendar"]) as second:
        waiting = [second.call("answering", {}) for _ in range(3)]
        assert not waiting[0].result()[0]["loaded"]
        deadline = time.monotonic() + 60
        while not second.call("answering", {}).result()[0]["loaded"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
