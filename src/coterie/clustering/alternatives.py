"""What the best division into each other number of segments would be worth, and what would become of the segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from coterie.clustering.across import crossed
from coterie.clustering.selection import LEVEL, Scored, ranking
from coterie.clustering.wishes import free

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coterie.clustering.decision import Compared

#: Part of a segment from which it is worth a word.
PART = 0.15
#: Share of customers who move to another segment below which nobody is told of them, and from which a division counts
#: as another one, not as the chosen one with segments split or merged.
FEW, MANY = 0.02, 0.3


@dataclass(frozen=True)
class Alternative:
    """The best division into one number of segments, beside the chosen one.

    Attributes
    ----------
    n_segments : int
    method : str
    score : float in [0, 1], predicted agreement with the true groups (adjusted Rand index)
    stability : float, mean adjusted Rand index of all its bootstrap pairs; NaN where it was not measured
    flows : float array of shape (chosen segments, n_segments), share of all rows in the one and in the other
    refused : which wish it breaks, or ""
    is_chosen, is_free : bool
        Whether it was chosen, and whether it would have been chosen had nothing been wished for.
    against : Compared or None
        Its stability beside that of the chosen division on the pairs common to both; None where there are too few.
    """

    n_segments: int
    method: str
    score: float
    stability: float
    flows: np.ndarray = field(repr=False, compare=False)
    refused: str = ""
    is_chosen: bool = False
    is_free: bool = False
    against: Compared | None = None

    @property
    def moved(self) -> float:
        """Share of customers who move to another segment, beside whole segments that split or merge."""
        k, other = self.flows.shape
        if k == other:
            kept = self.flows[linear_sum_assignment(self.flows, maximize=True)].sum()
        else:
            kept = self.flows.max(axis=0 if other > k else 1).sum()
        return float(max(0.0, 1 - kept))

    def change(self, names: Sequence[str]) -> str:
        """Say in words what would become of the chosen segments; "" for the chosen division itself.

        Parameters
        ----------
        names : one a chosen segment, in the order of the rows of `flows`
        """
        if self.is_chosen:
            return ""
        if self.moved >= MANY:
            return f"the lines are drawn elsewhere: {percent(self.moved)} of the customers stand with others"
        k, other = self.flows.shape
        told = self._splits(names) if other > k else self._merges(names) if other < k else []
        if not told and self.moved < FEW:
            return "practically the same segments" if k == other else "small parts change their segment"
        if self.moved >= FEW:
            besides = " besides" if told else ""
            told.append(f"{percent(self.moved)} of the customers move to another segment{besides}")
        return "; ".join(told)

    def _splits(self, names: Sequence[str]) -> list[str]:
        """Segments that most rows of several others come from; parts in shares of the segment, largest first."""
        source, told = self.flows.argmax(axis=0), []
        for i, name in enumerate(names):
            parts = np.sort(self.flows[i, source == i] / max(self.flows[i].sum(), 1e-12))[::-1]
            if len(parts) > 1 and parts[1] < PART:
                rest = percent(float(parts[1:].sum()))
                pieces, stand = ("a part", "stands") if len(parts) == 2 else (f"{len(parts) - 1} parts", "stand")
                told.append(f"{name} loses {pieces} ({rest} of it) that {stand} alone")
            elif len(parts) > 1:
                told.append(f"{name} comes apart into {len(parts)} ({_listed([percent(p) for p in parts])} of it)")
        return told

    def _merges(self, names: Sequence[str]) -> list[str]:
        """Segments that stand for the most part in the same one, and those that are shared out among several."""
        goal, sizes, told = self.flows.argmax(axis=1), self.flows.sum(axis=1), []
        whole = self.flows.max(axis=1) > sizes / 2
        for j in range(self.flows.shape[1]):
            parts = [int(i) for i in np.flatnonzero((goal == j) & whole)]
            if len(parts) > 1:
                told.append(f"{_listed([names[i] for i in parts])} become one")
        told += [f"{names[i]} is shared out among the others" for i in np.flatnonzero(~whole).tolist()]
        return told


def alternatives(
    scored: Sequence[Scored],
    winner: Scored,
    left_free: Scored | None,
    labels: np.ndarray,
    *,
    place: Callable[[np.ndarray], np.ndarray],
    judged: Callable[[Scored, bool], tuple[float, Compared | None]],
) -> tuple[Alternative, ...]:
    """Set the best division into each number of segments beside the chosen one.

    Parameters
    ----------
    scored : all that was tried
    winner : what was chosen
    left_free : what would have been chosen had nothing been wished for; None where nothing was
    labels : int array of shape (n,), the chosen segments; none negative
    place : gives the rows that a division leaves out a segment
    judged : stability of a candidate, and beside that of the winner on common pairs; it is asked with True where the
        stability should be measured if it is not known yet

    Returns
    -------
    tuple of Alternative, by rising number of segments
    """
    best = {s.n_segments: s for s in reversed(ranking(free(scored)))}
    if left_free is not None:
        best[left_free.n_segments] = left_free
    best[winner.n_segments] = winner
    rows = list(best.values())
    if left_free is not None and not same_division(left_free, winner) and all(s is not left_free for s in rows):
        rows.append(left_free)
    refusals = {(_key(s)): s.refused for s in scored}
    k, told = int(labels.max()) + 1, []
    for s in rows:
        chosen, is_free = s is winner, left_free is not None and same_division(s, left_free)
        near = chosen or is_free or abs(s.n_segments - winner.n_segments) == 1
        stability, against = judged(s, near)
        flows = crossed(labels, labels if chosen else place(s.labels)) / len(labels)
        told.append(
            Alternative(
                n_segments=k if chosen else s.n_segments,
                method=s.trial.method,
                score=float(np.clip(s.scores["score"], 0, 1)),
                stability=stability,
                flows=flows,
                refused=refusals.get(_key(s), ""),
                is_chosen=chosen,
                is_free=is_free,
                against=None if chosen else against,
            )
        )
    return tuple(sorted(told, key=lambda a: (a.n_segments, not a.is_chosen)))


def same_division(a: Scored, b: Scored) -> bool:
    """Whether two candidates are one: refusals and scores apart."""
    return _key(a) == _key(b)


def _key(s: Scored) -> tuple[str, str, bytes]:
    return s.trial.method, repr(sorted(s.trial.parameters.items())), s.labels.tobytes()


def price(mine: Alternative, other: Alternative, stability: Compared | None) -> str:
    """What it costs to have `mine` instead of `other`, in words.

    Parameters
    ----------
    mine, other : Alternative
    stability : Compared or None, stability of the two on common pairs

    Returns
    -------
    str
        Such as "costs 0.06 of stability (0.71 instead of 0.77 in the same 10 pairs of samples, give or take 0.03) and
        0.03 of score (0.64 instead of 0.67)". A difference of stability that chance explains is none.
    """
    lost: list[str] = []
    won: list[str] = []
    if stability is not None and stability.sure:
        (won if stability.difference > 0 else lost).append(_of_stability(stability))
    gain = mine.score - other.score
    if abs(gain) >= LEVEL:
        text = f"{abs(gain):.2f} of score ({mine.score:.2f} instead of {other.score:.2f})"
        (won if gain > 0 else lost).append(text)
    parts = [f"costs {_listed(lost)}"] if lost else []
    parts += [f"gains {_listed(won)}"] if won else []
    return " but ".join(parts) or "costs nothing that we can measure"


def _of_stability(found: Compared) -> str:
    means = f"{found.mine:.2f} instead of {found.other:.2f}"
    doubt = f"give or take {(found.high - found.low) / 2:.2f}"
    return f"{abs(found.difference):.2f} of stability ({means} in the same {found.pairs} pairs of samples, {doubt})"


def percent(share: float) -> str:
    """A share of 0 to 1 in words, with a decimal only below ten."""
    return f"{f'{100 * share:.{0 if share >= 0.0995 else 1}f}'.removesuffix('.0')} %"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
