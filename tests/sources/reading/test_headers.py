"""Column names: trimmed, told apart, never lost."""

from __future__ import annotations

import pytest


def test_names_are_trimmed_and_brought_to_one_unicode_form(read):
    reading = read(" id ,\u00a0e\u0301t\u00e9\u200b,a  b\n1,2,3\n".encode())
    assert reading.table.columns == ("id", "\u00e9t\u00e9", "a b")


def test_two_columns_of_one_name_are_refused_with_both_positions(refusal):
    assert refusal(b"id,amount,name,amount\n1,2,x,3\n") == (
        "'orders.csv' has two columns named 'amount': columns 2 and 4.\n"
        "Rename one in the file, or number them with --duplicate-columns rename."
    )


def test_names_that_differ_in_case_or_blanks_only_are_refused(refusal):
    assert refusal(b"id,Amount,name, amount \n1,2,x,3\n") == (
        "'orders.csv' has columns whose names differ in case only: 'Amount' and 'amount', columns 2 and 4.\n"
        "Rename one in the file, or number them with --duplicate-columns rename."
    )


def test_columns_of_one_name_can_be_numbered(read):
    reading = read(b"id,amount,name,amount\n1,2,x,3\n", duplicate_columns="rename")
    assert reading.table.columns == ("id", "amount", "name", "amount_4")
    assert reading.cells == [("1", "2", "x", "3")]
    assert reading.messages == {
        "duplicate-header": "Column 4 of 'orders.csv' has the name of column 2 and is called 'amount_4'."
    }


def test_a_column_without_a_name_gets_one(read):
    reading = read(b",id,amount\n0,17,3\n1,18,4\n")
    assert reading.table.columns == ("column_1", "id", "amount")
    assert reading.messages == {"empty-header": "1 column of 'orders.csv' had no name and is called column_1."}


def test_a_column_that_is_called_like_our_row_number_is_renamed(read):
    reading = read(b"id,source_row\n1,x\n2,y\n")
    assert reading.table.columns == ("id", "source_row_given")
    assert reading.rows == [(2, "1", "x"), (3, "2", "y")]


HOSTILE = [
    'a"; DROP TABLE left_out;--',
    "select",
    "'q'",
    "`b`",
    "$1",
    "%s",
    "{x}",
    "{{ x }}",
    "__index__",
    "😀",
    "c0",
    "x" * 70 + "1",
    "x" * 70 + "2",
    "a\\b",
]


def test_hostile_names_are_names(read):
    header = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    row = ",".join(f"v{i}" for i in range(len(HOSTILE)))
    reading = read(f"{header}\n{row}\n".encode())
    assert reading.table.columns == tuple(HOSTILE)
    assert reading.cells == [tuple(f"v{i}" for i in range(len(HOSTILE)))]


@pytest.mark.parametrize("rows", [b"", b"1,2\n"])
def test_thousands_of_columns_are_refused(refusal, rows):
    assert refusal(b",".join(b"c%d" % i for i in range(20_000)) + b"\n" + rows) == (
        "'orders.csv' has 20,000 columns; at most 2,000 can be read.\n"
        "Check the field separator (--delimiter), or export one row per order instead of one column each."
    )
