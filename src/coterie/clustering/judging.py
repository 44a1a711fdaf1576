"""Ask other samples which of several good divisions comes back, and how surely the chosen one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
        labels, _ = place_noise(self.sample.X, scored.labels, self.settings.smallest_share)
        key = (scored.trial.method, repr(sorted(scored.trial.parameters.items())), labels.tobytes())
        known = self._judged.get(key)
        begun = len(known.pairs) if known else 0
        if known and begun >= pairs:
            return known
        trial = scored.trial
        found = self.bootstraps.stability(trial.method, trial.parameters, labels, range(begun, pairs))
        self._judged[key] = known.and_more(found) if known else found
        return self._judged[key]

    def found_again(self, ranked: list[Scored]) -> tuple[Scored, Stability]:
        """Of nearly equal scores with other numbers of segments, prefer the one that other samples give again."""
        rivals: dict[int, Scored] = {}
        for s in ranked:
            if s.score >= ranked[0].score - NEARLY_EQUAL:
                rivals.setdefault(s.n_segments, s)
        nearest = list(rivals.values())[:MOST_RIVALS]
        if len(nearest) == 1:
            return self._by_steadiest_method(ranked, ranked[0])
        judged = []
        for done, s in enumerate(nearest):
            found = self.stability(s, max(5, self.settings.bootstraps // 2))
            s.scores["stability"] = found.mean
            judged.append((s, found))
            self.progress.advance(done / len(nearest))
        winner, _ = max(judged, key=lambda pair: round(pair[0].score + STABILITY_WEIGHT * pair[1].mean, 9))
        return self._by_steadiest_method(ranked, winner)

    def _by_steadiest_method(self, ranked: list[Scored], winner: Scored) -> tuple[Scored, Stability]:
        """The same groups, where the method that found them does not find them again, by one that does."""
        stability = self.stability(winner, self.settings.bootstraps)
        if stability.mean >= STEADY:
            return winner, stability
        own = compact(winner.labels + 1)
        others: dict[str, Scored] = {}
        for s in ranked:
            if (
                s.trial.method not in (winner.trial.method, *others)
                and adjusted_rand(compact(s.labels + 1), own) >= SAME
            ):
                others[s.trial.method] = s
        pairs = max(5, self.settings.bootstraps // 2)
        asked = [(s, self.stability(s, pairs)) for s in list(others.values())[:MOST_RIVALS]]
        best, _ = max([(winner, stability), *asked], key=lambda pair: round(pair[1].mean, 9))
        return best, self.stability(best, self.settings.bootstraps)

    def practical_division(
        self, ranked: list[Scored], winner: Scored, stability: Stability
    ) -> tuple[Scored, Stability]:
        """The most stable K-Means division with 3 to 7 segments, unless the winner is about as stable."""
        low, high = CONSTRUCTIVE_RANGE
        options: dict[int, Scored] = {}
        for s in ranked:
            if s.trial.method == "kmeans" and low <= s.n_segments <= high:
                options.setdefault(s.n_segments, s)
        judged = [(s, self.stability(s, max(5, self.settings.bootstraps // 2))) for s in options.values()]
        if not judged:
            return winner, stability
        best, found = max(judged, key=lambda pair: (round(pair[1].mean, 9), -pair[0].n_segments))
        if low <= winner.n_segments <= high and stability.mean >= found.mean - STABILITY_SLACK:
            return winner, stability
        return best, self.stability(best, self.settings.bootstraps)

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
