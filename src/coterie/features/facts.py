"""What a shop's tables really hold: asked of the engine in one scan a table, so that no feature rests on a guess."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.customer_days import PURCHASE
from coterie.sources.shop import CODED_LINES, RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from coterie.engines.base import Engine
    from coterie.sources.shop import Shop

#: Facts about order lines: an expression over `order_lines` that is above 0 where the fact holds.
ORDER_FACTS = {
    "orders": "COUNT(*)",
    "dates": "COUNT(ordered_at)",
    "times": "COUNT(CASE WHEN ordered_at <> CAST(CAST(ordered_at AS DATE) AS TIMESTAMP) THEN 1 END)",
    "amount": "COUNT(amount)",
    "quantity": "COUNT(quantity)",
    "products": "COUNT(product)",
    "categories": f"COUNT(CASE WHEN {PURCHASE} THEN category END)",
    "discounts": "COUNT(CASE WHEN discount > 0 THEN 1 END)",
    "returns": "COUNT(CASE WHEN is_return THEN 1 END)",
    "channels": "CASE WHEN MIN(channel) < MAX(channel) THEN 1 ELSE 0 END",
    "countries": "CASE WHEN MIN(country) < MAX(country) THEN 1 ELSE 0 END",
}

#: Facts about events on the site.
EVENT_FACTS = {
    "events": "COUNT(*)",
    "visit_dates": "COUNT(happened_at)",
    "sessions": "COUNT(session_id)",
    "durations": "COUNT(duration_seconds)",
    "browsed": "COUNT(category)",
    "devices": "CASE WHEN MIN(device) < MAX(device) THEN 1 ELSE 0 END",
}


@dataclass(frozen=True)
class Facts:
    """Which facts hold, and the first day not seen.

    `as_of` is the shop's own; without one, the day after the last dated order line, else after the last event.
    """

    holding: frozenset[str]
    as_of: dt.date | None

    def has(self, *facts: str) -> bool:
        """Whether all of `facts` hold."""
        return self.holding.issuperset(facts)


def learn(shop: Shop) -> Facts:
    """Ask the engine what the tables hold before `shop.as_of`."""
    holding: set[str] = set()
    last: list[dt.datetime] = []
    asked = ((TableKind.ORDERS, ORDER_FACTS, "ordered_at"), (TableKind.EVENTS, EVENT_FACTS, "happened_at"))
    for kind, facts, time in asked:
        if kind in shop.roles:
            relation = CODED_LINES if shop.coded and kind is TableKind.ORDERS else RELATIONS[kind]
            found, latest = _ask(shop.engine, relation, facts, time, shop.as_of)
            holding |= found
            last += [latest] if latest else []
    as_of = shop.as_of or (last[0].date() + dt.timedelta(days=1) if last else None)
    return Facts(frozenset(holding), as_of)


def _ask(
    engine: Engine, relation: str, facts: dict[str, str], time: str, as_of: dt.date | None
) -> tuple[set[str], dt.datetime | None]:
    before = f" WHERE {time} IS NULL OR {time} < {engine.dialect.date(as_of)}" if as_of else ""
    *counts, latest = engine.row(f"SELECT {', '.join(facts.values())}, MAX({time}) FROM {relation}{before}", "facts")
    return {fact for fact, count in zip(facts, counts, strict=True) if count}, latest
