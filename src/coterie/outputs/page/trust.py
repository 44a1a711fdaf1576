"""What the report says first, and how far it says that the segments can be trusted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.charts.segment_sizes import value_word
from coterie.outputs.page.choice import trust_of
from coterie.outputs.page.rules import fidelity
from coterie.outputs.words import shown
from coterie.vocabulary import Kind, VerdictWord

if TYPE_CHECKING:
    import pandas as pd

    from coterie.outputs.study import Study
    from coterie.vocabulary import Verdict

_MOST_MOVES = 12  # the others stand in moved.csv

#: The steps of trust, least first: the plain word, and what it means for someone who acts on it.
_STEPS = {
    VerdictWord.NONE: (
        "No segments",
        "The customers were not divided; the sentence above says why.",
    ),
    VerdictWord.CONSTRUCTIVE: (
        "A useful division",
        "There are no groups in these data by themselves; the segments divide a continuum where it is useful. "
        "Treat the borders as your own choice.",
    ),
    VerdictWord.REPRODUCIBLE: (
        "Reproducible",
        "There are no gaps between the segments, but the same ones come back in fresh samples. "
        "Rely on their cores; a customer near a border could as well belong next door.",
    ),
    VerdictWord.NATURAL: (
        "Natural groups",
        "The segments are groups of their own and come back in fresh samples. The badge of each says how surely.",
    ),
}


def opening(study: Study) -> dict[str, Any]:
    """Give what the first screen says besides the segments."""
    verdict = study.verdict
    return {
        "title": shown(study.title, 100),
        "as_of": _day(study),
        "sentence": shown(verdict.sentence, 400),
        "word": _STEPS[verdict.word][0],
        "meaning": shown(verdict.meaning, 400) or _STEPS[verdict.word][1],
        "trust": trust_of(study.manifest["search"]),
        "steps": [{"label": _STEPS[word][0], "reached": word == verdict.word} for word in _STEPS],
        "figures": _figures(study),
        "ribbons": _ribbons(study),
    }


def evidence(study: Study) -> dict[str, Any]:
    """Give what the report says about how the segments were found."""
    search = study.manifest["search"]
    return {
        "method": words.method_name(search["method"]),
        "n_segments": words.number_word(len(study.profiled)),
        "reasons": [shown(reason, 400) for reason in search["reasons"]],
        "noise": _noise(search["noise"]),
        "sample": _sample(study),
        "basis": _basis(study),
        "how": [shown(s, 400) for s in (*study.manifest["basis"]["sentences"], *study.manifest["basis"]["recipe"])],
        "left_out": [
            {"feature": _label(study, name), "why": shown(why, 300)}
            for name, why in study.manifest["basis"]["left_out"].items()
        ],
        "candidates": _candidates(study.candidates),
        "n_candidates": words.count(len(study.candidates)),
        "numbers": _numbers(study, study.verdict),
        "unknown": [shown(sentence, 400) for sentence in study.verdict.details],
        "descriptors": _descriptors(study.tables["descriptors"]),
    }


def _day(study: Study) -> str:
    return f"{study.as_of.day} {study.as_of:%B %Y}" if study.as_of else ""


def _figures(study: Study) -> list[dict[str, str]]:
    figures = [
        {"value": words.count(study.manifest["n_customers"]), "label": "customers"},
        {"value": str(len(study.profiled)), "label": "segments"},
    ]
    total = study.segments["value"].sum(min_count=1)
    currency = ", in your shop's currency" if _in_bare_money(study) else ""
    if not math.isnan(total):
        figures.append({"value": words.money(float(total), study.currency), "label": value_word(study) + currency})
    at_stake = study.segments["value_at_stake"].sum(min_count=1)
    if not math.isnan(at_stake):
        figures.append(
            {"value": words.money(float(at_stake), study.currency), "label": "margin a year, if the plans work"}
        )
    return figures


def _in_bare_money(study: Study) -> bool:
    """Tell whether amounts stand without a currency, which is then said once."""
    feature = study.features.get(study.manifest["value"] or "")
    return feature is not None and feature.kind == Kind.MONEY and not study.currency


def _ribbons(study: Study) -> list[dict[str, Any]]:
    ribbons = [("Customers", "share")]
    if study.segments["value_share"].notna().all() and (study.segments["value_share"] >= 0).all():
        ribbons.append((value_word(study).capitalize(), "value_share"))
    return [{"label": label, "parts": [_part(s, getattr(s, name)) for s in study.profiled]} for label, name in ribbons]


def _part(segment: Any, share: float) -> dict[str, str]:  # noqa: ANN401  a Segment
    return {
        "colour": colour_of(segment),
        "name": shown(segment.name, 60),
        "share": words.whole_percent(share),
        "width": f"{100 * share:.3f}",
        "label": words.whole_percent(share) if share >= 0.06 else "",
    }


def _noise(noise: str) -> str:
    return {
        "own segment": "Customers who fit no group make up a segment of their own, named as unusual.",
        "nearest segment": "Customers who fit no group were given to the segment nearest to them.",
    }.get(noise, "")


def _sample(study: Study) -> str:
    sample, total = study.manifest["search"]["sample_size"], study.manifest["n_customers"]
    if sample >= total:
        return f"Every candidate was tried on all {words.count(total)} customers."
    return (
        f"Candidates were tried on {words.count(sample)} customers drawn at random; the chosen segments were then "
        f"given to all {words.count(total)}."
    )


def change(study: Study) -> dict[str, Any] | None:
    """Give what became of an earlier study's segments, and the largest moves between them."""
    told = study.manifest.get("change")
    if told is None:
        return None
    moved = study.tables["moved"]
    went = moved[moved["from_segment_id"] != moved["to_segment_id"]].sort_values(
        ["customers", "from_segment_id", "to_segment_id"], ascending=[False, True, True], kind="stable"
    )
    rows = [
        {"from": shown(one, 60), "to": shown(other, 60), "customers": words.count(int(number))}
        for one, other, number in zip(went["from_segment"], went["to_segment"], went["customers"], strict=True)
    ]
    return {"sentences": [shown(sentence, 900) for sentence in told["sentences"]], "moves": rows[:_MOST_MOVES]}


