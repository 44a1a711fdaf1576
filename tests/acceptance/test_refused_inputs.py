"""Tables that cannot be used: each is refused by `check` and by `segment` with one message that says what to do."""
# ruff: noqa: E501  messages stay in one line; signs of other scripts are meant

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from acceptance.bad_tables import CUSTOMER_HEADER, HEADER, ROWS, customer_rows, text, with_column
from coterie.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


#: What the table is -> its contents, options, and the whole message.
REFUSED: dict[str, tuple[str | bytes, list[str], str]] = {
    "nothing at all": ("", [], ("The file 'table.csv' is empty.\nIt has 0 bytes.\nExport it again.")),
    "a header and nothing below": (
        text([]),
        [],
        ("'table.csv' has no data rows below the header (line 1).\nExport it again with its rows."),
    ),
    "a log-in page": (
        "<!DOCTYPE html><html><body>Log in</body></html>",
        [],
        (
            "'table.csv' looks like HTML, a web page, not like a table.\n"
            "Perhaps the download asked for a log-in. Export the table again as CSV."
        ),
    ),
    "an error of a service": (
        '{"error": "unauthorised"}',
        [],
        (
            "'table.csv' looks like JSON, not CSV.\n"
            "Export the table again as CSV; if it holds records, give it the ending .json or .jsonl."
        ),
    ),
    "two encodings": (
        text(ROWS[:4]).encode()
        + text(with_column(1, lambda _, old: old + "é")[4:], ()).encode("utf-8")
        + "C000,Ü1,2024-01-01,1,2.50\n".encode("cp1252"),
        [],
        (
            "'table.csv' mixes two encodings: UTF-8 (first in line 6) and another one (first in line 242).\n"
            "236 places are UTF-8, 1 are not.\n"
            "Export it again as UTF-8; or pin one with --encoding cp1252; or accept losses with --encoding-errors replace."
        ),
    ),
    "a long text above the header": (
        "some words\n" * 30 + text(ROWS),
        [],
        (
            "No header was found in the first 21 rows of 'table.csv'.\n"
            "Most rows have 5 fields.\n"
            "Say how many lines stand above the header: --skip-rows N."
        ),
    ),
    "no header": (
        text(ROWS, ()),
        [],
        (
            "The first row of 'table.csv' (line 1) looks like data, not like column names.\n"
            "If there is no header, name the columns: --no-header --columns column_1,column_2,column_3,column_4,column_5"
        ),
    ),
    "many short rows": (
        text([row if number % 20 else row[:2] for number, row in enumerate(ROWS)]),
        [],
        (
            "12 of 240 rows of 'table.csv' cannot be read.\n"
            "12 too few fields; the first is line 2.\n"
            "Check the field separator (--delimiter); to leave these rows out, raise --max-rejected (now 0.01) above 0.05."
        ),
    ),
    "two columns of one name": (
        text(ROWS, [*HEADER[:3], "amount", "amount"]),
        [],
        (
            "'table.csv' has two columns named 'amount': columns 4 and 5.\n"
            "Rename one in the file, or number them with --duplicate-columns rename."
        ),
    ),
    "two columns that differ in case": (
        text(ROWS, [*HEADER[:3], "Amount", "amount"]),
        [],
        (
            "'table.csv' has columns whose names differ in case only: 'Amount' and 'amount', columns 4 and 5.\n"
            "Rename one in the file, or number them with --duplicate-columns rename."
        ),
    ),
    "no column of amounts": (
        text([[*row[:3], row[4]] for row in ROWS], [*HEADER[:3], "blah"]),
        [],
        (
            "Table 'table.csv' lists 60 of its 60 customers more than once, with different values.\n"
            "Ids were read from column 'customer_id'.\n"
            "Say which row counts: --on-duplicate first or --on-duplicate latest:COLUMN. If rows are purchases, hand the table over with --orders."
        ),
    ),
    "a mapped column that is not there": (
        text(ROWS),
        ["--map", "amount=amuont"],
        (
            "No table has a column 'amuont', which should be its amount.\n"
            "It has: customer_id, order_id, order_date, quantity, amount.\n"
            "Did you mean --map amount=amount?"
        ),
    ),
    "ids that a spreadsheet destroyed": (
        text(with_column(0, lambda number, _: f"1.{23457 + number // 4}E+12")),
        [],
        (
            "The customer ids in column 'customer_id' of 'table.csv' were destroyed by a spreadsheet.\n"
            "240 cells look like 1.23E+12, the first in row 2: their last digits are lost.\n"
            "Export the table again with this column as text."
        ),
    ),
    "points and commas for decimals": (
        text(with_column(4, lambda number, old: old.replace(".", ",") if number % 2 else old), sep=";"),
        [],
        (
            "Column 'amount' of 'table.csv' mixes decimal points and decimal commas.\n"
            "120 cells look like 1,234.5 or 12.5 and 120 like 1.234,5 or 12,5.\n"
            "Say which mark is right with --decimal . or --decimal , (the other cells count as unreadable)."
        ),
    ),
    "thousands or decimals": (
        text(with_column(4, lambda number, _: f"{1 + number % 9}.{100 + number}"), sep=";"),
        [],
        (
            "The numbers of column 'amount' of 'table.csv' can be read in two ways.\n"
            "240 cells look like 1.234: thousands or decimals? No other cell decides it.\n"
            "Say what the decimal mark is: --decimal . or --decimal ,"
        ),
    ),
    "dollars and euros": (
        text(with_column(4, lambda number, old: "$€"[number % 2] + old)),
        [],
        (
            "Column 'amount' of 'table.csv' mixes currencies.\n"
            "It has $, €.\n"
            "Convert the amounts to one currency before the export, or leave the other rows out."
        ),
    ),
    "words among the amounts": (
        text(with_column(4, lambda number, old: old if number % 10 else "abc")),
        [],
        (
            "Column 'amount' of 'table.csv' should hold numbers, but 24 of its 240 filled cells cannot be read as such.\n"
            "The first is in row 2. Read as: number (decimal point, proved by 216 cells).\n"
            "Correct the cells, map another column, or allow more with --max-rejected 0.11."
        ),
    ),
    "amounts beyond all money": (
        text(with_column(4, lambda _, old: old.replace(".", "") + "0000000000.00")),
        [],
        (
            "The amounts of 'table.csv' (column 'amount') add up to 1,000,000,000,000,000 or more, which is no shop's revenue.\n"
            "Correct the amounts, or say which column holds them: --map amount=COLUMN."
        ),
    ),
    "day or month first": (
        text(with_column(2, lambda number, _: f"{1 + number % 12:02}/{1 + number // 12 % 12:02}/2024")),
        [],
        (
            "Day and month in column 'order_date' of 'table.csv' cannot be told apart.\n"
            "220 cells look like 01/02/2024, and no cell has a number above 12 that would decide it.\n"
            "Say the order: --date-order dmy (1 February) or --date-order mdy (January 2)."
        ),
    ),
    "two forms of dates": (
        text(with_column(2, lambda number, old: f"{13 + number % 10}/04/2024" if number % 2 else old)),
        [],
        (
            "Column 'order_date' of 'table.csv' has dates in 2 forms that do not go together.\n"
            "120 cells like 31/12/2024, first in row 3; 120 cells like 2024-12-31, first in row 2.\n"
            "Export the dates in one form (2024-12-31 is the safest), or say the order of day and month: --date-order dmy or --date-order mdy."
        ),
    ),
    "times with and without a zone": (
        text(with_column(2, lambda number, old: old + ("T10:00:00Z", "T10:00:00")[number % 2])),
        [],
        (
            "Column 'order_date' of 'table.csv' mixes times with and without an offset.\n"
            "120 cells have one (such as Z or -05:00), 120 have none.\n"
            "Say in which zone the times without one were told, for example --timezone Europe/Berlin."
        ),
    ),
    "seconds and milliseconds": (
        text(with_column(2, lambda number, _: str((1704067200 + number * 40000) * (1, 1000)[number % 2]))),
        [],
        (
            "Column 'order_date' of 'table.csv' has dates in 2 forms that do not go together.\n"
            "120 cells like 1735603200000 (milliseconds), first in row 3; 120 cells like 1735603200 (seconds), first in row 2.\n"
            "Export the dates in one form (2024-12-31 is the safest)."
        ),
    ),
    "two-digit years that may be anything": (
        text(with_column(2, lambda number, _: f"0{1 + number % 9}/0{1 + number // 9 % 9}/0{1 + number % 3}")),
        [],
        (
            "The order of day, month and year in column 'order_date' of 'table.csv' cannot be decided.\n"
            "240 cells look like 01/02/03, with years of two digits.\n"
            "Say the order: --date-order dmy, --date-order mdy or --date-order ymd."
        ),
    ),
    "one customer": (
        text(ROWS[:4]),
        [],
        (
            "At least 50 customers are needed to find segments; there is 1 with an order before 2024-06-30.\n"
            "Hand over a longer period or more tables, or a later --as-of."
        ),
    ),
    "two customers": (
        text(ROWS[:8]),
        [],
        (
            "At least 50 customers are needed to find segments; there are 2 with an order before 2024-07-01.\n"
            "Hand over a longer period or more tables, or a later --as-of."
        ),
    ),
    "49 customers": (
        text(ROWS[:196]),
        [],
        (
            "At least 50 customers are needed to find segments; there are 49 with an order before 2024-08-17.\n"
            "Hand over a longer period or more tables, or a later --as-of."
        ),
    ),
    "customers that are all alike": (
        text([[f"C{n}", f"O{n}", "2024-01-01", "1", "5.00"] for n in range(80)]),
        [],
        (
            "No feature tells the customers apart, so there is nothing to build segments on.\n"
            "net_revenue: every customer has the same value\n"
            "average_order_value: every customer has the same value\n"
            "order_value_variation: no customer has a value\n"
            "recency_days: every customer has the same value\n"
            "order_count: every customer has the same value\n"
            "is_repeat_buyer: every customer has the same value\n"
            "tenure_days: every customer has the same value\n"
            "first_order_month: a date; the days since then can be used instead\n"
            "median_gap_days: no customer has a value\n"
            "gap_variation: no customer has a value\n"
            "overdue_ratio: no customer has a value\n"
            "spend_trend: no customer has a value\n"
            "weekend_share: describes the segments: over a few orders a habit is mostly chance\n"
            "peak_weekday: every customer has the same value\n"
            "units_per_order: every customer has the same value\n"
            "Give a table with orders, or customers with more columns; --basis names the columns to use."
        ),
    ),
    "orders before which nothing was seen": (
        text(ROWS),
        ["--as-of", "2020-01-01"],
        (
            "At least 50 customers are needed to find segments; there are 0 with an order before 2020-01-01.\n"
            "Hand over a longer period or more tables, or a later --as-of."
        ),
    ),
    "a table of customers given with conflicting rows": (
        text([*customer_rows(), *[[row[0], "33", *row[2:]] for row in customer_rows(8)]], CUSTOMER_HEADER),
        [],
        (
            "Table 'table.csv' lists 8 of its 90 customers more than once, with different values.\n"
            "Ids were read from column 'customer_id'.\n"
            "Say which row counts: --on-duplicate first or --on-duplicate latest:COLUMN. If rows are purchases, hand the table over with --orders."
        ),
    ),
    "fields that were not parted": (
        text(ROWS),
        ["--delimiter", ";"],
        (
            "Table 'table.csv' has only one column.\n"
            "Its fields were parted at: semicolon.\n"
            "If it has more, say what stands between them: --delimiter CHAR."
        ),
    ),
    "a kind of table that is none": (
        text(ROWS),
        ["--map", "oders.amount=amount"],
        ("There is no kind of table 'oders'.\nDid you mean orders?"),
    ),
}


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("command", ["check", "segment"])
@pytest.mark.parametrize("title", REFUSED)
def test_a_table_that_cannot_be_used_is_refused_with_what_to_do(tmp_path: Path, title: str, command: str) -> None:
    content, options, message = REFUSED[title]
    out = ["--out", str(tmp_path / "study")] if command == "segment" else []
    result = CliRunner().invoke(main, [command, written(tmp_path, content), "--quiet", *options, *out])
    assert result.stderr == f"coterie: {message}\n"
    assert result.exit_code == 2
    assert not result.stdout
    assert not (tmp_path / "study").exists()
