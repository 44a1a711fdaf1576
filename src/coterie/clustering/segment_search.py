"""Find the segments: try the portfolio on a sample, choose, judge how real they are, and make the rule for everyone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering import reasons
from coterie.clustering.account import Told
from coterie.clustering.across import solutions_around
from coterie.clustering.alternatives import alternatives
from coterie.clustering.assign import Assigner, make_assigner
from coterie.clustering.away import METHODS, Away, ask_trials
from coterie.clustering.beside import ask_test, begin_test
from coterie.clustering.calibration import calibrate, matched, tie_of
from coterie.clustering.choice import Choice
from coterie.clustering.decision import Decision, compared
from coterie.clustering.graph import NeighbourGraph, neighbour_graph
from coterie.clustering.judging import Judge
from coterie.clustering.limits import noise_word, place_noise
from coterie.clustering.portfolio import Portfolio, Trial
from coterie.clustering.rare import Look, look_again, stands_in
from coterie.clustering.refine import least_by_new_label, make_rule, merge_segments, prototypes, small_segments
from coterie.clustering.selection import Scored, limited, outcomes, ranking, score_trials
from coterie.clustering.stability import Stability
from coterie.clustering.structure import without_shared_values
from coterie.clustering.table import Rows, missing_cells, take
from coterie.clustering.trust import trust_of
from coterie.clustering.validity import valley
from coterie.clustering.verdict import (
    lump_sentences,
    make_verdict,
    no_segments,
    not_assessed,
    not_testable,
    verdict_word,
)
from coterie.clustering.wishes import columns_to_differ, free, has_wish, left_free, refuse_unwished, without_wishes
from coterie.errors import NotEnoughDataError
from coterie.progress import SILENT
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from coterie.clustering.decision import Compared
    from coterie.clustering.structure import StructureTest
    from coterie.clustering.table import PreparedTable
    from coterie.config import SearchSettings
    from coterie.progress import Progress
    from coterie.vocabulary import Block, Verdict

    Held = tuple[float, Compared | None]

#: Customers needed for each segment asked for.
ROWS_PER_SEGMENT = 10
#: In small tables segments hold this many times as many on average, so that 200 customers give at most eight.
AVERAGE_FACTOR = 2.5
#: Up to here every number of clusters is tried.
USUAL_NUMBERS = 15
#: Pairs of refits that tell what a confidence is worth.
CALIBRATION_PAIRS = 10
#: The smallest share that nobody asked for.
_USUAL_SHARE = 0.02


def search(
    prepared: PreparedTable,
    settings: SearchSettings,
    *,
    seed: int = 0,
    progress: Progress = SILENT,
    assess: bool = True,
    blocks: Mapping[str, Block] | None = None,
) -> Choice:
    """Find the segments of a prepared table.

    Parameters
    ----------
    prepared : PreparedTable
        Rows in a canonical order (by customer id): the result does not depend on anything else.
    settings : SearchSettings
    seed : int
    progress : Progress
    assess : bool
        Whether to judge how real the segments are; without it the search takes less than half the time.
    blocks : mapping of feature to Block, optional
        Which side of a customer each feature of `prepared.sources` shows; `settings.must_differ` needs it.

    Returns
    -------
    Choice

    Raises
    ------
    NotEnoughDataError
        If all rows are equal, or there are fewer than ten rows for each segment asked for.
    ConfigError
        If segments must differ in a side of the customers that no column shows.

    Notes
    -----
    Everything that grows faster than n runs on at most `settings.sample` rows; all fits run on one thread, so that the
    result does not depend on the number of cores.
    """
    return Search(prepared, settings, seed=seed, progress=progress, assess=assess, blocks=blocks).run()


class Search:
    """One search; its steps share the sample, the graph and the portfolio.

    Parameters
    ----------
    prepared, settings, seed, progress : as for `search`
    assess : bool
        Whether to judge how real the segments are (structure test and bootstraps).
    rows_per_segment : int
    blocks : mapping of feature to Block, optional
    """

    def __init__(
        self,
        prepared: PreparedTable,
        settings: SearchSettings,
        *,
        seed: int = 0,
        progress: Progress = SILENT,
        assess: bool = True,
        rows_per_segment: int = ROWS_PER_SEGMENT,
        blocks: Mapping[str, Block] | None = None,
    ) -> None:
        self.prepared = prepared
        self.settings = settings
        self.seed = seed
        self.progress = progress
        self.assess = assess
        self.rows_per_segment = rows_per_segment
        self.blocks = blocks or {}
        self.n = len(prepared.X)
        self.test: StructureTest | None = None
        self.dropped_share = False
        self._testing: Callable[[], StructureTest] | None = None
        self._away: Away | None = None

    def begin(self) -> Self:
        """Draw the sample, let a second process try some methods and test for groups; go on by `run`, at any time."""
        with threadpool_limits(limits=1):
            self._begin()
            self._away = ask_trials(self.graph, self._numbers(), self._methods(), self.seed)
            if self.assess and self._varies:
                self._testing = ask_test(self.sample.numeric_part, self.settings.null_draws, self.seed)
        return self

    def run(self) -> Choice:
        """Go through the steps, as far as they are not done yet."""
        with threadpool_limits(limits=1), ThreadPoolExecutor(1) as beside:
            if not hasattr(self, "sample"):
                self._begin()
            if self.assess and self._testing is None:
                self._testing = self._begin_test(beside).result
            scored = self._try_methods() if self.settings.max_segments > 1 else []
            ranked = ranking(scored)
            if not ranked:
                return self._one_segment(scored)
            return self._conclude(scored, self._judge(ranked))

    def _begin_test(self, beside: ThreadPoolExecutor) -> Future[StructureTest]:
        if not self._varies:
            return beside.submit(not_testable)
        return begin_test(beside, self.sample.numeric_part, self.settings.null_draws, self.seed)

    @property
    def _varies(self) -> bool:
        X = self.sample.numeric_part
        return bool((X[:1] != X).any())

    def candidates(self) -> list[Scored]:
        """Try every method and compute the criteria of what it finds; nothing is scored, chosen or judged."""
        with threadpool_limits(limits=1):
            self._begin()
            return limited(self.graph, self._trials(), self.settings)

    def _begin(self) -> None:
        self._check()
        self.rows = self._draw(self.settings.sample)
        self.sample = take(self.prepared, self.rows)
        side = self.settings.must_differ
        self._differ_in = columns_to_differ(self.sample, self.blocks, side) if side else np.zeros(0, dtype=bool)
        self.graph: NeighbourGraph = neighbour_graph(self.sample.X, seed=self.seed)
        self.judge = self._free_judge = Judge(self.sample, self.settings, self.seed, self.progress)

    def _check(self) -> None:
        X = self.prepared.X
        if not len(X) or not X.shape[1] or not (X[0] != X).any():
            raise NotEnoughDataError(
                "The customers show no variation: all of them are equal in every column of the basis.",
                found=f"{len(X)} customers, {X.shape[1]} columns.",
                remedy="Choose other columns with --basis, or check that the values were read as numbers.",
            )
        needed = self.rows_per_segment * max(self.settings.min_segments, 2 if self.settings.max_segments > 1 else 1)
        if len(X) < needed:
            raise NotEnoughDataError(
                f"There are too few customers for {self.settings.min_segments} segments.",
                found=f"{len(X)} customers; at least {needed} are needed ({self.rows_per_segment} for each segment).",
                remedy="Ask for fewer segments with --segments (search.min_segments), or add customers.",
            )

    def _draw(self, size: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, 0])
        return np.arange(self.n) if self.n <= size else np.sort(rng.choice(self.n, size, replace=False))

    @property
    def _forced(self) -> bool:
        return self.settings.min_segments == self.settings.max_segments

    @property
    def _least_average(self) -> int:
        """Rows that segments must have on average, 8 in any table: fewer would say nothing about a kind of customer."""
        return max(8, round(AVERAGE_FACTOR * self.rows_per_segment))

    def _numbers(self) -> list[int]:
        """Numbers of clusters to try: those asked for, and those of a free choice, so that a wish can be priced."""
        return sorted({*self._numbers_of(self.settings), *self._numbers_of(without_wishes(self.settings))})

    def _free_numbers(self) -> list[int]:
        return self._numbers_of(left_free(self.settings))

    def _numbers_of(self, settings: SearchSettings) -> list[int]:
        """Numbers that settings ask for; a few more where it is one, since small clusters are merged.

        Beyond `USUAL_NUMBERS` only about as many as there are clear density modes.
        """
        least, asked = settings.min_segments, settings.max_segments
        most = max(2, least, min(asked, len(self.sample) // self._least_average))
        most = min(most + (3 if least == asked else 0), self.graph.distinct, max(2, len(self.sample) // 2))
        usual = range(min(max(2, least), most), min(most, max(USUAL_NUMBERS, least + 3)) + 1)
        modes = self.graph.modes.count()
        return [*usual, *(k for k in range(modes - 1, modes + 2) if usual[-1] < k <= most)]

    def _methods(self) -> list[str]:
        if self.settings.method != "auto":
            return [self.settings.method]
        # A Gaussian has no meaning for 0/1 indicators: methods that tell numbers from categories take its place.
        models = ["latent_class", "kamila"] if self.sample.mixed else ["gaussian_mixture"]
        return ["kmeans", "ward", *models, "genie", "spectral", "mode_seeking", "hdbscan", "dbscan"]

    def _trials(self) -> list[Trial]:
        """What each method finds at each number of clusters."""
        self.portfolio = Portfolio(self.sample, self._numbers(), self.seed, self.graph)
        return self._trials_of(self.portfolio)

    def _trials_of(self, portfolio: Portfolio) -> list[Trial]:
        trials: list[Trial] = []
        methods = self._methods()
        for done, method in enumerate(methods):
            if method in METHODS and self._away is not None and portfolio is self.portfolio:
                portfolio.tried, self._away = {**portfolio.tried, **self._away.trials()}, None
            trials += portfolio.trials(method)
            self.progress.advance((done + 1) / (len(methods) + 1))
        return trials

    def _try_methods(self) -> list[Scored]:
        self.asked = self.settings
        trials = self._trials()
        scored = self._scored(trials, self.settings)
        self._left_free_scored = scored
        if self._forced and not ranking(scored):  # the number was asked for: small segments are better than none
            self._give_up_smallest_share()
            scored = self._scored(trials, self.settings)
        self.progress.advance(1.0)
        return scored

    def _give_up_smallest_share(self) -> None:
        """From here on all steps, the refits among them, leave small segments as they are."""
        self.dropped_share = True
        self.settings = self.settings.model_copy(update={"smallest_share": 0.0})
        self.judge = Judge(self.sample, self.settings, self.seed, self.progress)

    def _scored(self, trials: list[Trial], settings: SearchSettings) -> list[Scored]:
        """Score all numbers of segments beside each other, then refuse those that are not as they were wished for."""
        scored = score_trials(self.graph, trials, without_wishes(settings))
        refuse_unwished(scored, settings, self.sample.X, self._differ_in)
        return scored

    def _judge(self, ranked: list[Scored]) -> Decision:
        """Choose; where nothing is found again, prefer the most stable practical division."""
        if self._testing is None:
            return Decision(ranked[0], ranked[0], ranked[0])
        self.progress.stage("Looking for the same segments in other samples")
        decision = self.judge.found_again(ranked)
        self.progress.stage("Testing whether there are groups at all")
        self.test = self._testing()
        if self.test.note:
            self.progress.stage(self.test.note)
        return self._practical(self.judge, ranked, decision, forced=self._forced)

    def _left_free(self) -> Scored | None:
        """What a free choice would have taken, from what it would have tried; None where nothing was wished for."""
        if not has_wish(self.asked):
            return None
        ranked = ranking(free(self._freely_scored()))
        if self.test is None or not ranked:
            return ranked[0] if ranked else None
        self.progress.stage("Looking at what your wishes cost")
        decision = self._free_judge.found_again(ranked)
        return self._practical(self._free_judge, ranked, decision, forced=False).winner

    def _freely_scored(self) -> list[Scored]:
        """Scores depend on all that is tried: where a wish made it more, what a free choice tries is scored alone."""
        if self._numbers() == self._free_numbers():
            return self._left_free_scored
        portfolio = Portfolio(self.sample, self._free_numbers(), self.seed, self.graph)
        return score_trials(self.graph, self._trials_of(portfolio), left_free(self.asked))

    def _practical(self, judge: Judge, ranked: list[Scored], decision: Decision, *, forced: bool) -> Decision:
        """What is chosen in the end: where nothing comes back, a practical division."""
        poor = self.test is not None and verdict_word(self.test, decision.mean) is VerdictWord.CONSTRUCTIVE
        if not poor or self.settings.method != "auto" or forced:
            return decision
        return judge.practical_division(ranked, decision)

    def _held_against(self, winner: Scored, unwished: Scored | None) -> Callable[[Scored, bool], Held]:
        """Give the stability of a candidate, and beside the winner's on common pairs, measured where it is wanted."""

        def held(s: Scored, measure: bool) -> Held:
            if self.test is None:
                return float("nan"), None
            judge = self._free_judge if s is unwished else self.judge
            found = judge.stability(s, judge.some_pairs) if measure else judge.known(s)
            return (float("nan") if found is None else found.mean), compared(found, self.judge.known(winner))

        return held

    def _conclude(self, scored: list[Scored], decision: Decision) -> Choice:
        self.progress.stage("Placing every customer")
        winner = decision.winner
        labels, unusual = place_noise(self.sample.X, winner.labels, self.settings.smallest_share)
        more = take(self.prepared, self._draw(max(self.settings.fit_sample, self.settings.sample)))
        rule = make_rule(winner, self.sample, labels, more, self.seed, total=self.n)
        assigner, into, shares = self._within_limits(make_assigner(rule, more), more)
        assigner = self._calibrated(assigner, winner, labels, into)
        unusual = None if unusual is None else int(into[unusual])
        look = look_again(self.prepared, assigner, self.settings, seed=self.seed, assess=self.test is not None)
        placed = self._with_rare(into[labels], look)
        assigner, shares = look.assigner, np.append(shares, look.shares)
        verdict, draws, by_number = self._verdict(decision, into, unusual, shares, look)
        unwished = self._left_free()
        numbers = alternatives(
            scored,
            winner,
            unwished,
            placed,
            place=self._placed,
            judged=self._held_against(winner, unwished),
        )
        self._note_stability(scored)
        trust = trust_of(decision, self.asked)
        account = reasons.explain(
            Told(
                scored=scored,
                decision=decision,
                verdict=verdict,
                trust=trust,
                settings=self.asked,
                alternatives=numbers,
                shares=tuple(shares),
                against=lambda s: self.judge.compare(s, winner),
                missing=missing_cells(self.sample),
                least_average=self._least_average,
                dropped_share=self.dropped_share,
                looked=(*look.sentences, *stands_in(assigner)),
            )
        )
        return Choice(
            method=winner.trial.method,
            n_segments=assigner.n_segments,
            parameters=dict(winner.trial.parameters),
            assigner=assigner,
            candidates=outcomes(scored, decision, lambda s: self.judge.compare(s, winner)),
            verdict=verdict,
            stability_by_k=by_number,
            rows=self.rows,
            reasons=reasons.told(account),
            noise=noise_word(winner.labels, unusual),
            unusual_label=unusual,
            segment_draws=draws,
            solutions=solutions_around(scored, winner, placed, self.sample.X, self.settings.smallest_share),
            account=account,
            alternatives=numbers,
            trust=trust,
        )

    def _with_rare(self, labels: np.ndarray, look: Look) -> np.ndarray:
        """The chosen segments of the sample, and those of rare groups beside them."""
        if not look.shares:
            return labels
        found = look.assigner.labels(self.sample)
        return np.where(found >= look.assigner.n_segments - len(look.shares), found, labels)

    def _placed(self, labels: np.ndarray) -> np.ndarray:
        return place_noise(self.sample.X, labels, self.settings.smallest_share)[0]

    def _verdict(
        self, decision: Decision, into: np.ndarray, unusual: int | None, shares: np.ndarray, look: Look
    ) -> tuple[Verdict, np.ndarray, Mapping[int, np.ndarray]]:
        """The verdict, the agreement of each segment in each pair, and that of all by number of segments."""
        k, stability, winner = len(shares), decision.stability, decision.winner
        if stability is None or self.test is None:
            return not_assessed(k), np.zeros((0, k)), {}
        draws = look.draws(least_by_new_label(stability.draws, into))
        word = verdict_word(self.test, stability.mean)
        # Borders are as crowded as all customers make them, those in no group among them.
        spread = word is VerdictWord.NATURAL or bool((winner.labels < 0).any())
        verdict = make_verdict(
            word,
            self.test,
            Stability(stability.pairs, draws),
            n_segments=k,
            valley=self._valley(winner) if spread else winner.scores["valley"],
            splits=lump_sentences(self.test, self.sample),
            unusual=None if unusual is None else float(shares[unusual]),
        )
        return verdict, draws, self.judge.by_number(winner, stability, self.portfolio.tried[winner.trial.method])

    def _valley(self, winner: Scored) -> float:
        """How crowded the borders are, also once lattices are spread and averages of few counts smoothed: no gaps."""
        X, numbers = self.sample.X.copy(), self.sample.numeric_part
        X[:, : numbers.shape[1]] = without_shared_values(numbers, (), np.random.default_rng([self.seed, 1]))
        labels = self._placed(winner.labels)
        return max(winner.scores["valley"], valley(neighbour_graph(X, seed=self.seed), labels, np.bincount(labels))[0])

    def _note_stability(self, scored: list[Scored]) -> None:
        """Write beside each candidate how surely it comes back, with all that was measured by now."""
        for s in scored:
            found = None if s.refused or self.test is None else self.judge.known(s)
            if found is not None:
                s.scores["stability"], s.scores["stability_pairs"] = found.mean, float(len(found.pairs))

    def _calibrated(self, assigner: Assigner, winner: Scored, found: np.ndarray, into: np.ndarray) -> Assigner:
        """Measure on the refits what the rule's confidence is worth; as it was where nothing was fitted again.

        Where segments were merged after the search, the clusters of a refit are merged as those that they match were.
        """
        if self.test is None or assigner.n_segments < 2:
            return assigner
        bootstraps = self.judge.bootstraps
        pairs = range(min(self.settings.bootstraps, CALIBRATION_PAIRS))
        refits, unseen = bootstraps.refits(winner.trial.method, winner.trial.parameters, pairs)
        if assigner.n_segments < len(into):
            refits = np.array([matched(found[bootstraps.shown], refit, into) for refit in refits])
        labels, margins = assigner.margins(bootstraps.judged.rows)
        tie, k = tie_of(assigner.rule), assigner.n_segments
        return replace(assigner, calibration=calibrate(margins, labels, refits, unseen, n_segments=k, tie=tie))

    def _within_limits(self, assigner: Assigner, more: Rows) -> tuple[Assigner, np.ndarray, np.ndarray]:
        """Hold the smallest share among all customers, not only in the sample.

        Returns
        -------
        the assigner; the new label of each segment; the share of all customers in each segment that is left
        """
        into = np.arange(assigner.n_segments)
        while True:
            labels = assigner.labels(self.prepared)
            step = small_segments(self.prepared.X, labels, assigner.n_segments, self.settings.smallest_share)
            if self._forced or len(np.unique(step)) == assigner.n_segments:
                return assigner, into, np.bincount(labels, minlength=assigner.n_segments) / self.n
            assigner = make_assigner(merge_segments(assigner.rule, step), more)
            into = step[into]

    def _one_segment(self, scored: list[Scored]) -> Choice:
        """Nothing useful: everyone in one segment."""
        nobody = np.zeros(len(self.sample), dtype=np.int64)
        assigner = make_assigner(prototypes(self.sample.X, nobody, self.seed), self.sample)
        asked_one = not scored
        wished = asked_one or bool(ranking(free(scored))) or self.settings.smallest_share > _USUAL_SHARE
        wished = wished or self.settings.method != "auto"
        reason = reasons.nothing_left(scored, wished=wished)
        return Choice(
            method="none",
            n_segments=1,
            parameters={},
            assigner=assigner,
            candidates=reasons.all_refused(scored),
            verdict=no_segments(reason, wished=wished),
            stability_by_k={},
            rows=self.rows,
            reasons=(reason,),
            noise="none",
            unusual_label=None,
        )
