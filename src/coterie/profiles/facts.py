"""Three facts and one sentence about each segment, in plain words with units, against all customers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coterie.profiles.lexicon import IN_BURSTS, is_interest, label_in_sentence, phrase_for, phrase_of, topic_of
from coterie.profiles.wording import SMALLEST_CELL, capital, listed, money, number, share, tell, times
from coterie.vocabulary import Barred, Fact, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coterie.profiles.contrasts import Contrast
    from coterie.vocabulary import CustomerTable

N_FACTS = 3
#: Effects below this are not told as a difference.
SMALLEST_EFFECT = 0.15
#: A descriptor must be this much more telling than a feature of the basis to be preferred.
_BASIS_FIRST = 1.5
#: What a segment does not buy, and a taste below this part of its spending, say less than what it does buy.
_TASTE = 0.15
_FAINT = 0.6
#: Columns of which nothing is said: what a campaign did, whom it was sent to, what is always the same.
_NOT_TOLD = frozenset({Barred.OUTCOME, Barred.TREATMENT, Barred.CONSTANT, Barred.TOO_EMPTY})
#: What says nothing about customers who order several times in a few days and then pause for months.
_NO_RHYTHM = frozenset({"median_gap_days", "overdue_ratio"})
#: Smallest number of customers, and part of a segment, whose value must be known.
_SMALLEST_KNOWN = 3
#: A difference of this many standard errors is taken for more than chance.
_BEYOND_CHANCE = 2.5
#: Effects from here on characterise a segment in its one-sentence summary.
_SUMMARY_EFFECT = 0.35
_SMALLEST_KNOWN_SHARE = 0.5


def facts_of(rows: Sequence[Contrast], customers: CustomerTable, size: int, fallback: Fact) -> tuple[Fact, ...]:
    """Choose and tell the three facts that set a segment apart.

    Parameters
    ----------
    rows : sequence of Contrast
        All the contrasts of one segment.
    customers : CustomerTable
    size : int
        Customers in the segment.
    fallback : Fact
        What to say of the segment's size and value where fewer than three features set it apart.

    Returns
    -------
    tuple of Fact
        Strongest effect first; each from another block as long as blocks last. One to three; of fewer than ten
        customers nothing but their number is told.
    """
    if size < SMALLEST_CELL:
        return (fallback,)
    told = {row.feature: fact for row in ranked(rows, customers, size) if (fact := tell_fact(row, customers))}
    chosen = rows_of_blocks([row for row in ranked(rows, customers, size) if row.feature in told], N_FACTS)
    facts = [told[row.feature] for row in chosen]
    if len(facts) < N_FACTS:
        facts += [fact for row in rows if row.feature not in told and (fact := _tell_likeness(row, customers))]
        facts = [*facts[: N_FACTS - 1], fallback]
    return tuple(facts)


def ranked(rows: Iterable[Contrast], customers: CustomerTable, size: int) -> list[Contrast]:
    """Sort contrasts by how much they tell: by effect, those of the basis counting one and a half times.

    Features that are known of hardly anyone in the segment are left out: the median gap between orders of two of 500
    one-time buyers says nothing about the others.
    """
    rows = list(rows)
    in_bursts = any(row.feature == "gap_variation" and row.segment_value >= IN_BURSTS for row in rows)
    enough = max(_SMALLEST_KNOWN_SHARE * size, min(_SMALLEST_KNOWN, size))
    kept = [
        row
        for row in rows
        if row.known >= enough
        and abs(row.effect_size) >= max(SMALLEST_EFFECT, _BEYOND_CHANCE / math.sqrt(row.known))
        and (row.in_basis or customers.features[row.feature].barred not in _NOT_TOLD)
        and not (in_bursts and row.feature in _NO_RHYTHM)
    ]
    return sorted(kept, key=lambda row: (-round(weight(row), 9), row.feature))


def weight(row: Contrast) -> float:
    """Give the weight of a contrast when words are chosen."""
    faint = is_interest(row.feature) and (row.effect_size < 0 or row.segment_value < _TASTE)
    faint = faint or (row.kind == Kind.FLAG and row.effect_size < 0)
    return abs(row.effect_size) * (_BASIS_FIRST if row.in_basis else 1.0) * (_FAINT if faint else 1.0)


def tell_fact(row: Contrast, customers: CustomerTable) -> Fact | None:
    """Tell one contrast as a sentence; None where the words would hide the difference or say something silly."""
    feature = customers.features[row.feature]
    pair = values_to_tell(row, customers)
    phrase = phrase_for(feature, *pair[:2]) if pair else None
    if phrase is None or pair is None:
        return None
    here, there, own, other = pair
    if feature.kind is Kind.CATEGORY:
        label = capital(label_in_sentence(feature))
        sentence = f"{label}: {row.level} for {_all_or(own)} (customers overall: {other})."
        return Fact(sentence, row.feature, here, there) if row.effect_size > 0 else None
    topic = topic_of(feature) if "{t}" in phrase.fact else ""
    overall = phrase.other.format(v=other, t=topic)
    if here == 0 and phrase.convert is None and feature.kind in (Kind.SHARE, Kind.MONEY, Kind.COUNT, Kind.FLAG):
        sentence = f"{phrase.zero.format(t=topic)}; customers overall: {overall}."
        return Fact(sentence, row.feature, here, there) if phrase.zero else None
    if feature.kind is Kind.FLAG:
        return Fact(f"{phrase.fact.format(v=_all_or(own))} (customers overall: {overall}).", row.feature, here, there)
    lead = phrase.fact.format(v=own, t=topic)
    if _by_means(row, here, there):
        lead, overall = f"{lead} on average", f"{overall} on average"
    sentence = (
        f"{lead}, {_comparison(here, there, feature.kind, phrase.more, phrase.fewer)} customers overall ({overall})."
    )
    return Fact(sentence, row.feature, here, there)


def values_to_tell(row: Contrast, customers: CustomerTable) -> tuple[float, float, str, str] | None:
    """Choose the pair of numbers that shows a difference: the typical values, or the means where those look equal.

    Returns
    -------
    (segment's, overall, segment's in words, overall in words), or None where no pair differs in the effect's direction.
    """
    feature = customers.features[row.feature]
    phrase = phrase_of(feature)
    pairs = [(row.segment_value, row.overall_value)]
    if row.statistic == "median" and feature.kind is Kind.COUNT:
        pairs.append((row.segment_mean, row.overall_mean))
    for here, there in pairs:
        if not (math.isfinite(here) and math.isfinite(there)) or (here - there) * row.effect_size <= 0:
            continue
        if phrase is None:
            own, other = tell(here, feature, customers.currency), tell(there, feature, customers.currency)
        else:
            own = phrase.value(here, feature, customers.currency)
            other = phrase.value(there, feature, customers.currency)
        if own != other and not _silly(min(here, there), feature.kind):
            return here, there, own, other
    return None


def _by_means(row: Contrast, here: float, there: float) -> bool:
    """Whether the means are told because the typical values look equal: beside these, a reader must be told so."""
    return row.statistic == "median" and (here, there) != (row.segment_value, row.overall_value)


def summary_sentence(
    rows: Sequence[Contrast], customers: CustomerTable, size: int, shares: tuple[float, float], *, unusual: bool
) -> str:
    """Say in one sentence who the customers of a segment are and how much they bring.

    `shares` are the segment's parts of the customers and of the value, the second NaN where there is none.
    """
    part = f"{share(shares[0])} of customers"
    if math.isfinite(shares[1]) and shares[1] >= 0 and size >= SMALLEST_CELL:
        part += f" and {share(shares[1])} of {value_word(customers)}"
    if unusual:
        return f"Customers who fit no other group ({part}); better looked at one by one than addressed together."
    if size < SMALLEST_CELL:
        return f"A handful of customers, too few to describe ({part})."
    strong = [row for row in ranked(rows, customers, size) if abs(row.effect_size) >= _SUMMARY_EFFECT]
    told = [row for row in strong if phrase_of(customers.features[row.feature]) and values_to_tell(row, customers)]
    traits = [text for row in rows_of_blocks(told, 2) if (text := _trait(row, customers))]
    if not traits:
        return f"Customers close to the average in most respects: {part}."
    return f"Customers with {listed(traits)}: {part}."


def size_fact(size: int, shares: tuple[float, float], value: float, customers: CustomerTable) -> Fact:
    """Tell a segment's size and value, for segments that little sets apart."""
    who = "1 customer" if size == 1 else f"{number(size)} customers"
    text = f"Counts {who}, {share(shares[0])} of all"
    if math.isfinite(shares[1]) and shares[1] >= 0 and size >= SMALLEST_CELL:
        feature = customers.features[str(customers.value)]
        amount = money(value, customers.currency) if feature.kind is Kind.MONEY else number(value)
        text += f", with {amount} or {share(shares[1])} of {value_word(customers)}"
    return Fact(f"{text}.", "", float(size), float(len(customers)))


