"""The tables of a study folder, made from a segmentation: each fit to be read on its own."""

from __future__ import annotations

import dataclasses
import io
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.alignment import is_rising, reindexed
from coterie.outputs.spreadsheet import write_csv

if TYPE_CHECKING:
    from coterie.clustering import Alternative
    from coterie.holdout import Holdout
    from coterie.pipeline import Segmentation
    from coterie.profiles import Change
    from coterie.vocabulary import Segment

#: What a study says of every customer; the first six and `stage` make customers.csv.
MEMBERSHIP = ("segment_id", "segment", "confidence", "is_core", "reason", "stage")
CUSTOMER_CSV = ("customer_id", *MEMBERSHIP)
#: What customers.parquet says beside: core, fringe or between two segments, and the second of them.
PLACE = ("place", "second_segment_id", "second_segment")
#: What it says where value is forecast.
WORTH = (
    "p_alive", "expected_orders_12m", "expected_value_12m", "expected_value_12m_low", "expected_value_12m_high",
)  # fmt: skip
#: Columns of customers.parquet that are not features.
RESERVED = (*CUSTOMER_CSV, *PLACE, "rfm_code", "r", "f", "m", "map_x", "map_y", *WORTH)
#: Columns of an audience file.
AUDIENCE = ("customer_id", "segment_id", "segment_name", "confidence", "stage", "rfm_code", "reason")
#: Where they come from.
AUDIENCE_SOURCE = tuple("segment" if name == "segment_name" else name for name in AUDIENCE)

PLAY_COLUMNS = (
    "title", "goal", "offer", "channel", "timing", "message", "avoid", "kpi", "evidence", "value_at_stake",
    "value_at_stake_note", "priority", "priority_reason", "doubt", "tested",
)  # fmt: skip


def feature_column(name: str) -> str:
    """Column of customers.parquet that holds a feature; a name of our own is kept apart by a prefix."""
    return f"feature_{name}" if name in RESERVED else name


def customers_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a customer: membership, stage, place on the map, and every feature that is not personal data.

    Returns
    -------
    DataFrame
        Index `customer_id`, sorted by Unicode code point.
    """
    source = segmentation.customers
    frame = source.frame
    members = reindexed(segmentation.profiles.membership, frame.index)
    stages = reindexed(segmentation.stages, frame.index)
    columns: dict[str, Any] = {name: members[name] for name in (*MEMBERSHIP, *PLACE) if name != "stage"}
    for name in ("stage", "rfm_code", "r", "f", "m"):
        columns[name] = stages[name] if name in stages else _blank(name, frame.index)
    columns["map_x"] = pd.Series(segmentation.map_xy[:, 0], index=frame.index, dtype=float)
    columns["map_y"] = pd.Series(segmentation.map_xy[:, 1], index=frame.index, dtype=float)
    worth = reindexed(segmentation.worth.customers, frame.index)
    columns |= {name: worth[name] for name in WORTH if name in worth}
    kept = kept_features(segmentation)
    columns |= {feature_column(name): frame[name] for name in kept}
    # Without a copy: columns stay where they are, which saves half the memory of many customers.
    table = pd.DataFrame(columns, index=frame.index.rename("customer_id"), copy=False)
    return table if is_rising(table.index) else table.loc[sorted(table.index)]


def kept_features(segmentation: Segmentation) -> list[str]:
    """Names of the features that a study keeps: not those that say who somebody is or are for an audit only."""
    from coterie.vocabulary import Barred

    never = {Barred.PERSONAL, Barred.IDENTIFIER, Barred.AUDIT}
    return [name for name, feature in segmentation.customers.features.items() if feature.barred not in never]


def segments_table(segments: tuple[Segment, ...]) -> pd.DataFrame:
    """One row a segment, by id."""
    rows = [_segment_row(segment) for segment in segments]
    return _canonical(pd.DataFrame(rows))


def campaigns_table(segments: tuple[Segment, ...]) -> pd.DataFrame:
    """One row a segment with a play: what to do, by segment id."""
    rows = []
    for segment in segments:
        if segment.play is None:
            continue
        play = {name: getattr(segment.play, name) for name in PLAY_COLUMNS}
        rows.append({"segment_id": segment.segment_id, "segment": segment.name, "play": play.pop("title"), **play})
    names = ["segment_id", "segment", "play", *PLAY_COLUMNS[1:]]
    return _canonical(pd.DataFrame(rows, columns=names))


def candidates_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a method and number of segments tried: its scores, and why it lost."""
    rows = []
    for candidate in segmentation.choice.candidates:
        parameters = "; ".join(f"{key}={value}" for key, value in candidate.parameters.items())
        rows.append(
            {
                "method": candidate.method,
                "n_segments": int(candidate.n_segments),
                "outcome": candidate.outcome,
                **{name: _float(score) for name, score in candidate.scores.items()},
                "smallest_share": _float(candidate.smallest_share),
                "noise_share": _float(candidate.noise_share),
                "parameters": parameters,
            }
        )
    return _canonical(pd.DataFrame(rows, columns=None if rows else ["method", "n_segments", "outcome", "score"]))


