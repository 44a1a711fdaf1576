"""Score candidates without knowing the truth, choose one, and say in words why each other lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.chooser import chooser
from coterie.clustering.limits import TOO_MUCH_NOISE, absorb_small, set_apart
from coterie.clustering.pool import add_agreement, add_fit, add_numbers, add_places, add_setting
from coterie.clustering.validity import criteria
from coterie.vocabulary import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coterie.clustering.decision import Compared, Decision
    from coterie.clustering.graph import NeighbourGraph
    from coterie.clustering.portfolio import Trial
    from coterie.config import SearchSettings


@dataclass
class Scored:
    """A trial after the business limits, with its criteria.

    Attributes
    ----------
    trial : Trial
    labels : int array of shape (n,), -1 = noise
    group : int array, the label of each cluster of the trial (small ones are merged)
    scores : dict; "score" is the predicted agreement with the true segments (adjusted Rand index)
    refused : why it cannot be chosen, or ""
    """

    trial: Trial
    labels: np.ndarray
    group: np.ndarray
    n_segments: int
    scores: dict[str, float] = field(default_factory=dict)
    refused: str = ""

    @property
    def score(self) -> float:
        """What decides; minus infinity for refused ones."""
        return -np.inf if self.refused else self.scores["score"]

    @property
    def merged(self) -> int:
        """Small clusters that were merged into others."""
        return self.trial.k - (int(self.labels.max()) + 1)


#: Differences in the score below this are no differences.
LEVEL = 0.01


def score_trials(graph: NeighbourGraph, trials: list[Trial], settings: SearchSettings) -> list[Scored]:
    """Apply the business limits, compute every criterion, and predict how well each agrees with the true segments."""
    scored = limited(graph, trials, settings)
    usable = [s for s in scored if not s.refused]
    if usable:
        for s, score in zip(usable, chooser().predict([s.scores for s in usable]), strict=True):
            s.scores["score"] = float(score)
    return scored


def limited(graph: NeighbourGraph, trials: list[Trial], settings: SearchSettings) -> list[Scored]:
    """Apply the business limits and compute every criterion.

    O(m (n K + p² k)) for m trials, n rows, K neighbours and a probe of p rows.
    """
    scored = [_limit(graph, trial, settings) for trial in trials]
    usable = [s for s in scored if not s.refused]
    if usable:
        _add_criteria(graph, usable)
    return scored


def _add_criteria(graph: NeighbourGraph, usable: list[Scored]) -> None:
    """Criteria of every candidate, computed once for those that are the same division."""
    from coterie.clustering.portfolio import compact

    different: dict[bytes, np.ndarray] = {s.labels.astype(np.int16).tobytes(): s.labels for s in usable}
    found = dict(zip(different, criteria(graph, list(different.values())), strict=True))
    for s in usable:
        s.scores = dict(found[s.labels.astype(np.int16).tobytes()])
    scores = [s.scores for s in usable]
    families = [s.trial.family for s in usable]
    add_agreement(scores, [compact(s.labels[graph.probe] + 1) for s in usable], families)
    add_places(scores)
    add_fit(scores, [s.trial.bic for s in usable], ["merged" in s.trial.parameters for s in usable], *graph.X.shape)
    add_numbers(scores, families, graph.modes.count())
    add_setting(scores, families, *graph.X.shape)


def _limit(graph: NeighbourGraph, trial: Trial, settings: SearchSettings) -> Scored:
    noise = float((trial.labels < 0).mean())
    if trial.k < 1:
        return Scored(trial, trial.labels, np.zeros(0, dtype=np.int64), 0, refused="found no dense group at all")
    labels, group = absorb_small(graph.X, trial.labels, settings.smallest_share)
    n_segments = int(labels.max()) + 1 + set_apart(labels, settings.smallest_share)
    scored = Scored(trial, labels, group, n_segments)
    if noise > TOO_MUCH_NOISE:
        scored.refused = f"left {noise:.0%} of the customers without a segment"
    elif labels.max() < 1:
        scored.refused = (
            "found a single group"
            if trial.k == 1
            else (f"only one group is left once those under {settings.smallest_share:.0%} of customers are merged")
        )
    elif n_segments > settings.max_segments:
        scored.refused = f"has {n_segments} segments, more than the {settings.max_segments} allowed"
    elif n_segments < settings.min_segments:
        less = " once the smallest are merged" if scored.merged else ""
        scored.refused = f"has {n_segments} segments{less}, fewer than the {settings.min_segments} asked for"
    return scored


def ranking(scored: list[Scored]) -> list[Scored]:
    """Candidates that can be chosen, best first; among equals fewer segments, then the method's name."""
    able = [s for s in scored if not s.refused]
    ranked = sorted(able, key=lambda s: (-round(s.score, 9), s.n_segments, s.trial.method))
    simple = [s for s in ranked if _simple_and_level(s, ranked[0])]
    return [simple[0], *(s for s in ranked if s is not simple[0])] if simple else ranked


def _simple_and_level(s: Scored, best: Scored) -> bool:
    """Whether K-Means says practically the same: its borders are easier to tell, to store and to compute in SQL."""
    return s.trial.method == "kmeans" and s.n_segments == best.n_segments and s.score >= best.score - LEVEL


@dataclass(frozen=True)
class _Aspect:
    """Criteria that say the same in other words, and what it means for a division to be weak in them.

    `leading` is the one that a reader can look up beside the sentence; `more` tells whether more of it is better.
    """

    words: str
    roots: tuple[str, ...]
    leading: str
    more: bool


