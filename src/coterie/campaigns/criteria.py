"""The criteria by which segments are chosen as targets: what each measures, its scale, and its words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.campaigns.contact import Outreach, by_segment, reach_by_segment
from coterie.profiles import money, number, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from coterie.campaigns.figures import Figures
    from coterie.campaigns.plays import Planned
    from coterie.campaigns.prospects import Prospect
    from coterie.config import Config

ATTRACTIVENESS, STRENGTH = "attractiveness", "strength"
#: Score of a segment that is like all customers, and of one of which a criterion is not known.
MIDDLE = 5.0
#: A ratio to all customers of this size, or its inverse, reaches an end of the scale.
_FULL_RATIO = 4.0
#: Fewest campaigns sent, and answers, from which a segment's answers count.
_FEWEST_SENT, _FEWEST_ANSWERS = 50, 10

#: How each criterion becomes a score of 0 to 10.
SCALES = {
    "ratio": "5 = as among all customers; a doubling adds 2.5, so that 10 = four times as much, 0 = a quarter",
    "share": "ten times the share",
}
SCALE_OF = {
    "value": "ratio", "size": "ratio", "alive": "share", "margin": "share", "gain": "ratio",
    "stability": "share", "rule": "share", "reach": "share", "fit": "ratio", "response": "ratio",
}  # fmt: skip


@dataclass(frozen=True)
class Criterion:
    """A criterion of one segment.

    Attributes
    ----------
    side : str, "attractiveness" or "strength"
    name : str, as in the settings
    weight : float >= 0
    value : float, a share of 0 to 1 or a ratio to all customers; NaN where it is not known
    score : float in [0, 10]; the middle where it is known of other segments only
    told : str, the value in words
    """

    side: str
    name: str
    weight: float
    value: float
    score: float
    told: str


def score_of(name: str, value: float) -> float:
    """Put a criterion on its scale of 0 to 10 (see `SCALES`); NaN stays NaN."""
    if not math.isfinite(value):
        return math.nan
    if SCALE_OF[name] == "share":
        return round(10.0 * min(max(value, 0.0), 1.0), 6)
    if value <= 0:
        return 0.0
    points = MIDDLE * (1.0 + math.log(value) / math.log(_FULL_RATIO))
    return round(min(max(points, 0.0), 10.0), 6)


def criteria_of(
    planned: Sequence[Planned],
    prospects: dict[int, Prospect],
    contact: Outreach,
    ids: np.ndarray,
    index: pd.Index,
    config: Config,
    currency: str,
) -> dict[int, tuple[Criterion, ...]]:
    """Measure every criterion of every segment.

    Parameters
    ----------
    planned : sequence of Planned
    prospects : mapping of int to Prospect
        By segment id; 0 for all customers.
    contact : Outreach
    ids : int array of shape (n_customers,)
        Segment of each customer.
    index : Index of length n_customers
    config : Config
        Weights and costs.
    currency : str

    Returns
    -------
    mapping of int to tuple of Criterion
        By segment id, the same criteria in the same order for each. One that is known of no segment, or has no weight,
        is left out.
    """
    shop = _Shop.of(planned, prospects, contact, ids, index)
    measured = {
        one.segment.segment_id: _attractiveness(one, prospects, shop, config, currency) | _strength(one, shop)
        for one in planned
    }
    weights = {
        (side, name): float(weight)
        for side, chosen in ((ATTRACTIVENESS, config.targeting.attractiveness), (STRENGTH, config.targeting.strength))
        for name, weight in chosen.model_dump().items()
        if weight > 0 and any(math.isfinite(values[name][0]) for values in measured.values())
    }
    return {
        segment_id: tuple(_criterion(side, name, weight, *values[name]) for (side, name), weight in weights.items())
        for segment_id, values in measured.items()
    }


def _criterion(side: str, name: str, weight: float, value: float, told: str) -> Criterion:
    score = score_of(name, value)
    return Criterion(side, name, weight, value, score if math.isfinite(score) else MIDDLE, told)


@dataclass(frozen=True)
class _Shop:
    """What segments are compared with, and counts by segment."""

    customers: int
    segments: int
    value: float  # per customer: expected in a year, else so far
    reach: np.ndarray  # share who may be written to, by segment id; NaN where nothing is known
    reach_told: str
    sent: np.ndarray
    answered: np.ndarray
    gain: float  # that campaigns are expected to leave, per customer

    @classmethod
    def of(
        cls,
        planned: Sequence[Planned],
        prospects: dict[int, Prospect],
        contact: Outreach,
        ids: np.ndarray,
        index: pd.Index,
    ) -> _Shop:
        customers, n_ids = sum(one.segment.size for one in planned), max(prospects) + 1
        value = prospects[0].value if math.isfinite(prospects[0].value) else sum(p.segment.value for p in planned)
        reach = reach_by_segment(contact, ids, index, n_ids)
        sent, answered = (by_segment(contact.answers[name], ids, index, n_ids) for name in ("sent", "answered"))
        gain = sum(_gain(one) for one in planned if one.economics is not None) / max(customers, 1)
        return cls(customers, len(planned), value / max(customers, 1), reach, contact.reach_told, sent, answered, gain)


_Measured = dict[str, tuple[float, str]]


def _attractiveness(
    one: Planned, prospects: dict[int, Prospect], shop: _Shop, config: Config, currency: str
) -> _Measured:
    segment, ahead = one.segment, prospects[one.segment.segment_id]
    forecast = math.isfinite(ahead.value)
    value = ahead.value / segment.size if forecast else segment.value_per_customer
    ratio = value / shop.value if shop.value > 0 else math.nan
    what = "is expected to bring" if forecast else "has brought"
    period = " in a year" if forecast else ""
    left = _margin_left(value, one.figures, config)
    gain = _gain(one) / segment.size
    gained = gain / shop.gain if shop.gain > 0 else math.nan
    return {
        "value": (ratio, f"a customer {what} {money(value, currency)}{period}, {_beside_average(ratio)}"),
        "size": (segment.size * shop.segments / shop.customers, f"it holds {share(segment.share)} of all customers"),
        "alive": (ahead.alive, f"{share(ahead.alive)} are expected to order again"),
        "margin": (left, f"{share(left)} of its gross margin is left after messages, offers and returns"),
        "gain": (
            gained,
            f"its campaign should leave {money(gain, currency)} for each in a year, {_beside_average(gained)}",
        ),
    }


def _gain(one: Planned) -> float:
    """What a segment's campaign is expected to leave in a year; 0 where it is left alone, NaN where it is unknown."""
    if one.template.leave_alone:
        return 0.0
    return one.economics.best_net if one.economics is not None else math.nan


