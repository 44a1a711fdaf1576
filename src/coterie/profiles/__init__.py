"""Who the segments are: sizes, contrasts, names, facts, rules, and the place of every customer."""

from __future__ import annotations

from coterie.profiles.contrasts import Contrast, numeric_values
from coterie.profiles.description import Profiles, describe
from coterie.profiles.lexicon import is_interest, topic_of
from coterie.profiles.wording import counted, days, listed, money, number, plain, share, tell

__all__ = [
    "Contrast",
    "Profiles",
    "counted",
    "days",
    "describe",
    "is_interest",
    "listed",
    "money",
    "number",
    "numeric_values",
    "plain",
    "share",
    "tell",
    "topic_of",
]
