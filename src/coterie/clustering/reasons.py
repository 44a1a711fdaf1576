"""Why this method, why this number, what came second, and what nobody knows: plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.selection import LEVEL, Scored, outcomes_refused, ranking
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    from coterie.config import SearchSettings
    from coterie.vocabulary import Candidate, Verdict

METHOD_WORDS = {
    "kmeans": "K-Means (each customer belongs to the nearest typical customer)",
    "gaussian_mixture": "a Gaussian mixture (overlapping clouds of different size and shape)",
    "ward": "Ward's method (customers are joined step by step, keeping groups compact)",
    "genie": "Genie (customers are joined along shortest links, keeping sizes balanced)",
    "dbscan": "DBSCAN (crowded areas form groups)",
    "hdbscan": "HDBSCAN (areas that stay crowded at many scales form groups)",
    "mode_seeking": "mode seeking (one group around each most crowded place)",
    "spectral": "spectral clustering (customers that hang together through near neighbours)",
    "latent_class": "a latent-class mixture (numbers and categories are weighed together)",
    "kamila": "KAMILA (nearest typical customer, with numbers and categories weighed by what the customers show)",
}
_SHORT = {
    "kmeans": "K-Means",
    "gaussian_mixture": "a Gaussian mixture",
    "ward": "Ward's method",
    "genie": "Genie",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
    "mode_seeking": "mode seeking",
    "spectral": "spectral clustering",
    "latent_class": "a latent-class mixture",
    "kamila": "KAMILA",
}


def explain(
    scored: list[Scored], winner: Scored, verdict: Verdict, settings: SearchSettings, *, sampled: tuple[int, int]
) -> tuple[str, ...]:
    """Every reason as a sentence, the most important first."""
    ranked = ranking(scored)
    told = [
        _why_method(ranked, winner, verdict, settings),
        _why_number(ranked, winner, verdict, settings),
        _second(ranked, winner),
        _one_more_or_fewer(ranked, winner),
        _limits(scored, winner, settings),
        _noise(winner),
        *_unknown(winner, verdict, sampled),
    ]
    return tuple(sentence for sentence in told if sentence)


def _why_method(ranked: list[Scored], winner: Scored, verdict: Verdict, settings: SearchSettings) -> str:
    name = METHOD_WORDS[winner.trial.method]
    if settings.method != "auto":
        return f"The method is {name}, because you asked for it."
    tried = len({s.trial.method for s in ranked})
    if winner is not ranked[0]:
        if verdict.word is VerdictWord.CONSTRUCTIVE:
            return f"No division came back reliably in other samples, so we chose the most repeatable one, by {name}."
        return f"Among the divisions that fit well, we chose the one that comes back best in other samples, by {name}."
    methods = "method" if tried == 1 else "methods"
    return (
        f"Of {len(ranked)} possible divisions by {tried} {methods}, the one by {name} fits best: other methods agree "
        f"with it to {winner.scores['agreement']:.2f} (1 = identical groups, 0 = chance), and we expect it to agree "
        f"with the true groups, if there are any, to {np.clip(winner.score, 0, 1):.2f}."
    )


def _why_number(ranked: list[Scored], winner: Scored, verdict: Verdict, settings: SearchSettings) -> str:
    if settings.min_segments == settings.max_segments:
        return f"There are {winner.n_segments} segments, because you asked for that number."
    best: dict[int, float] = {}
    for s in ranked:
        best[s.n_segments] = max(best.get(s.n_segments, -np.inf), s.score)
    near = [
        k for k, score in sorted(best.items()) if k != winner.n_segments and score >= best[winner.n_segments] - 0.02
    ]
    base = f"We tried {settings.min_segments} to {settings.max_segments} segments; {winner.n_segments} "
    if winner is not ranked[0]:
        return base + "is the number at which the division repeats best."
    if near:
        others = ", ".join(str(k) for k in near)
        return base + f"came out best, but {others} would be nearly as good: choose what you can act on."
    # Where customers form no groups of their own, no number is clearly right, whatever the scores say.
    return base + ("scored best." if verdict.word is VerdictWord.CONSTRUCTIVE else "came out clearly best.")


def _second(ranked: list[Scored], winner: Scored) -> str:
    others = (s for s in ranked if s is not winner)
    second = next(
        (s for s in others if s.n_segments != winner.n_segments or s.trial.family != winner.trial.family), None
    )
    if second is None:
        return ""
    gap = winner.score - second.score
    distance = (
        f"{gap:.2f} behind"
        if gap >= 0.005
        else ("practically level" if gap > -LEVEL else f"{-gap:.2f} ahead on paper, but it came back less surely")
    )
    return f"Second came {_SHORT[second.trial.method]} with {second.n_segments} segments, {distance}."


def _one_more_or_fewer(ranked: list[Scored], winner: Scored) -> str:
    parts = []
    for number, words in ((winner.n_segments - 1, "one segment fewer"), (winner.n_segments + 1, "one more")):
        other = next((s for s in ranked if s.n_segments == number), None)
        if other is not None:
            parts.append(f"{words} {_change(winner, other)}")
    if not parts:
        return ""
    joined = "; ".join(parts)
    return f"{joined[0].upper()}{joined[1:]}."


def _change(winner: Scored, other: Scored) -> str:
    """How the segments would change: which parts of which segments move."""
    moved = 1 - _kept_share(winner.labels, other.labels)
    cost = winner.score - other.score
    effect = "costs nothing in expected agreement" if cost < 0.005 else f"costs {cost:.2f} of expected agreement"
    return f"would regroup {_percent(moved)} of the customers and {effect}"


def _percent(share: float) -> str:
    return f"{f'{100 * share:.{0 if share >= 0.0995 else 1}f}'.removesuffix('.0')} %"


def _kept_share(a: np.ndarray, b: np.ndarray) -> float:
    """Share of rows that stay together when segments are matched one to one as well as possible."""
    from scipy.optimize import linear_sum_assignment

    width = int(b.max()) + 2
    joint = np.bincount((a + 1) * width + b + 1, minlength=(int(a.max()) + 2) * width).reshape(-1, width)
    rows, columns = linear_sum_assignment(-joint)
    return float(joint[rows, columns].sum() / len(a))


def _limits(scored: list[Scored], winner: Scored, settings: SearchSettings) -> str:
    parts = []
    if winner.merged > 0:
        one = winner.merged == 1
        parts.append(
            f"{winner.merged} {'group' if one else 'groups'} under {_percent(settings.smallest_share)} of customers "
            f"{'was' if one else 'were'} merged into the nearest segment"
        )
    refused = sum(bool(s.refused) for s in scored)
    if refused:
        parts.append(
            f"of {len(scored)} divisions tried, {refused} did not keep to the limits (one group only, or too many)"
        )
    return f"{'; '.join(parts)}.".capitalize() if parts else ""


def _noise(winner: Scored) -> str:
    share = float((winner.labels < 0).mean())
    if not share:
        return ""
    if winner.n_segments > int(winner.labels.max()) + 1:
        return f"{_percent(share)} of the customers fit into no group; they form a segment of unusual customers."
    return f"{_percent(share)} of the customers fit into no group; each was put into the nearest segment."


def _unknown(winner: Scored, verdict: Verdict, sampled: tuple[int, int]) -> list[str]:
    told = []
    shown, total = sampled
    if shown < total:
        told.append(
            f"The search saw a random sample of {shown:,} of {total:,} customers: groups under about "
            f"{_percent(max(60 / shown, 0.001))} of customers can escape it."
        )
    if winner.scores["valley"] > 0.85 and verdict.word is not VerdictWord.NATURAL:
        told.append("These data do not say where exactly one segment ends: the borders run through crowded areas.")
    told.append("Segments describe the chosen columns only; they do not say that customers of a segment react alike.")
    return told


def nothing_left(scored: list[Scored]) -> str:
    """Why no division is offered."""
    if not scored:
        return "You asked for one segment, so no division was tried."
    return f"All {len(scored)} divisions that we tried break your limits; allow smaller segments or other numbers."


def all_refused(scored: list[Scored]) -> tuple[Candidate, ...]:
    """Candidates when none could be chosen."""
    return outcomes_refused(scored)
