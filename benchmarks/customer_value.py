"""Forecasts of orders and money: published numbers, tests in time, coverage of the ranges, and a million customers.

Run `python benchmarks/customer_value.py [--data FOLDER] [--worlds N] [--customers N]`; writes
`benchmarks/results/customer_value.json`. CDNOW and Online Retail are looked for in FOLDER (default: COTERIE_DATA) and
left out where they are not there. Seeded. Seconds are of processor time; run with OMP_NUM_THREADS=1 for one core.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.campaigns import order_history
from coterie.campaigns.value.cancelled import keep_cancelled_days
from coterie.campaigns.value.forecast import fit_value
from coterie.campaigns.value.history import Buyers, frames
from coterie.campaigns.value.orders import Histories, fit_orders
from coterie.campaigns.value.outlook import outlooks
from coterie.campaigns.value.trial import hold_against, score_of
from coterie.config import Config
from coterie.engines.duckdb import DuckDBEngine
from coterie.sources import Input, open_shop

if TYPE_CHECKING:
    from coterie.campaigns import OrderHistory
    from coterie.sources.shop import Shop

RESULTS = Path(__file__).parent / "results" / "customer_value.json"
TRUTH = {"r": 0.6, "alpha": 60.0, "a": 0.8, "b": 3.0}
SPENDING = {"p": 3.0, "q": 4.0, "gamma": 60.0}


@dataclass(frozen=True)
class World:
    """Customers who order as the models say, and what they do in the `horizon` days after."""

    buyers: Buyers
    orders: np.ndarray
    spent: np.ndarray


def world(n: int, seed: int, horizon: float, *, whole_days: bool = False, days: float = 500.0) -> World:
    """Draw customers who joined at any time in `days`; with `whole_days` ages are rounded to days."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(5.0, days, n)
    if whole_days:
        age = np.floor(age)
    rate = rng.gamma(TRUTH["r"], 1.0 / TRUTH["alpha"], n)
    leave = rng.beta(TRUTH["a"], TRUTH["b"], n)
    count, later, last, clock, there = (np.zeros(n) for _ in range(5))
    there = np.ones(n, dtype=bool)
    while there.any():
        clock = clock + rng.exponential(1.0 / np.maximum(rate, 1e-12))
        there &= clock < age + horizon
        known = there & (clock < age)
        count += known
        later += there & ~known
        last[known] = clock[known]
        there &= rng.random(n) >= leave
    scale = 1.0 / rng.gamma(SPENDING["q"], 1.0 / SPENDING["gamma"], n)
    mean = rng.gamma(SPENDING["p"] * (count + 1.0)) * scale / (count + 1.0)
    spent = np.where(later > 0, rng.gamma(np.maximum(SPENDING["p"] * later, 1e-9)) * scale, 0.0)
    last = np.floor(last) if whole_days else last
    return World(Buyers(count + 1.0, last, age, mean), later, spent)


def coverage(worlds: int, n: int = 500, horizon: int = 180) -> dict[str, float]:
    """In how many simulated shops the intervals of 95 % hold."""
    names = [*TRUTH, *SPENDING]
    held = dict.fromkeys([*names, "orders of all", "money of all", "money of a tenth"], 0)
    customers = []
    for seed in range(worlds):
        made = world(n, 10_000 + seed, horizon)
        model = fit_value(made.buyers)
        (found,) = model.forecast(made.buyers, [horizon])
        totals = found.totals(np.arange(n) % 10, 10)
        everyone = found.totals(np.zeros(n, dtype=np.int64), 1)
        held["orders of all"] += inside(made.orders.sum(), everyone.order_range, 0)
        held["money of all"] += inside(made.spent.sum(), everyone.value_range, 0)
        held["money of a tenth"] += inside(made.spent[::10].sum(), totals.value_range, 0)
        low, high = found.value_ranges()
        customers.append(float(((made.spent >= low) & (made.spent <= high)).mean()))
        own = fit_orders(histories(made.buyers))  # the variant that the world was drawn from
        estimates = own.estimates() | model.spending.estimates()
        for name, value in (TRUTH | SPENDING).items():
            held[name] += estimates[name].low <= value <= estimates[name].high
    return {name: count / worlds for name, count in held.items()} | {"money of a customer": float(np.mean(customers))}


def inside(value: float, ends: tuple[np.ndarray, np.ndarray], place: int) -> bool:
    return bool(ends[0][place] <= value <= ends[1][place])


def histories(buyers: Buyers) -> Histories:
    return Histories.of(buyers.order_days - 1.0, buyers.last_age, buyers.age)


