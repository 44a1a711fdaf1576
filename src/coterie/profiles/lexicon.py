"""The words for well-known features: how a fact is told, how a customer's own value is told, what goes into a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from coterie.profiles.wording import capital, counted, number, plain, share, tell
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.vocabulary import Feature

_Entry = TypeVar("_Entry", "Phrase", "Words")


@dataclass(frozen=True, slots=True)
class Phrase:
    """How the values of a feature are told; `{v}` is the value in its unit, `{t}` the topic of an interest.

    `fact` begins a sentence about a segment, `other` tells the same of all customers in brackets, `own` tells a single
    customer's value, `zero` and `own_zero` tell a value of nought ("" = it is told like any other, or not at all).
    `convert` tells a value where the feature's own unit would not be understood.
    """

    fact: str
    more: str
    fewer: str
    own: str
    other: str = "{v}"
    zero: str = ""
    own_zero: str = ""
    convert: Callable[[float], str] | None = None

    def value(self, value: float, feature: Feature, currency: str) -> str:
        """Tell the bare value."""
        return self.convert(value) if self.convert else tell(value, feature, currency) + unit_in_label(feature)


@dataclass(frozen=True, slots=True)
class Words:
    """What a high, low or middling value adds to a name, by slot of the name's grammar: stage, habit, noun."""

    high: tuple[tuple[str, str], ...] = ()
    low: tuple[tuple[str, str], ...] = ()
    middle: tuple[tuple[str, str], ...] = ()


def _years(value: float) -> str:
    return f"{number(round(value))} years"


def _products(value: float) -> str:
    return counted(value, "products")


def _pieces(value: float) -> str:
    return counted(value, "pieces")


def _multiple(value: float) -> str:
    return "over 100" if value > 100 else number(value)


def recent_part(trend: float) -> str:
    """Turn (recent − earlier) / (recent + earlier) into the recent half's share of spend."""
    return share((1 + min(max(trend, -1.0), 1.0)) / 2)


