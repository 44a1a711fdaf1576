"""Delimited text: dialects, lines above and below the table, rows of the wrong length."""

from __future__ import annotations

import pytest

ROWS = [("17", "2024-01-05", "9.50"), ("18", "2024-01-06", "3")]
PLAIN = b"id,date,amount\n17,2024-01-05,9.50\n18,2024-01-06,3\n"


def test_a_plain_file_is_read_as_text_with_the_lines_of_its_rows(read):
    reading = read(PLAIN)
    assert reading.rows == [(2, *ROWS[0]), (3, *ROWS[1])]
    assert reading.table.columns == ("id", "date", "amount")
    assert set(reading.table.types.values()) == {"VARCHAR"}
    assert reading.table.name == "orders.csv"
    assert reading.table.findings == ()
    assert dict(reading.table.formats) == {
        "format": "text",
        "encoding": "utf-8",
        "delimiter": "comma",
        "quote": '"',
        "header": "line 1",
    }


def test_the_fingerprint_is_the_sha_256_of_the_bytes(read):
    import hashlib

    assert read(PLAIN).table.fingerprint == hashlib.sha256(PLAIN).hexdigest()


def test_an_empty_file_is_refused(refusal):
    assert refusal(b"") == "The file 'orders.csv' is empty.\nIt has 0 bytes.\nExport it again."


def test_a_file_of_blank_lines_is_refused(refusal):
    assert refusal(b"\n\n \n") == "The file 'orders.csv' is empty.\nIt has blank lines only.\nExport it again."


