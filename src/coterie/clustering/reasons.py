"""Why this number, why this method, how sure, what came second, what to doubt: plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.clustering.account import DISPUTED, METHOD_WORDS, Told, division, either, first_up
from coterie.clustering.alternatives import Alternative, percent, price
from coterie.clustering.chooser import chooser
from coterie.clustering.selection import LEVEL, Scored, outcomes_refused, runner_up, weaknesses
from coterie.clustering.why_number import why_number
from coterie.config import SearchSettings
from coterie.vocabulary import VerdictWord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.clustering.decision import Compared
    from coterie.clustering.trust import Trust
    from coterie.vocabulary import Candidate, Verdict

#: Share of missing cells from which a reader is told.
MISSING = 0.05
#: The question that each part of the account answers, in the order in which it is told.
PARTS = ("number", "price", "method", "sure", "second", "change", "limits", "doubt")


def explain(facts: Told) -> dict[str, tuple[str, ...]]:
    """Account for a choice.

    Returns
    -------
    dict of part to sentences, in the order of `PARTS`; parts without a sentence are left out
    """
    found = {
        "number": why_number(facts),
        "price": _price(facts),
        "method": _why_method(facts),
        "sure": _how_sure(facts.trust, facts.verdict),
        "second": _second(facts),
        "change": tuple(_changes(facts)),
        "limits": (*_limits(facts), *_noise(facts.decision.winner)),
        "doubt": tuple(_doubts(facts)),
    }
    return {part: found[part] for part in PARTS if found[part]}


def told(account: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Every sentence of an account, in its order."""
    return tuple(sentence for sentences in account.values() for sentence in sentences)


def _price(facts: Told) -> tuple[str, ...]:
    """What the user's wishes cost against a free choice."""
    chosen = facts.chosen
    left_free = next((a for a in facts.alternatives if a.is_free), None)
    if left_free is None:
        return ()
    kept = facts.settings.method != "auto" or facts.settings.smallest_share != SearchSettings().smallest_share
    free = "With your other wishes kept but this one left free" if kept else "Left free"
    if left_free is chosen:
        return (f"{free}, we would have chosen the same.",)
    method = METHOD_WORDS[left_free.method][0]
    stability = left_free.against.turned() if left_free.against else None
    if left_free.n_segments == chosen.n_segments:
        wish = f"Your wish {price(chosen, left_free, stability)}"
    else:
        cost = price(chosen, left_free, stability)
        wish = f"{_count(chosen)} instead of {left_free.n_segments} {cost}"
    return (f"{free}, we would have chosen {_count(left_free)}, by {method}. {wish}.",)


def _count(alternative: Alternative) -> str:
    return f"{alternative.n_segments} segments"


def _why_method(facts: Told) -> tuple[str, ...]:
    winner = facts.decision.winner
    name, sense = METHOD_WORDS[winner.trial.method]
    if facts.settings.method != "auto":
        return (f"You asked for {name} ({sense}).",)
    methods = len({s.trial.method for s in facts.ranked})
    tried = f"Of {len(facts.scored)} division{'' if len(facts.scored) == 1 else 's'} that we tried"
    of = f"{tried}, {len(facts.ranked)} by {methods} method{'' if methods == 1 else 's'}"
    sentences = [f"{of} could be used; we chose one by {name} ({sense})."]
    if facts.decision.by_method:
        other = METHOD_WORDS[facts.decision.steadier.trial.method][0]
        found = facts.against(facts.decision.steadier)
        if found is not None and found.difference < 0:
            sentences.append(f"{first_up(other)} found nearly the same segments, but less surely: {found.words()}.")
    if _others_asked(facts):
        agreed = winner.scores["agreement"]
        sentences.append(f"Other methods, each by its own way, find {_alike(agreed)} (agreement {agreed:.2f} of 1).")
    return tuple(sentences)


def _others_asked(facts: Told) -> bool:
    """Whether methods of another kind found something that the winner could be compared with."""
    return len({s.trial.family for s in facts.scored if "agreement" in s.scores}) > 1


def _alike(agreement: float) -> str:
    """How alike two divisions are, in words."""
    if agreement >= 0.9:
        return "practically the same segments"
    if agreement >= 0.7:
        return "much the same segments"
    return "partly the same segments" if agreement >= DISPUTED else "rather different segments"


def _how_sure(trust: Trust, verdict: Verdict) -> tuple[str, ...]:
    """Say what the predicted agreement with true groups is worth."""
    if not trust.tested:
        why = either(trust.untested, "and")
        return (
            f"A score of {trust.value:.2f} of 1 is an estimate outside what we tested, because {why}: use it to "
            "compare divisions of these customers, not as a promise.",
        )
    sets = chooser().sets
    where = f"{sets:,} made-up sets of customers" if sets else "made-up customers"
    tested = f"We tested our way of choosing on {where} whose true groups are known"
    scale = "(1 = exactly, 0 = no better than chance)"
    if trust.below:
        return (
            f"{tested}: hardly any choice looked as doubtful as this one, so we can only say that it may match true "
            f"groups to less than {trust.value:.2f} {scale}.",
        )
    sentence = (
        f"{tested}: where a choice looked as good as this one, it matched the true groups to {trust.value:.2f} on "
        f"average {scale}."
    )
    if verdict.word is VerdictWord.NATURAL:
        return (sentence,)
    caution = (
        "But all of those had true groups, which we could not show in your data: take the number as a way to compare "
        "divisions, not as a promise."
    )
    return sentence, caution


