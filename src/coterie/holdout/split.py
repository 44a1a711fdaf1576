"""Where to split the history in time, and whether it is long enough to be split."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import NotEnoughDataError
from coterie.sources.customer_days import CUSTOMER_DAYS, keep_customer_days
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from coterie.config import HoldoutSettings
    from coterie.sources.shop import Shop

#: Part of the history that is held back, and its bounds in days.
HELD_BACK = 0.25
FEWEST_DAYS, MOST_DAYS = 30, 365
#: Share of the order lines that may lie before the history begins.
STRAY = 0.01
#: The history before the split must be so many times as long as what is held back.
TIMES_AS_LONG = 2
#: Customers with an order before the split, and how many of them must have ordered, and not have ordered, after it.
FEWEST_CUSTOMERS = 200
FEWEST_OF_EACH = 30

#: Temporary table of one row a customer: customer (that of `CUSTOMER_DAYS`), whether they ordered before the split and
#: from it on (`before`, `after`, 0 or 1), and what they spent from it on (`spend`, net).
SPANS = "holdout_spans"

_REMEDY = "Leave the test out with --no-holdout, or hand over a longer history."


@dataclass(frozen=True)
class Split:
    """A day that parts the history: the days before it are known, those from it on are held back until `until`."""

    begins: dt.date
    split_on: dt.date
    until: dt.date

    @property
    def days(self) -> int:
        """Days held back."""
        return (self.until - self.split_on).days

    @property
    def history_days(self) -> int:
        """Days before the split."""
        return (self.split_on - self.begins).days


def choose_split(shop: Shop, settings: HoldoutSettings) -> Split:
    """Choose the day, and refuse histories that cannot be split.

    Parameters
    ----------
    shop : Shop
        With dated orders that have an amount.
    settings : HoldoutSettings
        `days` fixes how much is held back.

    Raises
    ------
    NotEnoughDataError
        The orders have no date or amount, the history is too short, or too few customers ordered before or after.

    Notes
    -----
    The history begins on the day by which one order line in a hundred had come, so that a stray early date does not
    stretch it. One scan of the order lines, the first time that anybody asks for customers by day.
    """
    if not shop.has(TableKind.ORDERS, "ordered_at", "amount") or shop.as_of is None:
        raise NotEnoughDataError(
            "Segments can be tested against later orders only where orders have a date and an amount.", remedy=_REMEDY
        )
    keep_customer_days(shop)
    begins = _begins(shop)
    split = place(begins or shop.as_of, shop.as_of, settings.days)
    _refuse_few(shop, split)
    return split


def _begins(shop: Shop) -> dt.date | None:
    """Day by which one order line in a hundred had come; engines differ in quantiles of days, so days are counted."""
    days = shop.engine.rows(
        f"SELECT ordered_on, SUM(line_count) FROM {CUSTOMER_DAYS} GROUP BY ordered_on ORDER BY ordered_on",
        "holdout",
    )
    needed = sum(int(count) for _, count in days) * STRAY
    seen = 0
    for day, count in days:
        seen += int(count)
        if seen >= needed:
            return day  # type: ignore[no-any-return]  # the engine's DATE
    return None


def place(begins: dt.date, until: dt.date, days: int | None = None) -> Split:
    """Place the split within a history.

    Raises
    ------
    NotEnoughDataError
        What is left before the split is less than twice as long as what is held back.

    Examples
    --------
    >>> place(dt.date(2023, 1, 1), dt.date(2024, 1, 1)).split_on
    datetime.date(2023, 10, 2)
    """
    length = (until - begins).days
    held_back = days or min(max(round(HELD_BACK * length), FEWEST_DAYS), MOST_DAYS)
    if length < (TIMES_AS_LONG + 1) * held_back:
        raise NotEnoughDataError(
            f"The history is too short to test segments against {held_back} later days.",
            found=f"It has {length} days; at least {(TIMES_AS_LONG + 1) * held_back} are needed.",
            remedy=_REMEDY,
        )
    return Split(begins, until - dt.timedelta(days=held_back), until)


def keep_spans(shop: Shop, split: Split) -> None:
    """Keep the table `SPANS` of this split, where it is not there already: one scan of the customers by day."""
    kept = f"{SPANS} {split.split_on}"
    if kept in shop.kept:
        return
    keep_customer_days(shop)
    day = shop.engine.dialect.date(split.split_on)
    shop.engine.keep(
        SPANS,
        "SELECT customer, MAX(CASE WHEN purchase_count > 0 AND "
        f"ordered_on < {day} THEN 1 ELSE 0 END) AS before, MAX(CASE WHEN purchase_count > 0 AND "
        f"ordered_on >= {day} THEN 1 ELSE 0 END) AS after, SUM(CASE WHEN ordered_on >= {day} THEN net ELSE 0 END) "
        f"AS spend FROM {CUSTOMER_DAYS} GROUP BY customer",
        "holdout",
    )
    _forget_split(shop)
    shop.kept.add(kept)


def drop_spans(shop: Shop) -> None:
    """Forget the table `SPANS`."""
    shop.engine.drop(SPANS)
    _forget_split(shop)


def _forget_split(shop: Shop) -> None:
    shop.kept.difference_update({name for name in shop.kept if name.startswith(SPANS)})


def _refuse_few(shop: Shop, split: Split) -> None:
    keep_spans(shop, split)
    known, returned = shop.engine.row(
        f"SELECT COUNT(*), COUNT(CASE WHEN after > 0 THEN 1 END) FROM {SPANS} WHERE before > 0", "holdout"
    )
    if known < FEWEST_CUSTOMERS or min(returned, known - returned) < FEWEST_OF_EACH:
        drop_spans(shop)
        raise NotEnoughDataError(
            "Too few customers ordered before and after a day to test segments in time.",
            found=f"Of {known:,} customers with an order before the last {split.days} days, {returned:,} ordered again "
            f"in them; at least {FEWEST_CUSTOMERS} customers are needed, {FEWEST_OF_EACH} who ordered again and "
            f"{FEWEST_OF_EACH} who did not.",
            remedy=_REMEDY,
        )