_ASPECTS = (
    _Aspect("other methods agree with it less", ("agreement", "voices"), "agreement", more=True),
    _Aspect("its borders run through more crowded areas", ("valley", "crossing", "cut"), "valley", more=False),
    _Aspect("more of a further group hides inside a segment", ("hidden", "split"), "hidden_mode", more=False),
    _Aspect(
        "its segments lie less apart", ("silhouette", "gap", "explained", "dispersion"), "silhouette", more=True
    ),
    _Aspect(
        "it describes the customers less well", ("likelihood", "bic", "best_bic", "merged_best_bic"), "likelihood",
        more=True,
    ),
    _Aspect("its smallest segment is smaller", ("smallest", "largest", "entropy", "noise"), "smallest", more=True),
)  # fmt: skip
#: Differences in a leading figure below this are none.
_SEEN = 0.005
_NO_SINGLE = "a little behind on several criteria together"


def weaknesses(losers: Sequence[Scored], winner: Scored) -> list[str]:
    """In what each loses most against the chosen one: what it would gain most from having of the other's.

    Only an aspect whose leading figure is worse than the chosen one's is named: the trees may also hold a figure
    against a division that is the better one.
    """
    names = chooser().features
    groups = [[n for n in names if _belongs(n, aspect.roots)] for aspect in _ASPECTS]
    lost = chooser().losses([s.scores for s in losers], winner.scores, groups).round(9)
    worse = np.array([[_is_worse(s, winner, aspect) for aspect in _ASPECTS] for s in losers], dtype=bool)
    lost = np.where(worse.reshape(lost.shape), lost, 0.0)
    return [_ASPECTS[int(row.argmax())].words if row.max() > 0 else _NO_SINGLE for row in lost]


def _is_worse(loser: Scored, winner: Scored, aspect: _Aspect) -> bool:
    ahead = winner.scores[aspect.leading] - loser.scores[aspect.leading]
    return bool((ahead if aspect.more else -ahead) >= _SEEN)


def _belongs(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}_") for root in roots)


def runner_up(decision: Decision, ranked: Sequence[Scored]) -> Scored | None:
    """The best score beside the chosen division that differs in number or family, and is not the same division."""
    winner = decision.winner
    return next(
        (
            s
            for s in ranked
            if s is not winner
            and (s.n_segments != winner.n_segments or s.trial.family != winner.trial.family)
            and not same_groups(s, winner)
        ),
        None,
    )


def same_groups(a: Scored, b: Scored) -> bool:
    """Whether two candidates put the same customers together, whatever they call the groups."""
    return a.n_segments == b.n_segments and _canonical(a) == _canonical(b)


def _canonical(s: Scored) -> bytes:
    """Labels in the order in which they first occur; noise stays noise."""
    first, inverse = np.unique(s.labels, return_index=True, return_inverse=True)[1:]
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(len(first))
    return bytes(np.where(s.labels < 0, -1, place[inverse]).astype(np.int64).tobytes())


def outcomes(
    scored: list[Scored], decision: Decision, against: Callable[[Scored], Compared | None]
) -> tuple[Candidate, ...]:
    """Every candidate with its fate in words, best first, refused ones last.

    Parameters
    ----------
    scored : all that was tried
    decision : Decision
    against : the stability of a candidate beside that of the winner on common pairs, None where it was not measured
    """
    ranked, winner = ranking(scored), decision.winner
    others = [s for s in ranked if s is not winner]
    second = runner_up(decision, ranked)
    seen = {_canonical(winner): winner}
    told = [_candidate(winner, "chosen")]
    for s, weak in zip(others, weaknesses(others, winner), strict=True):
        same = seen.setdefault(_canonical(s), s)
        words = _fate(s, decision, weak, against(s)) if same is s else _repeats(same, winner)
        told.append(_candidate(s, f"runner-up: {words}" if s is second else words))
    return (*told, *outcomes_refused(scored))


def _repeats(same: Scored, winner: Scored) -> str:
    return "the same segments as the chosen ones" if same is winner else f"the same segments as by {same.trial.method}"


def _fate(loser: Scored, decision: Decision, weak: str, against: Compared | None) -> str:
    behind = decision.winner.score - loser.score
    if behind <= -LEVEL:
        return f"{-behind:.2f} ahead on the score, but {_passed_over(decision, against)}"
    if behind < LEVEL / 2:
        return "level on the score"
    return f"{behind:.2f} behind: {weak}"


def _passed_over(decision: Decision, against: Compared | None) -> str:
    """Why a better score was not taken, as far as it was measured; `against` is from the loser's side."""
    if against is not None and against.difference < 0:
        return f"it came back less surely ({against.words()})"
    if decision.practical:
        return "nothing came back surely, and a simple division was taken instead"
    return "how surely it comes back was not asked" if against is None else "other divisions were better on the whole"


def outcomes_refused(scored: list[Scored]) -> tuple[Candidate, ...]:
    """Candidates that break a limit."""
    return tuple(_candidate(s, f"refused: {s.refused}") for s in scored if s.refused)


def _candidate(s: Scored, outcome: str) -> Candidate:
    if s.merged > 0 and not s.refused:
        outcome += f" ({s.merged} too small {'group' if s.merged == 1 else 'groups'} merged into the nearest)"
    kept = s.labels[s.labels >= 0]
    smallest = float(np.bincount(kept).min() / len(s.labels)) if kept.size else 0.0
    return Candidate(
        s.trial.method,
        s.n_segments,
        dict(s.trial.parameters),
        dict(s.scores),
        smallest,
        float((s.labels < 0).mean()),
        outcome,
        s.labels,
    )
