"""Names that a marketer would use, built from what marks a segment.

A name is ``[stage] [habit] [noun]``: "Lapsed bargain hunters", "Loyal big-basket weekend regulars", "New one-time Gifts
buyers". Each well-known feature offers words for one or more of the three slots; the strongest effects fill them first.
A column that nobody has written words for gives names such as "High loyalty points, low basket weight".
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from coterie.profiles.facts import ranked, weight
from coterie.profiles.lexicon import IN_BURSTS, is_interest, label_in_sentence, topic_of, words_of
from coterie.profiles.wording import capital, plain
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from coterie.profiles.contrasts import Contrast
    from coterie.vocabulary import CustomerTable

MOST_WORDS = 5
#: Smallest effect that may give a word to a name.
_NAMING_EFFECT = 0.35
#: Effect from which recency and tenure say that customers are new or have gone.
_STAGE_EFFECT = 0.4
#: Customers have lapsed when their last order is this many times as long ago as the typical customer's.
_LAPSED = 1.5
#: Mean number of orders below which a segment whose median is one order consists of one-time buyers.
_ONE_TIME_MEAN = 1.35
_SMALL_EFFECT = 0.2
_MOST_TRAITS = 9
#: With fewer words than this at hand, what is average about a segment enters its name ("Mid-income moderate spenders").
_FEW_TRAITS = 2
#: A category names a segment that spends at least this part of its money on it.
_NAMED_TASTE = 0.2
#: A flag names a segment of which this part has it, with a little less weight than a well-known feature.
_MOST_HAVE = 0.8
_FLAG_WORD = 0.9
_MIDDLE_WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class _Trait:
    """A word for one slot of a name, with the feature that it comes from and that feature's weight."""

    slot: str  # "stage", "habit", "noun" or "phrase"
    word: str
    feature: str
    weight: float


def name_segments(
    rows_by_segment: Sequence[Sequence[Contrast]],
    customers: CustomerTable,
    sizes: Sequence[int],
    unusual: int | None,
    *,
    kept: Mapping[int, str] = MappingProxyType({}),
    barred: Collection[str] = (),
) -> tuple[str, ...]:
    """Name every segment, each name once.

    Parameters
    ----------
    rows_by_segment : sequence of sequence of Contrast
        The contrasts of each segment, in the order of the segments.
    customers : CustomerTable
    sizes : sequence of int
    unusual : int or None
        Position of the segment that collects the noise points of a density method.
    kept : mapping of int to str
        Position of a segment -> name that it has from an earlier study.
    barred : collection of str
        Names of segments that are no more: they stand for other people.

    Returns
    -------
    tuple of str
        At most five words each, in the order of the segments. Where two segments would share a name, the later one
        takes the next marker that sets it apart.
    """
    names: list[str] = []
    for code, rows in enumerate(rows_by_segment):
        if code in kept:
            names.append(kept[code])
        elif code == unusual:
            names.append("Unusual customers")
        elif len(rows_by_segment) == 1:
            names.append("All customers")
        else:
            taken = {name.casefold() for name in (*names, *kept.values(), *barred)}
            names.append(next(name for name in _names(rows, customers, sizes[code]) if name.casefold() not in taken))
    return tuple(names)


def _names(rows: Sequence[Contrast], customers: CustomerTable, size: int) -> Iterator[str]:
    """Offer names for a segment without end, best first."""
    traits = _traits(rows, customers, size)
    base = _default_noun(rows)
    yield from dict.fromkeys(filter(None, map(str.strip, _combinations(traits, base))))
    core = _assemble([], base, "")
    middling = f"Middle-of-the-road {core.lower()}"
    yield middling
    yield from (f"{middling} ({number})" for number in itertools.count(2))


