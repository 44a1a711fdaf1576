"""Tables that are spoiled in one way each and can still be used: read right, with what is odd told.

The clean orders are 240 lines of 60 customers, together 10,285.80; every case says what is left of them.
"""
# ruff: noqa: E501  messages stay in one line; signs of other scripts are meant

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import coterie
from acceptance.bad_tables import HEADER, ROWS, text, with_cells, with_column

if TYPE_CHECKING:
    from pathlib import Path


#: What the table is -> its contents, what is told, the rows left out, the customers, their net revenue.
TOLD: dict[str, tuple[str | bytes, list[str], dict[str, int], int, str]] = {
    "a byte order mark": (
        text(ROWS).encode("utf-8-sig"),
        ["A byte order mark at the beginning of 'table.csv' was removed."],
        {},
        60,
        "10285.80",
    ),
    "UTF-16 with a mark": (
        text(ROWS).encode("utf-16"),
        ["A byte order mark at the beginning of 'table.csv' was removed."],
        {},
        60,
        "10285.80",
    ),
    "UTF-16 without a mark": (
        text(ROWS).encode("utf-16-le"),
        [
            "'table.csv' is not UTF-8; it was read as utf-16-le. Look at names with accents; pin the encoding with --encoding utf-16-le."
        ],
        {},
        60,
        "10285.80",
    ),
    "semicolons": (text(ROWS, sep=";"), ["The fields of 'table.csv' are separated by: semicolon."], {}, 60, "10285.80"),
    "tabs": (text(ROWS, sep="\t"), ["The fields of 'table.csv' are separated by: TAB."], {}, 60, "10285.80"),
    "vertical bars": (
        text(ROWS, sep="|"),
        ["The fields of 'table.csv' are separated by: vertical bar."],
        {},
        60,
        "10285.80",
    ),
    "a line for Excel": (
        "sep=;\n" + text(ROWS, sep=";"),
        ["The fields of 'table.csv' are separated by: semicolon."],
        {},
        60,
        "10285.80",
    ),
    "a title": (
        "Orders of the shop\n\n" + text(ROWS),
        ["Skipped 1 line above the header of 'table.csv'."],
        {},
        60,
        "10285.80",
    ),
    "a total": (
        text([*ROWS, ["Total", "", "", "600", "10285.80"]]),
        ["Set aside 1 summary row at the end of 'table.csv'. Check that it is no data."],
        {"summary row": 1},
        60,
        "10285.80",
    ),
    "a count of rows": (text(ROWS) + "(240 rows)\n", [], {"summary row": 1}, 60, "10285.80"),
    "comments": (
        "# made today\n" + text(ROWS),
        ["Skipped 1 comment line above the header of 'table.csv'."],
        {},
        60,
        "10285.80",
    ),
    "three kinds of line ends": (
        text(ROWS).replace("\n", "\r\n", 50).replace("\n", "\r", 20),
        ["'table.csv' mixes kinds of line ends; all were understood."],
        {},
        60,
        "10285.80",
    ),
    "a short row": (
        text([*ROWS[:9], ["C002", "O1"], *ROWS[9:]]),
        [
            "Set aside 1 row of 'table.csv' that could not be read: 1 too few fields; the first in line 11. Look at these lines in the file."
        ],
        {"too few fields": 1},
        60,
        "10285.80",
    ),
    "a long row": (
        text([*ROWS[:9], ["C002", "O1", "2024-01-01", "1", "5.00", "9"], *ROWS[9:]]),
        [
            "Set aside 1 row of 'table.csv' that could not be read: 1 too many fields; the first in line 11. Look at these lines in the file."
        ],
        {"too many fields": 1},
        60,
        "10285.80",
    ),
    "an extra separator everywhere": (
        text(ROWS).replace("\n", ",\n").replace(",\n", "\n", 1),
        ["Every row of 'table.csv' ends with a separator; the empty field behind it was dropped."],
        {},
        60,
        "10285.80",
    ),
    "blanks around names of columns": (text(ROWS, [f" {name} " for name in HEADER]), [], {}, 60, "10285.80"),
    "a column without a name": (
        text([[*row, "x"] for row in ROWS], [*HEADER, ""]),
        ["1 column of 'table.csv' had no name and is called column_6."],
        {},
        60,
        "10285.80",
    ),
    "hostile names of columns": (
        text([[*row, "x", "y", "z"] for row in ROWS], [*HEADER, 'select "x"; drop table', "__index__", "😀%s"]),
        [],
        {},
        60,
        "10285.80",
    ),
    "ids with leading zeros": (
        text(with_column(0, lambda _, old: "00" + old[1:])),
        [
            "4 rows (1.7%) have a placeholder such as 'guest', '0' or 'null' for a customer id; they are left out, as they are many people and not one. If these are real customers, keep them with --guest-ids keep."
        ],
        {"placeholder customer id": 4},
        59,
        "10188.12",
    ),
    "ids like 7.0": (
        text(with_column(0, lambda _, old: f"{int(old[1:]) + 7}.0")),
        ["240 ids of column 'customer_id' end in '.0', as numbers do after a spreadsheet; the '.0' was taken off."],
        {},
        60,
        "10285.80",
    ),
    "ids longer than floats": (
        text(with_column(0, lambda _, old: str(9007199254740993 + int(old[1:])))),
        [],
        {},
        60,
        "10285.80",
    ),
    "ids of digits and one with a letter": (
        text(with_column(0, lambda number, old: old if number > 235 else str(100 + int(old[1:])))),
        [],
        {},
        60,
        "10285.80",
    ),
    "ids with blanks and invisible signs": (
        text(with_column(0, lambda number, old: (old + " ", "\u200b" + old, old, "Ｃ" + old[1:])[number % 4])),
        [],
        {},
        60,
        "10285.80",
    ),
    "ids in two cases": (
        text(with_column(0, lambda number, old: old if number % 4 else old.lower())),
        [
            "60 customer ids differ from another only in case, blanks, dots or hyphens; they are kept apart. If they are the same people, make the ids alike before the export."
        ],
        {},
        120,
        "10285.80",
    ),
    "rows of nobody and of guests": (
        text([*ROWS, *[[who, "O9", "2024-01-01", "1", "5.00"] for who in ("", "guest", "unknown", "NA", "-")]]),
        [
            "4 rows (1.6%) have a placeholder such as 'guest', '0' or 'null' for a customer id; they are left out, as they are many people and not one. If these are real customers, keep them with --guest-ids keep."
        ],
        {"no customer id": 1, "placeholder customer id": 4},
        60,
        "10285.80",
    ),
    "repeated lines": (
        text([*ROWS, *ROWS[:3]]),
        [
            "3 order lines repeat another line in every column, together 54.60; they are kept. If the export doubled them, remove them before the next run."
        ],
        {},
        60,
        "10340.40",
    ),
    "a customer with nearly all rows": (
        text([*ROWS, *[["C003", f"X{n}", "2024-05-05", "1", "5.00"] for n in range(2160)]]),
        [
            "One customer holds 90% of all order lines. If this is a till or a guest account, leave its rows out of the export."
        ],
        {},
        60,
        "21085.80",
    ),
    "one order for each customer": (
        text(ROWS[::4]),
        [
            "Every customer has just one order, so order counts and times between orders say nothing. If customers do come back, check that the customer column is the right one: --map customer_id=COLUMN."
        ],
        {},
        60,
        "788.10",
    ),
    "decimal commas": (
        text(with_column(4, lambda _, old: old.replace(".", ",")), sep=";"),
        ["The fields of 'table.csv' are separated by: semicolon."],
        {},
        60,
        "10285.80",
    ),
    "apostrophes between thousands": (
        text(with_column(4, lambda _, old: f"{float(old) + 1000:,.2f}".replace(",", "'"))),
        [],
        {},
        60,
        "250285.80",
    ),
    "hard blanks between thousands": (
        text(with_column(4, lambda _, old: f"{float(old) + 1000:,.2f}".replace(",", "\u00a0"))),
        [],
        {},
        60,
        "250285.80",
    ),
    "commas between thousands": (
        text(with_column(4, lambda _, old: f"{float(old) + 1000:,.2f}")),
        [],
        {},
        60,
        "250285.80",
    ),
    "commas that may be decimals": (
        text(with_column(4, lambda number, _: f"{1 + number % 9},{100 + number}")),
        [
            "240 cells of column 'amount' look like 1,234 and are read as thousands (one thousand two hundred thirty-four). If the comma is a decimal mark, say so with --decimal ,"
        ],
        {},
        60,
        "1243680.00",
    ),
    "one currency": (text(with_column(4, lambda _, old: "€" + old)), [], {}, 60, "10285.80"),
    "a currency in letters": (text(with_column(4, lambda _, old: "USD " + old)), [], {}, 60, "10285.80"),
    "three ways to write less than nothing": (
        text(with_cells(4, {1: "(5.50)", 2: "5.50-", 3: "\u22125.50"})),
        [
            "3 lines are returns, refunds or cancellations, together -16.50; they are netted against the customer and count as no purchase."
        ],
        {},
        60,
        "10177.38",
    ),
    "Arabic digits": (
        text(with_column(4, lambda _, old: old.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))),
        [],
        {},
        60,
        "10285.80",
    ),
    "Devanagari digits": (
        text(with_column(4, lambda _, old: old.translate(str.maketrans("0123456789", "०१२३४५६७८९")))),
        [],
        {},
        60,
        "10285.80",
    ),
    "words for nothing among the amounts": (
        text(with_cells(4, {1: "n/a", 2: "NULL"})),
        [],
        {"no amount": 2},
        60,
        "10236.96",
    ),
    "a word among the amounts": (
        text(with_cells(4, {1: "abc"})),
        [
            "1 cell of column 'amount' cannot be read as a number; those rows are left out. Look at the rows in the list of what was left out, or correct the export."
        ],
        {"amount cannot be read": 1},
        60,
        "10267.60",
    ),
    "infinite amounts": (
        text(with_cells(4, {1: "inf", 2: "1e400"})),
        [
            "2 cells of column 'amount' cannot be read as a number; those rows are left out. Look at the rows in the list of what was left out, or correct the export."
        ],
        {"amount cannot be read": 2},
        60,
        "10236.96",
    ),
    "an amount far from all others": (
        text(with_cells(4, {1: "99999999.00"})),
        [
            "1 order line has an amount more than a thousand times as high as nearly all others. Look whether they are test orders or slips; they are kept."
        ],
        {},
        60,
        "100010266.60",
    ),
    "refunds and cancellations": (
        text([*ROWS, ["C005", "C0051", "2024-06-06", "-3", "-30.00"], ["C006", "R7", "2024-06-06", "1", "-12.50"]]),
        [
            "2 lines are returns, refunds or cancellations, together -42.50; they are netted against the customer and count as no purchase."
        ],
        {},
        60,
        "10243.30",
    ),
    "free lines": (
        text(with_cells(4, {1: "0.00"})),
        ["1 line has an amount of 0; they count as purchases without money."],
        {},
        60,
        "10267.60",
    ),
    "hardly any money": (
        text(with_column(4, lambda number, _: "900.00" if number in (7, 99) else "0.00")),
        [
            "238 lines have an amount of 0; they count as purchases without money.",
            "58 of 60 customers have a net revenue of 0, so money hardly tells customers apart. If they did pay, check that the amount column is the right one: --map amount=COLUMN.",
        ],
        {},
        60,
        "1800.00",
    ),
    "Excel days": (
        text(with_column(2, lambda _, old: str((dt.date.fromisoformat(old) - dt.date(1899, 12, 30)).days))),
        ["Column 'order_date' holds Excel day numbers; they are read as days since 1899-12-30."],
        {},
        60,
        "10285.80",
    ),
    "Excel days with a time": (
        text(with_column(2, lambda _, old: f"{(dt.date.fromisoformat(old) - dt.date(1899, 12, 30)).days}.5")),
        ["Column 'order_date' holds Excel day numbers; they are read as days since 1899-12-30."],
        {},
        60,
        "10285.80",
    ),
    "seconds since 1970": (
        text(with_column(2, lambda _, old: str((dt.date.fromisoformat(old) - dt.date(1970, 1, 1)).days * 86400))),
        ["Column 'order_date' holds seconds since 1970; they are read as UTC."],
        {},
        60,
        "10285.80",
    ),
    "a leap second and a time that a zone skips": (
        text(with_cells(2, {1: "2024-03-31 02:30:00", 2: "2024-04-30 23:59:60"})),
        [],
        {},
        60,
        "10285.80",
    ),
    "dates that stand for nothing": (
        text(with_cells(2, {1: "0000-00-00", 2: "9999-12-31"})),
        [
            "2 cells of column 'order_date' hold a date that stands for nothing, such as 0000-00-00 or 1970-01-01; they count as missing."
        ],
        {"no order date": 2},
        60,
        "10236.96",
    ),
    "a date in the future": (
        text(with_cells(2, {1: "2031-01-01"})),
        [
            "1 orders are dated more than two years after all others; they are left out as slips, and 2024-08-28 is the first day not seen. If the dates are right, say the first day not seen: --as-of DATE."
        ],
        {"dated far in the future": 1},
        60,
        "10267.60",
    ),
    "two-digit years": (
        text(with_column(2, lambda _, old: dt.date.fromisoformat(old).strftime("%d.%m.%y"))),
        ["The years of column 'order_date' have two digits; they are read as 1969 to 2068."],
        {},
        60,
        "10285.80",
    ),
    "as many rows as a spreadsheet holds": (
        text((ROWS * 274)[:65535]),
        [
            "'table.csv' has 65,535 rows, as many as a spreadsheet can hold: it was probably cut. Export it again without opening it in a spreadsheet.",
            "65,295 order lines repeat another line in every column, together 2,798,097.24; they are kept. If the export doubled them, remove them before the next run.",
        ],
        {},
        60,
        "2808383.04",
    ),
    "an e-mail address in a column of notes": (
        text([[*row, f"write to p{row[0]}@mail.example"] for row in ROWS], [*HEADER, "notes"]),
        ["Column 'notes' holds e-mail addresses; it is not read any further. Leave it out of the next export."],
        {},
        60,
        "10285.80",
    ),
    "an old encoding": (
        text([[*row, "Köln"] for row in ROWS], [*HEADER, "city"]).encode("cp1252"),
        [
            "'table.csv' is not UTF-8; it was read as cp1252. Look at names with accents; pin the encoding with --encoding cp1252."
        ],
        {},
        60,
        "10285.80",
    ),
}


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("title", TOLD)
def test_a_table_that_can_be_used_is_read_and_what_is_odd_is_told(tmp_path: Path, title: str) -> None:
    content, told, left_out, customers, revenue = TOLD[title]
    understood = coterie.check(written(tmp_path, content))
    (table,) = understood.tables
    findings = [finding for finding in understood.findings if finding.code != "few-customers"]
    assert [f"{finding.message} {finding.remedy}".strip() for finding in findings] == told
    assert table.rows_left_out == left_out
    assert table.rows_kept == table.rows_read - sum(left_out.values())
    assert len(understood.customers) == customers
    assert f"{understood.customers.frame['net_revenue'].sum():.2f}" == revenue
