"""What an account of a choice is made from, and the words that its parts share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from coterie.clustering.selection import Scored, ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coterie.clustering.alternatives import Alternative
    from coterie.clustering.decision import Compared, Decision
    from coterie.clustering.trust import Trust
    from coterie.config import SearchSettings
    from coterie.vocabulary import Verdict

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
#: Agreement below which other methods find something else.
DISPUTED = 0.4


@dataclass(frozen=True)
class Told:
    """What an account is made from.

    Attributes
    ----------
    scored : all that was tried
    decision : Decision
    verdict : Verdict
    trust : Trust
    settings : SearchSettings, as the user gave them
    alternatives : the best division into each number of segments, the chosen one among them
    shares : share of all customers in each chosen segment, by label
    against : gives the stability of a candidate beside that of the winner, None where it was not measured
    missing : share of the cells of the table that were missing, and of the customers who miss more than half of theirs
    least_average : int, customers that segments had to hold on average
    looked : sentences on how many customers were looked at, and what was found among them
    dropped_share : bool, whether the smallest share was given up because nothing of the number asked for kept to it
    """

    scored: Sequence[Scored]
    decision: Decision
    verdict: Verdict
    trust: Trust
    settings: SearchSettings
    alternatives: Sequence[Alternative]
    shares: Sequence[float]
    against: Callable[[Scored], Compared | None]
    missing: tuple[float, float] = (0.0, 0.0)
    least_average: int = 0
    dropped_share: bool = False
    looked: tuple[str, ...] = ()

    @cached_property
    def ranked(self) -> list[Scored]:
        """What could have been chosen, best first."""
        return ranking(list(self.scored))

    @property
    def chosen(self) -> Alternative:
        """The chosen division among the alternatives."""
        return next(a for a in self.alternatives if a.is_chosen)

    @property
    def k(self) -> int:
        """Segments of the study."""
        return len(self.shares)

    @property
    def forced(self) -> bool:
        """Whether one number was asked for."""
        return self.settings.min_segments == self.settings.max_segments


def division(s: Scored) -> str:
    """Name a division by its number and method."""
    return f"{s.n_segments} segments by {METHOD_WORDS[s.trial.method][0]}"


def either(words: Sequence[str], last: str = "or") -> str:
    """List words with commas and an "or"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def first_up(text: str) -> str:
    """Begin with a capital."""
    return text[:1].upper() + text[1:]