def _combinations(traits: list[_Trait], base: str) -> Iterator[str]:
    """Fill the slots with the strongest traits; then drop, swap and add until the traits run out."""
    words = [trait for trait in traits if trait.slot != "phrase"]
    phrases = [trait for trait in traits if trait.slot == "phrase"]
    if phrases and (not words or phrases[0].weight > 1.3 * words[0].weight):
        yield from _phrase_names(phrases)
    options = sorted(_fillings(words), key=lambda filling: (-_merit(filling), [trait.word for trait in filling]))
    yield from (_assemble(list(filling), base, "") for filling in options)
    yield from _phrase_names(phrases)


def _merit(filling: tuple[_Trait, ...]) -> float:
    """Prefer strong traits, and names of two or three parts to longer ones."""
    return sum(trait.weight for trait in filling) - 0.35 * (len(filling) - 1) ** 2


def _fillings(words: list[_Trait]) -> Iterator[tuple[_Trait, ...]]:
    """Give every set of one to four words that the grammar allows: one stage, one noun, two habits, a feature once."""
    for count in range(1, 5):
        for filling in itertools.combinations(words[:_MOST_TRAITS], count):
            slots = [trait.slot for trait in filling]
            features = {_family(trait.feature) for trait in filling}
            if slots.count("stage") > 1 or slots.count("noun") > 1 or slots.count("habit") > 2:
                continue
            words_used = {trait.word.casefold() for trait in filling}
            if len(features) == len(words_used) == count and _length(filling) <= MOST_WORDS - (
                0 if "noun" in slots else 1
            ):
                yield filling


#: Features that say nearly the same: a name takes one word from each family.
_FAMILIES = {
    **dict.fromkeys(("net_revenue", "average_order_value", "units_per_order", "lines_per_order"), "size"),
    **dict.fromkeys(("discount_share", "discounted_order_share", "price_level"), "price"),
    **dict.fromkeys(("return_rate", "cancellation_share"), "returns"),
    **dict.fromkeys(("recency_days", "tenure_days", "overdue_ratio", "spend_trend"), "stage"),
    **dict.fromkeys(("category_count", "category_entropy", "product_count", "favourite_category"), "interest"),
    **dict.fromkeys(("order_count", "median_gap_days", "is_repeat_buyer"), "frequency"),
}
#: Words for what is lacking name a segment only where nothing better is at hand.
_DULL = frozenset(
    {"small-ticket", "small-basket", "Low-spend", "light buyers", "occasional buyers", "Occasional", "Slow-paced",
     "full-price", "full-price buyers", "On-schedule", "keep-it", "weekday", "daytime", "decisive", "Newer"}
)  # fmt: skip
_DULLNESS = 0.6
#: What recency, tenure and number of orders say together comes first in a name.
_LIFECYCLE_BONUS = 0.6


def _family(feature: str) -> str:
    return "interest" if is_interest(feature) else _FAMILIES.get(feature, feature)


def _length(filling: tuple[_Trait, ...]) -> int:
    return sum(len(trait.word.replace(" & ", " ").split()) for trait in filling)


def _assemble(filling: list[_Trait], base: str, tail: str) -> str:
    """Put the words in their order: stage, habits, noun; a habit slips inside "one-time buyers" and its like."""
    stage = " ".join(trait.word for trait in filling if trait.slot == "stage")
    # What they buy stands next to the noun: "premium gift buyers", not "gift premium buyers".
    habits = [trait.word for trait in filling if trait.slot == "habit" and _family(trait.feature) != "interest"]
    habits += [trait.word for trait in filling if trait.slot == "habit" and _family(trait.feature) == "interest"]
    noun = next((trait.word for trait in filling if trait.slot == "noun"), base)
    first, _, last = noun.rpartition(" ")
    parts = [stage, first, *habits, last, tail] if first in _SPLITTABLE else [stage, *habits, noun, tail]
    return capital(" ".join(part for part in parts if part))


#: First words of nouns that stand before a habit: "one-time gift buyers", not "gift one-time buyers".
_SPLITTABLE = frozenset({"one-time", "occasional", "light", "not-yet"})


