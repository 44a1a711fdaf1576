"""What customers are worth, as tables of a study folder and as an entry of its manifest."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from coterie.outputs.plain import to_plain

if TYPE_CHECKING:
    from coterie.campaigns import CustomerValue

#: Columns that segments.csv has beside its own where value is forecast.
SEGMENT_COLUMNS = (
    "expected_orders_12m",
    "expected_value_12m",
    "expected_value_12m_low",
    "expected_value_12m_high",
    "expected_value_share",
    "value_at_risk_12m",
)
_OF_YEAR = ("orders", "value", "value_low", "value_high", "share", "at_risk")


def tables(worth: CustomerValue | None) -> dict[str, pd.DataFrame]:
    """Give the tables that a study keeps of a forecast: none where there is none.

    `expected_value`: one row a segment and horizon, segment 0 for all. `value_stages`: one row a lifecycle stage, what
    its customers are worth and what moving up would bring. `value_moves`: one row a pair of stages. `value_tenths`: one
    row a tenth of the customers, forecast and outcome of the test in time.
    """
    if worth is None or worth.reason:
        return {}
    found = {"expected_value": worth.segments}
    if worth.migration is not None:
        found |= {"value_stages": worth.migration.ladder, "value_moves": worth.migration.moves}
    if worth.trial is not None:
        found["value_tenths"] = worth.trial.tenths
    return {name: ten_digits(table) for name, table in found.items()}


def with_forecast(segments: pd.DataFrame, worth: CustomerValue | None) -> pd.DataFrame:
    """Add the year ahead to the table of segments; NaN where money is not forecast."""
    if worth is None or worth.reason:
        return segments
    year = worth.segments[worth.segments["months"] == 12].set_index("segment_id").reindex(columns=list(_OF_YEAR))
    found = year.reindex(segments["segment_id"]).set_axis(list(SEGMENT_COLUMNS), axis=1)
    return pd.concat([segments, ten_digits(found.reset_index(drop=True))], axis=1)


def manifest(worth: CustomerValue | None) -> dict[str, Any] | None:
    """Give the sentences, checks, parameters and scores of the test; None where nothing was asked."""
    if worth is None:
        return None
    model, trial = worth.model, worth.trial
    entry: dict[str, Any] = {
        "reason": worth.reason,
        "sentences": worth.sentences,
        "checks": worth.checks,
        "assumptions": worth.assumptions,
        "limits": worth.limits,
        "net_flow": worth.migration.net_flow if worth.migration else math.nan,
        "models": {},
        "test": None,
    }
    if model is not None:
        estimates = {"orders": model.orders.estimates()}
        if model.spending is not None:
            estimates["spending"] = model.spending.estimates()
        entry["models"] = {
            name: {key: value._asdict() for key, value in found.items()} for name, found in estimates.items()
        } | {"variant": "MBG/NBD" if model.orders.leaves_at_once else "BG/NBD", "returns": asdict(model.returns)}
    if trial is not None:
        kept = ("split_on", "days", "n_customers", "scores", "covered", "total_range")
        entry["test"] = {name: getattr(trial, name) for name in kept}
    plain: dict[str, Any] = to_plain(entry)
    return plain


def ten_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Keep ten significant digits, as the files do, so that a study is the same in memory and on disk."""
    kept = table.reset_index(drop=True)
    for name in kept.select_dtypes("float").columns:
        kept[name] = [float(format(value, ".10g")) for value in kept[name]]
    for name in kept.columns:
        if pd.api.types.is_string_dtype(kept[name].dtype):
            kept[name] = kept[name].astype(object)
    return kept
