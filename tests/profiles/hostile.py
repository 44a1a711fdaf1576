"""Customer tables that are hard to speak about, for the tests of every text that people read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coterie.vocabulary import Barred, Block, CustomerTable, Feature, Kind
from profiles.factories import BASIS, Assignment, Choice, assigned, chosen, only, shop, table_with

if TYPE_CHECKING:
    from collections.abc import Callable

Case = tuple[CustomerTable, Assignment, Choice, tuple[str, ...]]


def plain_shop() -> Case:
    customers, labels = shop()
    return customers, assigned(labels), chosen(5), BASIS


def no_value() -> Case:
    customers, labels = shop(600)
    kept = [name for name in customers.features if name not in ("net_revenue", "average_order_value")]
    return only(customers, *kept), assigned(labels), chosen(5), ("recency_days", "order_count", "discount_share")


def one_segment() -> Case:
    customers, labels = shop(600)
    return customers, assigned(np.zeros_like(labels), 1), chosen(1), BASIS


def tiny_segments() -> Case:
    customers, labels = shop(600)
    labels = np.where(np.arange(600) < 3, 5, labels)
    labels[3] = 6
    return customers, assigned(labels), chosen(7), BASIS


def unusual_segment() -> Case:
    customers, labels = shop(600)
    return customers, assigned(labels), chosen(5, unusual=2, stability=(0.9, 0.65, float("nan"), 0.2, 0.8)), BASIS


def missing_columns() -> Case:
    customers, labels = shop(600)
    gone = np.full(600, np.nan)
    customers = table_with(customers, median_gap_days=gone, overdue_ratio=gone, discount_share=gone, age=gone)
    frame = customers.frame.assign(favourite_category=pd.Series([None] * 600, dtype=object).to_numpy())
    return replace(customers, frame=frame), assigned(labels), chosen(5), BASIS


def constant_columns() -> Case:
    customers, labels = shop(600)
    same = np.ones(600)
    customers = table_with(
        customers, order_count=same, discount_share=0 * same, weekend_share=same, visit_count=0 * same
    )
    return customers, assigned(labels), chosen(5), BASIS


def odd_categories() -> Case:
    customers, labels = shop(600)
    odd = np.array(
        ["{gap}", "nan", "None", "a\nb", "<script>alert(1)</script>", "", "Ä" * 200, "'x'; --", "50%", "{0}"]
    )
    levels = odd[np.arange(600) % 10].astype(object)
    levels[labels == 0] = "{topic}"
    frame = customers.frame.assign(favourite_category=levels, favourite_channel=levels, country=levels)
    features = dict(customers.features)
    features["share_books"] = replace(features["share_books"], label="share of {v} Kid's <b>&</b>\t100 %")
    features["country"] = replace(features["country"], label="  nan ")
    return replace(customers, frame=frame, features=features), assigned(labels), chosen(5), (*BASIS, "country")


def negative_revenue() -> Case:
    customers, labels = shop(600)
    revenue = customers.frame["net_revenue"].to_numpy()
    customers = table_with(customers, net_revenue=np.where(labels == 1, -revenue, revenue))
    return customers, assigned(labels), chosen(5), BASIS


def all_negative_revenue() -> Case:
    customers, labels = shop(600)
    return (
        table_with(customers, net_revenue=-customers.frame["net_revenue"].to_numpy()),
        assigned(labels),
        chosen(5),
        BASIS,
    )


def infinite_values() -> Case:
    customers, labels = shop(600)
    ratio = customers.frame["overdue_ratio"].to_numpy().copy()
    ratio[::7] = np.inf
    ratio[::11] = 1e12
    return table_with(customers, overdue_ratio=ratio), assigned(labels), chosen(5), (*BASIS, "overdue_ratio")


def unknown_numbers() -> Case:
    random = np.random.default_rng(1)
    labels = np.repeat(np.arange(4), 60)
    frame = pd.DataFrame(
        {
            "zz_1": random.normal(labels % 2 * 5 - 2, 1),
            "loyalty_points": random.normal(labels // 2 * 400, 90).round(),
            "is_member": (labels % 2).astype(float),
            "segment_age_band": (labels // 2).astype(float),
        },
        index=pd.Index([f"k{place:03d}" for place in range(240)], name="customer_id"),
    )
    features = {
        "zz_1": Feature("zz_1", "zz 1", "", Kind.NUMBER, Block.OTHER, ""),
        "loyalty_points": Feature("loyalty_points", "number of loyalty points", "points", Kind.COUNT, Block.OTHER, ""),
        "is_member": Feature("is_member", "club member", "", Kind.FLAG, Block.OTHER, ""),
        "segment_age_band": Feature(
            "segment_age_band", "age band", "", Kind.ORDERED, Block.DEMOGRAPHICS, "", levels=("18-34", "35-54", "55+")
        ),
    }
    return CustomerTable(frame, features, None, None), assigned(labels), chosen(4), ("zz_1", "loyalty_points")


def mall() -> Case:
    random = np.random.default_rng(2)
    labels = np.repeat(np.arange(5), 40)
    income = np.array([25, 25, 88, 88, 55])[labels] + random.normal(0, 5, 200)
    score = np.array([20, 80, 20, 80, 50])[labels] + random.normal(0, 5, 200)
    age = np.array([45, 25, 41, 33, 43])[labels] + random.normal(0, 5, 200)
    frame = pd.DataFrame(
        {"age": age.round(), "income": income.round(), "spending_score": score.round()},
        index=pd.Index([f"{place:03d}" for place in range(200)], name="customer_id"),
    )
    features = {
        "age": Feature("age", "age", "years", Kind.NUMBER, Block.DEMOGRAPHICS, ""),
        "income": Feature("income", "annual income (k$)", "", Kind.NUMBER, Block.DEMOGRAPHICS, ""),
        "spending_score": Feature("spending_score", "spending score (1-100)", "", Kind.NUMBER, Block.VALUE, ""),
    }
    return CustomerTable(frame, features, None, None), assigned(labels), chosen(5), ("income", "spending_score")


def only_categories() -> Case:
    customers, labels = shop(600)
    return only(customers, "gender", "country", "favourite_channel"), assigned(labels), chosen(5), ("gender", "country")


def nothing_known() -> Case:
    customers, labels = shop(600)
    gone = np.full(600, np.nan)
    bare = table_with(only(customers, "age", "income"), age=gone, income=gone)
    return bare, assigned(labels), chosen(5), ("age", "income")


def without_orders() -> Case:
    customers, labels = shop(600)
    none = labels == 2
    rhythm = ("recency_days", "median_gap_days", "overdue_ratio", "tenure_days", "average_order_value", "weekend_share")
    frame = customers.frame.copy()
    frame.loc[none, list(rhythm)] = np.nan
    frame.loc[none, ["order_count", "net_revenue"]] = 0.0
    return replace(customers, frame=frame), assigned(labels), chosen(5), BASIS


def barred_columns() -> Case:
    customers, labels = shop(600)
    customers = table_with(customers, responded=(labels == 1).astype(float), loyalty_card=labels * 1000.0)
    features = dict(customers.features)
    features["responded"] = replace(features["responded"], kind=Kind.FLAG, barred=Barred.OUTCOME)
    features["loyalty_card"] = replace(features["loyalty_card"], barred=Barred.IDENTIFIER)
    return replace(customers, features=features), assigned(labels), chosen(5), BASIS


def missing_labels() -> Case:
    customers, labels = shop(600)
    return customers, assigned(np.where(labels == 3, 4, labels), 6), chosen(6), BASIS


def five_customers() -> Case:
    customers, _ = shop(600)
    few = replace(customers, frame=customers.frame.iloc[:5])
    return few, assigned(np.array([0, 1, 0, 1, 1])), chosen(2), BASIS


CASES: tuple[Callable[[], Case], ...] = (
    plain_shop,
    no_value,
    one_segment,
    tiny_segments,
    unusual_segment,
    missing_columns,
    constant_columns,
    odd_categories,
    negative_revenue,
    all_negative_revenue,
    infinite_values,
    unknown_numbers,
    mall,
    only_categories,
    nothing_known,
    without_orders,
    barred_columns,
    missing_labels,
    five_customers,
)
