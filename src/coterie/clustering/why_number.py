"""Why this number of segments: which were compared, which rule decided, and what came near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.clustering.account import DISPUTED, METHOD_WORDS, division, either, first_up
from coterie.clustering.selection import LEVEL
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    from coterie.clustering.account import Told

#: Another number of segments is nearly as good when its score is no further behind.
NEARLY = 0.02
#: A number is clearly best when it is this far ahead of every other one.
CLEAR = 0.05
#: More other numbers than these nearly as good, and none of them stands out.
MANY_LEVEL = 3


def why_number(facts: Told) -> tuple[str, ...]:
    """Say which numbers were compared and why this one was taken; only what was measured."""
    if facts.forced:
        return (f"You asked for {facts.settings.max_segments} segments, and {_these(facts)}.",)
    tried = _numbers_tried(facts)
    if facts.decision.practical:
        return (tried, _practical(facts))
    if facts.decision.by_stability:
        return (tried, _steadier(facts))
    return tuple(sentence for sentence in (tried, _by_score(facts)) if sentence)


def _these(facts: Told) -> str:
    """What was found for a number that was asked for."""
    wanted, k = facts.settings.max_segments, facts.k
    if k != wanted:
        return f"no division gave more than {k}" if k < wanted else f"the nearest that we found are {k}"
    if facts.decision.by_score:
        return f"of the divisions into {k} this one scored best"
    if facts.decision.by_method and not facts.decision.by_stability:
        return f"of the divisions into {k} this one gives nearly the segments of the best score, by a steadier method"
    return f"of the divisions into {k} this one was the best in score and in how surely it comes back, taken together"


def _numbers_tried(facts: Told) -> str:
    """Say which numbers of segments could be compared, and why not all that were asked for."""
    numbers = sorted({s.n_segments for s in facts.ranked})
    low, high = facts.settings.min_segments, facts.settings.max_segments
    if len(numbers) == 1:
        said = f"Only a division into {numbers[0]} could be used"
    else:
        whole = numbers == list(range(numbers[0], numbers[-1] + 1))
        named = f"{numbers[0]} to {numbers[-1]}" if whole else either([str(n) for n in numbers], "and")
        said = f"We compared divisions into {named} segments"
    average = len(facts.decision.winner.labels) / max(numbers[-1] + 1, 1)
    if numbers[-1] < high and average < facts.least_average:
        return f"{said}; more would leave fewer than {facts.least_average} customers in a segment on average."
    if numbers[0] > max(low, 2) or numbers[-1] < high:
        return f"{said}; you allowed {low} to {high}, and no other number gave one that keeps to the limits."
    return f"{said}."


def _by_score(facts: Told) -> str:
    k, ahead = facts.decision.winner.n_segments, _ahead(facts)
    near = sorted(number for number, gap in ahead.items() if gap <= NEARLY)
    level = [n for n in near if not _less_steady(facts, n)]
    if len(level) > MANY_LEVEL:
        return f"No number stands out: {len(level)} others score about as well as {k}. Choose what you can act on."
    if level:
        others = either(list(map(str, level)))
        return f"{k} scored best; but {others} scored nearly as well, so choose what you can act on."
    if near:
        others, come = either(list(map(str, near)), "and"), "it comes" if len(near) == 1 else "they come"
        return f"{k} scored best; {others} scored nearly as well, but {come} back less surely."
    # Where customers form no groups of their own, no number is clearly right, whatever the scores say.
    clear = facts.trust.tested and not facts.trust.below and facts.verdict.word is not VerdictWord.CONSTRUCTIVE
    clear = clear and facts.decision.winner.scores["agreement"] >= DISPUTED
    if ahead and clear and min(ahead.values()) >= CLEAR:
        return f"{k} came out clearly best."
    return f"{k} scored best." if ahead else ""


def _ahead(facts: Told) -> dict[int, float]:
    """How far the best score is ahead of the best one of each other number than the winner's."""
    winner = facts.decision.winner
    best: dict[int, float] = {}
    for s in facts.ranked:
        best.setdefault(s.n_segments, s.score)
    top = facts.decision.best.score
    return {n: round(top - score, 9) for n, score in best.items() if n != winner.n_segments}


def _less_steady(facts: Told, number: int) -> bool:
    """Whether the best division into that number comes back less surely than the chosen one, beyond chance."""
    other = next(s for s in facts.ranked if s.n_segments == number)
    found = facts.against(other)
    return found is not None and found.sure and found.difference < 0


def _steadier(facts: Told) -> str:
    """A division with a worse score that comes back more surely: only what was measured on common pairs is said."""
    best, taken = facts.decision.best, facts.decision.steadier
    what = division(best)
    if best.n_segments == taken.n_segments:
        what = f"another division into {best.n_segments}, by {METHOD_WORDS[best.trial.method][0]},"
    found = facts.against(best)
    gap = best.score - facts.decision.winner.score
    level = f"{what} scored {gap:.2f} better" if gap >= LEVEL else f"{what} scored no worse"
    if found is None or found.difference >= 0:
        return f"{first_up(level)}; this one was taken for how surely it comes back in other samples."
    surely = "but the chosen one came back more surely when we drew the customers again"
    return f"{first_up(level)}, {surely}: {found.turned().words()}."


def _practical(facts: Told) -> str:
    return (
        f"No division of a good score came back surely when we drew the customers again. Then we look at K-Means "
        "divisions into 3 to 7 segments, which a team can work with, and take the one of them that comes back most "
        f"surely: {facts.k} segments."
    )
