"""A small believable shop with planted behaviours, and stand-ins for what clustering and preparation hand over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.vocabulary import Block, CustomerTable, Feature, Kind, Verdict, VerdictWord

if TYPE_CHECKING:
    from coterie.clustering.across import Solution


@dataclass(frozen=True)
class Basis:
    features: tuple[Feature, ...]
    weights: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    n_segments: int
    verdict: Verdict
    unusual_label: int | None = None
    noise: str = "none"
    method: str = "kmeans"
    reasons: tuple[str, ...] = ()
    segment_draws: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    solutions: tuple[Solution, ...] = ()


@dataclass(frozen=True)
class Assignment:
    labels: np.ndarray
    confidence: np.ndarray
    is_core: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    second_confidence: np.ndarray
    is_between: np.ndarray


FEATURES = tuple(
    Feature(name, label, unit, kind, block, meaning=f"{label}.", actionable=True)
    for name, label, unit, kind, block in [
        ("net_revenue", "net revenue", "currency", Kind.MONEY, Block.VALUE),
        ("average_order_value", "average order value", "currency", Kind.MONEY, Block.VALUE),
        ("recency_days", "days since the last order", "days", Kind.DAYS, Block.RHYTHM),
        ("order_count", "number of orders", "orders", Kind.COUNT, Block.RHYTHM),
        ("tenure_days", "days since the first order", "days", Kind.DAYS, Block.RHYTHM),
        ("median_gap_days", "days between orders", "days", Kind.DAYS, Block.RHYTHM),
        ("overdue_ratio", "how overdue the next order is", "", Kind.NUMBER, Block.RHYTHM),
        ("spend_trend", "trend of spend", "", Kind.NUMBER, Block.RHYTHM),
        ("weekend_share", "share of orders at the weekend", "share", Kind.SHARE, Block.RHYTHM),
        ("lines_per_order", "lines per order", "lines", Kind.COUNT, Block.BASKET),
        ("units_per_order", "units per order", "units", Kind.COUNT, Block.BASKET),
        ("discount_share", "share of discounts", "share", Kind.SHARE, Block.BASKET),
        ("return_rate", "share of money returned", "share", Kind.SHARE, Block.BASKET),
        ("share_books", "share of Books", "share", Kind.SHARE, Block.INTERESTS),
        ("share_gifts", "share of Gifts", "share", Kind.SHARE, Block.INTERESTS),
        ("share_garden", "share of Home & garden", "share", Kind.SHARE, Block.INTERESTS),
        ("favourite_category", "favourite category", "", Kind.CATEGORY, Block.INTERESTS),
        ("favourite_channel", "favourite channel", "", Kind.CATEGORY, Block.OTHER),
        ("visit_count", "number of visits", "visits", Kind.COUNT, Block.BROWSING),
        ("age", "age", "years", Kind.NUMBER, Block.DEMOGRAPHICS),
        ("gender", "gender", "", Kind.CATEGORY, Block.DEMOGRAPHICS),
        ("income", "income", "currency", Kind.MONEY, Block.DEMOGRAPHICS),
        ("country", "country", "", Kind.CATEGORY, Block.DEMOGRAPHICS),
        ("newsletter_consent", "newsletter consent", "", Kind.FLAG, Block.OTHER),
    ]
)

#: Typical recency, orders, tenure, order value, units, weekend share, discount share, gift share of the planted kinds.
KINDS = (
    ("loyal weekend", 12, 14, 700, 95, 9, 0.75, 0.05, 0.2),
    ("bargain", 40, 5, 500, 32, 4, 0.3, 0.4, 0.2),
    ("new gift", 10, 1, 12, 45, 2, 0.3, 0.08, 0.9),
    ("lapsed", 420, 4, 720, 60, 3, 0.3, 0.08, 0.25),
    ("big spender", 30, 6, 600, 320, 22, 0.1, 0.02, 0.15),
)


def shop(n: int = 800, seed: int = 3) -> tuple[CustomerTable, np.ndarray]:
    """A customer table and the planted label, 0 to 4, of each customer."""
    random = np.random.default_rng(seed)
    label = random.choice(len(KINDS), n, p=[0.22, 0.24, 0.2, 0.22, 0.12])
    recency, orders, tenure, value, units, weekend, discount, gift = np.array([kind[1:] for kind in KINDS], float)[
        label
    ].T
    recency = np.maximum(1, np.round(recency * random.lognormal(0, 0.4, n)))
    orders = np.where(orders == 1, 1, np.maximum(2, random.poisson(orders)))
    one = orders == 1
    tenure = np.where(one, recency, np.maximum(recency + 5, np.round(tenure * random.lognormal(0, 0.2, n))))
    gap = np.where(one, np.nan, np.maximum(1, np.round((tenure - recency) / np.maximum(orders - 1, 1))))
    order_value = np.round(value * random.lognormal(0, 0.3, n), 2)
    interest = random.dirichlet([1.2, 1.2], n) * (1 - np.clip(gift + random.normal(0, 0.08, n), 0, 1))[:, None]
    columns: dict[str, Any] = {
        "net_revenue": np.round(order_value * orders, 2),
        "average_order_value": order_value,
        "recency_days": recency,
        "order_count": orders.astype(float),
        "tenure_days": tenure,
        "median_gap_days": gap,
        "overdue_ratio": recency / gap,
        "spend_trend": np.where(one, np.nan, np.clip(random.normal(np.where(label == 3, -0.5, 0.1), 0.3), -1, 1)),
        "weekend_share": np.round(random.binomial(orders.astype(int), weekend) / orders, 4),
        "lines_per_order": np.maximum(1, np.round(units * random.lognormal(-0.4, 0.3, n), 1)),
        "units_per_order": np.maximum(1, np.round(units * random.lognormal(0, 0.3, n), 1)),
        "discount_share": np.clip(discount * random.lognormal(0, 0.4, n) * (random.random(n) > 0.1), 0, 0.9),
        "return_rate": np.where(random.random(n) < 0.7, 0, random.beta(1, 8, n)),
        "share_books": interest[:, 0],
        "share_gifts": 1 - interest.sum(axis=1),
        "share_garden": interest[:, 1],
        "visit_count": random.poisson(orders * 4).astype(float),
        "age": np.round(random.normal(np.where(label == 4, 52, 40), 11).clip(18, 90)),
        "income": np.round(random.lognormal(10.4, 0.4, n), 0),
        "newsletter_consent": (random.random(n) < 0.6).astype(float),
    }
    frame = pd.DataFrame(columns)
    names = np.array(["Books", "Gifts", "Home & garden"], dtype=object)
    frame["favourite_category"] = names[frame[["share_books", "share_gifts", "share_garden"]].to_numpy().argmax(axis=1)]
    frame["favourite_channel"] = np.where(random.random(n) < np.where(label == 1, 0.8, 0.3), "app", "web")
    frame["gender"] = random.choice(["female", "male"], n)
    frame["country"] = random.choice(["Germany", "France", "Spain"], n, p=[0.6, 0.3, 0.1])
    for name in ("favourite_category", "favourite_channel", "gender", "country"):
        frame[name] = frame[name].astype(object)
    frame.index = pd.Index([f"c{number:05d}" for number in range(n)], name="customer_id")
    frame = frame[[feature.name for feature in FEATURES]]
    table = CustomerTable(frame, {f.name: f for f in FEATURES}, "net_revenue", dt.date(2024, 7, 1), "£")
    return table, label


BASIS = ("net_revenue", "average_order_value", "recency_days", "order_count", "median_gap_days", "weekend_share",
         "units_per_order", "discount_share", "share_gifts", "share_books")  # fmt: skip


def basis_of(customers: CustomerTable, names: tuple[str, ...] = BASIS) -> Basis:
    return Basis(tuple(customers.features[name] for name in names if name in customers.features))


def assigned(labels: np.ndarray, k: int | None = None) -> Assignment:
    """Labels with made-up but steady confidences."""
    n, k = len(labels), k or int(labels.max()) + 1
    place = np.arange(n)
    confidence = 0.5 + 0.5 * ((place * 37) % 100) / 100
    second = (labels + 1) % k
    labels = labels.astype(np.int64)
    return Assignment(
        labels, confidence, confidence > 0.6, second, 1.5 - confidence, 1 - confidence, confidence <= 0.55
    )


def chosen(k: int, *, unusual: int | None = None, stability: tuple[float, ...] | None = None) -> Choice:
    known = stability if stability is not None else tuple(0.9 - 0.1 * label for label in range(k))
    verdict = Verdict(VerdictWord.REPRODUCIBLE, "They come back.", 0.01, {}, 0.8, known)
    return Choice(k, verdict, unusual)


def table_with(customers: CustomerTable, **columns: Any) -> CustomerTable:
    """The same customers with some columns replaced or added (as plain numbers where they are new)."""
    frame, features = customers.frame.copy(), dict(customers.features)
    for name, values in columns.items():
        frame[name] = values
        features.setdefault(name, Feature(name, name.replace("_", " "), "", Kind.NUMBER, Block.OTHER, ""))
    return replace(customers, frame=frame, features=features)


def only(customers: CustomerTable, *names: str, value: str | None = None) -> CustomerTable:
    """The same customers with a few columns only."""
    features = {name: customers.features[name] for name in names}
    return replace(customers, frame=customers.frame[list(names)], features=features, value=value)
