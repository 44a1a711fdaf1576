from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from coterie.outputs.spreadsheet import column_kinds, defuse, read_csv, restore, write_csv


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =x", "＝1", "\x00=1", "'=1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe_and_comes_back(text: str) -> None:
    assert defuse(text) == "'" + text
    assert restore(defuse(text)) == text


@pytest.mark.parametrize("text", ["plain", "it's", "'quoted'", "", "1-2", "a=b"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert defuse(text) == text
    assert restore(text) == text


def test_numbers_are_never_defused_and_keep_their_sign() -> None:
    frame = pd.DataFrame({"text": ["-1", "a,b"], "number": [-1.5, np.nan], "whole": [-2, 3], "flag": [True, False]})
    assert _bytes(frame) == b'text,number,whole,flag\r\n\'-1,-1.5,-2,true\r\n"a,b",,3,false\r\n'


def test_a_table_is_read_back_as_it_was_written() -> None:
    frame = pd.DataFrame(
        {"text": ['say "hi"', "two\r\nlines", "=1", "", "'=x"], "number": [0.1, 1e-9, np.nan, 123456789.5, -0.25]}
    ).astype({"text": object})
    back = read_csv(_bytes(frame), column_kinds(frame))
    pd.testing.assert_frame_equal(back, frame)


def test_the_file_follows_rfc_4180() -> None:
    rows = list(
        csv.reader(io.StringIO(_bytes(pd.DataFrame({"a": ["x\ny", 'q"q', "c,c"]})).decode(), newline=""), strict=True)
    )
    assert rows == [["a"], ["x\ny"], ['q"q'], ["c,c"]]


def test_other_columns_than_the_manifest_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="not those that the manifest lists"):
        read_csv(b"a\r\n1\r\n", {"b": "integer"})


def _bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    write_csv(frame, buffer)
    return buffer.getvalue()


def test_every_text_and_number_is_written_as_the_standard_library_would() -> None:
    texts = ["", "a", "=1", "a,b", 'q"q', "x\ny", "\x0bz", "\u00a0=1", "ünï", "'=1", "\x00=1", " b", "１", '"', None]
    numbers = [0.0, -0.0, np.nan, np.inf, -np.inf, 0.1 + 0.2, 1e16, -2.5e-13, 1e300, 5e-324, 7.0, 7.0, 2.0, 3.0, 4.0]
    frame = pd.DataFrame({"text": pd.Series(texts, dtype=object), "a,number": numbers})
    expected = io.StringIO(newline="")
    writer = csv.writer(expected, lineterminator="\r\n")
    writer.writerow(frame.columns)
    for text, number in zip(texts, numbers, strict=True):
        writer.writerow([defuse(text or ""), "" if np.isnan(number) else format(number, ".10g")])
    assert _bytes(frame) == expected.getvalue().encode()


def test_a_table_of_one_column_keeps_its_empty_rows_and_other_things_than_texts() -> None:
    assert _bytes(pd.DataFrame({"a": ["", "x"]})) == b'a\r\n""\r\nx\r\n'
    assert (
        _bytes(pd.DataFrame({"a": pd.Series([1, True, 1.0, None], dtype=object)})) == b'a\r\n1\r\nTrue\r\n1.0\r\n""\r\n'
    )
