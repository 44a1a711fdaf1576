"""What the choice of plays and targets costs by the number of customers, and how good a divided budget is.

Run `python benchmarks/strategy.py`; writes `benchmarks/results/strategy.json`. Seeded. Seconds are of
processor time, the best of three; run with OMP_NUM_THREADS=1. Budgets: random problems of three segments, held against
the best division on a grid, an equal one, and one by the number of customers.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from coterie.campaigns import Economics, allocate, lifecycle_stages, make_strategy, suggest_plays, worth_spending
from coterie.config import Config
from coterie.profiles import describe
from coterie.vocabulary import Block, CustomerTable, Feature, Kind, Verdict, VerdictWord

RESULTS = Path(__file__).parent / "results" / "strategy.json"
SIZES = (2_000, 20_000, 200_000)
PROBLEMS, GRID = 60, 41
CATEGORIES = ("garden", "kitchen", "toys", "books", "clothing", "sports")


def table(n: int, seed: int = 0) -> tuple[CustomerTable, np.ndarray]:
    """Customers of five kinds, with orders, money, rhythm, categories, a channel and consent."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, n)
    orders = 1.0 + rng.poisson(np.array([12.0, 5.0, 1.0, 6.0, 3.0])[labels])
    value = np.array([80.0, 40.0, 30.0, 90.0, 25.0])[labels] * rng.lognormal(0, 0.3, n)
    recency = np.ceil(rng.exponential(np.array([20.0, 40.0, 30.0, 250.0, 90.0])[labels])) + 1
    gap = np.where(orders > 1, rng.gamma(9.0, 4.0, n), np.nan)
    shares = rng.dirichlet(np.full(len(CATEGORIES), 0.4), n)
    columns: dict[str, Any] = {
        "recency_days": (recency, Kind.DAYS, Block.RHYTHM),
        "order_count": (orders, Kind.COUNT, Block.RHYTHM),
        "net_revenue": (orders * value, Kind.MONEY, Block.VALUE),
        "average_order_value": (value, Kind.MONEY, Block.VALUE),
        "tenure_days": (recency + 30 * orders, Kind.DAYS, Block.RHYTHM),
        "median_gap_days": (gap, Kind.DAYS, Block.RHYTHM),
        "gap_variation": (rng.uniform(0.2, 1.4, n), Kind.NUMBER, Block.RHYTHM),
        "overdue_ratio": (recency / gap, Kind.NUMBER, Block.RHYTHM),
        "discount_share": (rng.beta(1, 9, n), Kind.SHARE, Block.BASKET),
        "return_rate": (rng.beta(1, 20, n), Kind.SHARE, Block.BASKET),
        "newsletter_consent": ((rng.random(n) < 0.7).astype(float), Kind.FLAG, Block.OTHER),
        "favourite_channel": (rng.choice(["web", "shop", "app"], n).astype(object), Kind.CATEGORY, Block.OTHER),
        **{f"share_{c}": (shares[:, i], Kind.SHARE, Block.INTERESTS) for i, c in enumerate(CATEGORIES)},
    }
    features = {
        name: Feature(name, name.replace("_", " "), "", kind, block, f"{name}.", actionable=True)
        for name, (_, kind, block) in columns.items()
    }
    index = pd.Index([f"C{i:08d}" for i in range(n)], name="customer_id")
    frame = pd.DataFrame({name: values for name, (values, *_) in columns.items()}, index=index)
    return CustomerTable(frame, features, "net_revenue", dt.date(2024, 7, 1), "£"), labels


def profiled(customers: CustomerTable, labels: np.ndarray) -> Any:  # noqa: ANN401
    """Profiles of the true kinds."""
    n = len(labels)
    assignment = SimpleNamespace(
        labels=labels, confidence=np.full(n, 0.9), is_core=np.ones(n, bool), second=(labels + 1) % 5,
        distance=np.zeros(n), second_confidence=np.zeros(n), is_between=np.zeros(n, bool),
    )  # fmt: skip
    verdict = Verdict(VerdictWord.REPRODUCIBLE, "Known.", 0.01, {}, 0.9, (0.9,) * 5)
    choice = SimpleNamespace(
        n_segments=5, verdict=verdict, unusual_label=None, noise="none", method="kmeans", reasons=(),
        segment_draws=np.zeros((0, 0)), solutions=(),
    )  # fmt: skip
    basis = SimpleNamespace(features=tuple(customers.features.values())[:4], weights={}, left_out={}, sentences=())
    return describe(customers, assignment, choice, basis)


def seconds(work: Any) -> float:  # noqa: ANN401
    """Processor time of the fastest of three runs."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return round(min(taken), 4)


def cost(n: int) -> dict[str, float]:
    """What plays, and plays with targets and money, cost for n customers."""
    customers, labels = table(n)
    profiles, stages = profiled(customers, labels), lifecycle_stages(customers)
    return {
        "customers": n,
        "plays_s": seconds(lambda: suggest_plays(profiles, customers, stages, Config())),
        "strategy_s": seconds(lambda: make_strategy(profiles, customers, stages, Config())),
    }


def problem(rng: np.random.Generator) -> list[Economics]:
    """Three segments whose costs, gains and falls differ widely."""
    return [
        Economics(
            customers=int(rng.integers(50, 2_000)), contacts=4.0, message_cost=float(rng.lognormal(-1, 1)),
            giveaway=float(rng.lognormal(-1, 1)), order_value=40.0, discount=0.05, margin=0.35,
            extra_revenue=float(rng.lognormal(7, 1)), falling=float(rng.uniform(0, 4)),
        )
        for _ in range(3)
    ]  # fmt: skip


def net(several: list[Economics], spends: tuple[float, ...]) -> float:
    """What a division leaves."""
    pairs = list(zip(several, (float(spend) for spend in spends), strict=True))
    return sum(one.gain_at(min(spend / one.full_cost, 1.0)) - min(spend, one.full_cost) for one, spend in pairs)


def budgets(seed: int = 0) -> dict[str, float]:
    """Hold divisions against the best on a grid, an equal one and one by customers, over random problems.

    Amounts lie below what is worth spending, so that spending all of it is never a fault of the simple divisions.
    """
    rng = np.random.default_rng(seed)
    behind, equal, by_size = [], [], []
    for _ in range(PROBLEMS):
        several = problem(rng)
        amount = float(rng.uniform(0.05, 0.95)) * max(worth_spending(dict(enumerate(several))), 1.0)
        found = allocate(dict(enumerate(several)), amount).net
        grids = [np.linspace(0.0, min(one.full_cost, amount), GRID) for one in several]
        best = max(net(several, spends) for spends in itertools.product(*grids) if sum(spends) <= amount)
        people = sum(one.customers for one in several)
        behind.append((best - found) / max(found, 1.0))
        equal.append(net(several, (amount / 3,) * 3) / max(found, 1e-9))
        by_size.append(net(several, tuple(amount * one.customers / people for one in several)) / max(found, 1e-9))
    return {
        "problems": PROBLEMS,
        "largest_lead_of_the_grid": float(f"{max(behind):.3g}"),
        "median_lead_over_the_grid": float(f"{-float(np.median(behind)):.3g}"),
        "equal_division_median": round(float(np.median(equal)), 3),
        "by_customers_median": round(float(np.median(by_size)), 3),
    }


def main() -> None:
    """Measure and write."""
    found = {"cost": [cost(n) for n in SIZES], "budgets": budgets()}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