def stability_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a bootstrap pair: how alike its two segmentations are (adjusted Rand index)."""
    rows = [
        {"n_segments": int(k), "draw": draw, "adjusted_rand": float(value)}
        for k, values in sorted(segmentation.choice.stability_by_k.items())
        for draw, value in enumerate(np.asarray(values, dtype=float), start=1)
    ]
    return _canonical(pd.DataFrame(rows, columns=["n_segments", "draw", "adjusted_rand"]))


def segment_stability_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a segment and bootstrap pair: how much of it was found again (Jaccard similarity)."""
    ids = segmentation.profiles.id_of_label
    rows = [
        {"segment_id": ids[label], "draw": draw, "jaccard": float(value)}
        for draw, values in enumerate(segmentation.choice.segment_draws, start=1)
        for label, value in enumerate(values)
        if label < len(ids) and ids[label] > 0
    ]
    table = pd.DataFrame(rows, columns=["segment_id", "draw", "jaccard"])
    return _canonical(table.sort_values(["segment_id", "draw"], kind="stable").reset_index(drop=True))


def solutions_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a cluster of a solution and cluster of the solution before that shares customers with it.

    `cluster` counts from 1 within its solution, in the order in which clusters follow the solution before; `share` is
    of all customers of the sample, `flow` the share that stands in both, `stability` that across solutions. The first
    solution has one row a cluster without `from_cluster`. `segment_id` is 0 but for the chosen segments.
    """
    rows: list[dict[str, Any]] = []
    choice, ids = segmentation.choice, segmentation.profiles.id_of_label
    for solution in choice.solutions:
        chosen = solution.n_segments == choice.n_segments
        for place, label in enumerate(solution.label):
            row = {
                "n_segments": solution.n_segments,
                "cluster": place + 1,
                "segment_id": ids[label] if chosen and label < len(ids) else 0,
                "share": float(solution.shares[place]),
                "stability": float(solution.stability[place]),
            }
            flows = solution.flows[:, place]
            rows += [row | {"from_cluster": int(f) + 1, "flow": float(flows[f])} for f in np.flatnonzero(flows)]
            rows += [] if len(flows) else [row | {"from_cluster": 0, "flow": 0.0}]
    names = ["n_segments", "cluster", "segment_id", "share", "stability", "from_cluster", "flow"]
    return _canonical(pd.DataFrame(rows, columns=names))


def numbers_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a number of segments, its best division: how far to trust it, and what it would change.

    `score` is the predicted agreement with the true groups, `stability` the mean agreement of bootstrap pairs (NaN
    where it was not measured); `score_lost` and `stability_lost` are against the chosen division, negative where it
    gains. Stability is compared on the `pairs` of samples that both were fitted to, in which the chosen one reached
    `stability_chosen`; `stability_lost_low` to `stability_lost_high` is its 95 % interval.
    `free` is what would have been chosen had nothing been wished for, `refused` the wish that is broken.
    """
    alternatives = segmentation.choice.alternatives
    chosen = next((a for a in alternatives if a.is_chosen), None)
    names = _quoted_names(segmentation)
    rows = [_number_row(a, chosen, names) for a in alternatives if chosen is not None]
    columns = (
        "n_segments", "method", "score", "stability", "score_lost", "pairs", "stability_chosen", "stability_lost",
        "stability_lost_low", "stability_lost_high", "moved_share", "chosen", "free", "refused", "change",
    )  # fmt: skip
    return _canonical(pd.DataFrame(rows, columns=list(columns)))


def _quoted_names(segmentation: Segmentation) -> list[str]:
    """Names of the segments by cluster label."""
    by_id = {segment.segment_id: segment.name for segment in segmentation.segments}
    return [f"“{by_id[identity]}”" if identity in by_id else "" for identity in segmentation.profiles.id_of_label]


def _number_row(alternative: Alternative, chosen: Alternative, names: list[str]) -> dict[str, Any]:
    found = alternative.against
    return {
        "n_segments": alternative.n_segments,
        "method": alternative.method,
        "score": alternative.score,
        "stability": alternative.stability,
        "score_lost": chosen.score - alternative.score,
        "pairs": found.pairs if found else 0,
        "stability_chosen": found.other if found else math.nan,
        "stability_lost": -found.difference if found else math.nan,
        "stability_lost_low": -found.high if found else math.nan,
        "stability_lost_high": -found.low if found else math.nan,
        "moved_share": 0.0 if alternative.is_chosen else alternative.moved,
        "chosen": alternative.is_chosen,
        "free": alternative.is_free,
        "refused": alternative.refused,
        "change": alternative.change(names) if len(names) >= len(alternative.flows) else "",
    }


