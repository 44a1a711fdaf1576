"""How far a choice can be trusted, and whether it was made in the way that was tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.chooser import chooser
from coterie.clustering.wishes import without_wishes
from coterie.config import SearchSettings

if TYPE_CHECKING:
    from coterie.clustering.decision import Decision


@dataclass(frozen=True)
class Trust:
    """What the score of a choice says.

    Attributes
    ----------
    value : float in [0, 1], predicted agreement with the true groups (adjusted Rand index); a bound where `below`
    below : bool, whether the choice looked poorer than nearly all of the tests, so that only a bound can be given
    untested : tuple of str, in what the choice differs from those that were tested; empty where it does not
    """

    value: float
    below: bool = False
    untested: tuple[str, ...] = ()

    @property
    def tested(self) -> bool:
        """Whether the value is what such choices reached in the tests."""
        return not self.untested


def trust_of(decision: Decision, settings: SearchSettings) -> Trust:
    """Say what the winner's score is worth.

    The calibration is that of free choices by the best score, among all methods, with the usual settings.
    """
    score = float(np.clip(decision.winner.scores["score"], 0, 1))
    untested = tuple(_differences(decision, settings))
    least = float(chooser().knots[0, 1])
    if not untested and score < least:
        return Trust(round(least, 2), below=True)
    return Trust(score, untested=untested)


def _differences(decision: Decision, settings: SearchSettings) -> list[str]:
    usual = SearchSettings()
    wide = without_wishes(settings)
    found = []
    if settings.method != "auto":
        found.append("you asked for one method")
    if (settings.min_segments, settings.max_segments) != (wide.min_segments, wide.max_segments):
        found.append("you asked for certain numbers of segments")
    elif settings.max_segments != usual.max_segments:
        found.append("you allowed more segments than usual")
    if settings.must_differ:
        found.append("you asked that segments differ in what you named")
    if settings.smallest_share != usual.smallest_share:
        found.append("you set another smallest share")
    if not decision.by_score:
        found.append("another division had the better score")
    return found
