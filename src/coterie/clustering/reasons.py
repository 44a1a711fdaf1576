"""Why this number, why this method, how sure, what came second, what to doubt: plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.alternatives import NO_DIFFERENCE, Alternative, percent, price
from coterie.clustering.chooser import chooser
from coterie.clustering.selection import LEVEL, Scored, outcomes_refused, ranking, weaknesses
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.config import SearchSettings
    from coterie.vocabulary import Candidate, Verdict

#: The name of each method, and in plain words what it does with customers.
METHOD_WORDS = {
    "kmeans": ("K-Means", "each customer belongs to the nearest typical customer"),
    "gaussian_mixture": ("a Gaussian mixture", "groups are clouds of different size and shape, which may overlap"),
    "ward": ("Ward's method", "customers are joined step by step, so that each group stays compact"),
    "genie": ("Genie", "near customers are joined step by step, and no group may fall far behind in size"),
    "dbscan": ("DBSCAN", "crowded places form groups"),
    "hdbscan": ("HDBSCAN", "places that stay crowded from near and far form groups"),
    "mode_seeking": ("mode seeking", "one group around each most crowded place"),
    "spectral": ("spectral clustering", "customers form a group who hang together through near neighbours"),
    "latent_class": ("a latent-class mixture", "numbers and categories are weighed together by how likely they are"),
    "kamila": ("KAMILA", "each customer belongs to the nearest typical customer, in numbers and categories alike"),
}
#: Another number of segments is nearly as good when its score is no further behind.
NEARLY = 0.02
#: Agreement below which other methods find something else.
DISPUTED = 0.4
#: A number is clearly best when it is this far ahead of every other one.
CLEAR = 0.05
#: More other numbers than these nearly as good, and none of them stands out.
MANY_LEVEL = 3
#: The question that each part of the account answers, in the order in which it is told.
PARTS = ("number", "price", "method", "sure", "second", "change", "limits", "doubt")


def explain(
    scored: Sequence[Scored],
    winner: Scored,
    verdict: Verdict,
    settings: SearchSettings,
    *,
    alternatives: Sequence[Alternative],
    total: int,
) -> dict[str, tuple[str, ...]]:
    """Account for a choice.

    Parameters
    ----------
    scored : all that was tried
    winner : what was chosen
    verdict : Verdict
    settings : SearchSettings
    alternatives : the best division into each number of segments, the chosen one among them
    total : int, number of customers, of whom the search may have seen a sample

    Returns
    -------
    dict of part to sentences, in the order of `PARTS`; parts without a sentence are left out
    """
    ranked = ranking(list(scored))
    chosen = next(a for a in alternatives if a.is_chosen)
    found = {
        "number": _why_number(ranked, winner, verdict, settings),
        "price": _price(alternatives, chosen),
        "method": _why_method(ranked, winner, verdict, settings),
        "sure": _how_sure(winner, verdict),
        "second": _second(ranked, winner),
        "change": tuple(_changes(alternatives, chosen)),
        "limits": (*_limits(scored, winner, settings), *_noise(winner)),
        "doubt": (*_other_views(winner), *_doubt(len(winner.labels), total)),
    }
    return {part: found[part] for part in PARTS if found[part]}


def told(account: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Every sentence of an account, in its order."""
    return tuple(sentence for sentences in account.values() for sentence in sentences)


def _why_number(
    ranked: Sequence[Scored], winner: Scored, verdict: Verdict, settings: SearchSettings
) -> tuple[str, ...]:
    k, low, high = winner.n_segments, settings.min_segments, settings.max_segments
    if low == high:
        return (f"You asked for {k} segments, and these are the best {k} that we found.",)
    best: dict[int, float] = {}
    for s in ranked:
        best.setdefault(s.n_segments, s.score)
    near = [n for n, score in sorted(best.items()) if n != k and score >= best[k] - NEARLY]
    tried = f"We tried every number of segments from {low} to {high}, and {k}"
    if winner is not ranked[0]:
        steady = "is one of the best, and the one that comes back most surely when we draw the customers again"
        return (f"{tried} {steady}.",)
    if len(near) > MANY_LEVEL:
        level = f"no number stands out: {len(near)} others do about as well as {k}"
        return (f"We tried every number of segments from {low} to {high}, and {level}. Choose what you can act on.",)
    if near:
        also = ", ".join(map(str, near[:-1])) + (" or " if near[:-1] else "") + str(near[-1])
        return (f"{tried} came out best; but {also} would do nearly as well, so choose what you can act on.",)
    # Where customers form no groups of their own, no number is clearly right, whatever the scores say.
    ahead = best[k] - max((score for n, score in best.items() if n != k), default=-1.0)
    clear = verdict.word is not VerdictWord.CONSTRUCTIVE and ahead >= CLEAR
    return (f"{tried} {'came out clearly best' if clear else 'scored best'}.",)


def _price(alternatives: Sequence[Alternative], chosen: Alternative) -> tuple[str, ...]:
    """What the user's wishes cost against a free choice."""
    left_free = next((a for a in alternatives if a.is_free), None)
    if left_free is None:
        return ()
    if left_free is chosen:
        return ("Left free, we would have chosen the same.",)
    method = METHOD_WORDS[left_free.method][0]
    if left_free.n_segments == chosen.n_segments:
        wish = f"Your wish {price(chosen, left_free)}"
    else:
        wish = f"{_count(chosen)} instead of {left_free.n_segments} {price(chosen, left_free)}"
    return (f"Left free, we would have chosen {_count(left_free)}, by {method}. {wish}.",)


def _count(alternative: Alternative) -> str:
    return f"{alternative.n_segments} segments"


