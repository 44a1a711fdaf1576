"""Ask other samples which of several good divisions comes back, and how surely the chosen one does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.decision import Compared, Decision, ahead, compared
from coterie.clustering.kernels.rand_index import adjusted_rand
from coterie.clustering.limits import place_noise
from coterie.clustering.portfolio import compact
from coterie.clustering.selection import Scored
from coterie.clustering.stability import Bootstraps, Stability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.clustering.portfolio import Trial
    from coterie.clustering.table import Rows
    from coterie.config import SearchSettings
    from coterie.progress import Progress

#: Numbers of segments that a division without groups of its own is offered with.
CONSTRUCTIVE_RANGE = (3, 7)
#: Candidates whose scores differ by less are judged by how well other samples give them again, so many at most.
NEARLY_EQUAL = 0.06
MOST_RIVALS = 4
#: What one more of stability is worth in units of the score, among nearly equal candidates.
STABILITY_WEIGHT = 0.4
#: The chooser's own candidate is kept while it is at most this much less stable than the most stable division.
STABILITY_SLACK = 0.05
#: Stability from which a method is left in peace; below it, other methods that found the same groups are asked too.
STEADY = 0.8
#: Agreement from which two divisions count as the same groups.
SAME = 0.9


class Judge:
    """Fits divisions again on bootstrap pairs; what was fitted once is used again.

    Parameters
    ----------
    sample : Rows
    settings : SearchSettings
    seed : int
    progress : Progress
    """

    def __init__(self, sample: Rows, settings: SearchSettings, seed: int, progress: Progress) -> None:
        self.sample = sample
        self.settings = settings
        self.progress = progress
        self.bootstraps = Bootstraps(sample, smallest_share=settings.smallest_share, seed=seed)
        self._judged: dict[tuple[str, str, bytes], Stability] = {}

    def stability(self, scored: Scored, pairs: int) -> Stability:
        """Agreement of at least so many bootstrap pairs; what was drawn before for the same segments is used again."""
        labels = self._placed(scored)
        key = _key(scored, labels)
        known = self._judged.get(key)
        begun = len(known.pairs) if known else 0
        if known and begun >= pairs:
            return known
        trial = scored.trial
        found = self.bootstraps.stability(trial.method, trial.parameters, labels, range(begun, pairs))
        self._judged[key] = known.and_more(found) if known else found
        return self._judged[key]

    def known(self, scored: Scored) -> Stability | None:
        """What was measured of a candidate so far; nothing is fitted."""
        return self._judged.get(_key(scored, self._placed(scored)))

    def compare(self, mine: Scored, other: Scored) -> Compared | None:
        """Hold two candidates against each other on the pairs that both were fitted to; nothing is fitted."""
        return compared(self.known(mine), self.known(other))

    @property
    def some_pairs(self) -> int:
        """Pairs for candidates that are only compared; the chosen one is given `bootstraps`."""
        return max(5, self.settings.bootstraps // 2)

    def _placed(self, scored: Scored) -> np.ndarray:
        return place_noise(self.sample.X, scored.labels, self.settings.smallest_share)[0]

    def found_again(self, ranked: list[Scored]) -> Decision:
        """Of nearly equal scores with other numbers of segments, prefer the one that other samples give again.

        For each number the best score is asked, and K-Means beside it where its score is nearly equal too.
        """
        nearest = _rivals(ranked)
        steadier = ranked[0]
        if len(nearest) > 1:
            worth = []
            for done, s in enumerate(nearest):
                found = _mean_of(self.stability(s, self.some_pairs), self.some_pairs)
                worth.append(round(s.score + STABILITY_WEIGHT * found, 9))
                self.progress.advance(done / len(nearest))
            steadier = nearest[int(np.argmax(worth))]
        return self._by_steadiest_method(ranked, steadier)

    def _by_steadiest_method(self, ranked: list[Scored], winner: Scored) -> Decision:
        """The same groups, where the method that found them does not find them again, by one that does."""
        stability = self.stability(winner, self.settings.bootstraps)
        if stability.mean >= STEADY:
            return Decision(winner, ranked[0], winner, stability=stability)
        own = compact(winner.labels + 1)
        others: dict[str, Scored] = {}
        for s in ranked:
            if (
                s.trial.method not in (winner.trial.method, *others)
                and adjusted_rand(compact(s.labels + 1), own) >= SAME
            ):
                others[s.trial.method] = s
        pairs = self.some_pairs
        nearest = list(others.values())[:MOST_RIVALS]
        asked = [(s, ahead(self.stability(s, pairs), stability, pairs)) for s in nearest]
        best, _ = max([(winner, 0.0), *asked], key=lambda pair: pair[1])
        return Decision(best, ranked[0], winner, stability=self.stability(best, self.settings.bootstraps))

    def practical_division(self, ranked: list[Scored], decision: Decision) -> Decision:
        """The most stable K-Means division with 3 to 7 segments, unless the winner is about as stable."""
        low, high = CONSTRUCTIVE_RANGE
        options: dict[int, Scored] = {}
        for s in ranked:
            if s.trial.method == "kmeans" and low <= s.n_segments <= high:
                options.setdefault(s.n_segments, s)
        judged = [(s, self.stability(s, self.some_pairs)) for s in options.values()]
        if not judged:
            return decision
        best, found = max(judged, key=lambda pair: (_mean_of(pair[1], self.some_pairs), -pair[0].n_segments))
        behind = ahead(found, self.stability(decision.winner, self.some_pairs), self.some_pairs) > STABILITY_SLACK
        if best is decision.winner or (low <= decision.winner.n_segments <= high and not behind):
            return decision
        return replace(decision, winner=best, practical=True, stability=self.stability(best, self.settings.bootstraps))

    def by_number(self, winner: Scored, stability: Stability, tried: Sequence[Trial]) -> dict[int, np.ndarray]:
        """Bootstrap agreement by number of segments: all numbers for K-Means, the neighbours for other methods."""
        found = {winner.n_segments: stability.pairs}
        pairs = max(4, self.settings.bootstraps // 5)
        reach = self.settings.max_segments if winner.trial.method == "kmeans" else 1
        for trial in _siblings(winner, tried):
            number = int(trial.parameters["k"])
            if number not in found and abs(number - winner.n_segments) <= reach:
                scored = Scored(trial, trial.labels, np.arange(trial.k), trial.k)
                found[number] = self.stability(scored, pairs).pairs
        return dict(sorted(found.items()))


def _rivals(ranked: list[Scored]) -> list[Scored]:
    """Who is asked: the best score of each number that is nearly equal, and K-Means of that number if it is too."""
    near = [s for s in ranked if s.score >= ranked[0].score - NEARLY_EQUAL]
    numbers = list(dict.fromkeys(s.n_segments for s in near))[:MOST_RIVALS]
    rivals: list[Scored] = []
    for number in numbers:
        best, *others = [s for s in near if s.n_segments == number]
        rivals.append(best)
        if best.trial.method != "kmeans":
            rivals += [s for s in others if s.trial.method == "kmeans"][:1]
    return rivals


def _mean_of(stability: Stability, pairs: int) -> float:
    """Mean of the first pairs: what was asked for more of them is not compared by more."""
    return round(float(stability.pairs[:pairs].mean()), 9)


def _key(scored: Scored, labels: np.ndarray) -> tuple[str, str, bytes]:
    return scored.trial.method, repr(sorted(scored.trial.parameters.items())), labels.tobytes()


def _siblings(winner: Scored, tried: Sequence[Trial]) -> list[Trial]:
    """The same method with the same other settings at other numbers of segments."""
    same = {name: value for name, value in winner.trial.parameters.items() if name != "k"}
    if "k" not in winner.trial.parameters or "merged" in same:
        return []
    return [
        trial
        for trial in tried
        if {name: value for name, value in trial.parameters.items() if name != "k"} == same
        and trial.k == trial.parameters["k"]
    ]
