"""What a confidence means: how often such a customer gets the same segment when the segments are made again.

A margin says how far a row lies from the next segment, in a scale of the rule's own. Refits on other samples say how
often rows with that margin keep their segment; a rising curve through these shares turns a margin into a probability
(histogram binning made monotone by pooling adjacent violators: Zadrozny and Elkan 2002; Ayer et al. 1955).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from coterie.clustering.rules import PrototypeRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.clustering.rules import Rule
    from coterie.clustering.table import Rows

#: Prototypes asked how firmly a row belongs; five decide the segment, but give six steps only.
NEIGHBOURHOOD = 15
#: Where the rows are divided into bins, by rank of their margin: finely where the doubt is.
_EDGES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)
#: The curve of one segment leans on that of all as if so many of its rows in a bin had behaved like the others.
PRIOR_ROWS = 15.0
#: Margins beyond this are all the same: a log-odds of 30 is certainty.
_FARTHEST = 30.0


@dataclass(frozen=True)
class Calibration:
    """A rising curve for each segment from a margin to a probability.

    Attributes
    ----------
    margins : float array of shape (m,), rising; beyond the ends the curve is flat
    shares : float array of shape (n_segments, m), in [0, 1], rising along each row
    """

    margins: np.ndarray
    shares: np.ndarray

    def probability(self, margins: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Probability of the same segment for rows with these margins, float array of shape (n,), in [0, 1]."""
        found = np.zeros(len(margins))
        for label, shares in enumerate(self.shares):
            mine = labels == label
            found[mine] = np.interp(margins[mine], self.margins, shares)
        return found

    def arrays(self) -> dict[str, np.ndarray]:
        """The curve's numbers by name."""
        return {"confidence_margins": self.margins, "confidence_shares": self.shares}


def calibration_from(arrays: Mapping[str, np.ndarray]) -> Calibration | None:
    """Rebuild from `Calibration.arrays`; None where there are none."""
    if "confidence_margins" not in arrays:
        return None
    return Calibration(np.asarray(arrays["confidence_margins"]), np.asarray(arrays["confidence_shares"]))


class Placed(NamedTuple):
    """Rows in their segments.

    Attributes
    ----------
    scores : float array of shape (n_segments, n), log-densities, or shares of votes
    labels : int array of shape (n,)
    margins : float array of shape (n,), how firmly each row belongs to its segment; larger is firmer
    others : float array of shape (n,), log-odds of all other segments together against it; None for votes
    """

    scores: np.ndarray
    labels: np.ndarray
    margins: np.ndarray
    others: np.ndarray | None


def with_margins(rule: Rule, rows: Rows) -> Placed:
    """Place rows by a rule, and say how firmly.

    Rules with a density give the log-odds of the segment against all others; rules by neighbours the share of the 15
    nearest prototypes that agree.
    """
    if isinstance(rule, PrototypeRule):
        nearest = rule.nearest_labels(rows, NEIGHBOURHOOD)
        scores = rule.votes(rows, nearest)
        labels = scores.argmax(axis=0)
        return Placed(scores, labels, np.count_nonzero(nearest == labels[:, None], axis=1) / nearest.shape[1], None)
    scores = rule.scores(rows)
    labels = scores.argmax(axis=0)
    others = log_of_others(scores, labels)
    return Placed(scores, labels, np.clip(-others, -_FARTHEST, _FARTHEST), others)


def tie_of(rule: Rule) -> float:
    """Margin of a row that two segments claim alike."""
    return 0.5 if isinstance(rule, PrototypeRule) else 0.0


def second_share(placed: Placed, second: np.ndarray) -> np.ndarray:
    """Part of the doubt that speaks for the second segment, float array of shape (n,), in [0, 1]."""
    scores, labels, _, others = placed
    place = np.arange(scores.shape[1])
    if others is None:
        found = np.maximum(np.round(scores, 2), 0.0)
        votes = found.sum(axis=0) - found[labels, place]
        return np.asarray(np.where(votes > 0, found[second, place] / np.maximum(votes, 1e-9), 1.0))
    gap = scores[second, place] - scores[labels, place] - others
    return np.asarray(np.exp(np.minimum(gap, 0.0)))