def million(n: int) -> dict[str, float]:
    """Fit both variants and spending, and score everyone for 3, 6 and 12 months with ranges."""
    made = world(n, 1, 1.0, whole_days=True, days=730.0)
    seconds: dict[str, float] = {"customers": n, "different histories": len(histories(made.buyers))}
    begun, wall = time.process_time(), time.monotonic()
    model = fit_value(made.buyers)
    seconds["fit"] = time.process_time() - begun
    forecasts = model.forecast(made.buyers, [91, 182, 365])
    seconds["forecast"] = time.process_time() - begun - seconds["fit"]
    forecasts[-1].value_ranges()
    for found in forecasts:
        found.totals(np.arange(n) % 8, 8)
    seconds["all, processor"] = time.process_time() - begun
    seconds["all, wall"] = time.monotonic() - wall
    seconds["peak memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = {name: getattr(model.orders, name) / value - 1.0 for name, value in TRUTH.items()}
    return {name: round(value, 2) for name, value in seconds.items()} | {
        f"{name} off by": round(value, 4) for name, value in error.items()
    }


def published(folder: Path) -> dict[str, Any]:
    """The sample of the papers: parameters, and the 39 weeks after the 39 that they were fitted to."""
    sample = pd.read_csv(folder / "cdnow" / "cdnow_customers_summary.csv")
    known = Histories.of(*(sample[name].to_numpy() for name in ("frequency", "recency", "T")))
    found = {}
    for name, at_once in (("BG/NBD", False), ("MBG/NBD", True)):
        model = fit_orders(known, leaves_at_once=at_once)
        (ahead,) = outlooks(model, known, [39.0])
        found[name] = {
            "parameters": [round(value, 4) for value in model.parameters.tolist()],
            "intervals": {key: [round(each.low, 3), round(each.high, 3)] for key, each in model.estimates().items()},
            "log likelihood": round(model.log_likelihood, 1),
            "orders in 39 weeks": round(float((ahead.mean * known.customers).sum()), 1),
        }
    return found


def in_time(path: Path, splits: list[str | None], **settings: object) -> dict[str, Any]:
    """Forecasts as of earlier days against what came, beside "the same as before"."""
    sources = Config().sources.model_copy(update=settings)
    with DuckDBEngine("2GB", 1) as engine:
        shop = open_shop([Input(path)], engine, sources)
        found = {}
        for split in splits:
            history = order_history(shop)
            if split:
                history = order_history_of(shop, split)
            trial = hold_against(history)
            found[str(trial.split_on)] = {
                "days": trial.days,
                "customers": trial.n_customers,
                "customers in their range": round(trial.covered, 3),
                "total range": [round(end) for end in trial.total_range],
                "scores": [{key: rounded(value) for key, value in asdict(score).items()} for score in trial.scores],
                "tenths": trial.tenths.round(3).to_dict("list"),
            }
    return found


def order_history_of(shop: Shop, split: str) -> OrderHistory:
    """Give the history with the earlier day laid down instead of chosen."""
    day = dt.date.fromisoformat(split)
    history = order_history(shop)
    keep_cancelled_days(shop, shop.as_of)
    frame, then = frames(shop, shop.as_of, day)
    return replace(history, split_on=day, frame=frame, then=then)


def against_last_year(n: int = 20_000) -> dict[str, Any]:
    """A year of a simulated shop beside what each customer did in the year before, the simplest forecast of all."""
    made = world(n, 77, 365.0, days=900.0)
    (ahead,) = fit_value(made.buyers).forecast(made.buyers, [365])
    rate = made.buyers.order_days / np.maximum(made.buyers.age, 365.0) * 365.0
    plain = rate * made.buyers.mean_value
    return {
        name: {key: rounded(value) for key, value in asdict(score_of("value", name, values, made.spent)).items()}
        for name, values in (("model", ahead.value), ("own yearly pace so far", plain))
    }


def rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("COTERIE_DATA", "data")))
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--customers", type=int, default=1_000_000)
    options = parser.parse_args()
    results: dict[str, Any] = {"a million": million(options.customers)}
    print(json.dumps(results, indent=1))
    results["coverage"] = coverage(options.worlds) | {"worlds": options.worlds}
    results["a simulated year"] = against_last_year()
    if (options.data / "cdnow").is_dir():
        results["published"] = published(options.data)
        names = ("customer_id", "date", "quantity", "amount")
        plain = {"header": False, "column_names": names, "skip_rows": 1, "delimiter": "whitespace"}
        path = options.data / "cdnow" / "CDNOW_master.txt"
        results["CDNOW"] = in_time(path, ["1997-10-01", "1998-01-01", None], **plain)
    if (options.data / "online_retail").is_dir():
        results["Online Retail"] = in_time(options.data / "online_retail" / "OnlineRetail.csv", [None])
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
