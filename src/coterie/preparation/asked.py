"""A basis that was asked for by name."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from coterie.errors import ConfigError
from coterie.preparation.quality import Column, unusable
from coterie.vocabulary import Barred

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.vocabulary import Feature

#: The word that asks for every usable feature.
ALL = "all"
#: Columns that are never part of a basis, asked for or not.
NEVER = frozenset({Barred.IDENTIFIER, Barred.PERSONAL, Barred.SPECIAL, Barred.AUDIT})
#: What to tell a person who builds segments on a column that is otherwise barred.
CAUTIONS = {
    Barred.OUTCOME: "is an outcome: segments built on it describe who answered, they cannot foretell it",
    Barred.TREATMENT: "says who was treated in a campaign: segments built on it mix the campaign with the customers",
    Barred.FREE_TEXT: "is free text: only values that many customers share can count",
}

Decision = tuple[list["Feature"], dict[str, str], list[str]]


def resolve(features: Sequence[Feature], looks: Mapping[str, Column], asked: Sequence[str]) -> Decision:
    """Find the features that were asked for.

    Returns
    -------
    chosen : list of Feature
        In the order asked for.
    left_out : dict of str to str
    sentences : list of str

    Raises
    ------
    ConfigError
        When a name is not known or names a column that may not be used.
    """
    wanted: dict[str, Feature] = {}
    for name in asked:
        found = _all_of(features) if key_of(name) == ALL else _find(name, features)
        wanted |= {feature.name: feature for feature in found}
    useless = {name: why for name in wanted if (why := unusable(wanted[name], looks[name]))}
    chosen = [feature for name, feature in wanted.items() if name not in useless]
    left_out = {f.name: useless.get(f.name) or why_not(f) for f in features if f not in chosen}
    by_name = {key_of(name) for name in asked} - {ALL}
    if not by_name:
        return chosen, left_out, ["As asked, every usable feature counts."] if chosen else []
    dropped = [f"'{name}' was asked for, but does not count: {why}." for name, why in useless.items()]
    return chosen, left_out, [*dropped, *_cautions(chosen)]


def key_of(name: str) -> str:
    """Reduce a name to its letters and digits in lower case, so that "Annual Income (k$)" finds `annual_income_k`."""
    return re.sub(r"[\W_]+", "", name.casefold())


def why_not(feature: Feature) -> str:
    """Say why a feature that was not asked for is not in the basis."""
    return f"{feature.barred}" if feature.barred else "not asked for"


def _all_of(features: Sequence[Feature]) -> list[Feature]:
    return [feature for feature in features if feature.barred is None]


def _find(name: str, features: Sequence[Feature]) -> list[Feature]:
    key = key_of(name)
    by_name = [feature for feature in features if key_of(feature.name) == key]
    found = by_name or [feature for feature in features if key in {key_of(feature.origin), key_of(feature.label)}]
    if not key or len(found) != 1:
        raise _unknown(name, features)
    for feature in found:
        if feature.barred in NEVER:
            raise _never(name, feature.barred)
    return found


def refuse_never(asked: Sequence[str], barred: Mapping[str, Barred | None]) -> None:
    """Refuse columns that say who somebody is, also where they never became a feature.

    Parameters
    ----------
    asked : sequence of str
        Names of features or columns.
    barred : mapping of str to Barred or None
        Column header -> why it may not be part of a basis.

    Raises
    ------
    ConfigError
    """
    never = {key_of(column): why for column, why in barred.items() if why in NEVER}
    for name in asked:
        if key_of(name) in never:
            raise _never(name, never[key_of(name)])


_WHY_NEVER: dict[Barred, str] = {
    Barred.PERSONAL: "It holds personal data, which says who a customer is, not what kind of customer.",
    Barred.IDENTIFIER: "It holds an identifier, which says who a customer is, not what kind of customer.",
    Barred.SPECIAL: "It is about religion, health, origin or another specially protected matter.",
    Barred.AUDIT: "Only the check of fairness may look at it, as --audit says.",
}


def _never(name: str, barred: Barred | None) -> ConfigError:
    out = f"Take '{name}' out of --basis ([basis] columns)."
    special = f" If it must be used, say why: --allow-special {name} --reason TEXT."
    return ConfigError(
        f"Column '{name}' cannot be part of the basis.",
        found=_WHY_NEVER[barred] if barred else "",
        remedy=out + (special if barred is Barred.SPECIAL else ""),
    )


def _unknown(name: str, features: Sequence[Feature]) -> ConfigError:
    usable = [feature.name for feature in features if feature.barred not in NEVER]
    key = key_of(name)
    within = [known for known in usable if key and key in key_of(known)]
    near = list(dict.fromkeys([*within, *difflib.get_close_matches(name.casefold(), usable, n=3, cutoff=0.6)]))[:3]
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return ConfigError(
        f"There is no feature or column '{name}' to build segments on.",
        found=f"There are: {', '.join(usable) or 'none'}.",
        remedy=f"{hint}Name features in --basis ([basis] columns), or 'all' for every usable one.",
    )


def _cautions(chosen: Sequence[Feature]) -> list[str]:
    barred = [feature for feature in chosen if feature.barred in CAUTIONS]
    told = [f"Used because it was asked for: '{f.name}' {CAUTIONS[f.barred]}." for f in barred if f.barred]
    return ["The basis is the one that was asked for.", *told] if chosen else told
