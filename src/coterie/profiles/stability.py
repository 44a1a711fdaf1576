"""How surely each segment is found again, and what becomes of it with one segment fewer or more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles.wording import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.clustering import Choice
    from coterie.vocabulary import Segment

#: Between these quantiles lie most pairs of bootstrap samples.
MOST = (0.1, 0.9)
#: A segment is the same as another where each holds this share of the other.
SAME = 0.9
#: Parts of a segment from this share on are told.
PART = 0.15


def with_stability(segments: Sequence[Segment], choice: Choice, labels: np.ndarray) -> list[Segment]:
    """Add to each segment the spread of its agreement between samples, and its course across numbers of segments.

    Parameters
    ----------
    segments : sequence of Segment
    choice : Choice
    labels : int array, the cluster label of each of the segments
    """
    told = []
    for segment, label in zip(segments, map(int, labels), strict=True):
        low, high = spread(choice.segment_draws, label)
        across, elsewhere = course(choice, label)
        told.append(
            replace(segment, stability_low=low, stability_high=high, stability_across=across, elsewhere=elsewhere)
        )
    return told


def spread(draws: np.ndarray, label: int) -> tuple[float, float]:
    """Between which values most draws lie; NaN where nothing was drawn."""
    if not draws.size or label >= draws.shape[1]:
        return float("nan"), float("nan")
    low, high = np.quantile(draws[:, label], MOST)
    return float(low), float(high)


def course(choice: Choice, label: int) -> tuple[float, str]:
    """Segment level stability across solutions, and in words what becomes of the segment with fewer and with more."""
    numbers = [solution.n_segments for solution in choice.solutions]
    if choice.n_segments not in numbers or label not in choice.solutions[numbers.index(choice.n_segments)].label:
        return float("nan"), ""
    at = numbers.index(choice.n_segments)
    here = choice.solutions[at]
    place = int(np.flatnonzero(here.label == label)[0])
    told = []
    if at > 0:
        fewer = _among(here.flows[:, place], choice.solutions[at - 1].shares, split="would be spread over others")
        told.append(f"with {numbers[at - 1]} segments by the same method it {fewer}")
    if at + 1 < len(numbers):
        after = choice.solutions[at + 1]
        segments = "" if told else " segments by the same method"
        told.append(
            f"with {numbers[at + 1]}{segments} it {_among(after.flows[place], after.shares, split='would split')}"
        )
    sentence = f"{'; '.join(told)}." if told else ""
    return float(here.stability[place]), sentence[:1].upper() + sentence[1:]


def _among(flows: np.ndarray, sizes: np.ndarray, *, split: str) -> str:
    """Say in words where the rows of a segment stand in another solution."""
    parts = flows / flows.sum()
    largest = int(parts.argmax())
    if parts[largest] < SAME:
        told = [share(float(part)) for part in np.sort(parts)[::-1] if part >= PART]
        if len(told) == 1:
            return f"would stay together for the most part ({told[0]} of it)"
        return f"{split} ({', '.join(told)} of it)"
    if flows[largest] / sizes[largest] < SAME:
        return "would be part of a larger one"
    return "would be the same"
