"""Slow twins of the order features: plain Python over a list of lines, one customer at a time."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import statistics
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NAN = math.nan


def twin(lines: Sequence[dict[str, Any]], as_of: dt.date) -> dict[str, dict[str, Any]]:
    """Customer -> feature -> value."""
    seen = [line for line in lines if _time(line).date() < as_of]
    customers = sorted({line["customer_id"] for line in seen})
    usual = _usual_prices(seen)
    categories = {line["category"] for line in seen if _is_purchase(line) and line.get("category")}
    return {
        customer: _features([line for line in seen if line["customer_id"] == customer], as_of, usual, len(categories))
        for customer in customers
    }


def _features(
    lines: list[dict[str, Any]], as_of: dt.date, usual: dict[str, float], n_categories: int
) -> dict[str, Any]:
    orders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        orders[line["order_id"]].append(line)
    bought = [order for order in orders.values() if any(_is_purchase(line) for line in order)]
    times = [min(_time(line) for line in order if _is_purchase(line)) for order in bought]
    values = [sum(Decimal(line["amount"]) for line in order if not line["is_return"]) for order in bought]
    back = sum((-Decimal(line["amount"]) for line in lines if line["is_return"]), Decimal(0))
    paid = sum((Decimal(line["amount"]) for line in lines if not line["is_return"]), Decimal(0))
    days = sorted({time.date() for time in times})
    anything = days or sorted({_time(line).date() for line in lines})
    purchases = [line for line in lines if _is_purchase(line)]
    return {
        "net_revenue": float(paid - back),
        "average_order_value": _over(sum(values), len(bought)),
        "order_value_variation": _variation([float(value) for value in values]),
        "recency_days": (as_of - anything[-1]).days,
        "tenure_days": (as_of - anything[0]).days,
        "order_count": len(bought),
        "return_rate": 0.0 if back == 0 else 1.0 if back >= paid else float(back / paid),
        "cancellation_share": sum(any(line["is_return"] for line in order) for order in orders.values()) / len(orders),
        "lines_per_order": _over(len(purchases), len(bought)),
        "units_per_order": _over(sum(Decimal(line["quantity"]) for line in purchases), len(bought)),
        "product_count": len({line["product"] for line in purchases}),
        "new_product_share": _over(len({line["product"] for line in purchases}), len(purchases)),
        "weekend_share": _over(sum(time.weekday() >= 5 for time in times), len(times)),
        "morning_share": _over(sum(5 <= time.hour < 12 for time in times), len(times)),
        "evening_share": _over(sum(time.hour >= 18 or time.hour < 5 for time in times), len(times)),
        "peak_weekday": _peak([f"{time:%w}".replace("0", "7") for time in times], values, "_MTWTFSS"),
        **_discounts(bought, values),
        **_rhythm(days, times, values, as_of),
        **_interests(purchases, n_categories),
        **_prices(purchases, usual),
    }


def _rhythm(days: list[dt.date], times: list[dt.datetime], values: list[Any], as_of: dt.date) -> dict[str, Any]:
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    median = statistics.median(gaps) if gaps else NAN
    trend = NAN
    if gaps and sum(values):
        recent = [
            value
            for time, value in zip(times, values, strict=True)
            if 2 * (time.date() - days[0]).days >= (as_of - days[0]).days
        ]
        trend = float((2 * sum(recent) - sum(values)) / sum(values))
    return {
        "is_repeat_buyer": float(len(days) > 1),
        "median_gap_days": median,
        "gap_variation": _variation([float(gap) for gap in gaps]),
        "overdue_ratio": (as_of - days[-1]).days / median if gaps else NAN,
        "spend_trend": trend,
    }


def _discounts(bought: list[list[dict[str, Any]]], values: list[Any]) -> dict[str, float]:
    off = [sum(Decimal(line["discount"]) for line in order if not line["is_return"]) for order in bought]
    return {
        "discount_share": _over(sum(off), sum(off) + sum(values)),
        "discounted_order_share": _over(sum(amount > 0 for amount in off), len(off)),
    }


def _interests(purchases: list[dict[str, Any]], n_categories: int) -> dict[str, Any]:
    spend: Counter[str] = Counter()
    for line in purchases:
        if line.get("category"):
            spend[line["category"]] += Decimal(line["amount"])
    total = sum(spend.values())
    shares = {category: float(amount / total) for category, amount in spend.items()} if total else {}
    entropy = -sum(share * math.log(share) for share in shares.values() if share)
    return {
        "category_count": len(spend),
        "category_entropy": entropy / math.log(max(n_categories, 2)) if shares else NAN,
        "favourite_category": min(spend, key=lambda name: (-spend[name], name)) if total else None,
        **{f"share_{category}": shares.get(category, 0.0) if shares else NAN for category in "abc"},
    }


def _usual_prices(lines: Sequence[dict[str, Any]]) -> dict[str, float]:
    spent: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for line in lines:
        if _is_priced(line):
            spent[line.get("category") or ""] += Decimal(line["amount"])
            units[line.get("category") or ""] += Decimal(line["quantity"])
    return {category: float(spent[category] / units[category]) for category in spent}


def _prices(purchases: list[dict[str, Any]], usual: dict[str, float]) -> dict[str, float]:
    priced = [line for line in purchases if _is_priced(line)]
    expected = sum(float(line["quantity"]) * usual[line.get("category") or ""] for line in priced)
    return {"price_level": _over(sum(float(line["amount"]) for line in priced), expected)}


def _peak(values: list[str], amounts: list[Any], names: str) -> str | None:
    counts: Counter[str] = Counter(values)
    money: Counter[str] = Counter()
    for value, amount in zip(values, amounts, strict=True):
        money[value] += amount
    if not counts:
        return None
    best = min(counts, key=lambda value: (-counts[value], -money[value], int(value)))
    return names[int(best)]


def _variation(values: list[float]) -> float:
    if len(values) < 2 or not statistics.fmean(values):
        return NAN
    return statistics.stdev(values) / statistics.fmean(values)


def _over(numerator: Any, denominator: Any) -> float:
    return float(numerator) / float(denominator) if denominator else NAN


def _time(line: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(line["ordered_at"])


def _is_purchase(line: dict[str, Any]) -> bool:
    return not line["is_return"] and not line["is_charge"]


def _is_priced(line: dict[str, Any]) -> bool:
    return _is_purchase(line) and Decimal(line["amount"]) > 0
