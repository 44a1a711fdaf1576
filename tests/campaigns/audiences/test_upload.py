from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.audiences.shops import contacts_of, make_file, make_members
from coterie.campaigns.audiences import (
    DESTINATIONS,
    Limits,
    append_entry,
    destination_of,
    form_for,
    make_audience,
    read_log,
    upload_parts,
)
from coterie.campaigns.audiences.destination import GRAMMARS, Column
from coterie.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = Column("Name", "first_name", "text", lambda p: p.first_name, "")
HASH = Column("Email", "email", "hash", lambda p: p.email, "")


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


def test_an_upload_is_plain_utf8_with_its_header_and_nothing_defused() -> None:
    (content,) = upload_parts((TEXT, HASH), [('Amélie, dite "A"', "a" * 64), ("정", "")])
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    assert rows_of(content) == [["Name", "Email"], ['Amélie, dite "A"', "a" * 64], ["정", ""]]


@pytest.mark.parametrize("cell", ["=1", "+1", "@x", "-x", " x", "a\nb", "\tx", "＝1", "x\x00"])
def test_a_cell_that_breaks_the_grammar_stops_the_file_and_is_not_told(cell: str) -> None:
    with pytest.raises(ValueError, match="1 cells of column 'Name' are not text") as caught:
        list(upload_parts((TEXT,), [("fine",), (cell,)]))
    assert cell not in str(caught.value)


def test_a_hash_is_64_lower_case_digits_and_nothing_else() -> None:
    for bad in ("A" * 64, "a" * 63, "'" + "a" * 64):
        with pytest.raises(ValueError, match="are not hash"):
            list(upload_parts((HASH,), [(bad,)]))


def test_a_file_that_the_tool_would_refuse_for_its_size_is_written_in_parts() -> None:
    rows = [(f"Name number {n}",) for n in range(500)]
    parts = list(upload_parts((TEXT,), rows, most_bytes=1000))
    assert len(parts) > 5
    assert all(len(part) <= 1000 for part in parts)
    assert [row for part in parts for row in rows_of(part)[1:]] == [list(row) for row in rows]
    assert all(rows_of(part)[0] == ["Name"] for part in parts)


hostile = st.text(st.sampled_from("=+-@\t\r\n\x00'\",;|aé정 ＝"), max_size=12)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(DESTINATIONS),
    st.dictionaries(st.sampled_from(["First Name", "Last Name", "Email", "Zip"]), hostile),
)
def test_whatever_people_type_into_a_form_the_upload_follows_its_grammar(name: str, typed: dict[str, str]) -> None:
    destination = destination_of(name)
    form = form_for(destination)
    members = make_members(3)
    audience = make_audience(members, destination, form, Limits(), contacts_of(make_file(3, **typed), members))
    if not destination.for_spreadsheets:
        parts = list(upload_parts(audience.columns, audience.rows))
        for row in rows_of(parts[0])[1:]:
            for cell, column in zip(row, audience.columns, strict=True):
                assert not cell or GRAMMARS[column.grammar].fullmatch(cell)
                assert not cell.startswith(("=", "@", "-", "\t", "\r"))


def test_the_log_grows_line_by_line_and_each_line_names_the_one_before(tmp_path: Path) -> None:
    assert read_log(tmp_path) == []
    for people in (10, 20, 30):
        append_entry(tmp_path, {"destination": "google", "people": people})
    path = tmp_path / "exports.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry["people"] for entry in read_log(tmp_path)] == [10, 20, 30]
    lines = path.read_bytes().splitlines()
    assert json.loads(lines[1])["before"] == hashlib.sha256(lines[0]).hexdigest()


@pytest.mark.parametrize("harm", ["change", "take out", "half"])
def test_a_line_that_was_changed_or_taken_out_is_found(tmp_path: Path, harm: str) -> None:
    for people in (10, 20, 30):
        append_entry(tmp_path, {"people": people})
    path = tmp_path / "exports.jsonl"
    lines = path.read_text().splitlines()
    harmed = {
        "change": [lines[0].replace("10", "11"), *lines[1:]],
        "take out": [lines[0], lines[2]],
        "half": [*lines[:2], lines[2][:9]],
    }[harm]
    path.write_text("\n".join(harmed))
    with pytest.raises(StudyError, match="was changed: line"):
        read_log(tmp_path)