def profiles_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a segment and feature: its value beside that of all customers."""
    return _canonical(segmentation.profiles.table.reset_index(drop=True))


def descriptors_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a descriptor: whether the segments differ in it, and how much."""
    return _canonical(segmentation.profiles.descriptors.reset_index(drop=True))


def left_out_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a table and reason: how many rows could not be used."""
    rows = [
        {"table": report.name, "reason": reason, "rows": int(rows)}
        for report in segmentation.tables
        for reason, rows in report.rows_left_out.items()
    ]
    return pd.DataFrame(rows, columns=["table", "reason", "rows"])


def rejected_rows_table(segmentation: Segmentation) -> pd.DataFrame:
    """One row a source row that could not be used, with the reason; no value of the row is in it."""
    frame = segmentation.left_out.reset_index(drop=True)
    frame = frame.rename(columns={"table_name": "table"})
    wanted = [name for name in ("table", "source_row", "reason") if name in frame]
    return frame[wanted].sort_values(wanted, kind="stable").reset_index(drop=True)


def moved_table(change: Change) -> pd.DataFrame:
    """One row a segment of an earlier study and one of this: how many customers went that way; id 0 is not there."""
    return _canonical(change.moved.reset_index(drop=True))


def holdout_table(holdout: Holdout) -> pd.DataFrame:
    """One row a segment found before the split: what its customers did afterwards, with intervals of 95 %."""
    return _canonical(pd.DataFrame([dataclasses.asdict(segment) for segment in holdout.segments]))


def holdout_explained_table(holdout: Holdout) -> pd.DataFrame:
    """One row an outcome and a way of grouping customers: the share of the differences that it explains.

    `difference` is the segments' share minus the grouping's, NaN for the segments themselves; for "segments_and_rfm" it
    is both together minus the boxes alone.
    """
    rows = []
    for found in holdout.explained:
        beside = holdout.against(found.outcome, found.grouping)
        bounds = (beside.difference, beside.low, beside.high) if beside else (math.nan,) * 3
        names = ("difference", "difference_low", "difference_high")
        rows.append(dataclasses.asdict(found) | dict(zip(names, bounds, strict=True)))
    return _canonical(pd.DataFrame(rows))


def slugs(segments: tuple[Segment, ...]) -> dict[int, str]:
    """Give each segment a file name of a-z, 0-9 and hyphens, unique within the study."""
    return {segment.segment_id: f"{segment.segment_id:02d}-{_slug(segment.name)}" for segment in segments}


def _slug(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:48].strip("-") or "segment"


def _segment_row(segment: Segment) -> dict[str, Any]:
    rule, play = segment.rule, segment.play
    return {
        "segment_id": segment.segment_id,
        "name": segment.name,
        "size": segment.size,
        "share": _float(segment.share),
        "value": _float(segment.value),
        "value_share": _float(segment.value_share),
        "value_per_customer": _float(segment.value_per_customer),
        "stability": _float(segment.stability),
        "stability_badge": segment.stability_badge,
        "stability_low": _float(segment.stability_low),
        "stability_high": _float(segment.stability_high),
        "stability_across": _float(segment.stability_across),
        "elsewhere": segment.elsewhere,
        "summary": segment.summary,
        **{f"fact_{n}": fact.sentence for n, fact in enumerate(segment.facts, start=1)},
        "markers": "; ".join(segment.markers),
        "rule": rule.text if rule else "",
        "rule_precision": _float(rule.precision if rule else math.nan),
        "rule_recall": _float(rule.recall if rule else math.nan),
        "play": play.title if play else "",
        "value_at_stake": _float(play.value_at_stake if play else math.nan),
        "priority": _float(play.priority if play else math.nan),
        "is_unusual": segment.is_unusual,
    }


def _canonical(table: pd.DataFrame) -> pd.DataFrame:
    """Keep ten significant digits, as the files do, so that a study is the same in memory and on disk."""
    for name in table.select_dtypes("float").columns:
        table[name] = [_float(format(value, ".10g")) for value in table[name]]
    for name in table.columns:
        if table[name].dtype == object or pd.api.types.is_string_dtype(table[name].dtype):
            table[name] = table[name].astype(object).where(table[name].notna(), "")
    return table


def _blank(name: str, index: pd.Index) -> pd.Series:
    if name in {"r", "f", "m"}:
        return pd.Series(np.nan, index=index, dtype=float)
    return pd.Series("", index=index, dtype=object)


def _float(value: float | str) -> float:
    return float(value)


def scores_csv(scores: pd.DataFrame) -> bytes:
    """Give scored customers as the bytes of a CSV file, safe to open in a spreadsheet."""
    buffer = io.BytesIO()
    write_csv(scores.reset_index(), buffer, {"confidence": ".4f"})
    return buffer.getvalue()
