"""The test in time in words that need no statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.holdout.results import BOTH, EQUAL_PARTS, QUINTILES, RFM, SEGMENTS
from coterie.profiles import share as percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from coterie.holdout.earlier import Earlier
    from coterie.holdout.results import Difference, Explained

_WHAT = {
    "spend": "the differences between customers in what they spent",
    "orders": "the differences in how often they ordered",
    "silence": "the differences in who stayed silent",
}
_THE_OTHERS = {
    QUINTILES: "five equal parts by past spend",
    EQUAL_PARTS: "as many equal parts by past spend as there are segments",
}


def conclude(explained: Sequence[Explained], differences: Sequence[Difference], earlier: Earlier) -> str:
    """One sentence: what the segments told of later spend, what the boxes told, and whether chance could do that."""
    split, day = earlier.split, in_words(earlier.split.split_on)
    segments = _found(explained, "spend", SEGMENTS)
    if segments is None:
        return (
            f"In the {split.days} days from {day} on no customer spent more than another, so nothing can be compared."
        )
    told = (
        f"Knowing the segment on {day} told {_share(segments)} of {_WHAT['spend']} "
        f"in the {split.days} days from then on"
    )
    boxes, difference = _found(explained, "spend", RFM), _against(differences, "spend", RFM)
    if boxes is None or difference is None:
        return f"{told}."
    return (
        f"{told}, the {boxes.n_groups} usual boxes of recency, frequency and money (RFM) {_share(boxes)}; "
        f"{verdict(difference)}."
    )


def verdict(difference: Difference) -> str:
    """Say whether a difference is beyond chance, with its interval in percentage points."""
    low, high = difference.low, difference.high
    if low > 0:
        return f"the segments told more, beyond chance (by {_points(low)} to {_points(high)} percentage points)"
    if high < 0:
        return f"the boxes told more, beyond chance (by {_points(-high)} to {_points(-low)} percentage points)"
    return f"the difference is not beyond chance ({_points(low)} to {_points(high)} percentage points)"


def notes(explained: Sequence[Explained], differences: Sequence[Difference], earlier: Earlier) -> tuple[str, ...]:
    """Further sentences: the other outcomes and baselines, who was not looked at, what is not known."""
    sentences = [_other_outcome(explained, differences, outcome) for outcome in ("orders", "silence")]
    sentences += [_past_spend(explained, differences), _added(differences), _newcomers(earlier), _sample(earlier)]
    sentences += [_set_aside(earlier)]
    sentences.append(
        "The segments tested here were found without the last days, with the same settings but on fewer customers and "
        "without judging how real they are; they are like those of this study, not the same. One period was looked "
        "at: another season may tell otherwise."
    )
    return tuple(sentence for sentence in sentences if sentence)


def in_words(day: dt.date) -> str:
    """A date as a person writes it: 9 September 2011."""
    return f"{day.day} {day:%B %Y}"


def _other_outcome(explained: Sequence[Explained], differences: Sequence[Difference], outcome: str) -> str:
    segments, boxes = _found(explained, outcome, SEGMENTS), _found(explained, outcome, RFM)
    difference = _against(differences, outcome, RFM)
    if segments is None:
        return ""
    told = f"Of {_WHAT[outcome]}, the segments told {_share(segments)}"
    return f"{told}, the RFM boxes {_share(boxes)}: {verdict(difference)}." if boxes and difference else f"{told}."


def _past_spend(explained: Sequence[Explained], differences: Sequence[Difference]) -> str:
    parts = [
        f"{_THE_OTHERS[name]} told {_share(found)} ({_beside(difference)})"
        for name in (QUINTILES, EQUAL_PARTS)
        if (found := _found(explained, "spend", name)) and (difference := _against(differences, "spend", name))
    ]
    return f"Of later spend, {' and '.join(parts)}." if parts else ""


def _beside(difference: Difference) -> str:
    if difference.low > 0:
        return "less than the segments"
    return "more than the segments" if difference.high < 0 else "no difference beyond chance"


def _added(differences: Sequence[Difference]) -> str:
    added = _against(differences, "spend", BOTH)
    if added is None:
        return ""
    spread = f"{_points(added.low)} to {_points(added.high)}"
    if added.low > 0:
        return f"Beside the RFM boxes the segments add {_points(added.difference)} percentage points ({spread})."
    return f"Beside the RFM boxes the segments add nothing beyond chance ({spread} percentage points)."


def _newcomers(earlier: Earlier) -> str:
    if not earlier.n_new:
        return "Nobody first ordered after that day."
    one = earlier.n_new == 1
    brought = (
        f" and brought {percent(earlier.new_spend_share)} of the spend since"
        if earlier.new_spend_share == earlier.new_spend_share
        else ""
    )
    return (
        f"{earlier.n_new:,} {'customer' if one else 'customers'} first ordered after that day{brought}; "
        f"{'that customer had' if one else 'they had'} no segment yet."
    )


def _sample(earlier: Earlier) -> str:
    looked_at = len(earlier.customers)
    if looked_at >= earlier.n_known:
        return ""
    return f"{looked_at:,} of the {earlier.n_known:,} customers known on that day were looked at, drawn at random."


def _set_aside(earlier: Earlier) -> str:
    if not earlier.set_aside:
        return ""
    return "The table of customers was set aside: it may hold what was written after that day."


def _found(explained: Sequence[Explained], outcome: str, grouping: str) -> Explained | None:
    return next((each for each in explained if (each.outcome, each.grouping) == (outcome, grouping)), None)


def _against(differences: Sequence[Difference], outcome: str, grouping: str) -> Difference | None:
    return next((each for each in differences if (each.outcome, each.against) == (outcome, grouping)), None)


def _share(found: Explained) -> str:
    return percent(found.explained) if found.explained > 0 else "nothing"


def _points(value: float) -> str:
    """Percentage points, with a decimal below ten."""
    text = f"{100 * value:.0f}" if abs(value) >= 0.0995 else f"{100 * value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("-", "−")