def value_word(customers: CustomerTable) -> str:
    """Name the total of the value feature: "revenue", or its label."""
    if customers.value in (None, "net_revenue"):
        return "revenue"
    return f"all {label_in_sentence(customers.features[str(customers.value)])}"


def rows_of_blocks(rows: list[Contrast], wanted: int) -> list[Contrast]:
    """Take the most telling contrasts, one a block first, then whatever comes next; in the order given."""
    chosen: list[Contrast] = []
    for row in rows:
        if len(chosen) < wanted and row.block not in {other.block for other in chosen}:
            chosen.append(row)
    chosen += [row for row in rows if row not in chosen][: wanted - len(chosen)]
    return sorted(chosen, key=rows.index)


def _tell_likeness(row: Contrast, customers: CustomerTable) -> Fact | None:
    """Tell that a segment is like all customers in a feature of the basis."""
    feature = customers.features[row.feature]
    here, there = row.segment_value, row.overall_value
    phrase = phrase_for(feature, here, there)
    if phrase is None or not row.in_basis or feature.kind is Kind.CATEGORY or abs(row.effect_size) >= SMALLEST_EFFECT:
        return None
    if not (math.isfinite(here) and math.isfinite(there)) or here == 0 or _silly(min(here, there), feature.kind):
        return None
    if abs(here - there) > SMALLEST_EFFECT * max(abs(here), abs(there)):
        return None
    own, other = (phrase.value(value, feature, customers.currency) for value in (here, there))
    topic = topic_of(feature) if "{t}" in phrase.fact else ""
    sentence = (
        f"{phrase.fact.format(v=own, t=topic)}, like customers overall ({phrase.other.format(v=other, t=topic)})."
    )
    return Fact(sentence, row.feature, here, there)


