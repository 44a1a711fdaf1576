"""A rule that SQL can say in place of one that it cannot, with how often the two agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from coterie.clustering import KMeans, significant, take
from coterie.clustering.rules import CentreRule, PrototypeRule

if TYPE_CHECKING:
    from coterie.clustering.rules import Rule
    from coterie.preparation import Prepared

#: Centres for each segment that are tried, the fewest first …
TRIED = (1, 2, 4, 8, 16, 32)
#: … until the stand-in agrees with the rule on this share of the customers.
ENOUGH = 0.99
#: Customers on whom it is measured.
MOST_ROWS = 20_000


@dataclass(frozen=True)
class StandIn:
    """A rule of centres, and the share of `n_customers` that it places as the study's own rule does."""

    rule: CentreRule
    agreement: float
    n_customers: int


def needs_stand_in(rule: Rule) -> bool:
    """Whether a rule is one of prototypes, which vote for the segment of a row; every other is written as it is."""
    return isinstance(rule, PrototypeRule)


def stand_in_for(rule: Rule, prepared: Prepared) -> StandIn | None:
    """Give centres in place of prototypes, as few as agree on 99 % of the customers; None where no stand-in is needed.

    Parameters
    ----------
    rule : Rule
        Prototypes vote for the segment of a row; every other rule is written as it is.
    prepared : Prepared
        Customers of the study, on whom the agreement is measured; rows of them where they are many.

    Notes
    -----
    The prototypes of each segment are summarised by K-Means (up to 32 centres); a row gets the segment of the nearest
    centre, a nearest-prototype classifier (Hastie, Tibshirani, Friedman 2009, The Elements of Statistical Learning,
    section 13.2.1).
    """
    if not isinstance(rule, PrototypeRule):
        return None
    chosen = np.linspace(0, len(prepared) - 1, min(len(prepared), MOST_ROWS)).round().astype(np.int64)
    rows = take(prepared, chosen)
    wanted = rule.scores(rows).argmax(axis=0)
    best: StandIn | None = None
    for number in TRIED:
        made = _summarised(rule, number)
        agreement = float((made.scores(rows).argmax(axis=0) == wanted).mean())
        if best is None or agreement > best.agreement:
            best = StandIn(made, agreement, len(wanted))
        if agreement >= ENOUGH:
            break
    return best


def _summarised(rule: PrototypeRule, number: int) -> CentreRule:
    points, segment_of = [], []
    for segment in range(rule.n_segments):
        members = rule.points[rule.label_of == segment]
        wanted = min(number, len(members))
        with threadpool_limits(1):
            centres = KMeans(wanted).fit(members).cluster_centers_
        points.append(significant(centres))
        segment_of += [segment] * len(centres)
    return CentreRule(np.concatenate(points), np.array(segment_of), 1.0)
