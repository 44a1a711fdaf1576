"""What became of each segment in another study: kept, renamed, merged, split, scattered, or new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import FEWEST_SHARED, SAME_PEOPLE, listed, same_people, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from coterie.outputs.study import Study

KEPT, RENAMED, MERGED, SPLIT, SCATTERED, NEW, UNKNOWN = (
    "kept", "renamed", "merged", "split off", "scattered", "new", "not known",
)  # fmt: skip


@dataclass(frozen=True)
class Fate:
    """What became of a segment, or where it came from.

    Attributes
    ----------
    word : str
        kept or renamed (the same people), merged (most of its people are in a segment that continues another),
        split off (most of its people come from a segment that continues as another), scattered (its people are in
        several), new (its people come from several, or were not there), not known (too few people are in both).
    before, after : tuple of int and str, or None
        Id and name in the earlier study and in the new one; None where it is in one of them only.
    shared : int
        Customers that the word rests on.
    sentence : str
    """

    word: str
    before: tuple[int, str] | None
    after: tuple[int, str] | None
    shared: int
    sentence: str


@dataclass(frozen=True)
class _Meeting:
    """Segments of two studies (id, name), the customers in both, and the place where each earlier one continues."""

    joint: np.ndarray
    pairs: Mapping[int, int]
    one: Sequence[tuple[int, str]]
    other: Sequence[tuple[int, str]]


def fates_of(old: Study, new: Study, moved: pd.DataFrame) -> tuple[Fate, ...]:
    """Match the segments of two studies by their customers.

    Pairs are chosen together so that as many people as possible keep their segment (Kuhn 1955, the Hungarian method);
    a pair counts when at least half of the people in either are in both (Jaccard similarity).

    Parameters
    ----------
    old, new : Study
    moved : DataFrame
        As `coterie.outputs.comparing.move_counts` gives it.

    Returns
    -------
    tuple of Fate
        Those of the earlier study by id, then those that only the new one has.
    """
    joint = _joint([part.segment_id for part in old.profiled], [part.segment_id for part in new.profiled], moved)
    one = [(part.segment_id, part.name) for part in old.profiled]
    other = [(part.segment_id, part.name) for part in new.profiled]
    later = same_people(joint)
    met = _Meeting(joint, {before: after for after, before in later.items()}, one, other)
    before = [_of_earlier(place, met) for place in range(len(one))]
    after = [_of_new(place, met) for place in range(len(other)) if place not in later]
    return (*before, *after)


def _joint(one: Sequence[int], other: Sequence[int], moved: pd.DataFrame) -> np.ndarray:
    """Customers in both, a row each earlier segment and a column each new one."""
    counts = np.zeros((len(one), len(other)), dtype=np.int64)
    rows, columns = ({identity: place for place, identity in enumerate(ids)} for ids in (one, other))
    names = ["from_segment_id", "to_segment_id", "customers"]
    for start, end, number in moved[names].itertuples(index=False, name=None):
        if start in rows and end in columns:
            counts[rows[start], columns[end]] = number
    return counts


def _of_earlier(place: int, met: _Meeting) -> Fate:
    """What became of an earlier segment."""
    me, other, row = met.one[place], met.other, met.joint[place]
    total = int(row.sum())
    if place in met.pairs:
        them, number = other[met.pairs[place]], int(row[met.pairs[place]])
        kept = f"{share(number / total)} of its customers who are still there are in it"
        if me[1] == them[1]:
            return Fate(KEPT, me, them, number, f"“{me[1]}” continues; {kept}.")
        return Fate(RENAMED, me, them, number, f"“{me[1]}” continues as “{them[1]}”; {kept}.")
    if total < FEWEST_SHARED:
        return Fate(UNKNOWN, me, None, total, f"“{me[1]}”: too few of its customers are in the new study to tell.")
    largest = int(row.argmax())
    part, name = row[largest] / total, other[largest][1]
    if part >= SAME_PEOPLE:
        told = f"“{me[1]}” went into “{name}”: {share(part)} of its customers who are still there are in it."
        return Fate(MERGED, me, other[largest], int(row[largest]), told)
    told = f"“{me[1]}” is gone: its customers are in several segments now, most of them ({share(part)}) in “{name}”."
    return Fate(SCATTERED, me, None, total, told)


def _of_new(place: int, met: _Meeting) -> Fate:
    """Where a segment that continues no earlier one came from."""
    me, one, column = met.other[place], met.one, met.joint[:, place]
    total = int(column.sum())
    if total < FEWEST_SHARED:
        told = f"“{me[1]}” is new: hardly any of its customers were there before."
        return Fate(NEW, None, me, total, told)
    most_of = column >= SAME_PEOPLE * met.joint.sum(axis=1).clip(min=FEWEST_SHARED)
    sources = [int(place) for place in np.flatnonzero(most_of)]
    largest = int(column.argmax())
    part, name = column[largest] / total, one[largest][1]
    if len(sources) > 1:
        names = listed([f"“{one[source][1]}”" for source in sources])
        return Fate(NEW, None, me, total, f"“{me[1]}” brings together most customers of {names}.")
    if part >= SAME_PEOPLE:
        came = f"{share(part)} of its customers who were there before come from it"
        continues = "continues" if largest in met.pairs else "went apart"
        told = f"“{me[1]}” came out of “{name}”, which {continues}: {came}."
        return Fate(SPLIT, one[largest], me, int(column[largest]), told)
    told = f"“{me[1]}” is new: its customers come from several segments, most of them ({share(part)}) from “{name}”."
    return Fate(NEW, None, me, total, told)
