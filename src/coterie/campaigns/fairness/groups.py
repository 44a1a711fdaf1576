"""Groups of people that a check of fairness looks at: bands of age, gender, places, and columns named for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.vocabulary import Barred, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from coterie.vocabulary import CustomerTable, Feature

#: Groups of fewer customers are not judged: their shares are mostly chance.
FEWEST = 30
#: More groups than this are not compared; the smaller ones are counted together.
MOST_GROUPS = 12
#: Lower bounds of the bands of age, in years.
AGES = (0, 25, 35, 45, 55, 65)
OTHERS = "others"

_PLACES = ("region", "state", "country", "city", "postcode", "order_country")
_REGION_WORDS = frozenset(
    ["region", "state", "province", "county", "bundesland", "departement", "departamento", "provincia", "regione",
     "kanton", "canton", "comunidad"]
)  # fmt: skip
_GENDER_WORDS = frozenset(["gender", "sex", "geschlecht", "sexe", "sexo", "genero", "sesso", "genere"])


@dataclass(frozen=True)
class Attribute:
    """Customers parted into groups.

    Attributes
    ----------
    name : str
        The feature.
    label : str
        In plain words: "age".
    groups : tuple of str
        Names of the groups, the largest first (ages in their order).
    codes : int array of shape (n_customers,)
        Place in `groups`; -1 where unknown, or in a group of fewer than `FEWEST`.
    left_out : int
        Customers of groups that are too small to judge.
    unknown : int
        Customers about whom nothing is known.
    origin : str
        What the study did with it: "audit" (nothing else), "basis" (segments are built on it), or "described".
    """

    name: str
    label: str
    groups: tuple[str, ...]
    codes: np.ndarray
    left_out: int
    unknown: int
    origin: str


def attributes(customers: CustomerTable, basis: Collection[str], roles: Mapping[str, str]) -> tuple[Attribute, ...]:
    """Find the groups of a shop's customers: age, gender, one column of places, and what was named for the audit.

    Parameters
    ----------
    customers : CustomerTable
    basis : collection of str
        Features that the segments are built on.
    roles : mapping of str to str
        Header of a given column -> its role, such as "gender" or "city".

    Returns
    -------
    tuple of Attribute
        Those with at least two groups that are large enough, in the order told.
    """
    chosen: dict[str, Feature] = {}
    for find in (_is_age, _is_gender):
        found = [f for f in customers.features.values() if find(f, roles)]
        chosen |= {feature.name: feature for feature in found[:1]}
    chosen |= {feature.name: feature for feature in _place(customers, roles)}
    chosen |= {name: feature for name, feature in customers.features.items() if feature.barred is Barred.AUDIT}
    made = [_attribute(feature, customers, basis, roles) for feature in chosen.values()]
    return tuple(attribute for attribute in made if len(attribute.groups) >= 2)


def _is_age(feature: Feature, roles: Mapping[str, str]) -> bool:
    aged = feature.name == "age" or roles.get(feature.origin) in ("age", "birth_date", "birth_year")
    return aged and feature.kind not in (Kind.CATEGORY, Kind.FLAG)


def _is_gender(feature: Feature, roles: Mapping[str, str]) -> bool:
    named = bool(_GENDER_WORDS & set(feature.name.split("_")))
    return (roles.get(feature.origin) == "gender" or named) and feature.kind in (Kind.CATEGORY, Kind.FLAG)


def _place(customers: CustomerTable, roles: Mapping[str, str]) -> list[Feature]:
    """Give the column of places that says most: a region before a country of several, before cities."""
    ranked = []
    for feature in customers.features.values():
        role = roles.get(feature.origin, "") if feature.origin in roles else feature.name
        words = set(feature.name.split("_"))
        kind = "region" if words & _REGION_WORDS else role
        if kind in _PLACES and feature.kind is Kind.CATEGORY:
            several = customers.frame[feature.name].value_counts()
            ranked.append((int((several >= FEWEST).sum()) < 2, _PLACES.index(kind), feature.name))
    return [customers.features[name] for _, _, name in sorted(ranked)[:1]]


def _attribute(
    feature: Feature, customers: CustomerTable, basis: Collection[str], roles: Mapping[str, str]
) -> Attribute:
    column = customers.frame[feature.name]
    if _is_age(feature, roles) and feature.kind is not Kind.ORDERED:
        codes, names = _ages(column, feature, customers)
    elif feature.is_numeric and feature.kind not in (Kind.ORDERED, Kind.FLAG):
        codes, names = _quarters(column.to_numpy(dtype=float), feature.label)
    else:
        codes, names = _levels(column, feature)
    kept, groups, left_out = _large_enough(codes, names)
    audit = feature.barred is Barred.AUDIT
    origin = "audit" if audit else "basis" if feature.name in basis else "described"
    return Attribute(feature.name, feature.label, groups, kept, left_out, int((codes < 0).sum()), origin)


def _ages(column: pd.Series, feature: Feature, customers: CustomerTable) -> tuple[np.ndarray, list[str]]:
    if feature.kind is Kind.DATE:
        day = pd.Timestamp(customers.as_of or column.max())
        years = ((day - column).dt.days / 365.25).to_numpy(dtype=float)
    else:
        years = column.to_numpy(dtype=float)
        years = np.where(years > 1900, (customers.as_of.year if customers.as_of else np.nan) - years, years)
    known = np.isfinite(years)
    codes = np.where(known, np.searchsorted(AGES, np.where(known, years, 0), side="right") - 1, -1)
    ends = [*(str(upper - 1) for upper in AGES[2:]), ""]
    names = [
        f"under {AGES[1]}",
        *(f"{low} to {end}" if end else f"{low} and over" for low, end in zip(AGES[1:], ends, strict=True)),
    ]
    return codes, names


def _quarters(values: np.ndarray, label: str) -> tuple[np.ndarray, list[str]]:
    """Part other numbers into quarters."""
    known = np.isfinite(values)
    cuts = np.unique(np.quantile(values[known], [0.25, 0.5, 0.75])) if known.any() else np.array([])
    codes = np.where(known, np.searchsorted(cuts, np.where(known, values, 0), side="left"), -1)
    return codes, [f"{label}: quarter {place} of {len(cuts) + 1}" for place in range(1, len(cuts) + 2)]


def _levels(column: pd.Series, feature: Feature) -> tuple[np.ndarray, list[str]]:
    if feature.kind is Kind.FLAG:
        return column.fillna(-1).to_numpy(dtype=int), [f"no {feature.label}", feature.label]
    if feature.kind is Kind.ORDERED:
        return column.fillna(-1).to_numpy(dtype=int), list(feature.levels)
    counts = column.reset_index(drop=True).dropna().astype(str).value_counts()
    ranked = sorted(counts.index, key=lambda level: (-counts[level], level))
    names = [*ranked[:MOST_GROUPS], OTHERS] if len(ranked) > MOST_GROUPS else ranked
    place = {level: min(number, MOST_GROUPS) for number, level in enumerate(ranked)}
    codes = np.array([place.get(str(value), -1) if pd.notna(value) else -1 for value in column], dtype=int)
    return codes, names


def _large_enough(codes: np.ndarray, names: list[str]) -> tuple[np.ndarray, tuple[str, ...], int]:
    """Keep the groups that can be judged; the customers of the others count as left out."""
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    kept = [place for place in range(len(names)) if sizes[place] >= FEWEST]
    new = np.full(len(names) + 1, -1)
    new[kept] = np.arange(len(kept))
    return new[codes], tuple(names[place] for place in kept), int(sizes.sum() - sizes[kept].sum())
