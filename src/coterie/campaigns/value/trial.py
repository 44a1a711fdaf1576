"""Forecasts made as of an earlier day, held against what customers did since, beside "the same as last time"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.campaigns.value.forecast import fit_value

if TYPE_CHECKING:
    import datetime as dt

    from coterie.campaigns.value.history import Buyers, OrderHistory

TENTHS = 10
#: Customers, and repeat customers, below which nothing is fitted.
FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 30
#: Days of history below which nothing is forecast.
FEWEST_DAYS = 60


@dataclass(frozen=True)
class Score:
    """How good one forecast was, of one outcome.

    Attributes
    ----------
    outcome : str
        "orders" or "value".
    forecast : str
        "model" or "same as before": each customer does what they did in the days before, as many.
    predicted, actual : float
        Totals.
    bias : float
        predicted / actual - 1.
    error : float
        Mean absolute error per customer.
    top_tenth : float
        Part of the actual total that the tenth of the customers with the highest forecast brought, 0 to 1.
    best_tenth : float
        The same for the tenth that brought most: what a perfect forecast would reach.
    """

    outcome: str
    forecast: str
    predicted: float
    actual: float
    bias: float
    error: float
    top_tenth: float
    best_tenth: float


@dataclass(frozen=True)
class Trial:
    """A test of the forecasts in time.

    Attributes
    ----------
    split_on : date
        Day up to which the models saw orders; the outcomes are of the `days` from it on.
    days, n_customers : int
    scores : tuple of Score
    tenths : DataFrame
        One row a tenth of the customers by forecast, the lowest first: customers, and per customer predicted_orders,
        actual_orders, predicted_value, actual_value.
    covered : float
        Part of the customers whose money fell into their range of 95 %; NaN without money.
    total_range : (low, high) of the total, in currency or, without money, in orders
    """

    split_on: dt.date
    days: int
    n_customers: int
    scores: tuple[Score, ...]
    tenths: pd.DataFrame
    covered: float
    total_range: tuple[float, float]

    def of(self, outcome: str, forecast: str = "model") -> Score | None:
        """Find a score; None where the outcome was not tested."""
        found = [score for score in self.scores if (score.outcome, score.forecast) == (outcome, forecast)]
        return found[0] if found else None


def enough(buyers: Buyers) -> bool:
    """Whether there are customers enough to fit anything."""
    return len(buyers) >= FEWEST_CUSTOMERS and int((buyers.order_days > 1).sum()) >= FEWEST_REPEATERS


def hold_against(history: OrderHistory) -> Trial | None:
    """Fit as of the earlier day, forecast the days since, and compare; None where there is no such day or too little.

    Money is compared as it stayed, after what went back in those days. O(n log n) time.
    """
    if history.split_on is None:
        return None
    buyers, then = history.buyers_then(), history.then
    if not enough(buyers):
        return None
    model = fit_value(buyers, has_money=history.has_money)
    (forecast,) = model.forecast(buyers, [history.held_days])
    actual = {"orders": then["since_order_days"].to_numpy(), "value": then["since_net"].to_numpy()}
    predicted = {"orders": forecast.orders, "value": forecast.value}
    before = {"orders": then["before_order_days"].to_numpy(), "value": then["before_net"].to_numpy()}
    outcomes = [name for name in actual if actual[name].sum() > 0 and (name == "orders" or model.spending is not None)]
    totals = forecast.totals(np.zeros(len(buyers), dtype=np.int64), 1)
    low, high = totals.value_range if model.spending is not None else totals.order_range
    return Trial(
        split_on=history.split_on,
        days=history.held_days,
        n_customers=len(buyers),
        scores=tuple(
            score_of(name, label, values[name], actual[name])
            for name in outcomes
            for label, values in (("model", predicted), ("same as before", before))
        ),
        tenths=_tenths(predicted, actual, by="value" if "value" in outcomes else "orders"),
        covered=_covered(forecast.value_ranges(), actual["value"]) if model.spending is not None else float("nan"),
        total_range=(float(low[0]), float(high[0])),
    )


def score_of(outcome: str, label: str, predicted: np.ndarray, actual: np.ndarray) -> Score:
    """Compare a forecast with what came, both float arrays of shape (n,), `actual` with a sum above 0."""
    return Score(
        outcome=outcome,
        forecast=label,
        predicted=float(predicted.sum()),
        actual=float(actual.sum()),
        bias=float(predicted.sum() / actual.sum() - 1.0),
        error=float(np.abs(predicted - actual).mean()),
        top_tenth=top_share(actual, predicted),
        best_tenth=top_share(actual, actual),
    )


def top_share(values: np.ndarray, ranked_by: np.ndarray, part: float = 0.1) -> float:
    """Part of the sum of `values` that the customers ranked highest brought.

    Customers with equal rank share what there is between them, so that their order changes nothing.
    """
    _, place, counts = np.unique(-ranked_by, return_inverse=True, return_counts=True)
    sums = np.append(0.0, np.cumsum(np.bincount(place, weights=values)))
    return float(np.interp(part * len(values), np.append(0, np.cumsum(counts)), sums) / values.sum())


def _covered(ends: tuple[np.ndarray, np.ndarray], actual: np.ndarray) -> float:
    low, high = ends
    return float(((actual >= low) & (actual <= high)).mean())


def _tenths(predicted: dict[str, np.ndarray], actual: dict[str, np.ndarray], *, by: str) -> pd.DataFrame:
    """Means of forecast and outcome by tenths of the forecast; equal forecasts stay in one tenth."""
    _, place, counts = np.unique(predicted[by], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    tenth = np.minimum((TENTHS * middle / counts.sum()).astype(np.int64), TENTHS - 1)[place]
    sizes = np.bincount(tenth, minlength=TENTHS)
    columns: dict[str, np.ndarray] = {"tenth": np.arange(1, TENTHS + 1), "customers": sizes}
    for name in ("orders", "value"):
        for kind, values in (("predicted", predicted), ("actual", actual)):
            sums = np.bincount(tenth, weights=values[name], minlength=TENTHS)
            columns[f"{kind}_{name}"] = sums / np.maximum(sizes, 1)
    return pd.DataFrame(columns)[sizes > 0].reset_index(drop=True)
