"""What the best division into each other number of segments would be worth, and what would become of the segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.across import crossed
from coterie.clustering.selection import Scored, ranking
from coterie.clustering.wishes import free

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Part of a segment from which it is worth a word.
PART = 0.15
#: Differences in score or stability below this are no differences.
NO_DIFFERENCE = 0.005
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
    stability : float, mean adjusted Rand index of bootstrap pairs; NaN where it was not measured
    flows : float array of shape (chosen segments, n_segments), share of all rows in the one and in the other
    refused : which wish it breaks, or ""
    is_chosen, is_free : bool
        Whether it was chosen, and whether it would have been chosen had nothing been wished for.
    """

    n_segments: int
    method: str
    score: float
    stability: float
    flows: np.ndarray = field(repr=False, compare=False)
    refused: str = ""
    is_chosen: bool = False
    is_free: bool = False

    @property
    def moved(self) -> float:
        """Share of customers who move to another segment, beside whole segments that split or merge."""
        axis = 0 if self.flows.shape[1] >= self.flows.shape[0] else 1
        return float(max(0.0, 1 - self.flows.max(axis=axis).sum()))

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
        told = self._splits(names) if self.flows.shape[1] > self.flows.shape[0] else self._merges(names)
        if not told:
            return f"no segment as a whole splits or merges; {percent(self.moved)} of the customers move to another"
        if self.moved >= FEW:
            told.append(f"{percent(self.moved)} of the customers move to another segment besides")
        return "; ".join(told)

    def _splits(self, names: Sequence[str]) -> list[str]:
        source, told = self.flows.argmax(axis=0), []
        for i, name in enumerate(names):
            parts = self.flows[i, source == i]
            parts = np.sort(parts[parts >= PART * self.flows[i].sum()])[::-1]
            if len(parts) > 1:
                sizes = _listed([percent(part) for part in parts])
                told.append(f"{name} comes apart into {len(parts)} ({sizes} of all customers)")
        return told

    def _merges(self, names: Sequence[str]) -> list[str]:
        goal, sizes, told = self.flows.argmax(axis=1), self.flows.sum(axis=1), []
        for j in range(self.flows.shape[1]):
            parts = [int(i) for i in np.flatnonzero(goal == j) if self.flows[i, j] > sizes[i] / 2]
            if len(parts) > 1:
                together = percent(float(self.flows[parts, j].sum()))
                told.append(f"{_listed([names[i] for i in parts])} become one ({together} of all customers)")
        return told


def alternatives(
    scored: Sequence[Scored],
    winner: Scored,
    left_free: Scored | None,
    labels: np.ndarray,
    *,
    place: Callable[[np.ndarray], np.ndarray],
    stability: Callable[[Scored, bool], float],
) -> tuple[Alternative, ...]:
    """Set the best division into each number of segments beside the chosen one.

    Parameters
    ----------
    scored : all that was tried
    winner : what was chosen
    left_free : what would have been chosen had nothing been wished for; None where nothing was
    labels : int array of shape (n,), the chosen segments; none negative
    place : gives the rows that a division leaves out a segment
    stability : stability of a candidate; it is asked with True where it should be measured if it is not known yet

    Returns
    -------
    tuple of Alternative, by rising number of segments
    """
    best = {s.n_segments: s for s in reversed(ranking(free(scored)))}
    if left_free is not None:
        best[left_free.n_segments] = left_free
    best[winner.n_segments] = winner
    rows = list(best.values())
    if left_free is not None and not same_division(left_free, winner) and left_free not in rows:
        rows.append(left_free)
    refusals = {(_key(s)): s.refused for s in scored}
    k, told = int(labels.max()) + 1, []
    for s in rows:
        chosen, is_free = s is winner, left_free is not None and same_division(s, left_free)
        near = chosen or is_free or abs(s.n_segments - winner.n_segments) == 1
        flows = crossed(labels, labels if chosen else place(s.labels)) / len(labels)
        told.append(
            Alternative(
                n_segments=k if chosen else s.n_segments,
                method=s.trial.method,
                score=float(np.clip(s.scores["score"], 0, 1)),
                stability=stability(s, near),
                flows=flows,
                refused=refusals.get(_key(s), ""),
                is_chosen=chosen,
                is_free=is_free,
            )
        )
    return tuple(sorted(told, key=lambda a: (a.n_segments, not a.is_chosen)))


def same_division(a: Scored, b: Scored) -> bool:
    """Whether two candidates are one: refusals and scores apart."""
    return _key(a) == _key(b)


def _key(s: Scored) -> tuple[str, str, bytes]:
    return s.trial.method, repr(sorted(s.trial.parameters.items())), s.labels.tobytes()


def price(mine: Alternative, other: Alternative) -> str:
    """What it costs to have `mine` instead of `other`, in words.

    Returns
    -------
    str
        Such as "costs 0.06 of stability (0.71 instead of 0.77) and 0.03 of trust (0.64 instead of 0.67)".
    """
    pairs = (("stability", mine.stability, other.stability), ("trust", mine.score, other.score))
    known = [(what, a, b) for what, a, b in pairs if not np.isnan(a + b)]
    lost = [f"{b - a:.2f} of {what} ({a:.2f} instead of {b:.2f})" for what, a, b in known if b - a >= NO_DIFFERENCE]
    won = [f"{a - b:.2f} of {what} ({a:.2f} instead of {b:.2f})" for what, a, b in known if a - b >= NO_DIFFERENCE]
    parts = [f"costs {_listed(lost)}"] if lost else []
    parts += [f"gains {_listed(won)}"] if won else []
    return " but ".join(parts) or "costs nothing that we can measure"


def percent(share: float) -> str:
    """A share of 0 to 1 in words, with a decimal only below ten."""
    return f"{f'{100 * share:.{0 if share >= 0.0995 else 1}f}'.removesuffix('.0')} %"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
