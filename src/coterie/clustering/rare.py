"""A second look at more customers, for groups too rare to be seen in the sample of the search."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.alternatives import percent
from coterie.clustering.assign import CORE_DISTANCE, Assigner, distance_to, significant
from coterie.clustering.kernels.bridges import groups_of
from coterie.clustering.lumps import find_lumps, spread
from coterie.clustering.rare_rules import with_group
from coterie.clustering.table import Rows, take

if TYPE_CHECKING:
    from coterie.clustering.table import PreparedTable
    from coterie.config import SearchSettings

#: Rows of the rarest group that a look is large enough for, and the most rows of a look.
GROUP_ROWS, MOST_ROWS = 200, 100_000
#: Fewest rows of a group in a look: fewer are no kind of customer.
LEAST_ROWS = 100
#: A group is looked for down to this part of the share stated, since samples vary.
SLACK = 0.75
#: Jaccard similarity from which a segment is the group already, and from which a rule gives the group back.
SAME, GIVEN_BACK = 0.5, 0.6
#: Largest share of other rows that a rule for the group may take from their segments.
DISTURBED = 0.005
#: Further looks that tell how surely a group is found again.
FURTHER_LOOKS = 4


@dataclass(frozen=True)
class Look:
    """What a second look found.

    Attributes
    ----------
    assigner : Assigner, with a further segment for each rare group
    shares : tuple of float, share of the rows looked at in each rare group, by label
    again : float array of shape (further looks, rare groups)
        Largest Jaccard similarity of each with a group that a further look at other rows found.
    sentences : tuple of str, for the account
    """

    assigner: Assigner
    shares: tuple[float, ...] = ()
    again: np.ndarray = field(default_factory=lambda: np.ones((1, 0)))
    sentences: tuple[str, ...] = ()

    def draws(self, known: np.ndarray) -> np.ndarray:
        """Set the further looks beside the bootstrap draws of the other segments, taking turns; shape (B, k)."""
        if not self.shares or not len(known):
            return np.hstack([known, np.zeros((len(known), len(self.shares)))])
        return np.hstack([known, self.again[np.arange(len(known)) % len(self.again)]])


def look_again(
    prepared: PreparedTable, assigner: Assigner, settings: SearchSettings, *, seed: int, assess: bool
) -> Look:
    """Find groups that stand apart but hold too few customers for the search to see, and give each a segment.

    Parameters
    ----------
    prepared : PreparedTable, all rows
    assigner : Assigner of the chosen segments
    settings : SearchSettings
        Groups with at least `rare_share` of the rows and less than `smallest_share` are looked for.
    seed : int
    assess : bool, whether to look further times, at other rows, how surely a group is found again

    Returns
    -------
    Look

    Notes
    -----
    A group of a share s has about s n rows in a sample of n, give or take their root: the sample is chosen so that the
    rarest group has 200, whatever the number of customers. O(n d) time: about a second.
    """
    total = len(prepared.X)
    wanted = settings.rare_share
    if not wanted or wanted >= settings.smallest_share or total <= settings.sample:
        return Look(assigner, sentences=_seen(settings.sample, total, wanted=0.0))
    size = min(max(int(np.ceil(GROUP_ROWS / wanted)), settings.sample), MOST_ROWS, total)
    rows = _drawn(prepared, size, seed, 0)
    least = max(SLACK * wanted, LEAST_ROWS / len(rows))
    if least >= settings.smallest_share:
        return Look(assigner, sentences=_seen(settings.sample, total, wanted=0.0))
    found = _rare(rows, assigner, (least, settings.smallest_share), seed)
    grown, shares, refused = _grown(assigner, rows, found, settings)
    sentences = (
        *_seen(len(rows), total, wanted=max(wanted, LEAST_ROWS / len(rows))),
        *_told(shares, refused, settings),
    )
    again = _found_again(prepared, grown, len(shares), size, seed) if shares and assess else np.ones((1, len(shares)))
    return Look(grown, shares, again, sentences)


def _drawn(prepared: PreparedTable, size: int, seed: int, turn: int) -> Rows:
    total = len(prepared.X)
    rng = np.random.default_rng([seed, 4, turn])
    return take(prepared, np.sort(rng.choice(total, size, replace=False, shuffle=False)))


def _groups(rows: Rows, seed: int) -> np.ndarray:
    """Groups with valleys around them, among the numbers; neither lumps nor steps of a lattice are groups."""
    rng = np.random.default_rng([seed, 5])
    numbers = spread(rows.numeric_part, find_lumps(rows.numeric_part), rng)
    return groups_of(numbers[:, numbers.std(axis=0) > 0], rng)


def _rare(rows: Rows, assigner: Assigner, between: tuple[float, float], seed: int) -> list[np.ndarray]:
    """Rows of each rare group, bool arrays of shape (n,), the largest first; those that are segments are left out."""
    group = _groups(rows, seed)
    sizes = np.bincount(group) / len(rows)
    segment = assigner.labels(rows)
    found = []
    for g in np.argsort(-sizes, kind="stable"):
        if between[0] <= sizes[g] < between[1]:
            members = group == g
            if max(jaccard(members, segment == s) for s in range(assigner.n_segments)) < SAME:
                found.append(members)
    return found


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Rows in both sets / rows in at least one, in [0, 1]; bool arrays of shape (n,)."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def _grown(
    assigner: Assigner, rows: Rows, found: list[np.ndarray], settings: SearchSettings
) -> tuple[Assigner, tuple[float, ...], list[float]]:
    """The assigner with a segment for each group that its rule can tell; their shares, and those of the others."""
    shares: list[float] = []
    refused: list[float] = []
    forced = settings.min_segments == settings.max_segments
    for members in found:
        bigger = None if forced or assigner.n_segments >= settings.max_segments else _with(assigner, rows, members)
        if bigger is None:
            refused.append(float(members.mean()))
            continue
        assigner = bigger
        shares.append(float((assigner.labels(rows) == assigner.n_segments - 1).mean()))
    return assigner, tuple(shares), refused


def _with(assigner: Assigner, rows: Rows, members: np.ndarray) -> Assigner | None:
    """The assigner with one more segment; None where its rule cannot tell the group, or takes too much from others."""
    before, new = assigner.labels(rows), assigner.n_segments
    rule = with_group(assigner.rule, rows, before, members)
    after = rule.scores(rows).argmax(axis=0)
    mine = after == new
    disturbed = float(((after != before) & ~members).sum() / max((~members).sum(), 1))
    if jaccard(mine, members) < GIVEN_BACK or disturbed > DISTURBED:
        return None
    centre = significant(rows.X[mine].mean(axis=0))
    distance = distance_to(rows.X[mine], centre[None], np.zeros(int(mine.sum()), dtype=np.int64))
    reach = significant(np.array([np.quantile(distance, CORE_DISTANCE) * (1 + 1e-9)]))
    calibration = assigner.calibration
    if calibration is not None:  # no refit of the search could find the group: the least sure of the others stands in
        calibration = replace(calibration, shares=np.vstack([calibration.shares, calibration.shares.min(axis=0)]))
    return replace(
        assigner,
        rule=rule,
        centres=np.vstack([assigner.centres, centre]),
        reach=np.append(assigner.reach, reach),
        calibration=calibration,
    )


def _found_again(prepared: PreparedTable, assigner: Assigner, rare: int, size: int, seed: int) -> np.ndarray:
    """How well each rare segment is found again by looks at other rows, shape (FURTHER_LOOKS, rare)."""
    again = np.zeros((FURTHER_LOOKS, rare))
    for turn in range(FURTHER_LOOKS):
        rows = _drawn(prepared, size, seed, 1 + turn)
        group, segment = _groups(rows, seed + 1 + turn), assigner.labels(rows)
        for at in range(rare):
            mine = segment == assigner.n_segments - rare + at
            counts = np.bincount(group[mine], minlength=int(group.max()) + 1)
            likest = int(counts.argmax())
            again[turn, at] = jaccard(mine, group == likest)
    return again


def stands_in(assigner: Assigner) -> tuple[str, ...]:
    """Say so where centres stand in for a vote of neighbours that would take too long."""
    agreement = getattr(assigner.rule, "agreement", 1.0)
    if agreement == 1.0:
        return ()
    return (
        f"So many customers are placed by the nearest of {len(assigner.rule.arrays()['points'])} typical customers "
        f"instead of by their neighbours: both agree for {percent(agreement)} of the customers that we compared.",
    )


def _seen(shown: int, total: int, *, wanted: float) -> tuple[str, ...]:
    """How many customers were looked at, what could have escaped, and how far shares in the sample may be off."""
    if shown >= total:
        return ()
    smallest = percent(wanted or max(60 / shown, 0.001))
    off = percent(2 * float(np.sqrt(0.1 * 0.9 / shown)))
    looked = "In a second look we searched" if wanted else "We searched"
    return (
        f"{looked} among {shown:,} of {total:,} customers, drawn at random: groups of under about {smallest} of the "
        f"customers can escape such a search. In so many, the share of a tenth of all customers is off by {off} at "
        "most, nineteen times in twenty; the shares told here are counted among all customers.",
    )


def _told(shares: tuple[float, ...], refused: list[float], settings: SearchSettings) -> list[str]:
    sentences = [
        f"A group of {percent(share)} of the customers stands apart from all others. It has a segment of its own, "
        f"though it is smaller than the {percent(settings.smallest_share)} that the other segments have at least."
        for share in shares
    ]
    return sentences + [
        f"A group of {percent(share)} of the customers stands apart from all others, but has no segment of its own: "
        "the number of segments is full, or its border cannot be told simply enough. Allow more segments to see it."
        for share in refused
    ]