def test_a_header_without_rows_is_refused(refusal):
    assert refusal(b"id,date,amount\n") == (
        "'orders.csv' has no data rows below the header (line 1).\nExport it again with its rows."
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_usual_separators_are_found(read, delimiter):
    reading = read(PLAIN.replace(b",", delimiter.encode()))
    assert reading.cells == ROWS
    if delimiter == ";":
        assert reading.messages == {"delimiter": "The fields of 'orders.csv' are separated by: semicolon."}


def test_a_semicolon_file_with_decimal_commas_is_not_split_at_the_commas(read):
    reading = read(b"id;name;amount\n1;a;2,50\n2;b;3,00\n3;c;4,25\n")
    assert reading.cells == [("1", "a", "2,50"), ("2", "b", "3,00"), ("3", "c", "4,25")]


def test_any_separator_can_be_named(read):
    assert read(PLAIN.replace(b",", b"!"), delimiter="!").cells == ROWS


def test_a_separator_of_two_characters_is_refused(refusal):
    assert refusal(PLAIN, delimiter="||") == (
        "--delimiter must be one character, or 'tab' or 'whitespace'.\nFor example --delimiter ';'."
    )


def test_the_separator_line_of_excel_is_obeyed_and_skipped(read):
    reading = read(b"sep=;\r\nid;amount\r\n1;2,5\r\n2;3,5\r\n")
    assert reading.table.columns == ("id", "amount")
    assert reading.rows == [(3, "1", "2,5"), (4, "2", "3,5")]


def test_lines_above_the_header_are_skipped_and_told(read):
    reading = read(b"Orders of January\nexported by the shop\n\n" + PLAIN)
    assert reading.rows == [(5, *ROWS[0]), (6, *ROWS[1])]
    assert reading.messages == {"preamble": "Skipped 2 lines above the header of 'orders.csv'."}


def test_a_title_in_a_row_of_empty_cells_is_skipped(read):
    reading = read(b"Orders of January,,\n" + PLAIN)
    assert reading.table.columns == ("id", "date", "amount")
    assert reading.cells == ROWS


def test_lines_to_skip_can_be_named(read):
    assert read(b"some,title,line\n" + PLAIN, skip_rows=1).cells == ROWS


def test_a_header_that_is_not_found_is_asked_for(refusal):
    assert refusal(b"a title\n" * 30 + PLAIN + b"1,2,3\n" * 40) == (
        "No header was found in the first 21 rows of 'orders.csv'.\nMost rows have 3 fields.\n"
        "Say how many lines stand above the header: --skip-rows N."
    )


def test_comment_lines_are_skipped_wherever_they_stand(read):
    reading = read(b"# made by the shop\nid,date,amount\n17,2024-01-05,9.50\n# half way\n18,2024-01-06,3\n")
    assert reading.cells == ROWS
    assert reading.table.left_out == {}
    assert [f.message for f in reading.table.findings] == [
        "Skipped 1 comment line above the header of 'orders.csv'.",
        "Skipped 1 comment line within 'orders.csv'.",
    ]


@pytest.mark.parametrize("footer", [b"Total,,12.50\n", b"Gesamt,,12.50\n", b"Summe:,,12.50\n", b",,12.50\n"])
def test_a_total_below_the_table_is_set_aside(read, footer):
    reading = read(PLAIN + footer)
    assert reading.cells == ROWS
    assert reading.left_out == [("orders.csv", 4, "summary row")]
    assert reading.table.rows_read == 3
    assert reading.messages == {"summary-rows": "Set aside 1 summary row at the end of 'orders.csv'."}


@pytest.mark.parametrize("footer", [b"(2 rows)\n", b"2 Zeilen\n", b"\n(2 rows affected)\n"])
def test_a_row_count_below_the_table_is_set_aside(read, footer):
    reading = read(PLAIN + footer)
    assert reading.cells == ROWS
    assert reading.table.left_out == {"summary row": 1}


def test_a_customer_whose_name_is_total_stays(read):
    rows = b"id,name,amount\n1,Ann,5\n2,Total,7\n"
    assert read(rows).cells == [("1", "Ann", "5"), ("2", "Total", "7")]


def test_a_last_row_without_an_id_stays_where_others_lack_it_too(read):
    reading = read(b"id,name,amount\n1,Ann,5\n,Bob,7\n2,Cid,8\n,,9\n")
    assert len(reading.cells) == 4


def test_rows_without_any_value_are_set_aside(read):
    reading = read(PLAIN + b",,\n,,\n")
    assert reading.cells == ROWS
    assert reading.table.left_out == {"empty row": 2}
    assert reading.messages == {"empty-rows": "Set aside 2 rows of 'orders.csv' without any value."}


def test_a_file_of_separators_only_is_refused(refusal):
    assert refusal(b",,,\n,,,\n") == (
        "'orders.csv' has no row that can be used.\n1 empty row\nExport it again with its rows."
    )


def test_rows_with_too_few_or_too_many_fields_are_set_aside_and_named(read):
    reading = read(PLAIN + b"19,2024-01-07\n20,2024-01-08,1,extra\n21,2024-01-09,4\n", max_rejected=0.5)
    assert reading.rows == [(2, *ROWS[0]), (3, *ROWS[1]), (6, "21", "2024-01-09", "4")]
    assert reading.left_out == [("orders.csv", 4, "too few fields"), ("orders.csv", 5, "too many fields")]
    assert reading.messages == {
        "unreadable-rows": "Set aside 2 rows of 'orders.csv' that could not be read: "
        "1 too few fields, 1 too many fields; the first in line 4."
    }


def test_too_many_unreadable_rows_are_refused(refusal):
    assert refusal(PLAIN + b"19,2024-01-07\n") == (
        "1 of 3 rows of 'orders.csv' cannot be read.\n1 too few fields; the first is line 4.\n"
        "Check the field separator (--delimiter); to leave these rows out, raise --max-rejected (now 0.01) above 0.33."
    )


def test_a_separator_at_the_end_of_every_row_is_dropped(read):
    reading = read(b"id,date,amount\n17,2024-01-05,9.50,\n18,2024-01-06,3,\n")
    assert reading.cells == ROWS
    assert reading.messages == {
        "trailing-delimiter": "Every row of 'orders.csv' ends with a separator; the empty field behind it was dropped."
    }


def test_a_separator_at_the_end_of_header_and_rows_is_dropped(read):
    assert read(b"id,date,amount,\n17,2024-01-05,9.50,\n18,2024-01-06,3,\n").table.columns == ("id", "date", "amount")


def test_rows_with_one_field_more_than_the_header_are_asked_about(refusal):
    assert refusal(b"date,amount\nr1,2024-01-05,9\nr2,2024-01-06,3\n") == (
        "The rows of 'orders.csv' have 3 fields, but the header names 2 columns.\n"
        "Name all columns: --skip-rows 1 --no-header --columns column_1,column_2,column_3"
    )


def test_a_quotation_mark_that_opens_in_the_last_cell_of_all_is_not_lost(refusal):
    assert refusal(b'id,name,amount\n1,Ann,5\n2,Bob,"7') == (
        "A quotation mark opens in line 3 of 'orders.csv' and is not closed there.\n"
        "Close or remove it in the file, or export again with quotation marks doubled inside cells."
    )


def test_line_breaks_in_cells_and_blank_lines_change_no_row(read):
    rows = read(b'id,name,amount\n1,"Ann\nLee",5\n\n2,Bob,7').cells
    assert rows == [("1", "Ann\nLee", "5"), ("2", "Bob", "7")]


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(refusal):
    assert refusal(b'id,name,amount\n1,"Ann,5\n2,Bob,7\n3,Cid,8\n') == (
        "A quotation mark opens in line 2 of 'orders.csv' and is not closed there.\n"
        "Close or remove it in the file, or export again with quotation marks doubled inside cells."
    )


def test_a_quotation_mark_that_swallows_rows_is_refused(refusal):
    message = refusal(b'id,name,amount\n1,Ann,5\n2,"Bob,7\n3,"Cid",8\n4,Dan,9\n')
    assert message.startswith("A quotation mark opens in line 3 of 'orders.csv'")


def test_quotation_marks_inside_quoted_cells_set_their_row_aside(read):
    reading = read(b'id,name,amount\n1,"12" plate",5\n2,"a ""big"" one",7\n', max_rejected=0.5)
    assert reading.cells == [("2", 'a "big" one', "7")]
    assert reading.left_out == [("orders.csv", 2, "stray quotation mark")]


def test_quotation_marks_inside_plain_cells_are_characters(read):
    assert read(b'id,name,amount\n1,12" plate,5\n2,x,7\n').cells == [("1", '12" plate', "5"), ("2", "x", "7")]


def test_backslashes_before_quotation_marks_are_understood(read):
    rows = b'id,name,amount\n1,"12\\" plate, red",5\n2,"x",7\n'
    assert read(rows).cells == [("1", '12" plate, red', "5"), ("2", "x", "7")]


def test_single_quotes_are_understood(read):
    assert read(b"'id','name'\n'1','a,b'\n'2','c'\n").cells == [("1", "a,b"), ("2", "c")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_breaks_in_quoted_cells_stay(read, end):
    text = end.join([b"id,name,amount", b'1,"two\nlines",5', b"2,x,7", b""])
    assert read(text).cells == [("1", "two\nlines", "5"), ("2", "x", "7")]


def test_a_header_with_a_line_break_is_one_row(read):
    reading = read(b'id,"amount\n(EUR)"\n1,5\n2,7\n')
    assert reading.table.columns == ("id", "amount (EUR)")
    assert reading.rows == [(3, "1", "5"), (4, "2", "7")]


def test_mixed_line_ends_are_understood(read):
    reading = read(b"id,date,amount\r\n17,2024-01-05,9.50\n18,2024-01-06,3\r19,2024-01-07,4\r\n")
    assert reading.cells == [*ROWS, ("19", "2024-01-07", "4")]
    assert reading.messages == {"mixed-line-ends": "'orders.csv' mixes kinds of line ends; all were understood."}


def test_control_characters_are_removed_and_counted(read):
    reading = read(b"id,date,amount\n1\x007,2024-01-05,9.50\n18,2024-01-06\x01,3\n\x1a")
    assert reading.cells == ROWS
    assert reading.messages == {"control-characters": "Removed 3 control characters from 'orders.csv'."}


def test_empty_cells_are_null_quoted_or_not_and_blanks_stay(read):
    assert read(b'id,a,b\n1,,""\n2, x , \n').cells == [("1", None, None), ("2", " x ", " ")]


def test_a_cell_of_more_than_a_megabyte_is_refused_with_its_line(refusal):
    assert refusal(b"id,name\n1,x\n2," + b"y" * 3_000_000 + b"\n") == (
        "Line 3 of 'orders.csv' has a cell of more than 1 MB.\nLeave that column out of the export."
    )


@pytest.mark.parametrize("first", [b"17850,12/1/2010 8:26,2.55", b"1,2024-01-01,3", b"ann@shop.example,2024-01-01,x"])
def test_a_file_without_a_header_is_asked_about(refusal, first):
    assert refusal(first + b"\n" + first + b"\n") == (
        "The first row of 'orders.csv' (line 1) looks like data, not like column names.\n"
        "If there is no header, name the columns: --no-header --columns column_1,column_2,column_3"
    )


def test_columns_can_be_named_where_there_is_no_header(read):
    reading = read(b"1,2024-01-01,3\n2,2024-01-02,4\n", header=False, column_names=("id", "date", "amount"))
    assert reading.rows == [(1, "1", "2024-01-01", "3"), (2, "2", "2024-01-02", "4")]


def test_the_wrong_number_of_names_is_refused(refusal):
    assert refusal(b"1,2024-01-01,3\n2,2024-01-02,4\n", header=False, column_names=("id", "date")) == (
        "--columns names 2 columns, but 'orders.csv' has 3.\nGive 3 names: --columns column_1,column_2,column_3"
    )


def test_names_without_no_header_are_refused(refusal):
    assert refusal(PLAIN, column_names=("a", "b", "c")) == (
        "--columns names the columns of a file without a header.\nAdd --no-header, or leave --columns out."
    )


def test_no_header_without_names_is_refused(refusal):
    assert refusal(PLAIN, header=False) == (
        "With --no-header the columns need names.\nGive them: --columns NAME,NAME,…"
    )


def test_years_as_column_names_are_names_where_the_first_column_has_one(read):
    assert read(b"customer,2023,2024\n17,5,6\n18,7,8\n").table.columns == ("customer", "2023", "2024")


BLANKS = (
    b" id  day  n   money\r\n 00001 19970101  1   11.77\r\n 00002 19970112  5   77.00\r\n 00003 19970102  2   20.76\r\n"
)


def test_columns_lined_up_with_blanks_are_asked_about_with_the_exact_options(refusal):
    assert refusal(BLANKS) == (
        "'orders.csv' has no field separator, but 4 columns lined up with blanks.\n"
        "Read it with --delimiter whitespace --no-header --columns customer_id,date,quantity,amount"
    )


def test_columns_lined_up_with_blanks_are_read_with_these_options(read):
    names = ("customer_id", "date", "quantity", "amount")
    reading = read(BLANKS, delimiter="whitespace", header=False, column_names=names)
    assert reading.rows[0] == (2, "00001", "19970101", "1", "11.77")
    assert len(reading.rows) == 3
    assert reading.left_out == [("orders.csv", 1, "header row")]


def test_the_header_of_columns_lined_up_with_blanks_can_be_used(read):
    assert read(BLANKS, delimiter="whitespace").table.columns == ("id", "day", "n", "money")


def test_a_separator_that_cannot_be_told_is_asked_for(refusal):
    assert refusal(b"a,b\nc\nd;e;f\ng|h\ni\nj\nk\nl\n") == (
        "The field separator of 'orders.csv' cannot be told: no candidate gives rows of the same length.\n"
        "Name it, for example --delimiter ';', and count the lines above the header with --skip-rows."
    )


def test_more_rows_than_a_chunk_of_the_engine_keep_their_order_and_numbers(read):
    n = 130_000
    lines = "".join(f"{i},name {i % 7},{i % 100}.25\n" for i in range(n))
    reading = read(b"id,name,amount\n" + lines.encode())
    assert all(row[0] == i + 2 and row[1] == str(i) for i, row in enumerate(reading.rows))
    assert len(reading.rows) == n


def test_as_many_rows_as_a_spreadsheet_holds_are_told(read):
    reading = read(b"id,amount\n" + b"1,2\n" * 65_535)
    assert reading.messages == {
        "spreadsheet-limit": "'orders.csv' has 65,535 rows, as many as a spreadsheet can hold: it was probably cut."
    }