#: Patterns of feature names, the first match counts.
_PHRASES: tuple[tuple[str, Phrase], ...] = (
    (
        r"recency(_days)?",
        Phrase("Last ordered {v} ago", "longer ago", "more recently", "last ordered {v} ago", "{v} ago"),
    ),
    (
        r"order_count|orders",
        Phrase("Has placed {v}", "more", "fewer", "{v}", zero="Has not ordered yet", own_zero="no order yet"),
    ),
    (
        r"net_revenue|total_spend|monetary|revenue",
        Phrase("Has spent {v}", "more", "less", "{v} spent in all", own_zero="nothing spent so far"),
    ),
    (r"average_order_value|aov", Phrase("Spends {v} per order", "more", "less", "orders worth {v}")),
    (
        r"price_level",
        Phrase("Pays {v} times the shop's usual prices", "more", "less", "prices {v} times the usual", "{v} times"),
    ),
    (
        r"(median|mean|average)_gap(_days)?|gap_days",
        Phrase("Orders every {v}", "less often", "more often", "{v} between orders", "every {v}"),
    ),
    (
        r"overdue_ratio",
        Phrase(
            "Has been away for {v} times the usual gap between orders",
            "longer",
            "less long",
            "away for {v} times the usual gap",
            "{v} times",
            convert=_multiple,
        ),
    ),
    (
        r"spend_trend",
        Phrase(
            "Spent {v} of the money in the recent half of the time with the shop",
            "more",
            "less",
            "{v} of spend is recent",
            convert=recent_part,
        ),
    ),
    (
        r"days_since_sign_?up",
        Phrase("Signed up {v} ago", "longer ago", "more recently", "signed up {v} ago", "{v} ago"),
    ),
    (
        r"tenure(_days)?",
        Phrase("First ordered {v} ago", "longer ago", "more recently", "first ordered {v} ago", "{v} ago"),
    ),
    (
        r"lines_per_order|basket_lines.*",
        Phrase("Puts {v} into an order", "more", "fewer", "{v} in an order", convert=_products),
    ),
    (
        r"units_per_order|basket_units.*|basket_size",
        Phrase("Buys {v} per order", "more", "fewer", "{v} per order", convert=_pieces),
    ),
    (
        r"new_product_share",
        Phrase("Tries something new with {v} of purchases", "more", "less", "{v} of purchases are something new"),
    ),
    (
        r"discount_share",
        Phrase(
            "Gets {v} off on average",
            "more",
            "less",
            "{v} off on average",
            zero="Pays the full price",
            own_zero="always at full price",
        ),
    ),
    (
        r"(discounted_order|discount|sale|promo)\w*_(share|rate)",
        Phrase(
            "Places {v} of orders with a discount",
            "more",
            "fewer",
            "{v} of orders with a discount",
            zero="Never orders with a discount",
            own_zero="no order with a discount",
        ),
    ),
    (
        r"(weekend|evening|night|morning|weekday)_(order_)?share",
        Phrase(
            "Places {v} of orders {t}",
            "more",
            "fewer",
            "{v} of orders {t}",
            zero="Places no orders {t}",
            own_zero="no orders {t}",
        ),
    ),
    (
        r"channel_share_.+",
        Phrase(
            "Places {v} of orders by {t}",
            "more",
            "fewer",
            "{v} of orders by {t}",
            zero="Places no orders by {t}",
            own_zero="no orders by {t}",
        ),
    ),
    (
        r"browse_share_.+",
        Phrase(
            "Gives {v} of views to {t}",
            "more",
            "fewer",
            "{v} of views for {t}",
            zero="Does not look at {t}",
            own_zero="no look at {t}",
        ),
    ),
    (
        r"(share|spend_share|category_share)_.+",
        Phrase(
            "Spends {v} of the money on {t}",
            "more",
            "less",
            "{v} of spending on {t}",
            zero="Spends nothing on {t}",
            own_zero="nothing spent on {t}",
        ),
    ),
    (
        r"(spend|spent|amount)_(on|in)_.+",
        Phrase("Has spent {v} on {t}", "more", "less", "{v} spent on {t}", own_zero="nothing spent on {t}"),
    ),
    (
        r"return_(rate|share)",
        Phrase(
            "Sends back {v} of what was bought",
            "more",
            "less",
            "{v} sent back",
            zero="Sends nothing back",
            own_zero="nothing sent back",
        ),
    ),
    (
        r"visits_per_order",
        Phrase("Comes by {v} for each order", "more", "less", "{v} for each order"),
    ),
    (
        r"visits?(_count)?|sessions",
        Phrase("Has made {v} to the site", "more", "fewer", "{v}", own_zero="no visit to the site"),
    ),
    (
        r"days_since_visit|(last_visit|visit_recency)(_days)?",
        Phrase("Last visited {v} ago", "longer ago", "more recently", "last visited {v} ago", "{v} ago"),
    ),
    (r"age(_years)?", Phrase("Is typically {v} old", "older", "younger", "{v} old", convert=_years)),
    (r"(\w+_)?income(_.*)?", Phrase("Has an income of {v}", "higher", "lower", "income {v}")),
    (r"\w*spend(ing)?_?score.*", Phrase("Reaches a spending score of {v}", "higher", "lower", "spending score {v}")),
    (r"product_count", Phrase("Has bought {v} of the range", "more", "fewer", "{v} tried")),
    (r"category_count", Phrase("Buys from {v}", "more", "fewer", "{v}")),
)

#: Tenure of customers whose first order is not known, but the day when they signed up.
_SIGNED_UP = Phrase("Signed up {v} ago", "longer ago", "more recently", "signed up {v} ago", "{v} ago")

#: Irregularity of the gaps (standard deviation ÷ mean) from which orders come in bursts with long pauses between them,
#: as those of people who buy for an occasion or a season; orders at random give 1.
IN_BURSTS = 1.5

