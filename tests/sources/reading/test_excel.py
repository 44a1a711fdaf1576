"""Excel workbooks: which sheet, what a cell becomes, what is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

HEADER = ["id", "date", "amount"]
DAYS = [dt.datetime.fromisoformat(text) for text in ("2024-01-05", "2024-01-06 08:30")]
ROWS = [[17, DAYS[0], 9.5], [18, DAYS[1], 3]]
CELLS = [("17", "2024-01-05", "9.5"), ("18", "2024-01-06 08:30:00", "3")]


def workbook(sheets, hidden=()):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    if isinstance(value, dt.datetime):
                        sheet.write_datetime(i, j, value, day)
                    else:
                        sheet.write(i, j, value)
            if name in hidden:
                sheet.hide()
    return buffer.getvalue()


def test_a_sheet_is_read_as_text_with_its_own_row_numbers(read):
    reading = read(workbook({"Orders": [HEADER, *ROWS]}), "orders.xlsx")
    assert reading.cells == CELLS
    assert [row[0] for row in reading.rows] == [2, 3]
    assert dict(reading.table.formats) == {"format": "Excel", "sheet": "Orders"}
    assert set(reading.table.types.values()) == {"VARCHAR"}


def test_titles_and_blank_rows_above_the_header_are_skipped(read):
    reading = read(workbook({"Orders": [["Orders of January"], [], HEADER, *ROWS]}), "orders.xlsx")
    assert reading.cells == CELLS
    assert [row[0] for row in reading.rows] == [4, 5]
    assert reading.messages["preamble"] == "Skipped 1 row above the header of 'orders.xlsx'."


def test_empty_sheets_do_not_count(read):
    assert read(workbook({"Notes": [], "Orders": [HEADER, *ROWS]}), "orders.xlsx").cells == CELLS


def test_several_sheets_are_asked_about(refusal):
    data = workbook({"2023": [HEADER, *ROWS], "2024": [HEADER, *ROWS]})
    assert refusal(data, "orders.xlsx") == (
        "'orders.xlsx' has 2 sheets with data: '2023', '2024'.\nSay which one to read: --sheet '2023'."
    )


def test_a_sheet_can_be_named(read):
    data = workbook({"2023": [HEADER, ROWS[0]], "2024": [HEADER, *ROWS]})
    assert read(data, "orders.xlsx", sheet="2024").cells == CELLS


def test_a_sheet_that_is_not_there_is_refused_with_the_nearest(refusal):
    assert refusal(workbook({"Orders": [HEADER, *ROWS]}), "orders.xlsx", sheet="Order") == (
        "'orders.xlsx' has no sheet 'Order'.\nIt has 'Orders'.\nDid you mean 'Orders'?"
    )


def test_a_hidden_sheet_is_read_only_when_named_and_told(read):
    data = workbook({"Orders": [HEADER, *ROWS], "Old": [HEADER, ROWS[0]]}, hidden=["Old"])
    assert read(data, "orders.xlsx").cells == CELLS
    reading = read(data, "orders.xlsx", sheet="Old")
    assert reading.cells == CELLS[:1]
    assert reading.messages["hidden-sheet"] == "Sheet 'Old' of 'orders.xlsx' is hidden."


def test_a_workbook_without_data_is_refused(refusal):
    assert refusal(workbook({"Orders": []}), "orders.xlsx") == (
        "'orders.xlsx' has no visible sheet with data.\nExport it again."
    )


def test_a_header_without_rows_is_refused(refusal):
    assert refusal(workbook({"Orders": [HEADER]}), "orders.xlsx") == (
        "'orders.xlsx' has no data rows below the header (row 1).\nExport it again with its rows."
    )


def test_rows_with_error_values_are_set_aside(read):
    rows = [HEADER, *ROWS, [19, None, "#REF!"], [20, None, "#DIV/0!"]]
    reading = read(workbook({"Orders": rows}), "orders.xlsx", max_rejected=0.5)
    assert reading.cells == CELLS
    assert reading.left_out == [
        ("orders.xlsx", 4, "spreadsheet error value"),
        ("orders.xlsx", 5, "spreadsheet error value"),
    ]
    assert reading.messages["spreadsheet-errors"] == (
        "Set aside 2 rows of 'orders.xlsx' with a spreadsheet error such as #REF!."
    )


def test_the_error_of_a_formula_is_seen(read):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, [17, "a"])
        sheet.write_formula(1, 2, "=1+1", None, 2)
        sheet.write_row(2, 0, [18, "b"])
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
    reading = read(buffer.getvalue(), "orders.xlsx", max_rejected=0.5)
    assert reading.cells == [("17", "a", "2")]
    assert reading.left_out == [("orders.xlsx", 3, "spreadsheet error value")]


def test_formulas_without_a_result_are_told(read):
    data = io.BytesIO(workbook({"Orders": [HEADER, *ROWS]}))
    changed = io.BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(changed, "w") as new:
        for member in old.namelist():
            xml = old.read(member)
            new.writestr(member, xml.replace(b'<c r="C3"><v>3</v></c>', b'<c r="C3"><f>1+2</f><v></v></c>'))
    reading = read(changed.getvalue(), "orders.xlsx")
    assert reading.cells == [CELLS[0], (*CELLS[1][:2], None)]
    assert reading.messages["formulas-without-result"] == (
        "Read 1 formula in 'orders.xlsx' as empty: the file holds no result."
    )


def test_too_many_error_values_are_refused(refusal):
    rows = [HEADER, *ROWS, [19, None, "#REF!"]]
    assert refusal(workbook({"Orders": rows}), "orders.xlsx") == (
        "1 of 3 rows of 'orders.xlsx' hold a spreadsheet error such as #REF!.\n"
        "Mend the formulas; to leave these rows out, raise --max-rejected (now 0.01) above 0.33."
    )


def test_a_total_below_the_rows_is_set_aside(read):
    reading = read(workbook({"Orders": [HEADER, *ROWS, ["Total", None, 12.5]]}), "orders.xlsx")
    assert reading.cells == CELLS
    assert reading.left_out == [("orders.xlsx", 4, "summary row")]


def test_a_workbook_with_macros_is_read_and_told(read):
    reading = read(workbook({"Orders": [HEADER, *ROWS]}), "orders.xlsm")
    assert reading.messages["macros-ignored"] == "'orders.xlsm' can hold macros; they were not run."


def test_a_workbook_under_another_name_is_refused(refusal):
    assert refusal(workbook({"Orders": [HEADER, *ROWS]}), "orders.csv") == (
        "'orders.csv' is really an Excel workbook.\nGive it the ending .xlsx, or save it as CSV."
    )


@pytest.mark.parametrize("cut", [200, 1_000, 3_000])
def test_a_damaged_workbook_is_refused(refusal, cut):
    assert refusal(workbook({"Orders": [HEADER, *ROWS]})[:cut], "orders.xlsx") == (
        "'orders.xlsx' is not a readable zip archive: it is damaged or cut short.\nExport or copy it again."
    )


def test_two_columns_of_one_name_are_refused(refusal):
    assert refusal(workbook({"Orders": [["id", "a", "a"], *ROWS]}), "orders.xlsx").startswith(
        "'orders.xlsx' has two columns named 'a': columns 2 and 3."
    )
