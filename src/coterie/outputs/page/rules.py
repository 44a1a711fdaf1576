"""What the report says of the rules: the tree for all segments, the box of each, and how far to trust them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.words import shown
from coterie.profiles import FAITHFUL, capital

if TYPE_CHECKING:
    from coterie.outputs.study import Study
    from coterie.vocabulary import Segment


def fidelity(study: Study) -> float | None:
    """Share of customers whom the tree places as the method does, unseen ones where measured; None without a tree."""
    found = study.manifest["profiles"]
    unseen: float | None = found.get("rule_fidelity_unseen")
    whole: float | None = found["rule_fidelity"]
    return whole if unseen is None else unseen


def tree(study: Study) -> dict[str, Any] | None:
    """Give the tree line by line, under a title that claims no more than it holds."""
    faith, branches = fidelity(study), study.manifest["profiles"].get("branches")
    if faith is None or not branches:
        return None
    faithful = faith >= FAITHFUL
    return {
        "title": "The segments in a few questions" if faithful else "A rough guide to the segments",
        "lead": _lead(study, faith, faithful=faithful),
        "lines": [_line(study, branch) for branch in branches],
    }


def box(segment: Segment) -> dict[str, str] | None:
    """Give a segment's own rule with how well it fits; a rule that misses too many is called a rough sign."""
    rule = segment.rule
    if rule is None or not rule.conditions:
        return None
    rough = min(rule.precision, rule.recall) < FAITHFUL
    fit = (
        f"Of 100 customers who fit this, {100 * rule.precision:.0f} belong to the segment; "
        f"it finds {100 * rule.recall:.0f} of every 100 members."
    )
    return {
        "title": "A rough sign" if rough else "Rule of thumb",
        "text": shown(capital(rule.text), 300),
        "fit": fit + (" It does not stand for the segment." if rough else ""),
    }


def _lead(study: Study, faith: float, *, faithful: bool) -> str:
    # Rounded down: what is called rough must not look like more than it is.
    right, whole = f"{int(100 * faith + 1e-9)} of 100 customers", study.manifest["profiles"]["rule_fidelity"]
    measured = (
        f"Answered from the top, these questions place {right} as the full method does "
        f"({int(100 * whole + 1e-9)} of 100 among those that the questions were made from)."
    )
    if faithful:
        return f"{measured} Who belongs to which segment for certain stands in customers.csv."
    return (
        f"{measured} The others they misplace, so they describe the segments but do not stand for them: do not select "
        "customers by them, take customers.csv."
    )


def _line(study: Study, branch: dict[str, Any]) -> dict[str, Any]:
    ends = branch["segment_id"] > 0
    named = {segment.segment_id: segment for segment in study.profiled}
    segment = named[branch["segment_id"]] if ends else None
    return {
        "depth": str(branch["depth"]),
        "condition": shown(capital(branch["condition"]), 120),
        "segment": shown(segment.name, 60) if segment else "",
        "colour": colour_of(segment) if segment else "",
        "fit": _fit(branch) if ends else "",
    }


def _fit(branch: dict[str, Any]) -> str:
    if not branch["customers"]:
        return "nobody"
    right = branch["right"] / branch["customers"]
    return f"{words.count(branch['customers'])} customers, {words.whole_percent(right)} of them rightly"
