"""From a table and labels to named segments with facts, rules and stabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from coterie.profiles.contrasts import contrasts, table_of
from coterie.profiles.descriptors import Difference, describe_differences, number_differs
from coterie.profiles.facts import facts_of, ranked, size_fact, summary_sentence
from coterie.profiles.membership import examples, membership
from coterie.profiles.naming import name_segments
from coterie.profiles.rules import find_boxes, rule_columns
from coterie.profiles.stability import with_stability
from coterie.profiles.succession import NOTHING_EARLIER, continued, succeed
from coterie.profiles.summary import Summary, badge, summarise
from coterie.profiles.tree import grow_tree
from coterie.vocabulary import Kind, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.clustering import Assignment, Choice
    from coterie.preparation import Basis
    from coterie.profiles.contrasts import Contrast
    from coterie.profiles.ranks import Ranks
    from coterie.profiles.succession import Change, Earlier
    from coterie.profiles.tree import Branch
    from coterie.vocabulary import CustomerTable, Feature, Rule

#: Bytes of normal scores that may be kept between two steps.
_MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class Profiles:
    """Who the segments are.

    Attributes
    ----------
    segments : tuple of Segment
        By falling total value (by size where there is no value feature), `segment_id` 1, 2, …; plays still None.
    id_of_label : tuple of int
        Segment id of cluster label 0, 1, …; 0 for a label that no customer has.
    table : DataFrame
        One row a segment × feature: segment_id, feature, unit, segment_value, overall_value, index, effect_size,
        is_marker, spread, then label, kind, block, in_basis, statistic, level, segment_mean, overall_mean, known.
    descriptors : DataFrame
        One row a descriptor: feature, statistic, p_value, p_adjusted, effect_size, sentence.
    membership : DataFrame
        Index `customer_id`: segment_id, segment, confidence, is_core, reason.
    rule_fidelity : float
        Share of customers that the tree puts into their own segment; NaN where there is no tree.
    rule_fidelity_unseen : float
        The same share of customers that a tree had not been grown on.
    tree : tuple of Branch
        The tree from its root down, one entry a condition.
    tree_text : str
        The same in words, one line a condition.
    change : Change or None
        What became of the segments of an earlier study.
    """

    segments: tuple[Segment, ...]
    id_of_label: tuple[int, ...]
    table: pd.DataFrame
    descriptors: pd.DataFrame
    membership: pd.DataFrame
    rule_fidelity: float
    rule_fidelity_unseen: float
    tree: tuple[Branch, ...]
    tree_text: str
    change: Change | None = None


class NamedSegment(NamedTuple):
    """A segment by its id and name."""

    segment_id: int
    name: str


@dataclass(frozen=True)
class Brief:
    """Named segments and who is in which.

    Attributes
    ----------
    segments : tuple of NamedSegment, by id
    membership : DataFrame, index `customer_id`; segment_id
    """

    segments: tuple[NamedSegment, ...]
    membership: pd.DataFrame


def describe_briefly(customers: CustomerTable, assignment: Assignment, choice: Choice, basis: Basis) -> Brief:
    """Name the segments as `describe` does, and leave out all that is only read: rules, tests, reasons."""
    summary = summarise(customers, assignment, choice)
    rows = contrasts(customers, summary.codes, len(summary), frozenset(_in_table(basis, customers)))
    by_segment = _by_segment(rows, len(summary))
    names = name_segments(by_segment, customers, summary.sizes.tolist(), _unusual_code(summary, choice))
    return Brief(
        tuple(NamedSegment(code + 1, name) for code, name in enumerate(names)),
        pd.DataFrame({"segment_id": (summary.codes + 1).astype(np.int64)}, index=customers.frame.index),
    )


def describe(
    customers: CustomerTable, assignment: Assignment, choice: Choice, basis: Basis, *, earlier: Earlier | None = None
) -> Profiles:
    """Say who the segments are.

    Parameters
    ----------
    customers : CustomerTable
        One row a customer.
    assignment : Assignment
        Cluster label, confidence, core or fringe of each customer, in the order of the table.
    choice : Choice
        The chosen segmentation: its verdict with the stability of each cluster, and the label that collects noise.
    basis : Basis
        The features that the segments are built on; all others describe.
    earlier : Earlier, optional
        An earlier study whose ids and names the same segments keep.

    Returns
    -------
    Profiles
        Ordered, named and explained. O(n log n) time a feature; rules are sought on at most 20,000 customers and
        counted on all.
    """
    names_in_basis = _in_table(basis, customers)
    summary = summarise(customers, assignment, choice)
    seen = _Seen(summary.codes, len(summary), frozenset(names_in_basis))
    rows = contrasts(customers, summary.codes, len(summary), frozenset(names_in_basis), seen.keep)
    by_segment = _by_segment(rows, len(summary))
    unusual = _unusual_code(summary, choice)
    succession = (
        succeed(earlier, customers.frame, summary.codes, basis.features, unusual=unusual)
        if earlier
        else NOTHING_EARLIER
    )
    kept, gone = succession.kept, succession.vanished.values()
    names = name_segments(by_segment, customers, summary.sizes.tolist(), unusual, kept=kept, barred=gone)
    columns = rule_columns(customers, names_in_basis)
    tree = grow_tree(columns, summary.codes, names)
    rules = find_boxes(columns, summary.codes, len(summary))
    segments = with_stability(_segments(customers, summary, by_segment, names, rules, unusual), choice, summary.labels)
    described = Profiles(
        segments=_with_examples(segments, assignment, summary, customers),
        id_of_label=summary.id_of_label,
        table=table_of(rows),
        descriptors=describe_differences(customers, summary.codes, rows, names, seen.tests),
        membership=membership(customers, assignment, summary, rows, names, seen.scores),
        rule_fidelity=tree.fidelity,
        rule_fidelity_unseen=tree.unseen,
        tree=tree.branches,
        tree_text=tree.text,
    )
    return continued(described, earlier, succession) if earlier else described


def _in_table(basis: Basis, customers: CustomerTable) -> tuple[str, ...]:
    return tuple(feature.name for feature in basis.features if feature.name in customers.frame.columns)


def _by_segment(rows: Sequence[Contrast], n_segments: int) -> list[list[Contrast]]:
    return [[row for row in rows if row.segment_id == code + 1] for code in range(n_segments)]


@dataclass(frozen=True)
class _Seen:
    """What the look at each number gives to later steps: normal scores of the basis, tests of all other features."""

    codes: np.ndarray
    n_segments: int
    basis: frozenset[str]
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    tests: dict[str, Difference | None] = field(default_factory=dict)

    def keep(self, feature: Feature, ranks: Ranks, scores: np.ndarray) -> None:
        """Keep what is wanted; scores only as long as they take little memory, else they are made again."""
        if feature.name not in self.basis:
            if feature.kind is not Kind.FLAG:
                self.tests[feature.name] = number_differs(feature, ranks, self.codes, self.n_segments)
        elif (len(self.scores) + 1) * scores.nbytes <= _MOST_BYTES:
            self.scores[feature.name] = scores


def _unusual_code(summary: Summary, choice: Choice) -> int | None:
    label = choice.unusual_label
    if label is None or not 0 <= label < len(summary.id_of_label) or summary.id_of_label[label] == 0:
        return None
    return summary.id_of_label[label] - 1


def _segments(
    customers: CustomerTable,
    summary: Summary,
    by_segment: list[list[Contrast]],
    names: Sequence[str],
    rules: Sequence[Rule | None],
    unusual: int | None,
) -> list[Segment]:
    return [
        _segment(customers, summary, code, by_segment[code], names[code], rules[code], is_unusual=code == unusual)
        for code in range(len(summary))
    ]


def _segment(
    customers: CustomerTable,
    summary: Summary,
    code: int,
    rows: list[Contrast],
    name: str,
    rule: Rule | None,
    *,
    is_unusual: bool,
) -> Segment:
    size, value, part = int(summary.sizes[code]), float(summary.worth[code]), summary.value_share(code)
    each = value / size
    if summary.untold[code]:
        value, part, each = math.nan, math.nan, float(summary.typical[code])
    shares = (size / len(customers), part)
    markers = tuple(row.feature for row in ranked(rows, customers, size) if row.is_marker)
    return Segment(
        segment_id=code + 1,
        name=name,
        size=size,
        share=shares[0],
        value=value,
        value_share=shares[1],
        value_per_customer=each,
        stability=float(summary.stabilities[code]),
        stability_badge=badge(float(summary.stabilities[code])),
        summary=summary_sentence(rows, customers, size, shares, unusual=is_unusual),
        facts=facts_of(rows, customers, size, size_fact(size, shares, value, customers)),
        markers=markers,
        rule=rule,
        play=None,
        is_unusual=is_unusual,
    )


def _with_examples(
    segments: list[Segment], assignment: Assignment, summary: Summary, customers: CustomerTable
) -> tuple[Segment, ...]:
    pairs = examples(assignment, summary, customers.frame.index)
    return tuple(
        replace(segment, typical=typical, edge=edge) for segment, (typical, edge) in zip(segments, pairs, strict=True)
    )
