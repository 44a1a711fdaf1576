"""Score candidates without knowing the truth, choose one, and say in words why each other lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.limits import TOO_MUCH_NOISE, absorb_small, set_apart
from coterie.clustering.pool import add_agreement, add_fit, add_numbers, add_places, add_setting
from coterie.clustering.validity import criteria
from coterie.vocabulary import Candidate

if TYPE_CHECKING:
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


#: Weights of the transparent score: a ridge regression of the adjusted Rand index on the criteria, fitted on generated
#: data with known segments only. The intercept decides nothing; it makes the score of chosen candidates equal the index
#: they reach on average (`benchmarks/train_chooser.py`).
WEIGHTS = {
    "intercept": 0.03,
    "agreement": 0.968,
    "agreement_two": -0.174,
    "agreement_squared": -0.016,
    "agreement_behind": -0.192,
    "valley": -0.123,
    "hidden_mode": -0.271,
    "hidden_piece": -0.441,
    "noise": 0.218,
    "best_bic": 0.077,
    "k": -0.037,
    "log_k": 0.281,
    "silhouette": 0.484,
    "silhouette_behind": 0.532,
    "likelihood_behind": 0.012,
    "crossing": -0.303,
    "log_n": 0.014,
    "smallest": 0.097,
    "largest": -0.332,
    "explained": -0.445,
    "wide_best_bic": 0.039,
    "wide_valley": 0.134,
    "wide_hidden_mode": -0.558,
}
#: Differences in the score below this are no differences.
LEVEL = 0.01
#: Columns from which likelihood has a voice of its own, because densities of neighbours lose theirs.
WIDE = 4
#: Added for the latent-class mixture with the best BIC where categories are part of the table: the only method of the
#: portfolio with a likelihood for them.
MIXED_BEST_BIC = 0.05


def score_trials(graph: NeighbourGraph, trials: list[Trial], settings: SearchSettings, *, mixed: bool) -> list[Scored]:
    """Apply the business limits, compute every criterion, and score.

    O(m (n K + p² k)) for m trials, n rows, K neighbours and a probe of p rows.
    """
    scored = [_limit(graph, trial, settings) for trial in trials]
    usable = [s for s in scored if not s.refused]
    if usable:
        _add_criteria(graph, usable)
        for s in usable:
            s.scores["score"] = predicted_agreement(s.scores, *graph.X.shape, mixed=mixed)
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


def predicted_agreement(scores: dict[str, float], n: int, d: int, *, mixed: bool = False) -> float:
    """Predicted adjusted Rand index with the true segments: the sum of the terms."""
    return float(sum(terms(scores, n, d, mixed=mixed).values()))


def terms(scores: dict[str, float], n: int, d: int, *, mixed: bool = False) -> dict[str, float]:
    """The parts of the score by name."""
    values = term_values(scores, n, d)
    parts = {name: weight * values[name] for name, weight in WEIGHTS.items()}
    parts["mixed_best_bic"] = MIXED_BEST_BIC * scores["best_bic"] * mixed
    return parts


def term_values(scores: dict[str, float], n: int, d: int) -> dict[str, float]:
    """What the weights are multiplied with."""
    values = {**scores, "intercept": 1.0, "log_n": float(np.log(n)), "log_k": float(np.log(scores["k"]))}
    values["agreement_squared"] = scores["agreement"] ** 2
    for name in ("best_bic", "valley", "hidden_mode"):
        values[f"wide_{name}"] = float(d >= WIDE) * scores[name]
    return {name: values[name] for name in WEIGHTS}


def ranking(scored: list[Scored]) -> list[Scored]:
    """Candidates that can be chosen, best first; among equals fewer segments, then the method's name."""
    able = [s for s in scored if not s.refused]
    ranked = sorted(able, key=lambda s: (-round(s.score, 9), s.n_segments, s.trial.method))
    simple = [s for s in ranked if _simple_and_level(s, ranked[0])]
    return [simple[0], *(s for s in ranked if s is not simple[0])] if simple else ranked


def _simple_and_level(s: Scored, best: Scored) -> bool:
    """Whether K-Means says practically the same: its borders are easier to tell, to store and to compute in SQL."""
    return s.trial.method == "kmeans" and s.n_segments == best.n_segments and s.score >= best.score - LEVEL


_WEAKNESS = {
    "agreement": "other methods find different groups",
    "valley": "its borders run through dense areas",
    "hidden_mode": "a further dense group hides inside one of its segments",
    "hidden_piece": "one of its segments falls into separate pieces",
    "silhouette": "its segments lie less apart",
    "crossing": "more near neighbours end up in different segments",
    "largest": "one segment holds too much",
    "likelihood": "it describes the customers less well",
}
_PARTS = {
    "agreement": ("agreement", "agreement_two", "agreement_squared", "agreement_behind"),
    "valley": ("valley", "wide_valley"),
    "hidden_mode": ("hidden_mode", "wide_hidden_mode"),
    "hidden_piece": ("hidden_piece",),
    "silhouette": ("silhouette", "silhouette_behind"),
    "crossing": ("crossing",),
    "largest": ("largest",),
    "likelihood": ("best_bic", "wide_best_bic", "likelihood_behind", "mixed_best_bic"),
}


def weakness(loser: Scored, winner: Scored, n: int, d: int) -> str:
    """The criterion on which a candidate loses most against the chosen one, in words."""
    mine, best = terms(loser.scores, n, d), terms(winner.scores, n, d)
    behind = {name: sum(best[p] - mine[p] for p in parts) for name, parts in _PARTS.items()}
    worst = max(behind, key=lambda name: behind[name])
    return _WEAKNESS[worst] if behind[worst] > 0 else "it is a little behind on several criteria together"


def outcomes(scored: list[Scored], winner: Scored, n: int, d: int) -> tuple[Candidate, ...]:
    """Every candidate with its fate in words, best first, refused ones last."""
    ranked = ranking(scored)
    others = [s for s in ranked if s is not winner]
    runner_up = next(
        (s for s in others if s.n_segments != winner.n_segments or s.trial.family != winner.trial.family), None
    )
    told = [_candidate(winner, "chosen")]
    for s in others:
        words = _fate(s, winner, n, d)
        told.append(_candidate(s, f"runner-up: {words}" if s is runner_up else words))
    return (*told, *outcomes_refused(scored))


def _fate(loser: Scored, winner: Scored, n: int, d: int) -> str:
    behind = winner.score - loser.score
    if behind <= -LEVEL:
        return f"{-behind:.2f} ahead on the score, but less stable"
    if behind < 0.005:
        return "practically as good"
    return f"{behind:.2f} behind: {weakness(loser, winner, n, d)}"


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