def _phrase_names(phrases: list[_Trait]) -> Iterator[str]:
    """Make names of unknown columns: "High loyalty points, low basket weight"."""
    for first, second in itertools.combinations(phrases, 2):
        if len(f"{first.word} {second.word}".split()) <= MOST_WORDS + 1 and first.feature != second.feature:
            yield capital(f"{first.word}, {second.word}")
    for trait in phrases:
        yield capital(trait.word)


def _traits(rows: Sequence[Contrast], customers: CustomerTable, size: int) -> list[_Trait]:
    told = [row for row in ranked(rows, customers, size) if abs(row.effect_size) >= _NAMING_EFFECT]
    by_feature = {row.feature: row for row in ranked(rows, customers, size)}
    traits = _lifecycle(by_feature)
    covered = {trait.feature for trait in traits}
    if any(trait.word == "Seasonal" for trait in traits):
        covered |= {"median_gap_days", "recency_days", "overdue_ratio"}
    if "recency_days" in by_feature and by_feature["recency_days"].effect_size > 0:
        # Whoever ordered at short intervals and stayed away since is not frequent any more.
        covered.add("median_gap_days")
    for row in told:
        if row.feature not in covered:
            traits += _traits_of(row, customers)
    if sum(trait.slot != "phrase" for trait in traits) < _FEW_TRAITS:
        traits += _middling(rows, customers)
    best: dict[tuple[str, str], _Trait] = {}
    for trait in sorted(traits, key=lambda trait: -trait.weight):
        best.setdefault((trait.slot, trait.word.casefold()), trait)
    return list(best.values())


def _lifecycle(by_feature: dict[str, Contrast]) -> list[_Trait]:
    """Read new, lapsed and one-time buyers out of recency, number of orders and tenure together."""
    orders, recency, tenure = (by_feature.get(name) for name in ("order_count", "recency_days", "tenure_days"))
    traits = []
    one_time = orders is not None and orders.segment_value == 1 and orders.segment_mean < _ONE_TIME_MEAN
    if orders is not None and orders.segment_value == 0:
        return [_Trait("noun", "not-yet buyers", "order_count", weight(orders) + _LIFECYCLE_BONUS)]
    if orders is not None and one_time and orders.effect_size < -_SMALL_EFFECT:
        traits.append(_Trait("noun", "one-time buyers", "order_count", weight(orders) + _LIFECYCLE_BONUS))
    if recency is None or not math.isfinite(recency.segment_value):
        return traits
    if _comes_in_bursts(by_feature.get("gap_variation")) and not one_time:
        # A long pause is part of such a rhythm: nobody has lapsed before the next season has gone by.
        return [*traits, _Trait("stage", "Seasonal", "gap_variation", weight(recency) + _LIFECYCLE_BONUS)]
    few = one_time or (orders is not None and orders.effect_size < -_SMALL_EFFECT)
    fresh = tenure is not None and tenure.effect_size < -_STAGE_EFFECT
    if recency.effect_size < -_STAGE_EFFECT and few and (fresh or tenure is None):
        traits.append(_Trait("stage", "New", "recency_days", weight(recency) + _LIFECYCLE_BONUS))
    elif recency.effect_size > _STAGE_EFFECT and recency.segment_value >= _LAPSED * recency.overall_value:
        traits.append(_Trait("stage", "Lapsed", "recency_days", weight(recency) + _LIFECYCLE_BONUS))
    return traits


def _comes_in_bursts(row: Contrast | None) -> bool:
    return row is not None and row.effect_size > _STAGE_EFFECT and row.segment_value >= IN_BURSTS


