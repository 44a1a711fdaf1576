"""The segments of a study as conditions for tools that take no lists, with how well they fit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.campaigns import audiences as lists
from coterie.outputs import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.outputs.study import Study
    from coterie.vocabulary import CustomerTable, Rule


def segment_rules(study: Study, segments: Sequence[str | int] = ()) -> tuple[lists.SegmentRule, ...]:
    """Say segments as conditions: in SQL, for Shopify and for Klaviyo.

    Parameters
    ----------
    study : Study
    segments : sequence of str or int
        Names or ids; all where empty.

    Returns
    -------
    tuple of SegmentRule
        One a segment and builder, in this order. Precision and coverage are counted on all the study's customers with
        the conditions as they stand there.

    Raises
    ------
    ConfigError
        The study has no such segment.
    """
    from coterie.outputs.exporting import chosen_segments

    chosen = chosen_segments(study, segments)
    own = tuple(segment.rule for segment in study.profiled)
    found = {lists.SQL.name: own}
    for builder in lists.BUILDERS[1:]:
        found[builder.name] = _found_with(study, builder.known)
    columns = {name: tables.feature_column(name) for name in study.features}
    made = []
    for place, segment in enumerate(study.profiled):
        for builder in lists.BUILDERS if segment.segment_id in chosen else ():
            rule = found[builder.name][place]
            said = lists.as_conditions(rule, segment.segment_id, segment.name, builder)
            made.append(_in_sql(said, rule, columns) if builder is lists.SQL else said)
    return tuple(made)


def rules_text(rules: Sequence[lists.SegmentRule]) -> str:
    """Tell rules in words, segment by segment."""
    builders = {builder.name: builder for builder in lists.BUILDERS}
    lines: list[str] = []
    for rule in rules:
        builder = builders[rule.builder]
        if builder is lists.SQL:
            lines += [
                "",
                f"{rule.segment_id} {rule.segment}",
                "=" * (len(rule.segment) + len(str(rule.segment_id)) + 1),
            ]
        lines += ["", f"For {builder.title}:", *(f"  {line}" for line in rule.text.splitlines())]
        if rule.text:
            lines.append(f"  Of those it finds, {rule.precision:.0%} belong to the segment;")
            lines.append(f"  of the segment, it finds {rule.coverage:.0%}.")
        lines.append(f"  {rule.advice}")
    notes = [f"{builder.title}: {builder.note}" for builder in lists.BUILDERS]
    return "\n".join([*lines, "", *notes]).lstrip("\n")


def rules_document(rules: Sequence[lists.SegmentRule]) -> list[dict[str, Any]]:
    """Give rules as plain data."""
    from coterie.outputs.plain import to_plain

    return [to_plain(dataclasses.asdict(rule) | {"advice": rule.advice}) for rule in rules]


def _in_sql(said: lists.SegmentRule, rule: Rule | None, columns: dict[str, str]) -> lists.SegmentRule:
    if rule is None or not said.text:
        return said
    conditions = "\n  AND ".join(lists.sql_condition(*condition, columns) for condition in rule.conditions)
    return dataclasses.replace(said, text=f"SELECT customer_id\nFROM customers\nWHERE {conditions}")


def _found_with(study: Study, known: Sequence[str]) -> tuple[Rule | None, ...]:
    """Seek conditions for every segment with only these features."""
    from coterie.profiles import find_boxes, rule_columns

    customers = _customer_table(study)
    names = [name for name in known if name in customers.frame]
    if not names:
        return (None,) * len(study.profiled)
    code = {segment.segment_id: place for place, segment in enumerate(study.profiled)}
    codes = np.array([code[identity] for identity in study.customers["segment_id"]], dtype=np.int64)
    return find_boxes(rule_columns(customers, names), codes, len(code))


def _customer_table(study: Study) -> CustomerTable:
    from coterie.vocabulary import CustomerTable

    own = {tables.feature_column(name): name for name in study.features}
    there = [column for column in own if column in study.customers]
    frame = study.customers[there].rename(columns=own)
    features = {name: feature for name, feature in study.features.items() if name in frame}
    return CustomerTable(frame, features, study.manifest["value"], study.as_of, study.currency)
