"""Ids and names that follow the people: the segments of a new study matched with those of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from coterie.profiles.likeness import distances, reach
from coterie.profiles.wording import counted, listed, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coterie.profiles.description import Profiles
    from coterie.vocabulary import Feature

#: A segment is the earlier one when of all who were in either, among customers in both studies, this part is in both.
SAME_PEOPLE = 0.5
#: Members say nothing about a segment of which fewer than this part, or this number, are in both studies.
ENOUGH_SHARED = 0.5
FEWEST_SHARED = 10
#: Colours go round after so many ids.
COLOURS = 12


@dataclass(frozen=True)
class Earlier:
    """What a new study needs to know of an earlier one.

    Attributes
    ----------
    title : str
    customers : DataFrame
        Index `customer_id`; `segment_id` and the features under their own names.
    names : mapping of int to str
        Name of each segment id.
    basis : tuple of str
        The features that the earlier segments were built on.
    unusual : frozenset of int
        Ids of segments that collect the noise points of a density method.
    retired : frozenset of int
        Ids that studies before it used and that no segment has any more; nobody gets them again.
    """

    title: str
    customers: pd.DataFrame
    names: Mapping[int, str]
    basis: tuple[str, ...]
    unusual: frozenset[int] = frozenset()
    retired: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Succession:
    """Which segment of the new study is which of the earlier one.

    Attributes
    ----------
    ids : tuple of int
        Segment id of each new segment, in the order of their total value.
    kept : mapping of int to str
        New segment (its place in that order) -> name that it keeps.
    by_kind : frozenset of int
        Ids kept because the customers are alike, although too few of them are the same people.
    vanished : mapping of int to str
        Ids and names of earlier segments that no new one continues.
    retired : frozenset of int
        All ids that were used once and are not any more.
    added, dropped : tuple of str
        Columns that only the new segments are built on, and those that only the earlier ones were.
    """

    ids: tuple[int, ...]
    kept: Mapping[int, str]
    by_kind: frozenset[int]
    vanished: Mapping[int, str]
    retired: frozenset[int]
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


NOTHING_EARLIER = Succession((), {}, frozenset(), {}, frozenset())


@dataclass(frozen=True)
class Change:
    """What became of the segments of an earlier study.

    Attributes
    ----------
    earlier : str
        Title of the earlier study.
    kept, new : tuple of int
        Ids that continue, and ids that were never used before.
    vanished : mapping of int to str
        Ids and names that nobody continues.
    retired : tuple of int
        Ids that no later study may use.
    moved : DataFrame
        As `moves` gives it.
    sentences : tuple of str
    """

    earlier: str
    kept: tuple[int, ...]
    new: tuple[int, ...]
    vanished: Mapping[int, str]
    retired: tuple[int, ...]
    moved: pd.DataFrame
    sentences: tuple[str, ...]


def succeed(
    earlier: Earlier,
    customers: pd.DataFrame,
    codes: np.ndarray,
    features: Sequence[Feature],
    *,
    unusual: int | None = None,
) -> Succession:
    """Match new segments with earlier ones: first by the people in both, then by what the customers are like.

    Pairs are chosen together so that as many people as possible keep their segment (Kuhn 1955, the Hungarian method);
    a pair counts when at least half of the people in either are in both (Jaccard similarity). Segments left over are
    paired by the distance of their centres, if too few of their people are in both studies to tell, and if the new
    centre lies nearer to the earlier one than halfway to any other.

    Parameters
    ----------
    earlier : Earlier
    customers : DataFrame
        Index `customer_id`; the features of the new study.
    codes : int array of shape (n_customers,)
        Place of each customer's segment, 0 for the most valuable.
    features : sequence of Feature
        The basis of the new study.
    unusual : int or None
        Place of the new segment that collects noise; it continues only such a segment.

    Returns
    -------
    Succession
        O(n log n + k³) time.
    """
    ids = np.array(sorted(earlier.names))
    before = np.searchsorted(ids, earlier.customers["segment_id"].to_numpy())
    n_new = int(codes.max()) + 1
    joint = _joint(earlier.customers.index, before, customers.index, codes, (len(ids), n_new))
    sort = np.isin(ids, list(earlier.unusual))[:, None] == (np.arange(n_new) == unusual)[None, :]
    sort &= (len(ids) == 1) == (n_new == 1)  # "All customers" is the name of no part of them
    pairs = same_people(joint[:-1, :-1], sort)
    common = [feature for feature in features if feature.name in earlier.basis]
    alike = _by_likeness(earlier, customers, codes, common, _unclear(joint) & sort & _free(pairs, sort.shape))
    matched = pairs | alike
    fresh = _never_used(earlier, [int(ids[place]) for place in matched.values()], n_new - len(matched))
    new_ids = tuple(int(ids[matched[code]]) if code in matched else fresh.pop(0) for code in range(n_new))
    gone = [int(ids[place]) for place in range(len(ids)) if place not in matched.values()]
    return Succession(
        ids=new_ids,
        kept={code: earlier.names[new_ids[code]] for code in sorted(matched)},
        by_kind=frozenset(new_ids[code] for code in alike),
        vanished={identity: earlier.names[identity] for identity in gone},
        retired=earlier.retired | frozenset(gone),
        added=tuple(feature.label for feature in features if feature.name not in earlier.basis),
        dropped=tuple(sorted(set(earlier.basis) - {feature.name for feature in features})),
    )


def continued(profiles: Profiles, earlier: Earlier, succession: Succession) -> Profiles:
    """Give fresh profiles the ids of the succession, and what became of the earlier segments."""
    described = renumbered(profiles, succession.ids)
    moved = moves(earlier, described.membership)
    change = Change(
        earlier=earlier.title,
        kept=tuple(sorted(succession.ids[code] for code in succession.kept)),
        new=tuple(sorted(set(succession.ids) - set(earlier.names))),
        vanished=succession.vanished,
        retired=tuple(sorted(succession.retired)),
        moved=moved,
        sentences=told(earlier, succession, moved),
    )
    return replace(described, change=change)


def renumbered(profiles: Profiles, ids: Sequence[int]) -> Profiles:
    """Give the segments 1, 2, … of fresh profiles other ids, everywhere; they stand in the order of the ids."""
    new = dict(enumerate(ids, start=1)) | {0: 0}
    table, members = profiles.table.copy(), profiles.membership.copy()
    table["segment_id"] = table["segment_id"].map(new)
    for column in ("segment_id", "second_segment_id"):
        members[column] = members[column].map(new).astype(np.int64)
    segments = (replace(segment, segment_id=new[segment.segment_id]) for segment in profiles.segments)
    return replace(
        profiles,
        segments=tuple(sorted(segments, key=lambda segment: segment.segment_id)),
        id_of_label=tuple(new[identity] for identity in profiles.id_of_label),
        table=table.sort_values("segment_id", kind="stable").reset_index(drop=True),
        membership=members,
        tree=tuple(replace(branch, segment_id=new[branch.segment_id]) for branch in profiles.tree),
    )


def moves(earlier: Earlier, membership: pd.DataFrame) -> pd.DataFrame:
    """Count who went where.

    Returns
    -------
    DataFrame
        One row a pair of segments that has a customer: from_segment_id, from_segment, to_segment_id, to_segment,
        customers. Id 0 stands for customers who were not there before, or are not there any more.
    """
    both = pd.DataFrame({"old": earlier.customers["segment_id"], "new": membership["segment_id"]}).fillna(0).astype(int)
    counts = both.groupby(["old", "new"]).size()
    now = dict(zip(membership["segment_id"], membership["segment"], strict=True))
    rows = [
        (old, earlier.names[old] if old else "not there before", new, now[new] if new else "not there any more", number)
        for old, new, number in counts.reset_index().itertuples(index=False, name=None)
    ]
    return pd.DataFrame(
        rows, columns=["from_segment_id", "from_segment", "to_segment_id", "to_segment", "customers"]
    ).sort_values(["from_segment_id", "to_segment_id"], ignore_index=True)


def told(earlier: Earlier, succession: Succession, moved: pd.DataFrame) -> tuple[str, ...]:
    """Say in sentences what became of the earlier segments."""
    there = moved[(moved["from_segment_id"] > 0) & (moved["to_segment_id"] > 0)]
    shared = int(there["customers"].sum())
    stayed = int(there.loc[there["from_segment_id"] == there["to_segment_id"], "customers"].sum())
    names = dict(zip(moved["to_segment_id"].tolist(), moved["to_segment"].tolist(), strict=True))
    fresh = [names[identity] for identity in succession.ids if identity not in earlier.names]
    alike = [names[identity] for identity in sorted(succession.by_kind)]
    sentences = [_stayed(shared, stayed, earlier.title)]
    if fresh:
        sentences.append(f"New: {_quoted(fresh)}.")
    sentences += [_whereabouts(identity, name, there) for identity, name in succession.vanished.items()]
    if alike:
        sentences.append(
            f"{_quoted(alike)}: the same kind of customers as in the earlier study, but mostly other people."
        )
    if succession.added or succession.dropped:
        sentences.append(_other_columns(succession))
    return tuple(sentences)


def _other_columns(succession: Succession) -> str:
    """Names follow the people; where the columns changed, a kept name may speak of one that no longer counts."""
    parts = [f"now also on {listed(list(succession.added))}"] if succession.added else []
    if succession.dropped:
        parts.append(f"no longer on {listed([name.replace('_', ' ') for name in succession.dropped])}")
    return (
        f"These segments are not built on the same columns as the earlier ones: {', '.join(parts)}. A name that was "
        "kept says who these people were in the earlier study, not what they have in common now."
    )


def _stayed(shared: int, stayed: int, title: str) -> str:
    if not shared:
        return (
            f"No customer of the earlier study '{title}' is in this one; segments were matched by what they are like."
        )
    part = "all" if stayed == shared else share(stayed / shared)
    return (
        f"Of the {counted(shared, 'customers')} who are in the earlier study '{title}' too, {part} kept their segment."
    )


def _whereabouts(identity: int, name: str, there: pd.DataFrame) -> str:
    """Tell of a vanished segment where most of its customers are now."""
    went = there[there["from_segment_id"] == identity]
    if went.empty:
        return f"Gone: '{name}'."
    counts = went["customers"].to_numpy()
    part, place = counts.max() / counts.sum(), went["to_segment"].iloc[int(counts.argmax())]
    return f"Gone: '{name}'; of its customers who are still there, {share(float(part))} are now in '{place}'."


def _quoted(names: Iterable[str]) -> str:
    return listed([f"'{name}'" for name in names])


def _never_used(earlier: Earlier, kept: Sequence[int], wanted: int) -> list[int]:
    """Ids that no study has used, without those that would share a colour with another segment, if that can be."""
    taken, found = {identity % COLOURS for identity in kept}, list[int]()
    identity = max([*earlier.names, *earlier.retired, 0])
    while len(found) < wanted:
        identity += 1
        if identity % COLOURS not in taken or len(taken) == COLOURS:
            taken.add(identity % COLOURS)
            found.append(identity)
    return found


def _joint(
    old_index: pd.Index, before: np.ndarray, new_index: pd.Index, codes: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Count customers by earlier and new segment; the last row and column are customers of one study only."""
    place = old_index.get_indexer(new_index)
    counts = np.zeros((shape[0] + 1, shape[1] + 1), dtype=np.int64)
    known = place >= 0
    np.add.at(counts, (before[place[known]], codes[known]), 1)
    counts[-1, :-1] = np.bincount(codes[~known], minlength=shape[1])
    gone = np.ones(len(old_index), dtype=bool)
    gone[place[known]] = False
    counts[:-1, -1] = np.bincount(before[gone], minlength=shape[0])
    return counts


