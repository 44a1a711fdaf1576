"""Conditions of a playbook: which segments, by their numbers, a play is for."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: Facts that every segment has, beside the typical values of its features.
FACTS = {
    "customers": "number of customers",
    "share": "share of all customers, 0 to 1",
    "value_share": "share of all revenue, 0 to 1",
    "value_per_customer": "revenue per customer",
    "stability": "how surely the segment is found again, 0 to 1",
    "recency_score": "mean score for how recently they ordered, 1 to 5",
    "frequency_score": "mean score for how often they order, 1 to 5",
    "money_score": "mean score for how much they spent, 1 to 5",
    "consent_share": "share who agreed to letters, 0 to 1",
    "alive_share": "mean chance that a customer will order again, 0 to 1",
}
#: Features whose names depend on the shop's own categories and channels.
_FAMILY = re.compile(r"(share|browse_share|channel_share|spend_share|category_share)_.+")
#: Likeness, 0 to 1, from which an unknown name is taken for a misspelt one and not for a column of the shop's own.
_MISSPELT = 0.72
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_COMPARED = re.compile(rf"\s*(<=|>=|<|>|=)\s*({_NUMBER})\s*")
_BETWEEN = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")


@dataclass(frozen=True)
class Condition:
    """A fact and the range in which it must lie; the ends belong to it where they are `closed`."""

    fact: str
    low: float
    high: float
    closed: bool
    text: str  # as it stands in the playbook

    def holds(self, facts: Mapping[str, float]) -> bool:
        """Tell whether it is met; what is not known never is."""
        value = facts.get(self.fact, math.nan)
        return self.low <= value <= self.high if self.closed else self.low < value < self.high


def parse_condition(play: str, fact: str, text: object) -> Condition:
    """Read a condition such as `"<= 30"`, `"> 4"` or `"30..90"` (both ends included).

    Raises
    ------
    ConfigError
        Naming the play, the fact, what was found, and how to write it.
    """
    written = f"= {text}" if isinstance(text, (int, float)) and not isinstance(text, bool) else str(text)
    compared, between = _COMPARED.fullmatch(written), _BETWEEN.fullmatch(written)
    if between and float(between[1]) <= float(between[2]):
        return Condition(fact, float(between[1]), float(between[2]), True, written.strip())
    if not compared:
        raise ConfigError(
            f"The condition '{fact}' of the play '{play}' has no meaning.",
            found=f"It is {text!r}.",
            remedy=f'Write it as {fact} = "<= 30", "> 4" or "30..90" (smaller number first) in [plays.{play}.when].',
        )
    sign, value = compared[1], float(compared[2])
    low = value if sign in (">", ">=", "=") else -math.inf
    high = value if sign in ("<", "<=", "=") else math.inf
    return Condition(fact, low, high, "=" in sign, written.strip())


def check_facts(conditions: Mapping[str, Collection[Condition]], features: Collection[str]) -> None:
    """Refuse conditions on facts that no shop has.

    Parameters
    ----------
    conditions : mapping of str to Condition
        By the key of the play.
    features : collection of str
        Names of features: those of this shop and those of the catalogue. One of the catalogue that this shop lacks is
        no error: its condition is simply not met.

    Raises
    ------
    ConfigError
        Naming the play, the fact and the nearest one there is.
    """
    known = {*FACTS, *features}
    for play, all_of in conditions.items():
        for condition in all_of:
            if condition.fact in known or _FAMILY.fullmatch(condition.fact):
                continue
            raise _unknown(play, condition.fact, nearest(condition.fact, known, cutoff=0.5))


def facts_of_own_columns(conditions: Mapping[str, Collection[Condition]], features: Collection[str]) -> tuple[str, ...]:
    """Give the facts that only a column of a shop's own could be, and refuse those that look misspelt.

    Parameters
    ----------
    conditions, features : as for `check_facts`, without a shop at hand

    Raises
    ------
    ConfigError
        A fact is unknown and written nearly like a known one; the message names the nearest.
    """
    known, own = {*FACTS, *features}, []
    for play, all_of in conditions.items():
        for condition in all_of:
            if condition.fact in known or _FAMILY.fullmatch(condition.fact):
                continue
            near = nearest(condition.fact, known, cutoff=_MISSPELT)
            if near:
                raise _unknown(play, condition.fact, near)
            own.append(condition.fact)
    return tuple(dict.fromkeys(own))


def nearest(name: str, known: Collection[str], *, cutoff: float) -> list[str]:
    """Give up to three known names that a name may have been meant for, the nearest first."""
    return difflib.get_close_matches(name, sorted(known), n=3, cutoff=cutoff)


def _unknown(play: str, fact: str, near: list[str]) -> ConfigError:
    meant = " or ".join(f"'{name}'" for name in near)
    return ConfigError(
        f"The play '{play}' asks for '{fact}', which is neither a fact nor a feature.",
        found=f"Facts: {', '.join(FACTS)}; and every feature by its name, as in recency_days.",
        remedy=f"Did you mean {meant}?" if near else f"Correct it in [plays.{play}.when].",
    )