#: Numbers without a unit that a person could picture: they may name a segment, but are not told as facts.
_MUTE = re.compile(r"order_value_variation|gap_variation|\w*entropy")

#: Yes/no features with words of their own; any other is told by its label.
_KNOWN_FLAGS = frozenset({"is_repeat_buyer", "newbie", "is_new"})

_WORDS: tuple[tuple[str, Words], ...] = (
    (r"is_repeat_buyer", Words((("noun", "repeat buyers"),), (("noun", "one-time buyers"),))),
    (r"newbie|is_new", Words((("stage", "New"),), (("stage", "Long-standing"),))),
    (r"recency(_days)?", Words((("stage", "Quiet"),), (("stage", "Active"),))),
    (
        r"order_count|orders",
        Words((("noun", "regulars"), ("stage", "Loyal")), (("noun", "occasional buyers"), ("stage", "Occasional"))),
    ),
    (
        r"net_revenue|total_spend|monetary|revenue",
        Words((("stage", "High-value"), ("noun", "big spenders")), (("stage", "Low-spend"), ("noun", "light buyers"))),
    ),
    (r"average_order_value|aov", Words((("habit", "big-ticket"),), (("habit", "small-ticket"),))),
    (r"price_level", Words((("habit", "premium"),), (("habit", "low-price"),))),
    (
        r"(median|mean|average)_gap(_days)?|gap_days",
        Words((("stage", "Slow-paced"),), (("stage", "Frequent"),)),
    ),
    (r"overdue_ratio", Words((("stage", "Overdue"),), (("stage", "On-schedule"),))),
    (r"spend_trend", Words((("stage", "Growing"),), (("stage", "Fading"),))),
    (r"tenure(_days)?", Words((("stage", "Long-standing"),), (("stage", "Newer"),))),
    (
        r"lines_per_order|units_per_order|basket_\w+",
        Words((("habit", "big-basket"),), (("habit", "small-basket"),)),
    ),
    (r"new_product_share", Words((("habit", "curious"),))),
    (
        r"(discount|sale|promo)\w*_(share|rate)|\w*deals\w*",
        Words(
            (("noun", "bargain hunters"), ("habit", "bargain")),
            (("noun", "full-price buyers"), ("habit", "full-price")),
        ),
    ),
    (r"weekend_(order_)?share", Words((("habit", "weekend"),), (("habit", "weekday"),))),
    (r"evening_(order_)?share", Words((("habit", "evening"),), (("habit", "daytime"),))),
    (r"morning_(order_)?share", Words((("habit", "morning"),))),
    (r"channel_share_.+", Words((("habit", "{t}"),))),
    (r"(share|spend_share|category_share)_.+|(spend|spent|amount)_(on|in)_.+", Words((("habit", "{t}"),))),
    (r"return_(rate|share)", Words((("habit", "high-return"),), (("habit", "keep-it"),))),
    (r"visits_per_order", Words((("noun", "browsers"), ("habit", "browsing")), (("habit", "decisive"),))),
    (r"visits?(_count)?|sessions", Words((("habit", "browsing"),))),
    (r"age(_years)?", Words((("stage", "Older"),), (("stage", "Young"),), (("stage", "Middle-aged"),))),
    (
        r"(\w+_)?income(_.*)?",
        Words((("habit", "affluent"),), (("habit", "low-income"),), (("habit", "mid-income"),)),
    ),
    (
        r"\w*spend(ing)?_?score.*",
        Words((("noun", "big spenders"),), (("noun", "careful spenders"),), (("noun", "moderate spenders"),)),
    ),
    (
        r"product_count|category_count|\w*entropy",
        Words((("habit", "wide-ranging"),), (("habit", "single-interest"),)),
    ),
)