def same_people(shared: np.ndarray, comparable: np.ndarray | bool = True) -> dict[int, int]:
    """Match segments of two studies by the customers in both, as many people as possible keeping theirs.

    A pair counts when at least half of the people in either are in both (Jaccard similarity); pairs are chosen together
    (Kuhn 1955, the Hungarian method).

    Parameters
    ----------
    shared : int array of shape (n_earlier, n_new)
        Customers in both.
    comparable : bool array of shape (n_earlier, n_new), optional
        Pairs that may be the same.

    Returns
    -------
    dict of int to int
        Column of a new segment -> row of the earlier one that it is.
    """
    union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    similar = shared / np.maximum(union, 1)
    return _paired(-similar, comparable & (similar >= SAME_PEOPLE) & (shared >= FEWEST_SHARED))


def _by_likeness(
    earlier: Earlier, customers: pd.DataFrame, codes: np.ndarray, features: Sequence[Feature], allowed: np.ndarray
) -> dict[int, int]:
    """New segment -> earlier one, by the distance of their centres."""
    if not features or not allowed.any():
        return {}
    far = distances(earlier.customers, customers, codes, features)
    return _paired(far, allowed & (far <= reach(earlier.customers, features)[:, None]))


def _paired(cost: np.ndarray, allowed: np.ndarray) -> dict[int, int]:
    """New segment -> earlier one: as many allowed pairs as there can be, at the smallest total cost."""
    pairs = zip(*linear_sum_assignment(np.where(allowed, cost, 1e6)), strict=True)
    return {int(new): int(old) for old, new in pairs if allowed[old, new]}


def _unclear(joint: np.ndarray) -> np.ndarray:
    """Pairs of which too few customers of one segment are in both studies to tell by its members."""
    return np.asarray(_too_few(joint[:-1])[:, None] | _too_few(joint[:, :-1].T)[None, :])


def _too_few(counts: np.ndarray) -> np.ndarray:
    """Whether too few of each segment's customers, a row each, are in both studies (last column: those in one only)."""
    both = counts[:, :-1].sum(axis=1)
    return np.asarray((both < FEWEST_SHARED) | (both < ENOUGH_SHARED * counts.sum(axis=1)))


def _free(pairs: Mapping[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Pairs of which neither segment is matched yet."""
    free = np.ones(shape, dtype=bool)
    free[list(pairs.values()), :] = False
    free[:, list(pairs)] = False
    return free
