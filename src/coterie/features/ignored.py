"""What the settings leave out: features by name, and columns by their header."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

from coterie.vocabulary import Finding, Severity, TableKind

if TYPE_CHECKING:
    from coterie.config import FeaturesSettings
    from coterie.features.facts import Facts
    from coterie.sources.shop import Shop
    from coterie.vocabulary import CustomerTable

#: Role of a column of orders or events -> the fact that no longer holds when that column is ignored.
_FACTS = {
    (TableKind.ORDERS, "country"): "countries",
    (TableKind.ORDERS, "channel"): "channels",
    (TableKind.ORDERS, "discount"): "discounts",
    (TableKind.ORDERS, "category"): "categories",
    (TableKind.ORDERS, "product"): "products",
    (TableKind.ORDERS, "quantity"): "quantity",
    (TableKind.EVENTS, "category"): "browsed",
    (TableKind.EVENTS, "device"): "devices",
    (TableKind.EVENTS, "duration_seconds"): "durations",
}


def without_ignored_roles(facts: Facts, shop: Shop, settings: FeaturesSettings) -> Facts:
    """Forget the facts that rest on an ignored column of the orders or events."""
    ignored = _names(settings)
    gone = {
        _FACTS.get((table.kind, guess.role))
        for table in shop.tables
        for guess in table.guesses
        if guess.column.casefold() in ignored
    }
    return dataclasses.replace(facts, holding=facts.holding - gone)


def without_ignored(table: CustomerTable, shop: Shop, settings: FeaturesSettings) -> CustomerTable:
    """Drop the features that are ignored by name, and tell of names that are nothing's."""
    ignored = _names(settings)
    kept = {name: feature for name, feature in table.features.items() if name.casefold() not in ignored}
    known = {name.casefold() for name in (*table.features, *_columns(shop))}
    unknown = [name for name in settings.ignore if name.casefold() not in known]
    return dataclasses.replace(
        table,
        frame=table.frame[list(kept)],
        features=kept,
        value=table.value if table.value in kept else None,
        notes=(*table.notes, *(_nothing(name, sorted(table.features)) for name in unknown)),
    )


def _names(settings: FeaturesSettings) -> set[str]:
    return {name.casefold() for name in settings.ignore}


def _columns(shop: Shop) -> list[str]:
    """Headers and names of every column of the shop."""
    given = [name for column in shop.given for name in (column.name, column.source)]
    read = [name for table in shop.tables for name in (*table.unused, *(guess.column for guess in table.guesses))]
    return [*given, *read]


def _nothing(name: str, features: list[str]) -> Finding:
    near = difflib.get_close_matches(name, features, n=1, cutoff=0.5)
    return Finding(
        "ignored-nothing",
        Severity.WARNING,
        f"There is no column or feature '{name}' to ignore.",
        f"Did you mean '{near[0]}'?" if near else "See docs/features.md for the names of features.",
    )
