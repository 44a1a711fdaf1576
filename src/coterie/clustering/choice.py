"""What a search gives: the segmentation that was chosen, the others, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.clustering.across import Solution
    from coterie.clustering.alternatives import Alternative
    from coterie.clustering.assign import Assigner
    from coterie.clustering.trust import Trust
    from coterie.vocabulary import Candidate, Verdict


@dataclass(frozen=True)
class Choice:
    """The segmentation that was chosen, and why.

    Attributes
    ----------
    method : str
    n_segments : int
    parameters : mapping
    assigner : Assigner
    candidates : tuple of Candidate, the chosen one first
    verdict : Verdict
    stability_by_k : mapping of number of segments to the adjusted Rand indices of bootstrap pairs
    rows : int array, row numbers of the sample that the search saw
    reasons : tuple of sentences: why this method, why this number, what came second, what is not known
    noise : "none", "own segment" or "nearest segment": where rows that a density method left out went
    unusual_label : int or None, the label of the segment that collects them
    segment_draws : float array of shape (B, n_segments)
        Jaccard similarity of each segment with its likest in each pair of bootstrap samples, by cluster label.
    solutions : tuple of Solution
        The chosen segments and those of the same method's solutions with more and fewer, each following the one before.
    account : mapping of question to sentences
        The reasons, by what they answer: "number", "price", "method", "sure", "second", "change", "limits", "doubt".
    alternatives : tuple of Alternative
        The best division into each number of segments, by rising number, the chosen one among them.
    trust : Trust or None
        What the score of the choice is worth; None where nothing was chosen.
    """

    method: str
    n_segments: int
    parameters: Mapping[str, Any]
    assigner: Assigner
    candidates: tuple[Candidate, ...]
    verdict: Verdict
    stability_by_k: Mapping[int, np.ndarray]
    rows: np.ndarray
    reasons: tuple[str, ...]
    noise: str
    unusual_label: int | None
    segment_draws: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    solutions: tuple[Solution, ...] = ()
    account: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()
    trust: Trust | None = None