def _traits_of(row: Contrast, customers: CustomerTable) -> list[_Trait]:
    feature = customers.features[row.feature]
    high = row.effect_size > 0
    if feature.kind is Kind.CATEGORY:
        return _category_traits(row)
    words = words_of(feature)
    if words is not None and is_interest(row.feature) and row.segment_value < _NAMED_TASTE:
        return []
    if words is not None:
        offered = words.high if high else words.low
        return [
            # Second words of a feature count a little less, so that the first is taken where it fits.
            _Trait(
                slot, word.format(t=_as_modifier(topic_of(feature, 20))), row.feature, _word_weight(row, word, place)
            )
            for place, (slot, word) in enumerate(offered)
        ]
    side = "high" if high else "low"
    label = _short(label_in_sentence(feature))
    if feature.kind is Kind.FLAG and high and row.segment_value >= _MOST_HAVE and _is_noun(label):
        return [_Trait("habit", label.lower(), row.feature, weight(row) * _FLAG_WORD)]
    if feature.kind is Kind.FLAG:
        word = label if high else f"no {label}" if _is_noun(label) else f"not {label}"
        return [_Trait("phrase", word, row.feature, weight(row))]
    return [_Trait("phrase", f"{side} {label}", row.feature, weight(row))]


def _is_noun(label: str) -> bool:
    """Tell whether the label of a flag can stand before a noun: "club member", but not "has children"."""
    words = label.lower().split()
    return 0 < len(words) <= 2 and words[0] not in _VERBS and all(word.isalpha() for word in words)


_VERBS = frozenset(
    {"is", "has", "was", "had", "bought", "accepted", "did", "does", "can", "uses", "wants", "no", "not"}
)


def _word_weight(row: Contrast, word: str, place: int) -> float:
    return weight(row) * 0.95**place * (_DULLNESS if word in _DULL else 1.0)


def _as_modifier(topic: str) -> str:
    """Turn a category into a word that stands before a noun: "Gifts" into "gift", "Home & Deco" into "home & deco"."""
    topic = re.split(r"\s*[/,;|·]\s*", topic)[0]
    words = [word if word.isupper() or any(char.isdigit() for char in word) else word.lower() for word in topic.split()]
    last = words[-1] if words else ""
    if (
        len(words) == 1
        and len(last) > 3
        and last.endswith("s")
        and not last.endswith(("ss", "us", "is", "ics", "thes"))
    ):
        words[-1] = f"{last[:-3]}y" if last.endswith("ies") else last[:-1]
    return " ".join(words[:3])


def _category_traits(row: Contrast) -> list[_Trait]:
    """Use the level of a category that most have: an interest or a channel as a habit, any other as a phrase."""
    if row.effect_size <= 0 or row.segment_value < 0.5 or row.level in ("", "not given"):
        return []
    level = plain(row.level, 20)
    if row.feature in ("favourite_category", "favourite_channel", "favourite_browsed_category", "peak_daypart"):
        word = _as_modifier(level)
        return [_Trait("habit", word, row.feature, weight(row))] if word else []
    if _is_noun(level):
        return [_Trait("habit", level if row.feature in _PLACES else level.lower(), row.feature, weight(row) * 0.8)]
    return [_Trait("phrase", f"{_short(row.label)} {level}", row.feature, weight(row) * 0.8)]


#: Categories whose levels are proper names.
_PLACES = frozenset({"country", "order_country", "city", "postcode", "region"})


def _middling(rows: Sequence[Contrast], customers: CustomerTable) -> list[_Trait]:
    """Offer the words for the middle, where nothing is high or low."""
    near = [row for row in rows if row.in_basis and row.known and abs(row.effect_size) < _NAMING_EFFECT]
    found = [(row, words) for row in near if (words := words_of(customers.features[row.feature]))]
    return [_Trait(slot, word, row.feature, _MIDDLE_WEIGHT) for row, words in found for slot, word in words.middle]


def _default_noun(rows: Sequence[Contrast]) -> str:
    return "shoppers" if any(row.feature in ("order_count", "recency_days") for row in rows) else "customers"


def _short(label: str, words: int = 3) -> str:
    """Keep the telling words of a label: without "number of", "share of" and the like."""
    kept = [word for word in label.split() if word.lower() not in _WEAK_WORDS]
    return " ".join((kept or label.split())[:words])


_WEAK_WORDS = frozenset({"the", "of", "a", "an", "number", "total", "share", "in", "on", "with", "how", "is", "per"})