#: Parts of the day and the week as the end of "Places 40 % of orders …".
_TIMES = {
    "weekend": "at the weekend",
    "weekday": "on weekdays",
    "evening": "in the evening",
    "night": "at night",
    "morning": "in the morning",
}
_TOPIC_IN_LABEL = re.compile(r"\b(?:share|spent|spend|spending)\b.*?\b(?:by|of views of|on|in|for|of)\b\s+(.+)", re.I)
_TOPIC_IN_NAME = re.compile(
    r"^(channel_share|browse_share|category_share|spend_share|share|spend_on|spent_on|spend_in)_"
)


def phrase_for(feature: Feature, *values: float) -> Phrase | None:
    """Find how some values of a feature are told: negative amounts of money by the feature's label only."""
    if feature.kind is Kind.MONEY and any(value < 0 for value in values):
        return _generic_phrase(label_in_sentence(feature), feature.kind)
    return phrase_of(feature)


@lru_cache(maxsize=1024)
def phrase_of(feature: Feature) -> Phrase | None:
    """Find how a feature is told: curated words, or words made from its label; None where it should not be told."""
    if _MUTE.fullmatch(feature.name):
        return None
    if feature.name == "tenure_days" and "order" not in feature.label:
        return _SIGNED_UP
    known = _known_phrase(feature.name) if feature.kind not in (Kind.CATEGORY, Kind.FLAG) else None
    return known or _generic_phrase(label_in_sentence(feature), feature.kind)


def words_of(feature: Feature) -> Words | None:
    """Find what a well-known feature adds to a name; None for any other."""
    known = feature.kind is not Kind.CATEGORY and (feature.kind is not Kind.FLAG or feature.name in _KNOWN_FLAGS)
    return _known_words(feature.name) if known else None


@lru_cache(maxsize=1024)
def topic_of(feature: Feature, longest: int = 30) -> str:
    """Give what an interest or a time of day is about: `Books` for "share of Books"."""
    part = feature.name.split("_", 1)[0]
    if part in _TIMES:
        return _TIMES[part]
    match = _TOPIC_IN_LABEL.search(feature.label)
    text = match.group(1) if match else _TOPIC_IN_NAME.sub("", feature.name).replace("_", " ")
    return plain(text, longest)


def is_interest(name: str) -> bool:
    """Tell whether a feature of this name is the share of a category in a customer's spending."""
    return re.fullmatch(r"(share|spend_share|category_share)_.+", name) is not None


@lru_cache(maxsize=1024)
def label_in_sentence(feature: Feature) -> str:
    """Give a feature's label as it stands inside a sentence, or its name in words where it has none."""
    if feature.name == "spend_trend":
        return "trend of spend, recent part"
    label = plain(re.sub(r"\s*\([^)]*\)", "", feature.label), 60)
    return plain(feature.name.replace("_", " "), 60) if label == "not given" else label


@lru_cache(maxsize=1024)
def unit_in_label(feature: Feature) -> str:
    """Give thousands of a currency that a label names in brackets, as in "annual income (k$)"; else ""."""
    match = re.search(r"\((k[$€£]|[$€£]k|k(?:USD|EUR|GBP))\)", feature.label, re.IGNORECASE)
    return f" {match.group(1)}" if match else ""


@lru_cache(maxsize=4096)
def _known_phrase(name: str) -> Phrase | None:
    return _first(_PHRASES, name)


@lru_cache(maxsize=4096)
def _known_words(name: str) -> Words | None:
    return _first(_WORDS, name)


def _generic_phrase(label: str, kind: Kind) -> Phrase:
    if kind is Kind.FLAG:
        return Phrase(f"{capital(label)}: yes for {{v}}", "more", "less", f"{label}: {{v}}")
    return Phrase(f"{capital(label)}: typically {{v}}", "higher", "lower", f"{label} {{v}}")


def _first(entries: tuple[tuple[str, _Entry], ...], name: str) -> _Entry | None:
    return next((entry for pattern, entry in entries if re.fullmatch(pattern, name)), None)
