"""A segmentation such as the pipeline gives, made by hand: 800 customers of a shop, five segments."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from campaigns.order_histories import history_of, simulated_orders
from coterie.campaigns import (
    CustomerValue,
    Economics,
    Strategy,
    audit_fairness,
    customer_value,
    load_playbook,
    make_forecasts,
)
from coterie.campaigns.criteria import Criterion, score_of
from coterie.campaigns.figures import Figures
from coterie.campaigns.plays import Planned
from coterie.campaigns.strategy import money_table
from coterie.campaigns.targeting import choose_targets, criteria_table, targets_table
from coterie.clustering.across import Solution, across_solutions, crossed
from coterie.clustering.alternatives import Alternative
from coterie.clustering.decision import Compared
from coterie.clustering.trust import Trust
from coterie.config import Config
from coterie.holdout import Difference, Explained, Holdout, SegmentAfter
from coterie.profiles.tree import Branch
from coterie.sources.shop import ColumnGuess, TableReport
from coterie.vocabulary import (
    Barred,
    Block,
    Candidate,
    CustomerTable,
    Fact,
    Feature,
    Finding,
    Kind,
    Play,
    Rule,
    Segment,
    Severity,
    TableKind,
    Verdict,
    VerdictWord,
)

CATEGORIES = ("garden", "kitchen", "toys", "stationery", "lighting", "textiles")
NAMES = (
    "Frequent big-basket regulars",
    "Steady kitchen and garden buyers",
    "Lapsing high spenders",
    "Bargain-minded weekend shoppers",
    "One-time gift buyers",
)
SHARES = (0.14, 0.24, 0.12, 0.22, 0.28)

#: recency, orders, order value, gap, lines per order, discount share, return rate, weekend share, by segment
CENTRES = np.array(
    [
        [12, 14, 88, 22, 24, 0.06, 0.05, 0.12],
        [34, 6, 46, 48, 11, 0.10, 0.03, 0.18],
        [168, 7, 97, 58, 19, 0.08, 0.09, 0.15],
        [61, 4, 27, 71, 7, 0.34, 0.04, 0.46],
        [212, 1, 24, np.nan, 4, 0.12, 0.02, 0.25],
    ]
)
BEHAVIOUR = (
    "recency_days",
    "order_count",
    "average_order_value",
    "median_gap_days",
    "lines_per_order",
    "discount_share",
    "return_rate",
    "weekend_share",
)


class FakeRecipe:
    """Stands for a fitted preparation."""

    sentences = (
        "Money and counts are compared on a logarithmic scale, because a few customers spend far more than the rest.",
        "Two shares that say the same thing count once.",
    )

    def to_dict(self) -> dict[str, Any]:
        return {"version": 1, "features": list(BEHAVIOUR), "scale": [1.0] * len(BEHAVIOUR)}


class FakeAssigner:
    """Stands for a fitted assignment rule."""

    def to_dict(self) -> dict[str, Any]:
        return {"kind": "centroid", "n_segments": len(NAMES)}

    def arrays(self) -> dict[str, np.ndarray]:
        return {"centres": np.nan_to_num(CENTRES)}


def make_features(categories: tuple[str, ...] = CATEGORIES, *, orders: bool = True) -> dict[str, Feature]:
    """The catalogue of the made-up shop."""
    listed = [
        Feature("age", "age", "years", Kind.NUMBER, Block.DEMOGRAPHICS, "Age in years.", "older", "younger"),
        Feature("gender", "gender", "", Kind.CATEGORY, Block.DEMOGRAPHICS, "Gender as given."),
        Feature("country", "country", "", Kind.CATEGORY, Block.DEMOGRAPHICS, "Country of delivery."),
        Feature("email", "e-mail", "", Kind.CATEGORY, Block.OTHER, "E-mail address.", barred=Barred.PERSONAL),
    ]
    if orders:
        listed = [
            Feature("recency_days", "days since the last order", "days", Kind.DAYS, Block.RHYTHM,
                    "Days from the last order to the first day not seen.", "long silent", "recently active", True),
            Feature("order_count", "orders", "orders", Kind.COUNT, Block.RHYTHM,
                    "Orders placed, the first included.", "frequent", "one-time", True),
            Feature("net_revenue", "net revenue", "currency", Kind.MONEY, Block.VALUE,
                    "Money spent, less returns.", "high spenders", "low spenders", True),
            Feature("average_order_value", "average order value", "currency", Kind.MONEY, Block.VALUE,
                    "Net revenue of an average order.", "big baskets", "small baskets", True),
            Feature("median_gap_days", "days between orders", "days", Kind.DAYS, Block.RHYTHM,
                    "Median days from one order to the next.", "slow rhythm", "quick rhythm", True),
            Feature("overdue_ratio", "silence against own rhythm", "ratio", Kind.NUMBER, Block.RHYTHM,
                    "Days since the last order divided by the usual gap.", "overdue", "on time", True),
            Feature("lines_per_order", "lines per order", "lines", Kind.NUMBER, Block.BASKET,
                    "Different products in an average order.", "broad baskets", "narrow baskets", True),
            Feature("discount_share", "share bought on discount", "share", Kind.SHARE, Block.BASKET,
                    "Part of the list price that discounts took off.", "bargain-minded", "full-price", True),
            Feature("return_rate", "return rate", "share", Kind.SHARE, Block.BASKET,
                    "Returned lines among all lines.", "many returns", "few returns", True),
            Feature("weekend_share", "share of weekend orders", "share", Kind.SHARE, Block.RHYTHM,
                    "Orders placed on Saturday or Sunday.", "weekend shoppers", "weekday shoppers", True),
            *[
                Feature(f"share_{name}", f"share of {name}", "share", Kind.SHARE, Block.INTERESTS,
                        f"Part of spending that goes to {name}.", f"{name} fans", f"little {name}", True)
                for name in categories
            ],
            Feature("favourite_category", "favourite category", "", Kind.CATEGORY, Block.INTERESTS,
                    "Category with the largest share."),
            *listed,
        ]  # fmt: skip
    return {feature.name: feature for feature in listed}


def make_labels(n: int) -> np.ndarray:
    """Cluster labels 0 … 4; the label is not the segment id."""
    counts = np.floor(np.array(SHARES) * n).astype(int)
    counts[-1] += n - counts.sum()
    return np.repeat([3, 1, 4, 0, 2], counts)


def make_frame(
    labels: np.ndarray, rng: np.random.Generator, features: dict[str, Feature], categories: tuple[str, ...]
) -> pd.DataFrame:
    """Behaviour drawn around the centre of each segment."""
    order = {3: 0, 1: 1, 4: 2, 0: 3, 2: 4}
    row = np.array([order[label] for label in labels])
    n = len(labels)
    frame = pd.DataFrame(index=pd.Index([f"C{number:05d}" for number in range(n)], name="customer_id"))
    noise = np.exp(rng.normal(0, 0.38, (n, len(BEHAVIOUR))))
    drawn = CENTRES[row] * noise
    for name, column in zip(BEHAVIOUR, drawn.T, strict=True):
        frame[name] = column
    frame["recency_days"] = frame["recency_days"].round().clip(lower=1)
    frame["order_count"] = frame["order_count"].round().clip(lower=1)
    frame["net_revenue"] = (frame["order_count"] * frame["average_order_value"]).round(2)
    frame["overdue_ratio"] = frame["recency_days"] / frame["median_gap_days"]
    for name in ("discount_share", "return_rate", "weekend_share"):
        frame[name] = frame[name].clip(upper=1.0)
    taste = np.ones((5, max(len(categories), 1)))
    taste[1, : min(2, taste.shape[1])] = 4.0
    taste[4, -1] = 6.0
    shares = np.array([rng.dirichlet(taste[i]) for i in row])
    for position, name in enumerate(categories):
        frame[f"share_{name}"] = shares[:, position]
    if categories:
        frame["favourite_category"] = np.array(categories, dtype=object)[shares.argmax(axis=1)]
    frame["age"] = np.where(rng.random(n) < 0.07, np.nan, rng.normal(44 - 3 * row, 11).round())
    frame["gender"] = rng.choice(np.array(["female", "male", None], dtype=object), n, p=[0.55, 0.4, 0.05])
    frame["country"] = rng.choice(np.array(["United Kingdom", "Germany", "France"], dtype=object), n)
    frame["email"] = [f"person{number}@shop.example" for number in range(n)]
    return frame[[name for name in features if name in frame]]


def make_play(rank: int, value: float) -> Play:
    """What to do, by rank."""
    titles = ("Give early access", "Cross-sell the next room", "Win them back in person", "Offer a weekend bundle",
              "Ask for the second order")  # fmt: skip
    return Play(
        title=titles[rank % 5],
        goal="Bring the next order forward by a week.",
        offer="First look at the new range, no discount.",
        channel="E-mail, then a printed card",
        timing="18 days after the last order, on a Tuesday morning",
        message="You have an eye for it: see it before anyone else.",
        avoid="Blanket discounts: they buy anyway.",
        kpi="Share with an order within 30 days, against the holdout",
        evidence="They buy every 22 days and bring 41 % of revenue.",
        value_at_stake=round(value * 0.08, 2),
        value_at_stake_note="8 % of last year's revenue of the segment at a margin of 40 %.",
        priority=(2, 3, 1, 4, 5)[rank % 5],
        priority_reason="Much value, and it moves with little.",
    )


def make_segments(
    frame: pd.DataFrame, labels: np.ndarray, names: tuple[str, ...], ids: tuple[int, ...]
) -> tuple[Segment, ...]:
    """The five segments with everything that a page shows of them."""
    value = frame["net_revenue"] if "net_revenue" in frame else pd.Series(np.nan, index=frame.index)
    made = []
    for label, segment_id in sorted(enumerate(ids), key=lambda pair: pair[1]):
        inside = labels == label
        total = float(value[inside].sum()) if "net_revenue" in frame else float("nan")
        made.append(
            Segment(
                segment_id=segment_id,
                name=names[segment_id - 1],
                size=int(inside.sum()),
                share=float(inside.mean()),
                value=total,
                value_share=total / float(value.sum()) if "net_revenue" in frame else float("nan"),
                value_per_customer=total / int(inside.sum()),
                stability=(0.91, 0.83, 0.66, 0.78, 0.52)[segment_id - 1],
                stability_badge=("stable", "stable", "pattern", "stable", "do not rely on it")[segment_id - 1],
                summary="Customers who come back often and fill large baskets across the whole range.",
                facts=(
                    Fact("Buys every 22 days; the average customer takes 46 days.", "median_gap_days", 22, 46),
                    Fact("Spends 88 an order; the average is 52.", "average_order_value", 88, 52),
                    Fact("Has 14 orders; the average customer has 6.", "order_count", 14, 6),
                ),
                markers=("order_count", "recency_days", "lines_per_order"),
                rule=Rule("orders > 8.5 and days since the last order <= 40",
                          (("order_count", ">", 8.5), ("recency_days", "<=", 40.0)), 0.87, 0.74),
                play=make_play(segment_id - 1, 0.0 if np.isnan(total) else total),
                typical=tuple(frame.index[inside][:3]),
                edge=tuple(frame.index[inside][-3:]),
                stability_low=(0.88, 0.75, 0.5, 0.66, 0.33)[segment_id - 1],
                stability_high=(0.95, 0.9, 0.8, 0.86, 0.7)[segment_id - 1],
                stability_across=(1.0, 1.0, 0.93, 0.88, 0.41)[segment_id - 1],
                elsewhere="With 4 segments it would be part of a larger one; with 6 it would be the same.",
            )
        )  # fmt: skip
    return tuple(made)


def make_profile_table(frame: pd.DataFrame, segment_id: np.ndarray, features: dict[str, Feature]) -> pd.DataFrame:
    """Means of each numeric feature, per segment against all."""
    rows = []
    for name, feature in features.items():
        if not feature.is_numeric or feature.barred:
            continue
        overall, spread = float(frame[name].mean()), float(frame[name].std())
        for identity in np.unique(segment_id):
            mean = float(frame.loc[segment_id == identity, name].mean())
            effect = (mean - overall) / spread
            rows.append(
                {
                    "segment_id": int(identity), "feature": name, "unit": feature.unit, "segment_value": mean,
                    "overall_value": overall, "index": 100 * mean / overall, "effect_size": effect,
                    "is_marker": bool(abs(mean - overall) >= 0.5 * abs(overall)),
                    "spread": float(frame.loc[segment_id == identity, name].std()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def make_candidates(labels: np.ndarray) -> tuple[Candidate, ...]:
    """Three methods, k from 2 to 8; k-means with five segments was chosen."""
    made = []
    for shift, method in enumerate(("kmeans", "gaussian_mixture", "ward")):
        for k in range(2, 9):
            score = 0.62 - 0.035 * abs(k - 5) - 0.05 * shift
            chosen = method == "kmeans" and k == 5
            second = (method, k) == ("kmeans", 4)
            outcome = "runner-up: 0.03 behind: its segments lie less apart" if second else "0.06 behind"
            outcome = "chosen (1 too small group merged into the nearest)" if chosen else outcome
            made.append(
                Candidate(method, k, {"n_init": 10}, {"score": score, "silhouette": score - 0.3}, 0.5 / k, 0.0,
                          outcome, labels)
            )  # fmt: skip
    return tuple(made)


def make_solutions(labels: np.ndarray, rng: np.random.Generator) -> tuple[Solution, ...]:
    """Three to six segments: two of the five stand together before, one comes apart after; some rows stray."""
    fewer = np.array([0, 1, 2, 0, 2])[labels]
    one_fewer = np.array([0, 1, 2, 3, 2])[labels]
    one_more = np.where((labels == 2) & (rng.random(len(labels)) < 0.45), 5, labels)
    stray = rng.random(len(labels)) < 0.1
    one_more[stray] = rng.integers(0, 6, stray.sum())
    return across_solutions([fewer, one_fewer, labels, one_more])


def make_tables() -> tuple[TableReport, ...]:
    """How the inputs were read."""
    return (
        TableReport(
            name="orders.csv", kind=TableKind.ORDERS, kind_evidence="has a customer, a date and an amount",
            guesses=(
                ColumnGuess("customer_id", "CustomerID", 0.98, "named like 'customer id' (English)"),
                ColumnGuess("ordered_at", "InvoiceDate", 0.95, "dates like m/d/yyyy h:mm"),
            ),
            unused=("Description2",), formats={"encoding": "cp1252", "delimiter": ","},
            casts={"InvoiceDate": "month/day/year"}, rows_read=12_480, rows_kept=11_902,
            rows_left_out={"no customer id": 540, "amount is not a number": 38}, fingerprint="ab" * 32,
        ),
        TableReport(
            name="customers.csv", kind=TableKind.CUSTOMERS, kind_evidence="one row a customer", guesses=(),
            unused=(), formats={"encoding": "utf-8"}, casts={}, rows_read=800, rows_kept=800,
            rows_left_out={}, fingerprint="cd" * 32,
        ),
    )  # fmt: skip


FINDINGS = (
    Finding("missing-customer", Severity.WARNING, "540 order lines have no customer id and were left out.",
            "Export guest orders with an e-mail as id, or keep them out.", "orders.csv", "CustomerID", 540, (7, 19)),
    Finding("repeated-lines", Severity.NOTE, "12 order lines repeat another; kept.", "", "orders.csv", count=12),
)  # fmt: skip


def make_stages(frame: pd.DataFrame) -> pd.DataFrame:
    """A lifecycle stage for each customer, or no columns at all where there are no orders."""
    if "recency_days" not in frame:
        return pd.DataFrame(index=frame.index)
    recent = frame["recency_days"] < 60
    often = frame["order_count"] >= 4
    stage = np.select([recent & often, recent, often], ["Champions", "Promising", "At Risk"], "Hibernating")
    r, f = np.where(recent, 5, 2), np.where(often, 5, 1)
    return pd.DataFrame(
        {"stage": stage, "rfm_code": [f"{a}{b}3" for a, b in zip(r, f, strict=True)], "r": r, "f": f, "m": 3},
        index=frame.index,
    )


def make_holdout(names: tuple[str, ...]) -> Holdout:
    """What earlier segments of the same names told of the days after 10 September 2011."""
    shares = {"segments": 0.19, "rfm_boxes": 0.23, "past_spend_fifths": 0.17, "segments_and_rfm": 0.24}
    explained = tuple(
        Explained(outcome, name, 11 if name == "rfm_boxes" else 5, share, share - 0.04, share + 0.03, 0.4, 0.5)
        for outcome in ("spend", "orders", "silence")
        for name, share in shares.items()
    )
    differences = tuple(
        Difference(each.outcome, each.grouping, 0.19 - each.explained, -0.06, 0.01)
        for each in explained
        if each.grouping != "segments"
    )
    after = tuple(
        SegmentAfter(
            number, name, 8 if number == 5 else 170, 0.2, spend, low, spend + 20, 1.2, 1.0, 1.4, 0.3, 0.25, 0.37
        )
        for number, (name, spend) in enumerate(zip(names, (220.0, 160.0, 90.0, 44.0, 8.0), strict=True), start=1)
        for low in [float("nan") if number == 5 else spend - 25]
    )
    return Holdout(
        split_on=dt.date(2011, 9, 10), until=dt.date(2011, 12, 10), days=91, history_days=280, n_customers=680,
        n_known=680, n_new=120, new_spend_share=0.18, segments=after, explained=explained, differences=differences,
        conclusion="Knowing the segment on 10 September 2011 told 19 % of later spend, the RFM boxes 23 %.",
        notes=("120 customers first ordered after that day.", "One period was looked at."),
    )  # fmt: skip


def make_worth(membership: pd.DataFrame, *, orders: bool) -> CustomerValue:
    """What these customers are worth by simulated orders, or that it cannot be said."""
    history = history_of(simulated_orders(list(membership.index), days=560)) if orders else None
    return customer_value(make_forecasts(history, Config()), membership["segment_id"], Config(), currency="£")


def make_strategy_of(segments: tuple[Segment, ...], *, orders: bool) -> Strategy:
    """Targets and money for segments with plays made by hand; the last but one is left alone."""
    book = load_playbook().plays
    keys = ("champions", "loyal", "at_risk", "buys_anyway", "lapsed")
    planned, criteria = [], {}
    for place, segment in enumerate(segments):
        figures = Figures(segment.size, segment.size // 2, mean_order_value=40.0, order_value=38.0)
        money = Economics(segment.size, 4.0, 0.2 * (place + 1), 0.5, 40.0, 0.05, 0.35, 900.0 / (place + 1), 2.0)
        planned.append(Planned(segment, book[keys[place % 5]], figures, {}, money if orders else None))
        criteria[segment.segment_id] = (
            Criterion("attractiveness", "value", 3.0, 2.0 / (place + 1), score_of("value", 2.0 / (place + 1)),
                      f"a customer is expected to bring £{400 - 60 * place} in a year"),
            Criterion("strength", "reach", 2.0, 0.9 - 0.1 * place, score_of("reach", 0.9 - 0.1 * place),
                      f"{90 - 10 * place} % may be written to (by consent)"),
        )  # fmt: skip
    targets = targets_table(planned, choose_targets(planned, criteria))
    return Strategy(segments, targets, criteria_table(criteria), money_table(planned, Config()))


ACCOUNT = {
    "number": ("We tried every number of segments from 2 to 12, and 5 came out clearly best.",),
    "sure": ("Where a choice looked as good as this one, it matched the true groups to 0.62 on average.",),
    "second": ("4 segments by K-Means, 0.03 behind: its borders run through crowded areas.",),
    "doubt": ("The segments tell apart what the chosen columns show.",),
}


def make_alternatives(labels: np.ndarray) -> tuple[Alternative, ...]:
    """Four, five and six segments: one fewer joins the last two, one more halves the first."""
    four, six = np.minimum(labels, 3), labels.copy()
    six[np.flatnonzero(labels == 0)[::2]] = 5
    flows = [crossed(labels, other) / len(labels) for other in (four, labels, six)]
    return (
        Alternative(4, "kmeans", 0.59, 0.95, flows[0], against=Compared(0.93, 0.88, 0.02, 0.08, 10)),
        Alternative(5, "kmeans", 0.62, 0.86, flows[1], is_chosen=True),
        Alternative(6, "ward", 0.55, float("nan"), flows[2], refused="has 6 segments, more than the 5 allowed"),
    )


def make_segmentation(
    n: int = 800,
    *,
    names: tuple[str, ...] = NAMES,
    categories: tuple[str, ...] = CATEGORIES,
    orders: bool = True,
    seed: int = 7,
) -> SimpleNamespace:
    """Everything that a run of the pipeline hands on."""
    rng = np.random.default_rng(seed)
    features = make_features(categories, orders=orders)
    labels = make_labels(n)
    frame = make_frame(labels, rng, features, categories)
    features = {name: feature for name, feature in features.items() if name in frame}
    ids = (4, 2, 5, 1, 3)  # segment id of cluster label 0, 1, …
    segment_id = np.array(ids)[labels]
    segments = make_segments(frame, labels, names, ids)
    table = make_profile_table(frame, segment_id, features)
    membership = pd.DataFrame(
        {
            "segment_id": segment_id,
            "segment": [names[i - 1] for i in segment_id],
            "confidence": rng.uniform(0.4, 1, n),
            "is_core": rng.random(n) < 0.8,
            "reason": ["Orders often and lately." if i < 3 else "Has not ordered for long." for i in segment_id],
            "place": rng.choice(["core", "fringe", "between"], n, p=[0.8, 0.15, 0.05]).astype(object),
            "second_segment_id": segment_id % len(names) + 1,
            "second_segment": [names[i % len(names)] for i in segment_id],
        },
        index=frame.index,
    )
    descriptors = pd.DataFrame(
        {"feature": ["age", "country"], "statistic": [31.2, 2.1], "p_value": [0.0001, 0.6], "p_adjusted": [0.0002, 0.6],
         "effect_size": [0.12, 0.01], "sentence": ["Age differs between segments: a small effect.",
                                                   "Country does not differ between segments."]}
    )  # fmt: skip
    basis_names = [name for name in BEHAVIOUR if name in features] or ["age"]
    basis = SimpleNamespace(
        features=tuple(features[name] for name in basis_names),
        weights=dict.fromkeys(basis_names, 1 / len(basis_names)),
        left_out={"net_revenue": "says nearly the same as orders and order value"},
        sentences=("Rhythm, value and basket count the same, whatever the number of columns that each has.",),
    )
    verdict = Verdict(
        VerdictWord.REPRODUCIBLE,
        "Five segments that come back when the customers are drawn again, though the borders between them are soft.",
        0.04, {"silhouette": 1.9, "dip": 0.4}, 0.86, (0.78, 0.83, 0.52, 0.91, 0.66),
        ("The customers form a continuum rather than islands.", "Whether the segments hold next year is not known."),
    )  # fmt: skip
    choice = SimpleNamespace(
        method="kmeans",
        n_segments=5,
        parameters={"n_init": 10},
        assigner=FakeAssigner(),
        candidates=make_candidates(labels),
        verdict=verdict,
        stability_by_k={k: np.clip(rng.normal(0.9 - 0.05 * abs(k - 5), 0.03, 20), 0, 1) for k in range(2, 9)},
        rows=np.arange(n),
        reasons=("K-means with 5 segments had the best score (0.62).", "Second came k-means with 4 segments (0.59)."),
        noise="none",
        unusual_label=None,
        segment_draws=np.clip(rng.normal((0.78, 0.83, 0.52, 0.91, 0.66), 0.05, (20, 5)), 0, 1),
        solutions=make_solutions(labels, rng),
        account=ACCOUNT,
        alternatives=make_alternatives(labels),
        trust=Trust(0.62),
    )
    tables = make_tables()
    customers = CustomerTable(frame, features, "net_revenue" if orders else None, dt.date(2011, 12, 10), "£")
    return SimpleNamespace(
        config=Config(title="Garden & Home"),
        tables=tables,
        findings=FINDINGS,
        customers=customers,
        basis=basis,
        recipe=FakeRecipe(),
        choice=choice,
        assignment=SimpleNamespace(labels=labels),
        profiles=SimpleNamespace(
            segments=segments, id_of_label=ids, table=table, descriptors=descriptors, membership=membership,
            rule_fidelity=0.81, rule_fidelity_unseen=0.79, tree_text="orders > 8.5: segment 1", change=None,
            tree=(Branch(0, "orders: at least 9", 1, 120, 101), Branch(0, "orders: at most 8", 0, 680, 0),
                  Branch(1, "recency: above 90 days", 3, 300, 190), Branch(1, "recency: at most 90 days", 2, 380, 320)),
        ),
        stages=make_stages(frame),
        segments=segments,
        holdout=make_holdout(names) if orders else None,
        worth=make_worth(membership, orders=orders),
        strategy=make_strategy_of(segments, orders=orders),
        learned=(),
        fairness=audit_fairness(customers, segments, segment_id, (), {}, Config()),
        map_xy=np.column_stack([labels * 2.0, labels % 2 * 3.0]) + rng.normal(0, 0.9, (n, 2)),
        timings={"sources": 1.2, "features": 0.4, "clustering": 8.1},
        left_out=pd.DataFrame(
            {"table_name": ["orders.csv"] * 3, "source_row": [7, 19, 44],
             "reason": ["no customer id", "no customer id", "amount is not a number"]}
        ),
    )  # fmt: skip