def _comparison(here: float, there: float, kind: Kind, more: str, fewer: str) -> str:
    if here < there:
        return f"{fewer} than"
    ratio = times(here / there) if there > 0 and more == "more" and kind in (Kind.MONEY, Kind.COUNT) else ""
    if not ratio:
        return f"{more} than"
    return f"{ratio} as {'many' if kind is Kind.COUNT else 'much'} as"


def _all_or(part: str) -> str:
    return "all of them" if part == "100 %" else part


def _silly(smallest: float, kind: Kind) -> bool:
    return smallest < 0 and kind in (Kind.SHARE, Kind.DAYS, Kind.COUNT, Kind.FLAG)


#: What stands out at the high and at the low end of the best-known features.
_SIDES = {
    "recency_days": ("a last order long ago", "a recent last order"),
    "order_count": ("many orders", "few orders"),
    "net_revenue": ("high spending", "low spending"),
    "average_order_value": ("large orders", "small orders"),
    "median_gap_days": ("long gaps between orders", "short gaps between orders"),
    "overdue_ratio": ("an order long overdue", "the next order not yet due"),
    "tenure_days": ("a long history", "a short history"),
    "units_per_order": ("big baskets", "small baskets"),
    "lines_per_order": ("many products in an order", "few products in an order"),
    "spend_trend": ("growing spend", "fading spend"),
    "discount_share": ("high discounts", "hardly any discounts"),
    "visit_count": ("many visits", "few visits"),
    "price_level": ("premium prices", "low prices"),
    "weekend_share": ("orders at the weekend", "orders on weekdays"),
    "return_rate": ("many returns", "hardly any returns"),
    "visits_per_order": ("much looking before buying", "little looking before buying"),
    "age": ("an older age", "a young age"),
}


def _trait(row: Contrast, customers: CustomerTable) -> str:
    feature = customers.features[row.feature]
    pair = values_to_tell(row, customers)
    if pair is None:
        return ""
    if feature.kind is Kind.CATEGORY:
        return f"{label_in_sentence(feature)} {row.level} ({pair[2]})" if row.effect_size > 0 else ""
    high = row.effect_size > 0
    if feature.kind is Kind.FLAG:
        return f"'{label_in_sentence(feature)}' for {pair[2]}"
    if pair[0] == 0 and feature.kind is Kind.COUNT:
        return pair[2]
    curated = _SIDES.get(row.feature)
    text = curated[0 if high else 1] if curated else f"a {'high' if high else 'low'} {label_in_sentence(feature)}"
    phrase = phrase_of(feature)
    times_more = " times" if phrase is not None and phrase.other == "{v} times" else ""
    return f"{text} ({pair[2]}{times_more})"
