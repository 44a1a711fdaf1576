"""Encodings: found, told, pinned; never guessed where that is not safe."""

from __future__ import annotations

import pytest

from coterie.sources.reading import encoding

TEXT = "id;city;amount\n1;Köln;2,50\n2;Málaga;3,00\n3;Besançon;4,00\n"
CITIES = ["Köln", "Málaga", "Besançon"]


def cities(reading):
    return [row[1] for row in reading.cells]


def test_utf_8_is_read_without_a_word(read):
    reading = read(TEXT.encode())
    assert cities(reading) == CITIES
    assert list(reading.messages) == ["delimiter"]


def test_a_byte_order_mark_is_removed_and_told(read):
    reading = read(TEXT.encode("utf-8-sig"))
    assert reading.table.columns == ("id", "city", "amount")
    assert reading.rows[0][0] == 2
    assert reading.messages["byte-order-mark"] == "A byte order mark at the beginning of 'orders.csv' was removed."


def test_a_byte_order_mark_does_not_stick_to_the_first_cell_without_a_header(read):
    text = "17;x;3\n18;y;4\n".encode("utf-8-sig")
    reading = read(text, header=False, column_names=("id", "name", "amount"))
    assert reading.cells == [("17", "x", "3"), ("18", "y", "4")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_wide_encodings_with_a_mark_are_read(read, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    reading = read((mark + TEXT).encode(encoding))
    assert cities(reading) == CITIES
    assert "byte-order-mark" in reading.messages
    assert "encoding-guessed" not in reading.messages


def test_utf_16_without_a_mark_is_read_and_told(read):
    reading = read(TEXT.encode("utf-16-le"))
    assert cities(reading) == CITIES
    assert reading.messages["encoding-guessed"] == "'orders.csv' is not UTF-8; it was read as utf-16-le."


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_western_8_bit_text_is_read_and_told(read, encoding):
    reading = read(TEXT.encode(encoding))
    assert cities(reading) == CITIES
    finding = next(f for f in reading.table.findings if f.code == "encoding-guessed")
    assert finding.message == "'orders.csv' is not UTF-8; it was read as cp1252."
    assert finding.remedy == "Look at names with accents; pin the encoding with --encoding cp1252."
    assert reading.table.formats["encoding"] == "cp1252"


def test_a_pinned_encoding_is_used_and_not_warned_about(read):
    reading = read(TEXT.replace("Málaga", "Łódź").replace("ç", "c").encode("cp1250"), encoding="cp1250")
    assert cities(reading) == ["Köln", "Łódź", "Besancon"]
    assert list(reading.messages) == ["delimiter"]


@pytest.mark.parametrize("name", ["utf-9", "zlib", "undefined"])
def test_an_unknown_encoding_is_refused(refusal, name):
    assert refusal(TEXT.encode(), encoding=name) == (
        f"--encoding {name} is no encoding that is known here.\nCommon ones: utf-8, cp1252, latin-1, utf-16."
    )


def test_a_wrong_pinned_encoding_is_refused_with_the_line(refusal):
    assert refusal(TEXT.encode("cp1252"), encoding="utf-8") == (
        "'orders.csv' has bytes that are not valid utf-8, first in line 2.\n"
        "Name another encoding with --encoding, or accept losses with --encoding-errors replace."
    )


def test_bytes_that_the_encoding_lacks_are_refused_with_the_line(refusal):
    assert refusal(b"id,city\n1,x\n2,\x81\n3,y\n", encoding="cp1252").startswith(
        "'orders.csv' has bytes that are not valid cp1252, first in line 3."
    )


MIXED = "id;city\n1;Köln\n".encode() + "2;Málaga\n".encode("cp1252") + "3;Zürich\n".encode()


def test_two_encodings_in_one_file_are_refused_with_their_lines(refusal):
    assert refusal(MIXED) == (
        "'orders.csv' mixes two encodings: UTF-8 (first in line 2) and another one (first in line 3).\n"
        "2 places are UTF-8, 1 are not.\n"
        "Export it again as UTF-8; or pin one with --encoding cp1252; or accept losses with --encoding-errors replace."
    )


def test_two_encodings_can_be_read_with_losses_that_are_counted(read):
    reading = read(MIXED, encoding_errors="replace")
    assert cities(reading) == ["Köln", "M\ufffdlaga", "Zürich"]
    assert (
        reading.messages["bytes-replaced"] == "Bytes that are not valid utf-8 became U+FFFD in 1 place of 'orders.csv'."
    )


def test_text_that_is_not_western_is_asked_about(refusal):
    text = "id;город\n1;Москва\n2;Санкт-Петербург\n3;Новосибирск\n"
    message = refusal(text.encode("cp1251"))
    assert message.startswith(
        "The encoding of 'orders.csv' cannot be told safely: it is neither UTF-8 nor Western European.\n"
        "Name it: --encoding "
    )
    assert "cp1251" in message


def test_double_encoded_text_is_told_with_its_count(read):
    text = TEXT.encode().decode("cp1252").encode()
    message = "An earlier program seems to have read UTF-8 wrongly in 3 places of 'orders.csv'."
    assert read(text).messages["double-encoded"] == message


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(encoding, "_LARGE", 1_000)


@pytest.mark.usefixtures("small_chunks")
def test_a_character_across_two_chunks_is_whole(read):
    filler = "x" * 99
    rows = "".join(f"{i};{filler}é\n" for i in range(1_200))
    reading = read(("id;name\n" + rows).encode())
    assert all(row[1] == filler + "é" for row in reading.cells)


@pytest.mark.usefixtures("small_chunks")
def test_a_line_end_across_two_chunks_is_one(read):
    head = b"id,name\r\n1," + b"x" * (encoding._LARGE - 12) + b"\r\n2,y\r\n"
    assert head.index(b"\r\n2") == encoding._LARGE - 1
    reading = read(head)
    assert [row[0] for row in reading.rows] == [2, 3]
    assert reading.messages == {}


def test_western_letters_are_found_wherever_they_stand_in_a_long_file(read):
    """Pieces of plain ASCII are passed over; letters lie at the ends of such pieces and across them."""
    rows = [f"{i};{'x' * 90}{'é' if i % 251 == 0 else ''}{'ÄÖÜ' if i % 331 == 0 else ''}" for i in range(9_000)]
    reading = read(("id;name\n" + "\n".join(rows) + "\n").encode("cp1252"))
    assert [";".join(row) for row in reading.cells] == rows
    assert reading.messages["encoding-guessed"] == "'orders.csv' is not UTF-8; it was read as cp1252."


def test_control_characters_are_removed_from_plain_pieces_too(read):
    filler = "x" * 60_000
    reading = read(f"id;name\n1;\x01{filler}\n2;é\x02\n3;{filler}\x7f\n".encode("cp1252"))
    assert reading.cells == [("1", filler), ("2", "é"), ("3", filler)]
    assert reading.messages["control-characters"] == "Removed 3 control characters from 'orders.csv'."
