from __future__ import annotations

import io

import pytest

from coterie.beside import BesideError, SecondProcess, receive, running, send


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
    assert second._process.poll() is not None
    assert running("coterie.vocabulary") is None