def _margin_left(value: float, figures: Figures, config: Config) -> float:
    """Part of a customer's gross margin of a year that is left after messages, offers and returns, in [0, 1]."""
    if not value > 0:
        return 0.0 if value <= 0 else math.nan
    paid = config.money
    returned = min(figures.returns, 0.9) if math.isfinite(figures.returns) else 0.0
    costs = paid.contacts_per_year * paid.contact_cost
    costs += value * (paid.offer_discount * paid.offer_share + paid.return_cost * returned / (1.0 - returned))
    return min(max(1.0 - costs / (value * config.campaigns.margin), 0.0), 1.0)


def _strength(one: Planned, shop: _Shop) -> _Measured:
    segment, here = one.segment, one.segment.segment_id
    precision = segment.rule.precision if segment.rule else math.nan
    reach = float(shop.reach[here])
    best = one.figures.featured[0] if one.figures.featured else None
    has_interests = best is not None or bool(one.figures.topic)
    fit = best.lift if best else 1.0 if has_interests else math.nan
    answers = _answers(shop, here)
    surely = "surely" if segment.stability_badge == "stable" else "not always"
    return {
        "stability": (segment.stability, f"it is {surely} found again ({segment.stability:.2f} of 1)"),
        "rule": (precision, f"{share(precision)} of those whom its short rule describes belong to it"),
        "reach": (reach, f"{share(reach)} may be written to (by {shop.reach_told})"),
        "fit": (fit, _fit_told(best.name if best else "", fit)),
        "response": (answers, f"it answered earlier campaigns {_times(answers)} as often as all"),
    }


def _fit_told(name: str, lift: float) -> str:
    if not name:
        return "it spends on no category much more of its money than others, so an offer has little to lead with"
    return f"it spends {number(round(lift, 1))} times as much of its money on {name} as customers overall"


def _answers(shop: _Shop, segment_id: int) -> float:
    """Rate of answers to earlier campaigns against that of all; NaN where it rests on too few."""
    if shop.sent[segment_id] < _FEWEST_SENT or shop.answered[0] < _FEWEST_ANSWERS:
        return math.nan
    return float((shop.answered[segment_id] / shop.sent[segment_id]) / (shop.answered[0] / shop.sent[0]))


def _times(ratio: float) -> str:
    return f"{number(round(ratio, 1) if ratio >= 0.95 else round(ratio, 2))} times" if ratio < 100 else "over 100 times"


def _beside_average(ratio: float) -> str:
    return "about the average" if 0.95 <= ratio < 1.05 else f"{_times(ratio)} the average"
