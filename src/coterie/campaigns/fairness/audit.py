"""The check of fairness of a study: whom its segments stand for, whom its plays would reach, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.campaigns.fairness.groups import FEWEST, attributes
from coterie.campaigns.fairness.offers import FOUR_FIFTHS, Offered, audit_offers
from coterie.campaigns.fairness.proxies import STRONG, Proxy, audit_proxies
from coterie.campaigns.playbook import playbook_of
from coterie.profiles import SMALLEST_CELL, listed, share

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy as np

    from coterie.config import Config
    from coterie.vocabulary import CustomerTable, Segment

DISCOUNT, CAMPAIGN = "a price reduction", "a campaign"
#: Groups of a segment that are told, the most unlike first.
_MOST_TOLD = 6
_LONGEST = 60  # characters of a name in a sentence


@dataclass(frozen=True)
class FairnessAudit:
    """What was found, and in which words it is told.

    Attributes
    ----------
    proxies : tuple of Proxy
    offers : tuple of Offered
    reason : str
        Why nothing could be checked; "" where something was.
    proxy_sentences, offer_sentences, notes : tuple of str
    """

    proxies: tuple[Proxy, ...]
    offers: tuple[Offered, ...]
    reason: str
    proxy_sentences: tuple[str, ...]
    offer_sentences: tuple[str, ...]
    notes: tuple[str, ...]


def audit_fairness(
    customers: CustomerTable,
    segments: Sequence[Segment],
    segment_ids: np.ndarray,
    basis: Collection[str],
    roles: Mapping[str, str],
    config: Config,
) -> FairnessAudit:
    """Check which segments stand for which group of people, and which groups the plays would reach.

    Parameters
    ----------
    customers : CustomerTable
    segments : sequence of Segment
        With their plays.
    segment_ids : int array of shape (n_customers,)
        In the order of the customer table.
    basis : collection of str
        Features that the segments are built on.
    roles : mapping of str to str
        Header of a given column -> its role.
    config : Config
        The playbook, and whether an offer lowers the price where a play does not say.
    """
    groups = attributes(customers, basis, roles)
    if not groups:
        why = (
            "Nothing could be checked: the tables hold neither age, gender nor place in groups of at least "
            f"{FEWEST} customers. A column to check can be named with --audit COLUMN; it is used for nothing else."
        )
        return FairnessAudit((), (), why, (), (), ())
    proxies = audit_proxies(groups, segment_ids)
    offers = audit_offers(groups, segment_ids, offers_of(segments, config))
    names = {segment.segment_id: _short(segment.name) for segment in segments}
    told = tuple(sentence for proxy in proxies for sentence in _told_proxy(proxy, names))
    return FairnessAudit(proxies, offers, "", told, _told_offers(offers), _notes(proxies))


def offers_of(segments: Sequence[Segment], config: Config) -> dict[str, set[int]]:
    """Give the segments whose play lowers the price, and those that get a campaign at all."""
    plays = playbook_of(config).plays
    reached = {s.segment_id for s in segments if s.play is not None and not s.play.left_alone}
    reduced = set()
    for segment in segments:
        template = plays.get(segment.play.key) if segment.play is not None else None
        discount = template.discount if template is not None else None
        lowers = (config.money.offer_discount if discount is None else discount) > 0
        if lowers and template is not None and segment.segment_id in reached:
            reduced.add(segment.segment_id)
    return {DISCOUNT: reduced, CAMPAIGN: reached}


def _told_proxy(proxy: Proxy, names: Mapping[int, str]) -> list[str]:
    strength = proxy.strength
    number = f"strength {strength.estimate:.2f}, 95 % interval {strength.low:.2f} to {strength.high:.2f}"
    label = _short(proxy.label[:1].upper() + proxy.label[1:])
    if not proxy.is_flagged and strength.high >= STRONG:
        return [f"{label}: nothing is shown, but so few customers that much could go unseen ({number})."]
    if not proxy.is_flagged:
        return [f"{label}: the segments say little or nothing about it ({number})."]
    built = " The segments are built on it, so they differ in it by intent." if proxy.origin == "basis" else ""
    much = "the segments largely follow it" if strength.estimate >= STRONG else "some segments hold more of one group"
    told = [f"{label}: {much} ({number}; 0 is nothing, 1 is every group a segment of its own: Cramér's V).{built}"]
    parts = [
        f"“{names[standing.segment_id]}” holds {share(standing.share)} {_group(proxy, standing.group)}, all other "
        f"customers {share(standing.elsewhere)}"
        for standing in sorted(proxy.standings, key=lambda s: -abs(s.difference.estimate))
        if standing.p_adjusted < 0.05 and not standing.is_hidden and standing.segment_id in names
    ]
    return [*told, f"{listed(parts[:_MOST_TOLD])}."] if parts else told


def _group(proxy: Proxy, group: str) -> str:
    return f"aged {group}" if proxy.label == "age" else f"“{_short(group)}”"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _told_offers(offers: Sequence[Offered]) -> tuple[str, ...]:
    alarms = [one for one in offers if one.is_alarm]
    doubtful = [one for one in offers if one.is_low and not one.is_alarm]
    told = [_told_alarm(one) for one in alarms]
    if doubtful:
        groups = listed([f"{_who(one)} ({one.offer})" for one in doubtful[:_MOST_TOLD]])
        told.append(f"Below four fifths, but so few customers that chance alone may do it: {groups}.")
    if offers and not told:
        told.append(f"No group would get an offer less than {FOUR_FIFTHS:.0%} as often as the group that gets it most.")
    if not offers:
        told.append("All segments would get the same kind of offer, so nobody is preferred by it.")
    return tuple(sentence.replace("80%", "80 %") for sentence in told)


def _who(one: Offered) -> str:
    return f"{_short(one.label)} “{_short(one.group)}”"


def _told_alarm(one: Offered) -> str:
    who, best = _who(one), _short(one.best)
    if one.is_hidden:
        return (
            f"Screening alarm, not a legal finding: {who} would get {one.offer} less than 80 % as often as "
            f"“{best}”; the numbers are not shown, because they would give away fewer than 10 customers."
        )
    ratio = one.ratio
    interval = f"; 95 % interval {ratio.low:.2f} to {ratio.high:.2f}" if ratio.low == ratio.low else ""
    return (
        f"Screening alarm, not a legal finding: {who} would get {one.offer} {ratio.estimate:.2f} times as often as "
        f"“{best}” ({share(one.chosen / one.customers)} of them{interval})."
    )


def _counted(customers: int) -> str:
    return f"{customers:,}" if customers >= SMALLEST_CELL else f"fewer than {SMALLEST_CELL}"


def _notes(proxies: Sequence[Proxy]) -> tuple[str, ...]:
    small = [f"{_counted(proxy.left_out)} by {_short(proxy.label)}" for proxy in proxies if proxy.left_out]
    unknown = [f"{_counted(proxy.unknown)} by {_short(proxy.label)}" for proxy in proxies if proxy.unknown]
    notes = [
        "This looks at differences, not at reasons: a group may differ because it buys differently. Whether it may get "
        "other offers is for a person to decide.",
    ]
    if small:
        notes.append(f"Customers in groups of fewer than {FEWEST}, which are not judged: {listed(small)}.")
    if unknown:
        notes.append(f"Customers of whom it is not known: {listed(unknown)}.")
    return tuple(notes)
