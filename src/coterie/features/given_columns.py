"""Single columns of a customer table as features: which side of a customer each shows, age, time since sign-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.features.catalog import CATALOG
from coterie.vocabulary import Block, Feature, Kind

if TYPE_CHECKING:
    import datetime as dt

    from coterie.sources.shop import GivenColumn


@dataclass(frozen=True)
class Column:
    """A feature with its values, in the order of the customer table."""

    feature: Feature
    data: np.ndarray


#: Roles of a customer table that say who somebody is.
_WHO = frozenset({"age", "birth_date", "birth_year", "gender", "income", "country", "city", "postcode"})

_ROLE_BLOCKS = {
    "recency_days": Block.RHYTHM,
    "order_count": Block.RHYTHM,
    "signed_up_on": Block.RHYTHM,
    "total_spend": Block.VALUE,
    "spend_in_category": Block.INTERESTS,
    "orders_in_channel": Block.OTHER,
    "visit_count": Block.BROWSING,
}

#: Words in a header that say which side of a customer the column shows; the first block with a hit wins.
_WORDS = {
    Block.DEMOGRAPHICS: "age gender sex income salary education degree marital married kid kids kidhome teen teens "
    "teenhome child children household family family_size profession occupation job work city region state country zip "
    "urban bildung beruf kinder familienstand einkommen geschlecht alter profession enfants revenu sexe profesion "
    "hijos estado_civil ingresos sexo educacion",
    Block.BROWSING: "visit visits visitor session sessions page pages click clicks view views besuche visites",
    Block.BASKET: "basket discount discounts deal deals coupon coupons return returns quantity items rabatt remise "
    "descuento",
    Block.RHYTHM: "recency frequency orders order purchases purchase tenure membership bestellungen commandes pedidos",
    Block.VALUE: "spend spent spending revenue sales monetary value amount umsatz depense gasto",
    Block.INTERESTS: "category categories favourite favorite interest interests preferred preference",
}

_ENDS = {"age": ("older", "younger"), "income": ("high income", "low income")}

#: Kinds that may enter a basis chosen by itself; categories, flags and dates of a customer table describe.
_ACTIONABLE = frozenset({Kind.MONEY, Kind.COUNT, Kind.DAYS, Kind.SHARE, Kind.NUMBER, Kind.ORDERED})


def as_given(column: GivenColumn, values: np.ndarray, taken: frozenset[str], *, actionable: bool) -> Column:
    """Give a column under its own name; `given_` before it when a feature has that name already."""
    high, low = _ENDS.get(column.role, (f"high {column.label}", f"low {column.label}"))
    numeric = column.kind in _ACTIONABLE
    feature = Feature(
        name=column.name if column.name not in taken else f"given_{column.name}",
        label=column.label,
        unit=column.unit,
        kind=column.kind,
        block=block_of(column),
        meaning=f"Column '{column.source}' of the customer table.",
        high=high if numeric else "",
        low=low if numeric else "",
        actionable=actionable and numeric and not column.barred and column.role != "postcode",
        barred=column.barred,
        origin=column.source,
        levels=column.levels,
    )
    return Column(feature, values)


def block_of(column: GivenColumn) -> Block:
    """Guess the side of a customer that a column shows: by its role, else by the words of its name."""
    if column.role in _WHO:
        return Block.DEMOGRAPHICS
    if column.role in _ROLE_BLOCKS:
        return _ROLE_BLOCKS[column.role]
    words = set(column.name.split("_")) | {column.name}
    return next((block for block, known in _WORDS.items() if words & set(known.split())), Block.OTHER)


def age_on(column: GivenColumn, values: np.ndarray, as_of: dt.date, oldest: int) -> tuple[Column, int]:
    """Age in whole years on the day before `as_of`, the last day seen.

    A birth year gives the age reached in that year. Ages below 0 or above `oldest` are unknown.

    Returns
    -------
    column : Column
    implausible : int
        How many ages were made unknown.
    """
    today = pd.Timestamp(as_of) - pd.Timedelta(days=1)
    if column.role == "birth_year":
        age = today.year - values
    else:
        born = pd.DatetimeIndex(values)
        before = (born.month > today.month) | ((born.month == today.month) & (born.day > today.day))
        age = np.asarray(today.year - born.year, dtype=np.float64) - before
    odd = (age < 0) | (age > oldest)
    feature = Feature(
        "age", "age", "years", Kind.NUMBER, Block.DEMOGRAPHICS,
        f"Age in whole years on the last day seen, from column '{column.source}'.",
        high="older", low="younger", actionable=True, origin=column.source,
    )  # fmt: skip
    return Column(feature, np.where(odd, np.nan, age)), int(odd.sum())


def days_since(column: GivenColumn, values: np.ndarray, as_of: dt.date, taken: frozenset[str]) -> Column:
    """Days from sign-up to `as_of`: the tenure where no orders tell it; unknown for days on or after `as_of`."""
    known = pd.DatetimeIndex(values)
    days = np.asarray((pd.Timestamp(as_of) - known).days, dtype=np.float64)
    days = np.where(days > 0, days, np.nan)
    tenure = CATALOG["tenure_days"].feature
    meaning = f"Days from sign-up to the first day not seen, from column '{column.source}'."
    name = "tenure_days" if "tenure_days" not in taken else "days_since_sign_up"
    return Column(replace(tenure, name=name, label="days since sign-up", meaning=meaning, origin=column.source), days)
