"""How a division came to be chosen, and how surely it comes back against another on the same bootstrap pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from coterie.clustering.selection import Scored
    from coterie.clustering.stability import Stability

#: Common pairs from which a difference is told.
FEWEST_PAIRS = 4
#: Probability that the range of a difference covers it.
_COVERAGE = 0.95
#: Smaller differences are no differences, however often they are found.
NO_DIFFERENCE = 0.005


@dataclass(frozen=True)
class Compared:
    """Stability of two divisions on the same bootstrap pairs.

    Attributes
    ----------
    mine, other : float, mean adjusted Rand index over the common pairs
    low, high : float, 95 % interval of mine - other (Student's t over the pairs)
    pairs : int, how many were common
    """

    mine: float
    other: float
    low: float
    high: float
    pairs: int

    @property
    def difference(self) -> float:
        """Mean of mine - other."""
        return self.mine - self.other

    @property
    def sure(self) -> bool:
        """Whether the difference is more than what drawing gives by chance."""
        return (self.low > 0 or self.high < 0) and abs(self.difference) >= NO_DIFFERENCE

    def words(self) -> str:
        """Both figures, mine first, and whether they may differ by chance alone."""
        chance = "" if self.sure else "; that much may be chance"
        return f"{self.mine:.2f} against {self.other:.2f} in the same {self.pairs} pairs of samples{chance}"

    def turned(self) -> Compared:
        """The same from the other's side."""
        return Compared(self.other, self.mine, -self.high, -self.low, self.pairs)


def compared(mine: Stability | None, other: Stability | None) -> Compared | None:
    """Compare two divisions on the pairs that both were fitted to; None where these are too few to tell anything.

    Pairs are drawn by their number, so that the first of one are the first of the other. The draws vary much more than
    the difference on one draw: means over different pairs must not be compared.
    """
    if mine is None or other is None:
        return None
    m = min(len(mine.pairs), len(other.pairs))
    if m < FEWEST_PAIRS:
        return None
    a, b = mine.pairs[:m], other.pairs[:m]
    apart = a - b
    reach = float(stdtrit(m - 1, (1 + _COVERAGE) / 2) * apart.std(ddof=1) / np.sqrt(m))
    mean = float(apart.mean())
    return Compared(float(a.mean()), float(b.mean()), mean - reach, mean + reach, m)


def ahead(mine: Stability, other: Stability, most: int) -> float:
    """Mean difference over the common pairs, however few, at most so many of them.

    For a choice, which must be made, and must not depend on what was measured besides; not for a sentence.
    """
    m = min(len(mine.pairs), len(other.pairs), most)
    return round(float((mine.pairs[:m] - other.pairs[:m]).mean()), 9)


@dataclass(frozen=True)
class Decision:
    """What was chosen, and by which of the rules.

    Attributes
    ----------
    winner : Scored
    best : Scored, the best score of those that could be chosen
    steadier : Scored, what was left once nearly equal scores were asked for how surely they come back; often `best`
    practical : bool, whether nothing came back and the steadiest K-Means division into a few segments was taken
    stability : Stability of the winner; None where nothing was measured
    """

    winner: Scored
    best: Scored
    steadier: Scored
    practical: bool = False
    stability: Stability | None = None

    @property
    def by_score(self) -> bool:
        """Whether the best score decided."""
        return self.winner is self.best

    @property
    def by_stability(self) -> bool:
        """Whether a worse score was preferred because it comes back more surely."""
        return not self.practical and self.steadier is not self.best

    @property
    def by_method(self) -> bool:
        """Whether the same segments are given by another method, which finds them more surely."""
        return not self.practical and self.winner is not self.steadier

    @property
    def mean(self) -> float:
        """Stability of the winner; NaN where nothing was measured."""
        return float("nan") if self.stability is None else self.stability.mean
