"""A segment as conditions: in SQL over the study's customers, and in the words of Shopify's and Klaviyo's builders.

A builder knows little: orders, money, dates, country. The conditions are sought anew with only what it knows, so that
how well they fit is measured for exactly what stands there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.campaigns.audiences.countries import country_code

if TYPE_CHECKING:
    from coterie.vocabulary import Rule

#: A condition's feature, sign and threshold -> the builder's words; None where it cannot say it.
Sayer = Callable[[str, str, float], str | None]


@dataclass(frozen=True)
class Builder:
    """A tool that takes conditions.

    Attributes
    ----------
    name, title, page : str
    known : tuple of str
        Features that it can speak of; () = all.
    say : callable
        Feature, sign ("<=" or ">"), threshold -> words.
    join : str
        What stands between conditions.
    note : str
        Where the builder's meaning and ours may differ.
    """

    name: str
    title: str
    page: str
    known: tuple[str, ...]
    say: Sayer
    join: str
    note: str


@dataclass(frozen=True)
class SegmentRule:
    """A segment as conditions for one builder.

    Attributes
    ----------
    segment_id : int
    segment : str
    builder : str
    text : str
        What to type in; "" where the segment cannot be said with what the builder knows.
    precision : float
        Share of those who fulfil it that belong to the segment, 0 to 1.
    coverage : float
        Share of the segment that fulfils it, 0 to 1.
    """

    segment_id: int
    segment: str
    builder: str
    text: str
    precision: float = math.nan
    coverage: float = math.nan

    @property
    def advice(self) -> str:
        """Whether to use it, in words."""
        if not self.text:
            return "It cannot be said with what this tool knows: upload the list instead."
        if min(self.precision, self.coverage) < 0.5:
            return "It fits badly: upload the list instead."
        return "It fits roughly; the list is exact." if min(self.precision, self.coverage) < 0.8 else "It fits well."


def as_conditions(rule: Rule | None, segment_id: int, segment: str, builder: Builder) -> SegmentRule:
    """Say a rule in a builder's words; all of it or nothing."""
    said = [builder.say(*condition) for condition in rule.conditions] if rule else []
    whole = [words for words in said if words]
    if rule is None or not said or len(whole) < len(said):
        return SegmentRule(segment_id, segment, builder.name, "")
    return SegmentRule(segment_id, segment, builder.name, builder.join.join(whole), rule.precision, rule.recall)


def sql_condition(feature: str, sign: str, cut: float, columns: Mapping[str, str] | None = None) -> str:
    """Say a condition in standard SQL; an unknown value fulfils none.

    >>> print(sql_condition("order_count", ">", 5.0), "|", sql_condition("country=Côte d'Ivoire", "<=", 0.5))
    "order_count" > 5 | "country" <> 'Côte d''Ivoire'
    """
    name, level, value = feature.partition("=")
    quoted = '"' + (columns or {}).get(name, name).replace('"', '""') + '"'
    if level:
        return f"{quoted} {'=' if sign == '>' else '<>'} '" + value.replace("'", "''") + "'"
    if math.isinf(cut):
        return f"{quoted} IS {'NOT ' if sign == '<=' else ''}NULL"
    return f"{quoted} {sign} {_number(cut)}"


def shopify_condition(feature: str, sign: str, cut: float) -> str | None:
    """Say a condition in the language of Shopify's segment editor.

    >>> shopify_condition("order_count", ">", 5.5), shopify_condition("recency_days", "<=", 40.0)
    ('number_of_orders >= 6', 'last_order_date >= -40d')
    """
    name, level, value = feature.partition("=")
    if level and name == "country":
        code = country_code(value)
        return f"customer_countries {'' if sign == '>' else 'NOT '}CONTAINS '{code}'" if code else None
    if name == "order_count":
        return f"number_of_orders {'>=' if sign == '>' else '<='} {_whole(sign, cut)}"
    if name == "net_revenue":
        return f"amount_spent {sign} {_number(cut)}"
    dates = {"recency_days": "last_order_date", "tenure_days": "first_order_date"}
    if name in dates:
        return f"{dates[name]} {'>=' if sign == '<=' else '<'} -{math.floor(cut)}d"
    return None


def klaviyo_condition(feature: str, sign: str, cut: float) -> str | None:
    """Say a condition as Klaviyo's segment builder shows it.

    >>> klaviyo_condition("recency_days", ">", 90.0)
    'What someone has done: Placed Order | zero times | in the last 90 days'
    """
    name, level, value = feature.partition("=")
    if level and name == "country":
        code = country_code(value)
        equals = "equals" if sign == ">" else "doesn't equal"
        return f"Properties about someone: Country | {equals} | {code}" if code else None
    done, property_ = "What someone has done: Placed Order", "Properties about someone:"
    if name == "order_count":
        return f"{done} | {'at least' if sign == '>' else 'at most'} {_whole(sign, cut)} times | over all time"
    if name == "recency_days":
        return f"{done} | {'at least once' if sign == '<=' else 'zero times'} | in the last {math.floor(cut)} days"
    known = {"net_revenue": "Historic Customer Lifetime Value", "average_order_value": "Average Order Value"}
    if name in known:
        than = "is greater than" if sign == ">" else "is at most"
        return f"{property_} {known[name]} | {than} | {_number(cut)}"
    return None


SQL = Builder(
    "sql", "SQL over the study's customers.parquet, or a table of yours with the same columns", "", (), sql_condition,
    "\n  AND ", "The conditions are the study's own; numbers are as of its last day.",
)  # fmt: skip
SHOPIFY = Builder(
    "shopify", "Shopify's segment editor", "https://help.shopify.com/en/manual/customers/customer-segments",
    ("order_count", "net_revenue", "recency_days", "tenure_days", "country"), shopify_condition, "\nAND ",
    "Days count back from today, so people come and go; Shopify's amounts and orders count as Shopify does.",
)  # fmt: skip
KLAVIYO = Builder(
    "klaviyo", "Klaviyo's segment builder", "https://help.klaviyo.com/hc/en-us/articles/115005237908",
    ("order_count", "net_revenue", "average_order_value", "recency_days", "country"), klaviyo_condition, "\nAND ",
    "Days count back from today; the values are those that Klaviyo has computed from its own orders.",
)  # fmt: skip
BUILDERS = (SQL, SHOPIFY, KLAVIYO)


def _whole(sign: str, cut: float) -> int:
    return math.floor(cut) + 1 if sign == ">" else math.floor(cut)


def _number(value: float) -> str:
    return f"{value:.10g}" if abs(value) < 1e9 else f"{value:.0f}"
