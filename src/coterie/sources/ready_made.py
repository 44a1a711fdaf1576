"""Families of columns in a customer table: spend by category (`MntWines`, `MntFruits`) and orders by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.sources.names import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: So many columns make a family.
SMALLEST_FAMILY = 3

_MONEY = frozenset(
    [
        "mnt",
        "spend",
        "spent",
        "spending",
        "amount",
        "amt",
        "sales",
        "revenue",
        "expenditure",
        "exp",
        "umsatz",
        "ausgaben",
        "betrag",
        "montant",
        "depense",
        "depenses",
        "gasto",
        "gastos",
        "importe",
        "ventas",
    ]
)
_ORDERS = frozenset(
    ["purchases", "orders", "purchase", "order", "bestellungen", "kaeufe", "commandes", "achats", "pedidos", "compras"]
)
_CHANNELS = frozenset(
    [
        "web",
        "store",
        "catalog",
        "catalogue",
        "online",
        "offline",
        "app",
        "phone",
        "shop",
        "email",
        "mobile",
        "marketplace",
        "katalog",
        "filiale",
        "laden",
        "tienda",
        "boutique",
        "telefon",
        "telephone",
        "telefono",
        "site",
        "website",
        "instore",
        "retail",
        "call",
        "amazon",
        "ebay",
        "internet",
        "social",
    ]
)
_FILLERS = frozenset(
    [
        "num",
        "number",
        "nb",
        "count",
        "anzahl",
        "nombre",
        "numero",
        "total",
        "products",
        "product",
        "prods",
        "prod",
        "items",
        "on",
        "in",
        "of",
        "the",
        "at",
        "by",
        "avg",
        "produkte",
        "produits",
        "productos",
        "month",
        "year",
        "monthly",
        "yearly",
    ]
)


def families(columns: Sequence[str], number_like: Mapping[str, bool]) -> dict[str, tuple[str, str]]:
    """Find the families.

    Parameters
    ----------
    columns : sequence of str
        Headers without a role.
    number_like : mapping of str to bool
        Whether a column holds numbers.

    Returns
    -------
    dict of str to (str, str)
        Column -> role (`spend_in_category` or `orders_in_channel`) and the category or channel.
    """
    candidates = [column for column in columns if number_like[column]]
    channels = {column: detail for column in candidates if (detail := _channel(column))}
    spend = {column: detail for column in candidates if column not in channels and (detail := _category(column))}
    found: dict[str, tuple[str, str]] = {}
    if len(channels) >= 2:
        found |= {column: ("orders_in_channel", detail) for column, detail in channels.items()}
    for affix in sorted({_affix(column) for column in spend}):
        members = [column for column in spend if _affix(column) == affix]
        if len(members) >= SMALLEST_FAMILY:
            found |= {column: ("spend_in_category", spend[column]) for column in members}
    return found


def _affix(column: str) -> str:
    """Give the money word that a header begins or ends with."""
    own = words(column)
    if own and own[0] in _MONEY:
        return own[0]
    return own[-1] if own and own[-1] in _MONEY else ""


def _category(column: str) -> str:
    if not _affix(column):
        return ""
    return _title(word for word in words(column) if word not in _MONEY and word not in _FILLERS)


def _channel(column: str) -> str:
    own = words(column)
    if not set(own) & _ORDERS or not set(own) & _CHANNELS:
        return ""
    rest = [word for word in own if word not in _ORDERS and word not in _FILLERS]
    return _title(rest) if all(word in _CHANNELS for word in rest) else ""


def _title(parts: Iterable[str]) -> str:
    return " ".join(parts).capitalize()
