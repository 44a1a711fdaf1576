"""A study in words and small tables, as the report tells it, for every other page that shows a study."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.charts.category_preferences import category_features, category_name
from coterie.outputs.charts.palette import SEGMENT_COLOURS, UNUSUAL_COLOUR, colour_of
from coterie.outputs.charts.segment_profiles import main_features
from coterie.outputs.page import choice, data, fairness, holdout, rules, segments, stability, strategy, trust, worth

if TYPE_CHECKING:
    from coterie.outputs.study import Study
    from coterie.vocabulary import Segment


class Told:
    """The parts of a study's report as plain values: texts ready to be read, numbers with their units.

    No part reads `Study.customers`, so a study whose customers were left on the disk can be told.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study

    def opening(self) -> dict[str, Any]:
        """Give the verdict in a sentence, how far to trust it, and the figures of the first screen."""
        return trust.opening(self.study)

    def segments(self) -> list[dict[str, Any]]:
        """Give what is said of each segment, by id."""
        return segments.describe_all(self.study)

    def choice(self) -> dict[str, Any] | None:
        """Give the account of how the number of segments was chosen."""
        return choice.chosen(self.study)

    def evidence(self) -> dict[str, Any]:
        """Give how the segments were found: basis, candidates, tests."""
        return trust.evidence(self.study)

    def surely(self) -> list[dict[str, Any]]:
        """Give how surely each segment comes back."""
        return stability.surely(self.study)

    def tree(self) -> dict[str, Any] | None:
        """Give the segments in a few questions."""
        return rules.tree(self.study)

    def change(self) -> dict[str, Any] | None:
        """Give what became of an earlier study's segments."""
        return trust.change(self.study)

    def tested(self) -> dict[str, Any] | None:
        """Give what earlier segments said about later orders."""
        return holdout.tested(self.study)

    def worth(self) -> dict[str, Any] | None:
        """Give what the customers are worth in the year ahead."""
        return worth.worth(self.study)

    def strategy(self) -> dict[str, Any] | None:
        """Give which segments to target and why, and what campaigns may cost; briefs stand in the folder's files."""
        return strategy.strategy(self.study, with_briefs=False)

    def fairness(self) -> dict[str, Any] | None:
        """Give the purpose, who was left out, and whom segments and offers stand for."""
        return fairness.fairness(self.study)

    def data(self) -> dict[str, Any]:
        """Give what was read, what was wrong with it, and what each feature means."""
        return data.account(self.study)

    def tint(self, segment: Segment) -> str:
        """Give the colour of a segment, the same on every page, as "#0072b2"."""
        return colour_of(segment)

    def main_features(self, most: int) -> list[str]:
        """Give the names of at most `most` numeric features by which customers were compared."""
        return main_features(self.study, most)

    def categories(self) -> dict[str, str]:
        """Give each feature that holds the share of a product category, and the category's name."""
        return {name: category_name(self.study.features[name]) for name in category_features(self.study)}

    def beside(self, here: float, overall: float) -> str:
        """Put two values that stand beside each other into words, such as "54 % less"."""
        return words.beside(here, overall)

    def money(self, value: float) -> str:
        """Give an amount with the shop's currency."""
        return words.money(value, self.study.currency)

    def amount(self, feature: str, value: float) -> str:
        """Give a value of a feature with its unit."""
        return words.amount(value, self.study.features[feature], self.study.currency)


def tokens_css() -> str:
    """Give the report's colours and type as CSS, with a class `tint-<colour>` that sets `--tint` for each segment's."""
    root = (files("coterie.outputs") / "templates" / "tokens.css").read_text(encoding="utf-8")
    tints = [f".tint-{each.removeprefix('#')} {{ --tint: {each}; }}" for each in (*SEGMENT_COLOURS, UNUSUAL_COLOUR)]
    return "\n".join([root.rstrip(), *tints, ""])