def _basis(study: Study) -> list[dict[str, str]]:
    basis = study.manifest["basis"]
    total = sum(weight for weight in basis["weights"].values() if weight) or 1.0
    rows = []
    for name in basis["features"]:
        weight = (basis["weights"].get(name) or 0.0) / total
        feature = study.features.get(name)
        rows.append(
            {
                "label": _label(study, name),
                "block": feature.block.value if feature else "",
                "meaning": shown(feature.meaning, 200) if feature else "",
                "weight": words.percent(weight),
                "width": f"{min(100 * weight / _largest(basis, total), 100):.1f}",
            }
        )
    return rows


def _largest(basis: dict[str, Any], total: float) -> float:
    return max((weight or 0.0) / total for weight in basis["weights"].values()) or 1.0


def _label(study: Study, name: str) -> str:
    return shown(study.features[name].label if name in study.features else name.replace("_", " "), 60)


def _candidates(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The chosen one, the runner-up, and the best of each other method."""
    if "score" not in table or table.empty:
        return []
    ranked = table.sort_values(["score", "method", "n_segments"], ascending=[False, True, True], kind="stable")
    outcome = ranked["outcome"].astype(str)
    chosen, second = outcome.map(_is_chosen), outcome.str.startswith("runner-up")
    best = ranked.index.isin(ranked.drop_duplicates("method").index)
    rows = []
    place = 2 - 2 * chosen.astype(int) - second.astype(int)
    shown_first = ranked[chosen | second | best].assign(place=place).sort_values("place", kind="stable")
    for _, row in shown_first.iterrows():
        rows.append(
            {
                "method": words.method_name(str(row["method"])),
                "k": str(int(row["n_segments"])),
                "score": "—" if math.isnan(row["score"]) else f"{row['score']:.2f}",
                "smallest": words.percent(float(row["smallest_share"])),
                "outcome": shown(str(row["outcome"]), 200),
                "chosen": _is_chosen(str(row["outcome"])),
            }
        )
    return rows


def _is_chosen(outcome: str) -> bool:
    """Whether it was chosen; what was merged may stand behind the word, in brackets."""
    return outcome == "chosen" or outcome.startswith("chosen (")


def _numbers(study: Study, verdict: Verdict) -> list[dict[str, str]]:
    numbers = []
    if not math.isnan(verdict.stability):
        numbers.append(
            {
                "value": f"{verdict.stability:.2f} of 1",
                "label": "agreement of two fresh samples",
                "note": "Mean adjusted Rand index of bootstrap pairs: 1 is the same segments each time, 0 is chance.",
            }
        )
    if not math.isnan(verdict.p_value):
        numbers.append(
            {
                "value": f"p {_p(verdict.p_value)}",
                "label": "test of structure",
                "note": "How often customers without any groups would look at least this grouped. Under 0.05 speaks "
                "for groups.",
            }
        )
    faith = fidelity(study)
    if faith is not None:
        numbers.append(
            {
                "value": words.percent(faith),
                "label": "told right by the short rules",
                "note": "Share of customers whom a few questions place as the full method does, measured on customers "
                "that the questions were not made from.",
            }
        )
    return numbers


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}".rstrip("0")


def _descriptors(table: pd.DataFrame) -> list[dict[str, str]]:
    if table.empty or "sentence" not in table:
        return []
    return [
        {
            "sentence": shown(str(row["sentence"]), 300),
            "p": "" if math.isnan(row["p_adjusted"]) else _p(float(row["p_adjusted"])).removeprefix("= "),
            "effect": "" if math.isnan(row["effect_size"]) else f"{row['effect_size']:.2f}",
        }
        for _, row in table.iterrows()
    ]
