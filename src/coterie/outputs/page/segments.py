"""What the report says of each segment."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.charts.category_preferences import category_features, category_name
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.segment_sizes import value_word
from coterie.outputs.page.rules import box
from coterie.outputs.page.stability import badge
from coterie.outputs.words import shown
from coterie.profiles import IN_BURSTS, label_in_sentence, listed, recent_part

if TYPE_CHECKING:
    import pandas as pd

    from coterie.outputs.study import Study
    from coterie.vocabulary import Segment

_FEWEST = 10  # customers behind any figure
_REACH = 2.0  # standard deviations that an inline bar shows
_FIRST_ROWS = 10
_FAVOURITE = 90  # index from which a category is shown as a favourite

#: How the average member is told, feature by feature, in this order.
_TOLD = (
    ("recency_days", "last ordered {} ago"),
    ("order_count", "has placed {}"),
    ("average_order_value", "spends {} an order"),
    ("median_gap_days", "comes back about every {}"),
    ("lines_per_order", "puts {} into a basket"),
    ("age", "is {} old"),
    ("income", "earns {}"),
)


def describe_all(study: Study) -> list[dict[str, Any]]:
    """Give the words and numbers of each segment, by id."""
    return [_describe(study, segment) for segment in study.profiled]


def _describe(study: Study, segment: Segment) -> dict[str, Any]:
    shows = segment.size >= _FEWEST
    rows = _profile_rows(study, segment) if shows else []
    return {
        "number": segment.segment_id,
        "anchor": f"segment-{segment.segment_id}",
        "name": shown(segment.name, 80),
        "colour": colour_of(segment),
        "size": words.count(segment.size),
        "share": words.whole_percent(segment.share),
        "share_width": _width(segment.share),
        "has_value": not math.isnan(segment.value_share),
        "value_note": _value_note(study, segment),
        "value_word": value_word(study),
        "value": words.money(segment.value, study.currency),
        "value_share": words.whole_percent(segment.value_share),
        "value_width": _width(segment.value_share),
        "per_customer": words.money(segment.value_per_customer, study.currency),
        "badge": badge(segment),
        "summary": shown(segment.summary, 400),
        "note": shown(segment.note, 2000),
        "facts": _facts(segment) if shows else [],
        "first_rows": rows[:_FIRST_ROWS],
        "more_rows": rows[_FIRST_ROWS:],
        "shows": shows,
        "typical": _typical(study, segment) if shows else "",
        "favourites": _favourites(study, segment) if shows else [],
        "rhythm": _rhythm(study, segment) if shows else "",
        "rule": box(segment) if shows else None,
        "play": _play(study, segment),
        "is_unusual": segment.is_unusual,
    }


def _value_note(study: Study, segment: Segment) -> str:
    """Why a segment's value is not told, where others' are."""
    if not math.isnan(segment.value_share) or all(math.isnan(other.value) for other in study.profiled):
        return ""
    if segment.size < _FEWEST:
        return f"not shown: fewer than {_FEWEST} customers"
    return "not shown: it would show what single customers brought"


def _facts(segment: Segment) -> list[str]:
    """Give the facts, but for the bare size where others are there: a card tells it above them."""
    told = [fact for fact in segment.facts if fact.feature] or list(segment.facts)
    return [shown(fact.sentence, 300) for fact in told]


def _profile_rows(study: Study, segment: Segment) -> list[dict[str, Any]]:
    table = study.profiles[study.profiles["segment_id"] == segment.segment_id]
    rank = {name: place for place, name in enumerate(segment.markers)}
    table = table.assign(
        rank=[rank.get(name, len(rank)) for name in table["feature"]],
        size=-table["effect_size"].abs().fillna(0.0),
    ).sort_values(["rank", "size", "feature"], kind="stable")
    return [_profile_row(study, row) for _, row in table.iterrows() if row["feature"] in study.features]


def _profile_row(study: Study, row: pd.Series) -> dict[str, Any]:
    feature = study.features[row["feature"]]
    effect = float(row["effect_size"])
    reach = 0.0 if math.isnan(effect) else max(-1.0, min(1.0, effect / _REACH))
    here, overall = float(row["segment_value"]), float(row["overall_value"])
    label, told = feature.label, [words.amount(value, feature, study.currency) for value in (here, overall)]
    if feature.name == "spend_trend":
        # Nobody can picture −0.09 of a trend, but everybody half of their money.
        label, told = label_in_sentence(feature), [recent_part(here), recent_part(overall)]
    return {
        "label": shown(f"{label}: {row['level']}" if row.get("level") else label, 60),
        "here": told[0],
        "all": told[1],
        "index": "" if math.isnan(row["index"]) else f"{row['index']:.0f}",
        "comparison": words.beside(here, overall),
        "left": f"{50 + min(reach, 0) * 50:.1f}",
        "width": f"{max(abs(reach) * 50, 0.8):.1f}",
        "marker": bool(row["is_marker"]),
    }


def _value(study: Study, segment: Segment, name: str) -> float:
    table = study.profiles
    found = table.loc[(table["segment_id"] == segment.segment_id) & (table["feature"] == name), "segment_value"]
    return float(found.iloc[0]) if len(found) else math.nan


def _typical(study: Study, segment: Segment) -> str:
    parts = []
    for name, phrase in _TOLD:
        value = _value(study, segment, name)
        no_rhythm = name == "median_gap_days" and not _comes_back_evenly(study, segment)
        if name in study.features and not math.isnan(value) and not no_rhythm:
            parts.append(phrase.format(words.amount(value, study.features[name], study.currency)))
    return f"The typical member {listed(parts)}." if len(parts) > 1 else ""


def _comes_back_evenly(study: Study, segment: Segment) -> bool:
    """Whether the gap between orders tells of the typical member: most came back, and not in bursts."""
    return _most_came_back(study, segment) and not _value(study, segment, "gap_variation") >= IN_BURSTS


def _most_came_back(study: Study, segment: Segment) -> bool:
    return not _value(study, segment, "is_repeat_buyer") < 0.5  # unknown: nothing speaks against it


def _favourites(study: Study, segment: Segment) -> list[dict[str, str]]:
    table = study.profiles
    mine = table[(table["segment_id"] == segment.segment_id) & table["feature"].isin(category_features(study))]
    top = mine.sort_values(["segment_value", "feature"], ascending=[False, True], kind="stable").head(3)
    return [
        {
            "name": shown(category_name(study.features[row["feature"]]), 40),
            "share": words.percent(float(row["segment_value"])),
            "comparison": words.comparison(float(row["index"])),
        }
        for place, (_, row) in enumerate(top.iterrows())
        # What they buy less of than others is no favourite, unless nothing takes more of their money.
        if row["segment_value"] > 0 and (place == 0 or not row["index"] < _FAVOURITE)
    ]


def _rhythm(study: Study, segment: Segment) -> str:
    gap, silent = _value(study, segment, "median_gap_days"), _value(study, segment, "recency_days")
    if "recency_days" not in study.features or math.isnan(silent):
        return ""
    last = f"The typical last order was {words.amount(silent, study.features['recency_days'], study.currency)} ago"
    if "median_gap_days" not in study.features:
        return f"{last}."
    if math.isnan(gap) or _value(study, segment, "order_count") <= 1 or not _most_came_back(study, segment):
        return f"{last}; most have no second order to measure a rhythm by."
    every = words.amount(gap, study.features["median_gap_days"], study.currency)
    if _value(study, segment, "gap_variation") >= IN_BURSTS and silent > gap:
        return f"Orders come in bursts: {every} apart within one, then a long pause. {last}."
    if silent > 2 * gap:
        verdict = "they are overdue"
    else:
        verdict = "they are on time" if silent <= gap * 1.25 else "they are a little late"
    return f"One order about every {every}. {last}: {verdict}."


def _play(study: Study, segment: Segment) -> dict[str, Any] | None:
    play = segment.play
    if play is None:
        return None
    texts = {
        name: shown(getattr(play, name), 400)
        for name in ("title", "goal", "offer", "channel", "timing", "message", "avoid", "kpi", "evidence")
    }
    note = play.value_at_stake_note
    return texts | {
        "stake": "" if math.isnan(play.value_at_stake) else words.money(play.value_at_stake, study.currency),
        # The amount stands before its sum already.
        "stake_note": shown("= " + note.partition(" = ")[2] if " = " in note else note, 400),
        "priority": str(play.priority),
        "priority_reason": shown(play.priority_reason, 300),
        "doubt": shown(play.doubt, 300),
        "tested": shown(play.tested, 600),
        "featured": [shown(sentence, 300) for sentence in play.featured],
        "left_alone": shown(play.left_alone, 700),
    }


def _width(share: float) -> str:
    return "0" if math.isnan(share) else f"{100 * min(max(share, 0.0), 1.0):.2f}"
