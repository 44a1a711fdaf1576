"""Who the segments are: sizes, contrasts, names, facts, rules, and the place of every customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.profiles.contrasts import Contrast, numeric_values
    from coterie.profiles.description import Brief, NamedSegment, Profiles, describe, describe_briefly
    from coterie.profiles.descriptors import cramers_v
    from coterie.profiles.lexicon import IN_BURSTS, is_interest, label_in_sentence, recent_part, topic_of
    from coterie.profiles.membership import word_column
    from coterie.profiles.rules import find_boxes, rule_columns
    from coterie.profiles.small_cells import hidden_cells, hidden_parts, is_dominated
    from coterie.profiles.succession import FEWEST_SHARED, SAME_PEOPLE, Change, Earlier, same_people
    from coterie.profiles.tree import FAITHFUL
    from coterie.profiles.wording import (
        SMALLEST_CELL,
        capital,
        counted,
        days,
        listed,
        money,
        money_in_unit,
        number,
        plain,
        share,
        singular,
        tell,
    )

__all__ = [
    "FAITHFUL",
    "FEWEST_SHARED",
    "IN_BURSTS",
    "SAME_PEOPLE",
    "SMALLEST_CELL",
    "Brief",
    "Change",
    "Contrast",
    "Earlier",
    "NamedSegment",
    "Profiles",
    "capital",
    "counted",
    "cramers_v",
    "days",
    "describe",
    "describe_briefly",
    "find_boxes",
    "hidden_cells",
    "hidden_parts",
    "is_dominated",
    "is_interest",
    "label_in_sentence",
    "listed",
    "money",
    "money_in_unit",
    "number",
    "numeric_values",
    "plain",
    "recent_part",
    "rule_columns",
    "same_people",
    "share",
    "singular",
    "tell",
    "topic_of",
    "word_column",
]

_HOMES = {
    "FAITHFUL": "coterie.profiles.tree",
    "FEWEST_SHARED": "coterie.profiles.succession",
    "SAME_PEOPLE": "coterie.profiles.succession",
    "same_people": "coterie.profiles.succession",
    "IN_BURSTS": "coterie.profiles.lexicon",
    "Brief": "coterie.profiles.description",
    "SMALLEST_CELL": "coterie.profiles.wording",
    "Change": "coterie.profiles.succession",
    "Contrast": "coterie.profiles.contrasts",
    "Earlier": "coterie.profiles.succession",
    "NamedSegment": "coterie.profiles.description",
    "Profiles": "coterie.profiles.description",
    "capital": "coterie.profiles.wording",
    "counted": "coterie.profiles.wording",
    "cramers_v": "coterie.profiles.descriptors",
    "days": "coterie.profiles.wording",
    "describe": "coterie.profiles.description",
    "describe_briefly": "coterie.profiles.description",
    "find_boxes": "coterie.profiles.rules",
    **dict.fromkeys(("hidden_cells", "hidden_parts", "is_dominated"), "coterie.profiles.small_cells"),
    "is_interest": "coterie.profiles.lexicon",
    "label_in_sentence": "coterie.profiles.lexicon",
    "listed": "coterie.profiles.wording",
    "money": "coterie.profiles.wording",
    "money_in_unit": "coterie.profiles.wording",
    "number": "coterie.profiles.wording",
    "numeric_values": "coterie.profiles.contrasts",
    "plain": "coterie.profiles.wording",
    "recent_part": "coterie.profiles.lexicon",
    "rule_columns": "coterie.profiles.rules",
    "share": "coterie.profiles.wording",
    "singular": "coterie.profiles.wording",
    "tell": "coterie.profiles.wording",
    "topic_of": "coterie.profiles.lexicon",
    "word_column": "coterie.profiles.membership",
}

# Load the door's names when they are used, so that reading can begin before everything is loaded.
__getattr__ = lazily(__name__, _HOMES)