def _second(facts: Told) -> tuple[str, ...]:
    winner = facts.decision.winner
    second = runner_up(facts.decision, facts.ranked)
    if second is None:
        return ()
    gap, found = winner.score - second.score, facts.against(second)
    what = division(second)
    if gap <= -LEVEL:
        return (f"{what}: {-gap:.2f} ahead on the score, {_not_taken(facts, found)}.",)
    if gap < LEVEL / 2:
        return (f"{what}, level on the score.",)
    return (f"{what}, {gap:.2f} behind on the score: {weaknesses([second], winner)[0]}.",)


def _not_taken(facts: Told, found: Compared | None) -> str:
    if found is not None and found.difference < 0:
        return f"but it came back less surely ({found.words()})"
    if facts.decision.practical:
        return "but like all others it did not come back surely enough"
    return "but the chosen one was better in score and stability taken together"


def _changes(facts: Told) -> list[str]:
    """What one segment fewer and one more would do, by the sizes of the segments."""
    names = [f"the segment of {percent(float(size))}" for size in facts.shares]
    sentences = []
    for number in (facts.k - 1, facts.k + 1):
        other = next((a for a in facts.alternatives if a.n_segments == number), None)
        if other is not None:
            cost = price(other, facts.chosen, other.against)
            sentences.append(f"With {number} segments, {other.change(names)}. That {cost}.")
    return sentences


def _limits(facts: Told) -> list[str]:
    sentences, settings, merged = [], facts.settings, facts.decision.winner.merged
    least = percent(settings.smallest_share)
    if facts.dropped_share:
        smallest = percent(min(facts.shares))
        small = sum(share < settings.smallest_share for share in facts.shares)
        sentences.append(
            f"No division into {settings.max_segments} segments has at least {least} of the customers in each. The "
            f"number came first, so that limit was given up: {small} of the {facts.k} are smaller, the "
            f"smallest {smallest}."
        )
    elif merged > 0:
        groups, were = ("group", "was") if merged == 1 else ("groups", "were")
        sentences.append(f"{merged} {groups} of under {least} of the customers {were} merged into the nearest.")
    lost = facts.decision.winner.n_segments - facts.k
    if lost > 0:
        found = facts.decision.winner.n_segments
        sentences.append(
            f"{lost} of the {found} segments found held less than {least} of all customers and joined the nearest."
        )
    alike = sum("hardly differ in" in s.refused for s in facts.scored)
    if alike:
        wish = f"two of their segments hardly differ in {settings.must_differ}"
        sentences.append(f"Of {len(facts.scored)} divisions tried, {alike} were refused because {wish}.")
    return sentences


def _noise(winner: Scored) -> list[str]:
    share = float((winner.labels < 0).mean())
    if not share:
        return []
    if winner.n_segments > int(winner.labels.max()) + 1:
        return ["Customers who fit into no group form a segment of unusual customers."]
    return [f"{percent(share)} of the customers fit into no group; each was put into the nearest segment."]


def _doubts(facts: Told) -> list[str]:
    sentences = []
    if _others_asked(facts) and facts.decision.winner.scores["agreement"] < DISPUTED:
        sentences.append(
            "Other methods divide your customers in other ways: these segments are one useful view, not the only one."
        )
    cells, customers = facts.missing
    if cells >= MISSING:
        hardly = f", and {percent(customers)} of the customers miss more than half of theirs" if customers > 0 else ""
        sentences.append(
            f"{percent(cells)} of the values that customers are compared by are missing{hardly}. Typical values stand "
            "in for them, so the place of such customers is less sure than their confidence says."
        )
    sentences += facts.looked
    sentences.append(
        "The segments tell apart what the chosen columns show. They do not say that the customers of a segment will "
        "react alike to what you send them: only a test does."
    )
    return sentences


def nothing_left(scored: Sequence[Scored], *, wished: bool) -> str:
    """Why no division is offered; `wished` tells that a free choice would have had one."""
    if not scored:
        return "You asked for one segment, so no division was tried."
    alike = sum("hardly differ in" in s.refused for s in scored)
    tried = (
        "The one division that we tried" if len(scored) == 1 else f"None of the {len(scored)} divisions that we tried"
    )
    breaks = f"{tried} {'does not keep' if len(scored) == 1 else 'keeps'} to your wishes"
    if alike:
        which = "in it" if len(scored) == 1 else f"in {alike} of them"
        return f"{breaks}; {which}, two segments hardly differ in what you named."
    if wished:
        return f"{breaks}; allow smaller segments, other numbers or other methods."
    return f"{tried} {'cannot' if len(scored) == 1 else 'can'} be used: they leave a single group, or none."


def all_refused(scored: list[Scored]) -> tuple[Candidate, ...]:
    """Candidates when none could be chosen."""
    return outcomes_refused(scored)
