"""What knowing of returns brings a forecast of money: cancelled orders left out, each customer's own part weighed.

Run `python benchmarks/customer_returns.py [--data FOLDER]`; writes `benchmarks/results/customer_returns.json`. Four
ways, as of three days of Online Retail (looked for in FOLDER, default COTERIE_DATA) and one of the generated store: all
purchases count and one part goes back for all; orders of which nothing is left are none; each customer's own part of
returns is weighed against that of all; both. What is foreseen is held against the money that stayed in the days since,
for all customers known on the day by any way; who had no order left on it is foreseen to bring nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.campaigns import order_history
from coterie.campaigns.value.cancelled import CANCELLED, keep_cancelled_days, lines_of
from coterie.campaigns.value.forecast import fit_value
from coterie.campaigns.value.history import frames
from coterie.campaigns.value.returns import ReturnModel
from coterie.campaigns.value.trial import score_of
from coterie.config import Config
from coterie.engines.duckdb import DuckDBEngine
from coterie.sources import Input, open_shop
from coterie.sources.synthetic import make_store

if TYPE_CHECKING:
    from coterie.campaigns import OrderHistory
    from coterie.sources.shop import Shop

RESULTS = Path(__file__).parent / "results" / "customer_returns.json"
WAYS = {
    "all purchases, one part for all": (False, False),
    "without orders of which nothing is left": (True, False),
    "own part": (False, True),
    "both": (True, True),
}


def history_as_of(shop: Shop, day: dt.date | None, *, without_cancelled: bool) -> OrderHistory:
    """Give the history with a given earlier day, with or without orders of which nothing is left."""
    history = order_history(shop)
    day = day or history.split_on
    keep_cancelled_days(shop, shop.as_of)
    if not without_cancelled:
        nothing = f"SELECT customer_id, ordered_on, ordered_on AS gone_on FROM {lines_of(shop)} WHERE FALSE"
        shop.engine.keep(CANCELLED, nothing)
    frame, then = frames(shop, shop.as_of, day)
    return replace(history, frame=frame, then=then, split_on=day)


def compared(shop: Shop, day: dt.date | None) -> dict[str, Any]:
    """Score the four ways as of a day."""
    everyone = history_as_of(shop, day, without_cancelled=False).then
    actual = everyone["since_net"].to_numpy()
    sent_back = (everyone["sold"] > everyone["net"]).to_numpy()
    found: dict[str, Any] = {"customers": len(everyone), "of them sent something back": int(sent_back.sum())}
    for name, (without_cancelled, own) in WAYS.items():
        history = history_as_of(shop, day, without_cancelled=without_cancelled)
        buyers, then = history.buyers_then(), history.then
        model = fit_value(buyers)
        if not own:
            model = replace(model, returns=ReturnModel(1.0 - float(then["net"].sum() / then["sold"].sum())))
        (ahead,) = model.forecast(buyers, [history.held_days])
        value, low, high = (
            pd.Series(values, index=then.index).reindex(everyone.index).fillna(0.0).to_numpy()
            for values in (ahead.value, *ahead.value_ranges())
        )
        score = score_of("value", name, value, actual)
        found[name] = {
            "bias": round(score.bias, 4),
            "error each": round(score.error, 2),
            "error each, of those who sent something back": round(float(np.abs(value - actual)[sent_back].mean()), 2),
            "best tenth brings": round(score.top_tenth, 4),
            "in range": round(float(((actual >= low) & (actual <= high)).mean()), 4),
        }
        if own:
            between, within = model.returns.between, model.returns.within
            found[name]["orders at which the own part counts half"] = round(within / between, 1) if between else None
        found["at best"] = round(score.best_tenth, 4)
    return {"as of": str(history.split_on), **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("COTERIE_DATA", "data")))
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with DuckDBEngine("2GB", 1) as made, DuckDBEngine("2GB", 1) as engine:
        make_store(made, customers=4_000, seed=5)
        lines = made.frame("SELECT * FROM synthetic_orders")
        results["generated store"] = [compared(open_shop([Input(lines)], engine, Config().sources), None)]
    path = options.data / "online_retail" / "OnlineRetail.csv"
    if path.is_file():
        with DuckDBEngine("2GB", 1) as engine:
            shop = open_shop([Input(path)], engine, Config().sources)
            days = (None, dt.date(2011, 7, 1), dt.date(2011, 5, 1))
            results["Online Retail"] = [compared(shop, day) for day in days]
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
