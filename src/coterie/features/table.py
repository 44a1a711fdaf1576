"""One row a customer: the SQL steps joined and run once, and the columns of the customer table beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.engines.steps import Step, chain
from coterie.errors import NotEnoughDataError
from coterie.features import plan
from coterie.features.categories import Share, columns_for, count_categories, largest
from coterie.features.entries import ENTRIES, Definition
from coterie.features.facts import Facts, learn
from coterie.features.fetching import PLACES, Columns, whole_frame
from coterie.features.given import add_given
from coterie.features.ignored import without_ignored, without_ignored_roles
from coterie.features.product_groups import derive_product_groups, store_product_groups
from coterie.features.product_words import OTHER_PRODUCTS
from coterie.progress import SILENT
from coterie.sources.shop import CODED_LINES, RELATIONS
from coterie.vocabulary import CustomerTable, Families, Feature, Finding, Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from coterie.config import FeaturesSettings
    from coterie.engines.base import Engine
    from coterie.progress import Progress
    from coterie.sources.shop import Shop

#: Tables that the steps leave in the engine for a while.
_TEMPORARY = ("orders", "customer_products", "product_groups", "customer_categories")

_CHANNELS, _BROWSED = 4, 6

#: Channels up to this number are counted side by side.
_FEW_CHANNELS = 8


def build(
    shop: Shop, settings: FeaturesSettings, *, families: Families | None = None, progress: Progress = SILENT
) -> CustomerTable:
    """Make the customer table.

    Parameters
    ----------
    shop : Shop
        Tables in our vocabulary inside an engine; order lines never leave it.
    settings : FeaturesSettings
        What to leave out, and how many categories get a feature of their own.
    families : Families, optional
        Those of an earlier table, so that these customers get the same columns; by default chosen from the shop.
    progress : Progress
        Is told how far the work is.

    Returns
    -------
    CustomerTable
        All customers with an order line before `as_of` and all of the customer table, sorted by id. A feature is there
        when the tables hold what it needs. Where the shop has no `as_of`, it is the day after the last date found.

    Raises
    ------
    NotEnoughDataError
        When there is no customer at all.

    Notes
    -----
    Three scans of the order lines, O(lines) time; memory in Python is O(customers × features).
    """
    work = _Work(shop, settings, without_ignored_roles(learn(shop), shop, settings), families)
    try:
        _materialise(work)
        progress.advance(0.6)
        table = _fetch(work)
    finally:
        for name in (*_TEMPORARY, *work.kept):
            shop.engine.drop(name)
    progress.advance(0.9)
    table = add_given(table, shop, settings)
    table = without_ignored(table, shop, settings)
    progress.advance(1.0)
    return table


@dataclass
class _Work:
    """What is known while the table is made."""

    shop: Shop
    settings: FeaturesSettings
    facts: Facts
    pinned: Families | None = None
    shares: dict[str, tuple[Share, ...]] = field(default_factory=dict)
    notes: list[Finding] = field(default_factory=list)
    product_groups: Mapping[str, str] = field(default_factory=dict)
    n_categories: int = 0
    kept: list[str] = field(default_factory=list)  # steps that lie in the engine as tables of their own
    few_channels: tuple[str, ...] = ()  # SQL literals of all channels, where there are few

    @property
    def keyed(self) -> bool:
        """Whether customers go by number until the end; visits on the site know them by their id."""
        return self.shop.coded and TableKind.EVENTS not in self.shop.roles

    @property
    def grouped(self) -> bool:
        return bool(self.product_groups)

    @property
    def has_categories(self) -> bool:
        return self.grouped or self.facts.has("categories")

    def parameters(self) -> dict[str, object]:
        """Everything that a step may ask for."""
        dialect = self.shop.engine.dialect
        as_of = dialect.date(self.facts.as_of) if self.facts.as_of else "CAST(NULL AS DATE)"
        days = dialect.days_between
        weight = dialect.f64("weight")
        return {
            "as_of": as_of,
            "dated": self.facts.as_of is not None,
            "grouped": self.grouped,
            "category": "product_groups.category" if self.grouped else "bought.category",
            "recent": f"2 * {days('first_on', 'ordered_on')} >= {days('first_on', as_of)}",
            "keyed": self.keyed,
            "order_lines": CODED_LINES if self.keyed else RELATIONS[TableKind.ORDERS],
            "few_channels": self.few_channels,
            "weight_log": dialect.decimal(f"CASE WHEN weight > 0 THEN {weight} * LN({weight}) ELSE 0 END", 38, 12),
            **{fact: self.facts.has(fact) for fact in ("amount", "channels", "countries", "sessions")},
        }


def _materialise(work: _Work) -> None:
    """Put the orders and what was bought into temporary tables: one scan of the order lines each."""
    if not work.facts.has("orders"):
        return
    _create(work, "orders", "lines", "orders")
    if work.facts.has("products") or work.facts.has("categories"):
        if not work.facts.has("categories") and work.settings.product_groups:
            _create(work, "customer_products", "lines", "customer_products")
            _group_products(work)
            work.shop.engine.drop("customer_products")
        _create(work, "customer_categories", "lines", "customer_categories")


def _group_products(work: _Work) -> None:
    """Derive product groups, or use those of an earlier table."""
    if work.pinned:
        work.product_groups = work.pinned.product_groups
        if work.grouped:
            store_product_groups(work.shop.engine, work.product_groups)
        return
    groups = derive_product_groups(work.shop.engine, work.settings.max_categories, keyed=work.keyed)
    work.product_groups = groups.of_product
    work.notes += [_told(groups.names)] if groups.names else []


def _told(groups: tuple[str, ...]) -> Finding:
    return Finding(
        "derived-product-groups",
        Severity.NOTE,
        f"The products have no category; {len(groups)} groups were derived from their names and from who buys them: "
        f"{', '.join(groups)}.",
        "Give the order lines a category column, or set features.product_groups = false.",
        table="orders",
        column="product_name",
        count=len(groups),
    )


def _create(work: _Work, name: str, *chained: str) -> None:
    dialect = work.shop.engine.dialect
    query = chain([plan.step(each, dialect, work.parameters()) for each in chained])
    work.shop.engine.keep(name, query)


def _fetch(work: _Work) -> CustomerTable:
    _choose_shares(work)
    entries = [entry for entry in ENTRIES if work.facts.has(*_needs(work, entry))]
    features = {feature.name: (feature, entry) for entry in entries for feature in _features_of(entry, work.shares)}
    make = _step_by_step if work.keyed else _as_one_query
    frame = make(work, features) if _everyone(work) else None
    if frame is None or not len(frame):
        raise NotEnoughDataError(
            "There is no customer to describe.",
            found=f"No order line lies before {work.facts.as_of}." if work.facts.as_of else "The tables hold no row.",
            remedy="Set --as-of to a later day, or hand over a table with customers.",
        )
    meanings = {name: feature for name, (feature, _) in features.items()}
    work.notes += _only_returned(frame)
    return CustomerTable(
        frame=frame,
        features=meanings,
        value="net_revenue" if "net_revenue" in meanings else None,
        as_of=work.facts.as_of,
        currency=work.shop.currency,
        notes=tuple(work.notes),
        families=Families(
            {family: tuple(share.value for share in shares) for family, shares in work.shares.items()},
            work.product_groups,
            work.n_categories,
        ),
    )


def _only_returned(frame: pd.DataFrame) -> list[Finding]:
    """Tell of customers whose every line is a return or a charge: what they bought lies before these data."""
    if not {"recency_days", "order_count"} <= set(frame.columns):
        return []
    count = int(((frame["order_count"] == 0) & frame["recency_days"].notna()).sum())
    if not count:
        return []
    return [
        Finding(
            "only-returns",
            Severity.NOTE,
            f"{count:,} customers have returns or charges but no order; their recency and tenure count from those.",
            table="orders",
            count=count,
        )
    ]


def _needs(work: _Work, entry: Definition) -> list[str]:
    """Facts that an entry waits for; derived product groups are as good as categories."""
    return [need for need in entry.needs if not (need == "categories" and work.grouped)]


def _features_of(entry: Definition, shares: dict[str, tuple[Share, ...]]) -> list[Feature]:
    if entry.is_family:
        return [share.feature for share in shares.get(entry.feature.name, ())]
    return [entry.feature]


def _choose_shares(work: _Work) -> None:
    """Decide which categories and channels get a feature of their own: those with the most money, orders or events."""
    if work.has_categories:
        other = work.shop.engine.dialect.text(OTHER_PRODUCTS)
        query = f"SELECT category AS value, SUM(weight) AS weight FROM customer_categories \
WHERE category IS NOT NULL AND category <> {other} GROUP BY category"
        _choose(work, "share_<category>", query, work.settings.max_categories)
        work.n_categories = work.pinned.n_categories if work.pinned else count_categories(work.shop.engine)
    if work.facts.has("orders", "channels"):
        query = "SELECT channel AS value, COUNT(*) AS weight FROM orders WHERE channel IS NOT NULL GROUP BY channel"
        work.few_channels = _few_channels(work.shop.engine)
        _choose(work, "channel_share_<channel>", query, _CHANNELS)
    if work.facts.has("events", "browsed"):
        events = plan.step("events", work.shop.engine.dialect, work.parameters()).sql
        query = f"SELECT category AS value, COUNT(*) AS weight FROM ({events}) AS events \
WHERE category IS NOT NULL GROUP BY category"
        _choose(work, "browse_share_<category>", query, _BROWSED)


def _few_channels(engine: Engine) -> tuple[str, ...]:
    query = f"SELECT channel FROM orders WHERE channel IS NOT NULL GROUP BY channel LIMIT {_FEW_CHANNELS + 1}"
    found = sorted(str(channel) for (channel,) in engine.rows(query, "channels"))
    return tuple(engine.dialect.text(channel) for channel in found) if len(found) <= _FEW_CHANNELS else ()


def _choose(work: _Work, family: str, query: str, limit: int) -> None:
    engine = work.shop.engine
    if work.pinned:
        work.shares[family] = columns_for(engine, family, work.pinned.chosen.get(family, ()))
    else:
        work.shares[family] = largest(engine, family, query, limit)


def _as_one_query(work: _Work, features: dict[str, tuple[Feature, Definition]]) -> pd.DataFrame:
    """Make the customer table by one query over all steps."""
    dialect = work.shop.engine.dialect
    parameters = _last_parameters(work)
    origins = {feature.origin for feature, _ in features.values()}
    steps = plan.steps({"everyone", *origins}, dialect, parameters)
    columns = [f"{_column(feature, entry, work)} AS {dialect.own(name)}" for name, (feature, entry) in features.items()]
    joined = [step.name for step in steps if step.name in origins]
    last = plan.step("customers", dialect, {"columns": columns, "joined": joined})
    data = work.shop.engine.arrow(chain([*steps, Step("customers", last.sql)]), "customers")
    return whole_frame(data, {name: feature for name, (feature, _) in features.items()})


def _step_by_step(work: _Work, features: dict[str, tuple[Feature, Definition]]) -> pd.DataFrame:
    """Make the customer table step by step, so that the engine holds one of them at a time."""
    engine, parameters = work.shop.engine, _last_parameters(work)
    work.kept.append(PLACES)
    everyone = plan.step("everyone", engine.dialect, parameters).sql
    engine.keep(
        PLACES,
        "SELECT customer_id, customer, ROW_NUMBER() OVER (ORDER BY customer_id) - 1 AS place "
        f"FROM ({everyone}) AS everyone",
    )
    ids = engine.arrow(f"SELECT customer_id FROM {PLACES} ORDER BY place", "customers").column("customer_id")
    zero = frozenset(name for name, (_, entry) in features.items() if entry.absent_is_zero)
    columns = Columns(ids, {name: feature for name, (feature, _) in features.items()}, zero)
    for origin in dict.fromkeys(feature.origin for feature, _ in features.values()):
        shown = {name: _column(*each, work) for name, each in features.items() if each[0].origin == origin}
        columns.fill(engine, plan.steps([origin], engine.dialect, parameters), shown)
    return columns.frame()


def _last_parameters(work: _Work) -> dict[str, object]:
    """Everything that a step of the last query may ask for."""
    return work.parameters() | {
        "sources": _everyone(work),
        "category_shares": work.shares.get("share_<category>", ()),
        "channel_shares": work.shares.get("channel_share_<channel>", ()),
        "browse_shares": work.shares.get("browse_share_<category>", ()),
        "log_categories": repr(math.log(max(work.n_categories, 2))),
    }


def _everyone(work: _Work) -> list[str]:
    """Where customers come from; visitors count as customers only where nothing else is known."""
    orders, given = work.facts.has("orders"), TableKind.CUSTOMERS in work.shop.roles
    there = {
        "orders": orders,
        "given_customers": given,
        "site_events": work.facts.has("events") and not orders and not given,
    }
    return [relation for relation, is_there in there.items() if is_there]


def _column(feature: Feature, entry: Definition, work: _Work) -> str:
    dialect = work.shop.engine.dialect
    value = f"{feature.origin}.{dialect.own(feature.name)}"
    if entry.absent_is_zero:
        value = f"COALESCE({value}, 0)"
    return dialect.f64(value) if feature.is_numeric else value
