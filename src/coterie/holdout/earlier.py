"""The shop as it stood on the day of the split, and what its customers did afterwards."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie import features
from coterie.holdout.split import SPANS, drop_spans, keep_spans
from coterie.sources.customer_days import PURCHASE, lines_of, with_ids
from coterie.sources.shop import RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coterie.config import Config
    from coterie.engines.base import Engine
    from coterie.holdout.split import Split
    from coterie.sources.shop import Shop
    from coterie.vocabulary import CustomerTable

#: Parts into which customers are put by a hash of their id, to predict each from the others.
FOLDS = 5
_FOLD_SALT, _SAMPLE_SALT = 71, 72
_FINE = 1_000_000  # buckets that a sample of customers is taken from

_LINES, _EVENTS = RELATIONS[TableKind.ORDERS], RELATIONS[TableKind.EVENTS]
_KNOWN, _HASHED = "holdout_customers", "holdout_hashes"


@dataclass(frozen=True)
class Earlier:
    """Customers as they were known on the day of the split, and their outcomes.

    Attributes
    ----------
    split : Split
    customers : CustomerTable
        Made from what had happened before the split and nothing else.
    outcomes : DataFrame
        In the order of `customers`: spend (net), orders, silence (1.0 without an order), fold (0 to 4).
    n_known : int
        Customers with an order before the split, of whom `customers` may be a sample.
    n_new : int
        Customers whose first order came after it.
    new_spend_share : float
        Their part of all spend after it; NaN where there was none.
    set_aside : tuple of str
        Kinds of tables that were not used.
    """

    split: Split
    customers: CustomerTable
    outcomes: pd.DataFrame
    n_known: int
    n_new: int
    new_spend_share: float
    set_aside: tuple[str, ...]


def look_back(shop: Shop, split: Split, config: Config) -> Earlier:
    """Make the customer table of the day of the split, and the outcomes after it.

    The features are built in an engine whose tables end on that day: a later order is not filtered out step by step, it
    is not there. The customer table is set aside, since nobody knows when its columns were written.

    Notes
    -----
    Cost as of `features.build` on at most `config.holdout.sample` customers, and two scans of the order lines.
    """
    engine = shop.engine
    keep_spans(shop, split)
    try:
        n_known = _choose_customers(shop, config.holdout.sample)
        outcomes = _outcomes(shop, split)
        n_new, new_spend_share = _newcomers(engine)
        with _cut_off(engine, shop, split):
            customers = features.build(_as_it_stood(shop, split), config.features)
    finally:
        engine.drop(_KNOWN)
        engine.drop(_HASHED)
        drop_spans(shop)
    return Earlier(
        split=split,
        customers=dataclasses.replace(customers, currency=shop.currency),
        outcomes=outcomes.reindex(customers.frame.index),
        n_known=n_known,
        n_new=n_new,
        new_spend_share=new_spend_share,
        set_aside=("customers",) if TableKind.CUSTOMERS in shop.roles else (),
    )


def _choose_customers(shop: Shop, most: int) -> int:
    """List the customers with an order before the split, or a sample of them by hash; give the number of them all."""
    engine, dialect = shop.engine, shop.engine.dialect
    known = f"SELECT customer FROM {SPANS} WHERE before > 0"
    engine.keep(
        _HASHED,
        f"SELECT customer, customer_id, {dialect.hash_bucket('customer_id', _SAMPLE_SALT, _FINE)} AS place, "
        f"{dialect.hash_bucket('customer_id', _FOLD_SALT, FOLDS)} AS fold "
        f"FROM ({with_ids(shop, known, ('customer',))}) AS named",
        "holdout",
    )
    count = int(engine.value(f"SELECT COUNT(*) FROM {_HASHED}"))
    reach = _FINE * most // count if count > most else _FINE
    engine.see(_KNOWN, f"SELECT customer, customer_id, fold, place < {reach} AS looked_at FROM {_HASHED}")
    return count


def _outcomes(shop: Shop, split: Split) -> pd.DataFrame:
    """What the customers who are looked at did after the split, one row each, those who did nothing included."""
    f64 = shop.engine.dialect.f64
    data = shop.engine.arrow(
        f"SELECT known.customer_id, known.fold, COALESCE({f64('later.spend')}, 0) AS spend, "
        f"COALESCE(later.orders, 0) AS orders FROM {_KNOWN} AS known LEFT JOIN ({_later(shop, split)}) AS later "
        f"ON later.customer = known.customer WHERE known.looked_at ORDER BY known.customer_id",
        "holdout",
    )
    orders = data.column("orders").to_numpy().astype(float)
    return pd.DataFrame(
        {
            "spend": data.column("spend").to_numpy().astype(float),
            "orders": orders,
            "silence": (orders == 0).astype(float),
            "fold": data.column("fold").to_numpy().astype(np.int64),
        },
        index=pd.Index(data.column("customer_id").to_pylist(), name="customer_id", dtype="str"),
    )


def _later(shop: Shop, split: Split) -> str:
    """Spend and orders after the split: an order is one with a purchase, spend is net of returns."""
    dialect = shop.engine.dialect
    return (
        f"SELECT lines.customer_id AS customer, {dialect.money('COALESCE(SUM(amount), 0)')} AS spend, "
        f"COUNT(DISTINCT CASE WHEN {PURCHASE} THEN order_id END) AS orders FROM {lines_of(shop)} AS lines "
        f"JOIN {_KNOWN} AS wanted ON wanted.customer = lines.customer_id AND wanted.looked_at "
        f"WHERE ordered_at >= {dialect.date(split.split_on)} AND ordered_at < {dialect.date(split.until)} "
        f"GROUP BY lines.customer_id"
    )


def _newcomers(engine: Engine) -> tuple[int, float]:
    """Count customers who first ordered after the split, and their share of the spend since."""
    f64, is_new = engine.dialect.f64, "after > 0 AND before = 0"
    count, new, total = engine.row(
        f"SELECT COUNT(CASE WHEN {is_new} THEN 1 END), {f64(f'SUM(CASE WHEN {is_new} THEN spend END)')}, "
        f"{f64('SUM(spend)')} FROM {SPANS}",
        "holdout",
    )
    return int(count), float(new or 0.0) / float(total) if total and total > 0 else float("nan")


@contextmanager
def _cut_off(engine: Engine, shop: Shop, split: Split) -> Iterator[None]:
    """Lay tables that end on the day of the split over those of the shop; they hold the chosen customers alone."""
    day = engine.dialect.date(split.split_on)
    wanted = f"customer_id IN (SELECT customer_id FROM {_KNOWN} WHERE looked_at)"
    times = {_LINES: "ordered_at", _EVENTS: "happened_at"} if TableKind.EVENTS in shop.roles else {_LINES: "ordered_at"}
    with ExitStack() as overlays:
        for relation, time in times.items():
            select = f"SELECT * FROM {relation} WHERE {time} < {day} AND {wanted}"
            overlays.enter_context(engine.overlaid(relation, select))
        yield


def _as_it_stood(shop: Shop, split: Split) -> Shop:
    """Give the shop of the day of the split."""
    return dataclasses.replace(
        shop,
        as_of=split.split_on,
        roles={kind: roles for kind, roles in shop.roles.items() if kind in (TableKind.ORDERS, TableKind.EVENTS)},
        given=(),
        findings=(),
        coded=False,
        kept=set(),
    )
