"""Ready-made behaviour in a customer table: recency, orders, spend by category, orders by channel, under our names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.features.catalog import CATALOG, columns_of, member
from coterie.features.given_columns import Column
from coterie.features.rounding import round_significant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.sources.shop import GivenColumn

#: Role -> feature of ours that the column is, when the shop's orders do not tell it.
_NAMES = {
    "recency_days": "recency_days",
    "order_count": "order_count",
    "total_spend": "net_revenue",
    "visit_count": "visit_count",
}

#: Days in the unit of a recency column.
_DAYS = {"": 1.0, "day": 1.0, "days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}


def ready_made(
    columns: Sequence[GivenColumn], values: Mapping[str, np.ndarray], taken: frozenset[str], max_categories: int
) -> tuple[list[Column], dict[str, str]]:
    """Make features of ours from columns that hold behaviour.

    Parameters
    ----------
    columns : sequence of GivenColumn
    values : mapping of str to array of shape (n_customers,)
    taken : frozenset of str
        Features that the orders and events tell already; they are not made again.
    max_categories : int
        Largest number of category shares.

    Returns
    -------
    made : list of Column
    used : dict of str to str
        Column -> "renamed" (it is now one of `made`) or "summed" (others were made from it; it stays to describe).
    """
    usable = [column for column in columns if not column.barred]
    made: dict[str, Column] = {}
    used: dict[str, str] = {}
    for column in usable:
        name = _NAMES.get(column.role, "")
        if name and name not in taken and name not in made:
            made[name] = _renamed(column, values[column.name], name)
            used[column.name] = "renamed"
    for role, make_from in (("spend_in_category", _by_category), ("orders_in_channel", _by_channel)):
        parts = sorted((column for column in usable if column.role == role), key=lambda column: column.name)
        if parts:
            for new in make_from(parts, values, max_categories):
                if new.feature.name not in taken:
                    made.setdefault(new.feature.name, new)
            used |= {column.name: "summed" for column in parts}
    average = _average_order_value(made)
    if average and average.feature.name not in taken:
        made[average.feature.name] = average
    return list(made.values()), used


def _renamed(column: GivenColumn, values: np.ndarray, name: str) -> Column:
    meaning = f"As the customer table gives it in column '{column.source}'."
    if name == "recency_days" and column.unit not in ("", "day", "days"):
        meaning = f"Column '{column.source}' of the customer table, told in {column.unit} there."
        values = round_significant(values * _DAYS.get(column.unit, 1.0))
    return Column(replace(CATALOG[name].feature, meaning=meaning, origin=column.source), values)


def _by_category(parts: Sequence[GivenColumn], values: Mapping[str, np.ndarray], limit: int) -> list[Column]:
    """Net revenue, shares of the largest categories, and how evenly the spend is spread."""
    names = [column.detail or column.label for column in parts]
    spend = np.column_stack([values[column.name] for column in parts])
    origin = ", ".join(column.source for column in parts)
    revenue = replace(
        CATALOG["net_revenue"].feature, meaning="Sum of the customer table's columns of spend by category.",
        origin=origin,
    )  # fmt: skip
    made = [Column(revenue, _total(spend))]
    if len(parts) < 2:
        return made
    shares = _shares(spend)
    made += [
        _made("category_count", origin, _known(np.nansum(shares > 0, axis=1).astype(np.float64), shares)),
        _made("category_entropy", origin, round_significant(_evenness(shares))),
        _made("favourite_category", origin, _favourite(shares, names)),
    ]
    return made + _family("share_<category>", parts, spend, limit)


def _by_channel(parts: Sequence[GivenColumn], values: Mapping[str, np.ndarray], limit: int) -> list[Column]:
    """Number of orders, and their shares by channel."""
    names = [column.detail or column.label for column in parts]
    orders = np.column_stack([values[column.name] for column in parts])
    origin = ", ".join(column.source for column in parts)
    count = replace(
        CATALOG["order_count"].feature, meaning="Sum of the customer table's columns of orders by channel.",
        origin=origin,
    )  # fmt: skip
    made = [Column(count, _total(orders))]
    if len(parts) < 2:
        return made
    made.append(_made("favourite_channel", origin, _favourite(_shares(orders), names)))
    return made + _family("channel_share_<channel>", parts, orders, limit)


def _family(entry: str, parts: Sequence[GivenColumn], amounts: np.ndarray, limit: int) -> list[Column]:
    """Shares of the parts with the largest totals, ties by name."""
    names = [column.detail or column.label for column in parts]
    shares = _shares(amounts)
    totals = np.nansum(amounts, axis=0)
    order = sorted(range(len(names)), key=lambda part: (-totals[part], names[part]))[:limit]
    family = CATALOG[entry]
    columns = columns_of(family, [names[part] for part in order])
    return [
        Column(
            replace(member(family, names[part], column), origin=parts[part].source), round_significant(shares[:, part])
        )
        for part, column in zip(order, columns, strict=True)
    ]


def _made(name: str, origin: str, values: np.ndarray) -> Column:
    return Column(replace(CATALOG[name].feature, origin=origin), values)


def _total(amounts: np.ndarray) -> np.ndarray:
    """Sum over the parts that are known; unknown when none is."""
    total = round_significant(np.nansum(amounts, axis=1), 14)
    return np.where(np.isnan(amounts).all(axis=1), np.nan, total)


def _shares(amounts: np.ndarray) -> np.ndarray:
    """Shares of the positive amounts, shape (n_customers, n_parts); NaN for customers without any."""
    positive = np.where(amounts > 0, amounts, 0.0)
    total = positive.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(positive, total, out=np.full_like(positive, np.nan), where=total > 0)
    return shares


def _evenness(shares: np.ndarray) -> np.ndarray:
    """Entropy of the shares over its largest possible value, 0 to 1."""
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    evenness: np.ndarray = np.maximum(-(shares * logs).sum(axis=1) / np.log(shares.shape[1]), 0.0)
    return evenness


def _favourite(shares: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Name of the part with the largest share, ties to the first by name; None where nothing is known."""
    order = sorted(range(len(names)), key=lambda part: names[part])
    best = np.argmax(np.nan_to_num(shares[:, order]), axis=1)
    favourite: np.ndarray = np.array([names[part] for part in order], dtype=object)[best]
    favourite[np.isnan(shares).any(axis=1)] = None
    return favourite


def _known(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Make values unknown where the shares are."""
    return np.where(np.isnan(shares).any(axis=1), np.nan, values)


def _average_order_value(made: Mapping[str, Column]) -> Column | None:
    """Revenue over orders where the customer table tells both."""
    if "net_revenue" not in made or "order_count" not in made:
        return None
    revenue, orders = made["net_revenue"].data, made["order_count"].data
    average = np.divide(revenue, orders, out=np.full_like(revenue, np.nan), where=orders > 0)
    feature = CATALOG["average_order_value"].feature
    meaning = "Net revenue divided by the number of orders, both from the customer table."
    return Column(replace(feature, meaning=meaning, origin=""), round_significant(average))
