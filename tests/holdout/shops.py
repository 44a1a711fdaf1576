"""A shop whose customers have habits: some order every month, some twice a year, some stop for good."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from features.shops import Row, line

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, UNTIL = dt.date(2023, 1, 1), dt.date(2024, 1, 1)
SPLIT = dt.date(2023, 10, 2)
#: Days between orders and money of each kind of customer.
KINDS = ((25, 40.0), (80, 15.0), (300, 90.0))


def order_lines(n: int = 240, seed: int = 3) -> list[Row]:
    """Order lines of n customers, a third of each kind, over a year."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for number in range(n):
        gap, money = KINDS[number % 3]
        day = float(rng.uniform(0, min(gap, 90)))
        while day < (UNTIL - FIRST).days:
            on = (FIRST + dt.timedelta(days=int(day))).isoformat()
            product = f"p{rng.integers(8)}"
            amount = f"{money * rng.uniform(0.6, 1.4):.2f}"
            rows.append(line(f"c{number:03d}", f"o{len(rows):05d}", on, amount, product=product, quantity="1"))
            day += gap * rng.uniform(0.6, 1.4)
    return rows


def later_changed(rows: list[Row], change: Callable[[Row], Row | None]) -> list[Row]:
    """The same lines with those from the split on changed, or left out where the change gives None."""
    changed = [change(row) if row["ordered_at"] >= SPLIT.isoformat() else row for row in rows]
    return [row for row in changed if row is not None]