def _why_method(
    ranked: Sequence[Scored], winner: Scored, verdict: Verdict, settings: SearchSettings
) -> tuple[str, ...]:
    name, means = METHOD_WORDS[winner.trial.method]
    if settings.method != "auto":
        return (f"You asked for {name} ({means}).",)
    methods = len({s.trial.method for s in ranked})
    if winner is not ranked[0] and verdict.word is VerdictWord.CONSTRUCTIVE:
        return (f"No division came back reliably, so we took a steady and simple one: {name} ({means}).",)
    found = (
        f"Of {len(ranked)} divisions by {methods} method{'' if methods == 1 else 's'}, we chose one by {name} ({means})"
    )
    agreed = winner.scores["agreement"]
    return (f"{found}. Other methods, each by its own way, find {_alike(agreed)} (agreement {agreed:.2f} of 1).",)


def _alike(agreement: float) -> str:
    """How alike two divisions are, in words."""
    if agreement >= 0.9:
        return "practically the same segments"
    if agreement >= 0.7:
        return "much the same segments"
    return "partly the same segments" if agreement >= DISPUTED else "rather different segments"


def _how_sure(winner: Scored, verdict: Verdict) -> tuple[str, ...]:
    """Say what the predicted agreement with true groups is worth."""
    score, sets = float(np.clip(winner.score, 0, 1)), chooser().sets
    where = f"{sets:,} made-up sets of customers" if sets else "made-up customers"
    sentence = (
        f"We tested our way of choosing on {where} whose true groups are known: where a choice looked as good as this "
        f"one, it matched the true groups to {score:.2f} on average (1 = exactly, 0 = no better than chance)."
    )
    if verdict.word is VerdictWord.NATURAL:
        return (sentence,)
    caution = (
        "But all of those had true groups, which we could not show in your data: take the number as a way to compare "
        "divisions, not as a promise."
    )
    return sentence, caution


def _second(ranked: Sequence[Scored], winner: Scored) -> tuple[str, ...]:
    second = next(
        (
            s
            for s in ranked
            if s is not winner and (s.n_segments != winner.n_segments or s.trial.family != winner.trial.family)
        ),
        None,
    )
    if second is None:
        return ()
    gap = winner.score - second.score
    what = f"{second.n_segments} segments by {METHOD_WORDS[second.trial.method][0]}"
    if gap <= -LEVEL:
        return (f"{what} matched better on paper ({-gap:.2f} ahead), but came back less surely.",)
    if gap < NO_DIFFERENCE:
        return (f"{what}, practically level on what we measure.",)
    return (f"{what}, {gap:.2f} behind: {weaknesses([second], winner)[0]}.",)


def _changes(alternatives: Sequence[Alternative], chosen: Alternative) -> list[str]:
    """What one segment fewer and one more would do, by the sizes of the segments."""
    sizes = chosen.flows.sum(axis=1)
    names = [f"the segment of {percent(float(size))}" for size in sizes]
    sentences = []
    for number in (chosen.n_segments - 1, chosen.n_segments + 1):
        other = next((a for a in alternatives if a.n_segments == number), None)
        if other is not None:
            sentences.append(f"With {number} segments, {other.change(names)}. That {price(other, chosen)}.")
    return sentences


def _limits(scored: Sequence[Scored], winner: Scored, settings: SearchSettings) -> list[str]:
    sentences = []
    if winner.merged > 0:
        groups, were = ("group", "was") if winner.merged == 1 else ("groups", "were")
        least = percent(settings.smallest_share)
        sentences.append(f"{winner.merged} {groups} of under {least} of the customers {were} merged into the nearest.")
    alike = sum("hardly differ in" in s.refused for s in scored)
    if alike:
        wish = f"two of their segments hardly differ in {settings.must_differ}"
        sentences.append(f"Of {len(scored)} divisions tried, {alike} were refused because {wish}.")
    return sentences


def _noise(winner: Scored) -> list[str]:
    share = float((winner.labels < 0).mean())
    if not share:
        return []
    if winner.n_segments > int(winner.labels.max()) + 1:
        return [f"{percent(share)} of the customers fit into no group; they form a segment of unusual customers."]
    return [f"{percent(share)} of the customers fit into no group; each was put into the nearest segment."]


def _other_views(winner: Scored) -> tuple[str, ...]:
    if winner.scores["agreement"] >= DISPUTED:
        return ()
    return ("Other methods divide your customers in other ways: these segments are one useful view, not the only one.",)


def _doubt(shown: int, total: int) -> tuple[str, ...]:
    sentences = []
    if shown < total:
        sentences.append(
            f"We searched among {shown:,} of {total:,} customers, drawn at random: groups of under about "
            f"{percent(max(60 / shown, 0.001))} of the customers can escape such a search."
        )
    sentences.append(
        "The segments tell apart what the chosen columns show. They do not say that the customers of a segment will "
        "react alike to what you send them: only a test does."
    )
    return tuple(sentences)


def nothing_left(scored: Sequence[Scored]) -> str:
    """Why no division is offered."""
    if not scored:
        return "You asked for one segment, so no division was tried."
    alike = sum("hardly differ in" in s.refused for s in scored)
    if alike:
        return (
            f"None of the {len(scored)} divisions that we tried keeps to your wishes; in {alike} of them, two segments "
            "hardly differ in what you named."
        )
    return f"All {len(scored)} divisions that we tried break your limits; allow smaller segments or other numbers."


def all_refused(scored: list[Scored]) -> tuple[Candidate, ...]:
    """Candidates when none could be chosen."""
    return outcomes_refused(scored)
