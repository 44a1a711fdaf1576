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