def calibrate(
    margins: np.ndarray, labels: np.ndarray, refits: np.ndarray, unseen: np.ndarray, *, n_segments: int, tie: float
) -> Calibration | None:
    """Draw the curve from refits on other samples.

    Parameters
    ----------
    margins : float array of shape (m,)
    labels : int array of shape (m,), segment of each row
    refits : int array of shape (R, m), cluster of each row by each refit
    unseen : bool array of shape (R, m), rows that the refit was not fitted on: only these are counted
    n_segments : int
    tie : float, margin of a row that two segments claim alike: its probability is one half at most

    Returns
    -------
    Calibration or None
        None where there is nothing to learn from: one segment, or no row unseen. O(R m) time.
    """
    counts = unseen.sum(axis=0)
    if n_segments < 2 or not counts.any():
        return None
    kept = np.array([_same_segment(labels, found, n_segments) for found in refits]) & unseen
    bins, knots = _bins(margins, counts)
    pooled_same = np.bincount(bins, weights=kept.sum(axis=0), minlength=len(knots))
    pooled_all = np.bincount(bins, weights=counts, minlength=len(knots))
    pooled = rising(pooled_same / np.maximum(pooled_all, 1e-9), pooled_all)
    shares = []
    for label in range(n_segments):
        mine = labels == label
        same = np.bincount(bins[mine], weights=kept[:, mine].sum(axis=0), minlength=len(knots))
        rows = np.bincount(bins[mine], weights=counts[mine], minlength=len(knots))
        weight = PRIOR_ROWS * len(refits) * float(unseen.mean())
        shares.append(rising((same + weight * pooled) / (rows + weight), rows + weight))
    curve = np.array(shares)
    if knots[0] > tie:  # nobody stands at the border: refits say nothing about who would
        knots = np.append(tie, knots)
        curve = np.hstack([np.minimum(curve[:, :1], 0.5), curve])
    return Calibration(_rounded(knots), _rounded(curve))


def matched(found: np.ndarray, refit: np.ndarray, into: np.ndarray) -> np.ndarray:
    """Rename the clusters of a refit as the segments that they match were merged into.

    Parameters
    ----------
    found : int array of shape (m,), segments before any were merged
    refit : int array of shape (m,)
    into : int array, the label that each of these segments has now

    Returns
    -------
    int array of shape (m,); a cluster goes where most of its rows are
    """
    clusters = int(refit.max()) + 1
    joint = np.bincount(into[found] * clusters + refit, minlength=(int(into.max()) + 1) * clusters)
    return np.asarray(joint.reshape(-1, clusters).argmax(axis=0)[refit])


def rising(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Nearest rising sequence in weighted least squares, by pooling adjacent violators; shape (m,)."""
    blocks: list[list[float]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append([value, max(weight, 1e-12), 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            last, before = blocks.pop(), blocks.pop()
            total = before[1] + last[1]
            blocks.append([(before[0] * before[1] + last[0] * last[1]) / total, total, before[2] + last[2]])
    return np.repeat([block[0] for block in blocks], [int(block[2]) for block in blocks])


def _same_segment(labels: np.ndarray, found: np.ndarray, n_segments: int) -> np.ndarray:
    """Whether each row stays, once clusters are paired with segments so that as many as possible do."""
    clusters = int(found.max()) + 1
    joint = np.bincount(labels * clusters + found, minlength=n_segments * clusters).reshape(n_segments, clusters)
    partner = np.full(clusters, -1)
    segments, paired = linear_sum_assignment(-joint)
    partner[paired] = segments
    return np.asarray(partner[found] == labels)


def _bins(margins: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bin of each row, equal margins together, and the mean margin of each bin."""
    edges = np.unique(np.quantile(margins, _EDGES, method="higher"))
    bins = np.unique(np.searchsorted(edges, margins, side="right"), return_inverse=True)[1]
    weights = np.maximum(counts, 1e-9)
    return bins, np.bincount(bins, weights=weights * margins) / np.bincount(bins, weights=weights)


def log_of_others(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Logarithm of the odds of all other segments together against each row's own."""
    others = scores - scores[labels, np.arange(scores.shape[1])]
    others[labels, np.arange(scores.shape[1])] = -np.inf
    total = np.full(scores.shape[1], -np.inf)
    for row in others:
        total = np.logaddexp(total, row)
    return np.asarray(np.maximum(total, -2 * _FARTHEST))


def _rounded(values: np.ndarray) -> np.ndarray:
    """Six digits are more than refits can tell, and print the same everywhere."""
    return np.asarray(np.round(values, 6))
