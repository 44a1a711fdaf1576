"""A small clean shop as text, and ways to spoil it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Rows = list[list[str]]

HEADER = ["customer_id", "order_id", "order_date", "quantity", "amount"]
CUSTOMERS = 60
LINES = 240
REVENUE = "10285.80"
FIRST_DAY_NOT_SEEN = dt.date(2024, 8, 28)

CUSTOMER_HEADER = ["customer_id", "age", "income", "city", "household_size"]


def order_rows() -> Rows:
    """Four orders for each of 60 customers, together 10,285.80, from January to August 2024."""
    return [
        [
            f"C{customer:03}",
            f"O{customer:03}{number}",
            (dt.date(2024, 1, 1) + dt.timedelta(days=60 * number + customer)).isoformat(),
            str(1 + (customer + number) % 4),
            f"{(customer + 1) * (number + 1) * 0.25 + 12.1875 * number + 5.5125:.2f}",
        ]
        for customer in range(CUSTOMERS)
        for number in range(4)
    ]


def customer_rows(n: int = 90) -> Rows:
    """Customers whose ages, incomes and households differ."""
    return [
        [
            f"K{i:03}",
            str(18 + i * 7 % 60),
            str(12_000 + i * 977 % 50_000),
            ("Oslo", "Bern", "Rome")[i % 3],
            str(1 + i % 6),
        ]
        for i in range(n)
    ]


def text(rows: Rows, header: Sequence[str] = HEADER, *, sep: str = ",") -> str:
    """Write rows as a shop would export them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sep, lineterminator="\n")
    writer.writerows([header, *rows] if header else rows)
    return out.getvalue()


def with_column(column: int, new: Callable[[int, str], str]) -> Rows:
    """Give the orders with another text in one column; `new` gets the row's number, from 0, and the text."""
    rows = order_rows()
    for number, row in enumerate(rows):
        row[column] = new(number, row[column])
    return rows


def with_cells(column: int, cells: dict[int, str]) -> Rows:
    """Give the orders with other texts in single cells of one column: row number, from 0, -> text."""
    return with_column(column, lambda number, old: cells.get(number, old))


ROWS = order_rows()
