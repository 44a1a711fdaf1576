"""What earlier tests showed of plays: a play that failed with a segment is not offered to it again."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.campaigns.experiments.measuring import KEEP, STOP
from coterie.campaigns.stages import stage_of_code

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from coterie.campaigns.figures import Figures
    from coterie.campaigns.playbook import Playbook
    from coterie.vocabulary import Segment

#: The play of doing nothing, for a segment with which every play on the map has failed.
NOTHING_LEFT = "costs_more"
_GRADES = "12345"


@dataclass(frozen=True)
class PlayTest:
    """What a test found of a play with a segment.

    Attributes
    ----------
    segment_id : int
    segment : str
        Name of the segment.
    play : str
        Key of the play in the playbook.
    title : str
        Title of the play.
    verdict : str
        "keep", "stop" or "not enough to tell".
    sentence : str
        What was found, for a store manager.
    is_of_earlier : bool
        Segments of the study at hand keep the ids of the one that was tested, so that the id says which one it was;
        otherwise the name does.
    """

    segment_id: int
    segment: str
    play: str
    title: str
    verdict: str
    sentence: str
    is_of_earlier: bool = False


def made_with(segment: Segment, learned: Sequence[PlayTest]) -> tuple[PlayTest, ...]:
    """Give the tests made with a segment, each play's last one."""
    found = {
        test.play: test
        for test in learned
        if (test.is_of_earlier and test.segment_id == segment.segment_id)
        or (not test.is_of_earlier and test.segment.casefold() == segment.name.casefold())
    }
    return tuple(found.values())


def next_best(key: str, figures: Figures, book: Playbook, tests: Sequence[PlayTest]) -> str:
    """Give the play for a segment in the light of its tests: the chosen one, unless it failed.

    Then it is the play of the nearest lifecycle stage, by the segment's mean scores, that has not failed too; without
    scores the play "steady"; and where all have failed, to do nothing.
    """
    failed = {test.play for test in tests if test.verdict == STOP}
    if key not in failed:
        return key
    for other in (*_by_distance(figures, book), "steady"):
        if other in book.plays and other not in failed:
            return other
    return NOTHING_LEFT


def told_tests(chosen: str, key: str, tests: Sequence[PlayTest]) -> str:
    """Say what tests have to do with a play: `chosen` by numbers, `key` after the tests; "" where there were none."""
    by_play = {test.play: test for test in tests}
    told = []
    if key != chosen:
        failed = [f"“{test.title}” ({test.sentence.rstrip('.')})" for test in tests if test.verdict == STOP]
        told.append(f"Tested with this segment and failed, so the next best play is taken: {'; '.join(failed)}.")
    if key in by_play:
        test = by_play[key]
        known = "Tested with this segment and worth keeping" if test.verdict == KEEP else "Tested with this segment"
        told.append(f"{known}: {test.sentence}")
    return " ".join(told)


def _by_distance(figures: Figures, book: Playbook) -> Collection[str]:
    """Plays of the lifecycle's stages, the one whose scores are nearest to the segment's first."""
    if figures.scores is None:
        return ()
    scores = figures.scores
    codes = sorted(
        itertools.product(_GRADES, repeat=3),
        key=lambda code: (sum((int(grade) - score) ** 2 for grade, score in zip(code, scores, strict=True)), code),
    )
    stages = (stage_of_code("".join(code)) for code in codes)
    return list(dict.fromkeys(book.of_stage[stage] for stage in stages if stage in book.of_stage))
