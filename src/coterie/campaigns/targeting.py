"""Which segments to target: attractiveness against the shop's own strength, a place in the queue, and why.

Step 8 of market segmentation analysis (Dolnicar, Grün and Leisch 2018, chapter 10): criteria with weights that are
fixed beforehand, knock-out criteria, and a decision matrix.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pandas as pd

from coterie.campaigns.criteria import ATTRACTIVENESS, MIDDLE, SCALE_OF, SCALES, STRENGTH, Criterion
from coterie.profiles import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.campaigns.plays import Planned

#: What a place on the decision chart asks for: (attractive, strong) -> word.
DECISIONS = {
    (True, True): "target",
    (True, False): "build strength first",
    (False, True): "serve at little cost",
    (False, False): "not now",
}
LEAVE_ALONE = "leave alone"
LOOK_FIRST = "look first"
_MEANINGS = {
    "target": "worth having and within reach",
    "build strength first": "worth having, but the shop is not strong there yet",
    "serve at little cost": "within reach, but worth less",
    "not now": "worth less and out of reach",
}


@dataclass(frozen=True)
class Target:
    """The place of a segment among the targets.

    Attributes
    ----------
    segment_id : int
    rank : int, 1 = first; segments that are knocked out come last
    attractiveness, strength : float in [0, 10], weighted means of the criteria; NaN where no criterion is known
    score : float in [0, 10], their product over ten
    decision : str, a value of `DECISIONS`, `LEAVE_ALONE` or `LOOK_FIRST`
    knock_out : str, why the segment is no target whatever its scores; "" where it may be one
    sentence : str, why it stands there
    """

    segment_id: int
    rank: int
    attractiveness: float
    strength: float
    score: float
    decision: str
    knock_out: str
    sentence: str


def choose_targets(planned: Sequence[Planned], criteria: Mapping[int, tuple[Criterion, ...]]) -> tuple[Target, ...]:
    """Score and rank the segments.

    Parameters
    ----------
    planned : sequence of Planned
    criteria : mapping of int to tuple of Criterion
        By segment id.

    Returns
    -------
    tuple of Target, in the order of `planned`
    """
    scores = {key: (_mean(several, ATTRACTIVENESS), _mean(several, STRENGTH)) for key, several in criteria.items()}
    outs = {one.segment.segment_id: _knock_out(one, criteria[one.segment.segment_id]) for one in planned}

    def place(one: Planned) -> tuple[bool, float, int]:
        key = one.segment.segment_id
        return bool(outs[key][0]), -round(_product(*scores[key]), 6), key

    ordered = sorted(planned, key=place)
    ranks = {one.segment.segment_id: rank for rank, one in enumerate(ordered, start=1)}
    usual = _usual_scores(criteria)
    found = []
    for one in planned:
        key = one.segment.segment_id
        attractive, strong = scores[key]
        reason, word = outs[key]
        decision = word or DECISIONS[not round(attractive, 1) < MIDDLE, not round(strong, 1) < MIDDLE]
        sentence = _sentence(ranks[key], len(planned), decision, reason, _points(criteria[key], usual), scores[key])
        score = round(_product(attractive, strong), 4)
        found.append(Target(key, ranks[key], attractive, strong, score, decision, reason, sentence))
    return tuple(found)


def targets_table(planned: Sequence[Planned], targets: Sequence[Target]) -> pd.DataFrame:
    """Lay the targets out, one row a segment by id, with the segment's name after its id."""
    names = {one.segment.segment_id: one.segment.name for one in planned}
    rows = [{"segment_id": one.segment_id, "segment": names[one.segment_id]} | asdict(one) for one in targets]
    return pd.DataFrame(rows, columns=["segment_id", "segment", *list(Target.__dataclass_fields__)[1:]])


def criteria_table(criteria: Mapping[int, tuple[Criterion, ...]]) -> pd.DataFrame:
    """Lay the criteria out, one row a segment and criterion, with the rule of its scale."""
    rows = [
        {"segment_id": key} | asdict(one) | {"scale": SCALES[SCALE_OF[one.name]]}
        for key, several in criteria.items()
        for one in several
    ]
    return pd.DataFrame(rows, columns=["segment_id", *Criterion.__dataclass_fields__, "scale"])


def _mean(criteria: Sequence[Criterion], side: str) -> float:
    mine = [one for one in criteria if one.side == side]
    weight = sum(one.weight for one in mine)
    return round(sum(one.score * one.weight for one in mine) / weight, 4) if weight else math.nan


def _product(attractive: float, strong: float) -> float:
    """Give attractiveness × strength over ten; a side of which nothing is known counts as the middle."""
    known = [side if math.isfinite(side) else MIDDLE for side in (attractive, strong)]
    return known[0] * known[1] / 10.0


def _knock_out(one: Planned, criteria: Sequence[Criterion]) -> tuple[str, str]:
    """Give the reason why a segment is no target, and the word for it; two empty texts where it may be one."""
    play = one.segment.play
    if one.segment.is_unusual:
        return "It gathers customers who fit nowhere else; look at them one by one first.", LOOK_FIRST
    if one.template.leave_alone and play is not None:
        return play.left_alone or play.goal, LEAVE_ALONE
    if any(each.name == "reach" and each.value == 0 for each in criteria):
        return "Nobody in it may be written to.", LEAVE_ALONE
    return "", ""


def _sentence(
    rank: int,
    n_segments: int,
    decision: str,
    knock_out: str,
    points: str,
    scores: tuple[float, float],
) -> str:
    place = "The only segment" if n_segments == 1 else f"Place {rank} of {n_segments}"
    if knock_out:
        return f"{place}, {decision}: {knock_out}"
    told = [
        f"{name} {number(round(score, 1))} of 10"
        for name, score in (("attractiveness", scores[0]), ("our strength", scores[1]))
        if math.isfinite(score)
    ]
    start = f"{place}, {_MEANINGS[decision]}" + (f" ({', '.join(told)})" if told else "")
    return f"{start}.{points}"


def _usual_scores(criteria: Mapping[int, tuple[Criterion, ...]]) -> dict[tuple[str, str], float]:
    """Give the mean score of each criterion over the segments, or the middle where there is one segment only."""
    scores: dict[tuple[str, str], list[float]] = {}
    for several in criteria.values():
        for one in several:
            scores.setdefault((one.side, one.name), []).append(one.score)
    return {key: sum(known) / len(known) if len(known) > 1 else MIDDLE for key, known in scores.items()}


def _points(criteria: Sequence[Criterion], usual: Mapping[tuple[str, str], float]) -> str:
    """Tell what most sets a segment before the others, and what most behind them."""

    def ahead(one: Criterion) -> float:
        return round((one.score - usual[one.side, one.name]) * one.weight, 6)

    known = [one for one in criteria if math.isfinite(one.value)]
    if len(known) < 2:
        return ""
    best, worst = max(known, key=lambda one: (ahead(one), one.name)), min(known, key=lambda one: (ahead(one), one.name))
    told = f" Most in its favour: {best.told}." if ahead(best) > 0 else ""
    behind = ahead(worst) < 0
    against = f"Where others do better: {worst.told}." if behind else "In no criterion is it behind the others."
    return f"{told} {against}"
