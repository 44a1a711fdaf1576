"""A play for each segment: chosen by its numbers, worded with its numbers, with the evidence told."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.alone import left_alone
from coterie.campaigns.conditions import check_facts
from coterie.campaigns.economics import Economics, economics_of
from coterie.campaigns.figures import Figures, figures_by_segment
from coterie.campaigns.learned import made_with, next_best, told_tests
from coterie.campaigns.play_words import TELLING_LIFT, worded
from coterie.campaigns.playbook import Playbook, Template, load_playbook, playbook_of
from coterie.campaigns.priorities import prioritised
from coterie.campaigns.prospects import prospects_of
from coterie.campaigns.stages import stage_of_code
from coterie.campaigns.stakes import value_at_stake, yearly_by_segment
from coterie.profiles import IN_BURSTS, SMALLEST_CELL, counted, days, listed, number, share
from coterie.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from coterie.campaigns.learned import PlayTest
    from coterie.campaigns.value.worth import CustomerValue
    from coterie.config import Config
    from coterie.profiles import Profiles
    from coterie.vocabulary import CustomerTable, Segment

#: Mean number of orders up to which a segment counts as one of first orders.
_ONE_TIME = 1.35
#: Columns of ready-made customer tables that say how willingly a customer spends.
_SPENDING = re.compile(r"spend(ing)?_?score|total_spend|amount_spent|spent_total|purchase_amount|lifetime_value|clv")
#: Below this part of the own usual gap, nobody is late, whatever the scores say.
_NOT_LATE = 0.9
#: From so many of the own usual gaps without an order, no habit can be growing.
_LONG_LATE = 3
#: Smallest average discount of bargain hunters.
_BARGAIN = 0.15
#: A stage is told as evidence when this part of the segment is at it.
_COMMON_STAGE = 0.25
#: Browsers come by this many times as often for an order as the typical customer.
_LOOKING = 1.5


@dataclass(frozen=True)
class Planned:
    """A segment with its play, and what the play was chosen and valued by."""

    segment: Segment
    template: Template
    figures: Figures
    facts: Mapping[str, float]  # what conditions of a playbook may ask for
    economics: Economics | None  # of the play that was first thought of, where the segment is left alone


def suggest_plays(
    profiles: Profiles,
    customers: CustomerTable,
    stages: pd.DataFrame,
    config: Config,
    worth: CustomerValue | None = None,
) -> tuple[Segment, ...]:
    """Give every segment its play.

    Parameters
    ----------
    profiles : Profiles
    customers : CustomerTable
    stages : DataFrame
        From `lifecycle_stages`; without columns where there are no orders.
    config : Config
        The playbook, and the margin and costs by which revenue becomes value at stake.
    worth : CustomerValue, optional
        The forecast; it tells who will order again anyway.

    Returns
    -------
    tuple of Segment
        The segments of `profiles` in their order, each with a play and its priority among them.
    """
    return tuple(one.segment for one in plan_plays(profiles, customers, stages, config, worth))


def plan_plays(
    profiles: Profiles,
    customers: CustomerTable,
    stages: pd.DataFrame,
    config: Config,
    worth: CustomerValue | None = None,
    reach: np.ndarray | None = None,
    learned: Sequence[PlayTest] = (),
) -> tuple[Planned, ...]:
    """Give every segment its play with the numbers behind it.

    Parameters are those of `suggest_plays`, and `reach`, a float array by segment id: the share of its customers who
    may be written to, NaN where that is not known; and `learned`, what earlier tests showed: a play that failed with a
    segment gives way to the next best.

    Raises
    ------
    ConfigError
        Something in the user's playbook has no meaning.
    """
    book = playbook_of(config)
    _check_conditions(book, customers)
    figures = figures_by_segment(profiles, customers, stages)
    ids = profiles.membership["segment_id"].to_numpy(dtype=np.int64)
    yearly, in_a_year = yearly_by_segment(customers, ids, max(figures, default=0) + 1)
    outlook = prospects_of(worth, ids, customers.frame.index, profiles.segments)
    planned = []
    for segment in profiles.segments:
        here, ahead = figures[segment.segment_id], outlook[segment.segment_id]
        facts = _facts(segment, here, profiles.table, ahead.alive)
        chosen, evidence = choose_play(segment, here, profiles.table, customers, book=book, facts=facts)
        tests = made_with(segment, learned)
        key = next_best(chosen, here, book, tests)
        spent = float(yearly[segment.segment_id])
        economics = economics_of(here, book.plays[key], spent, ahead.value, config, _at(reach, segment.segment_id))
        alone = left_alone(book.plays[key], here, ahead.alive, economics, customers.currency)
        template = book.plays[alone.key if alone else key]
        few = segment.size < SMALLEST_CELL
        play = worded(book, template, segment, Figures(here.size, here.size) if few else here, customers)
        stake, note = value_at_stake(
            spent, config.campaigns.margin, template.movable, currency=customers.currency, in_a_year=in_a_year
        )
        play = replace(play, evidence=_TOO_FEW if few else evidence, value_at_stake=stake, value_at_stake_note=note)
        play = replace(play, tested=told_tests(chosen, key, tests))
        play = replace(play, left_alone=alone.reason) if alone else play
        planned.append(Planned(replace(segment, play=play), template, here, facts, economics))
    return _in_order(book, planned, customers.currency)


#: What is told of the choice of a play for fewer customers than any number is told of.
_TOO_FEW = f"Fewer than {SMALLEST_CELL} customers: their numbers chose the play, but are not told."


def _at(values: np.ndarray | None, place: int) -> float:
    return math.nan if values is None else float(values[place])


def _in_order(book: Playbook, planned: Sequence[Planned], currency: str) -> tuple[Planned, ...]:
    templates = [one.template for one in planned]
    shared = _shared(book, [one.segment for one in planned], templates)
    ranked = prioritised(shared, templates, currency)
    return tuple(replace(one, segment=segment) for one, segment in zip(planned, ranked, strict=True))


def _check_conditions(book: Playbook, customers: CustomerTable) -> None:
    own = {key: play.when for key, play in book.plays.items() if play.when}
    if own:
        from coterie.features import CATALOG

        check_facts(own, {*customers.features, *CATALOG})


def _facts(segment: Segment, figures: Figures, table: pd.DataFrame, alive: float) -> dict[str, float]:
    """Collect what conditions of a playbook may ask for: typical values of features, and facts of the segment."""
    mine = table[(table["segment_id"] == segment.segment_id) & (table["kind"] != str(Kind.CATEGORY))]
    scores = figures.scores or (math.nan,) * 3
    return {str(name): float(value) for name, value in zip(mine["feature"], mine["segment_value"], strict=True)} | {
        "customers": float(segment.size),
        "share": segment.share,
        "value_share": segment.value_share,
        "value_per_customer": segment.value_per_customer,
        "stability": segment.stability,
        **dict(zip(("recency_score", "frequency_score", "money_score"), scores, strict=True)),
        "consent_share": figures.consent,
        "alive_share": alive,
    }


def _shared(book: Playbook, planned: Sequence[Segment], templates: Sequence[Template]) -> list[Segment]:
    """Say where several segments have the same play, so that nobody writes the same campaign twice."""
    found = []
    for segment, template in zip(planned, templates, strict=True):
        same = [s for s, other in zip(planned, templates, strict=True) if other is template and s is not segment]
        others = [f"'{one.name}'" for one in same]
        play = segment.play
        if others and play is not None and not template.leave_alone:
            play = replace(play, message=f"{play.message} {book.line('shared', others=listed(others))}")
        found.append(replace(segment, play=play))
    return found


def choose_play(
    segment: Segment,
    figures: Figures,
    table: pd.DataFrame,
    customers: CustomerTable,
    *,
    book: Playbook | None = None,
    facts: Mapping[str, float] | None = None,
) -> tuple[str, str]:
    """Choose the key of a play by a segment's numbers, and tell these numbers.

    A play of the user's own whose stages and conditions fit comes first. With orders, the mean recency, frequency and
    monetary scores of the segment, rounded, are looked up on the map of the lifecycle stages; a few plain facts come
    before the map: one order and that recently is a new customer, whatever was paid. Without orders, value and income
    decide.
    """
    book = book or load_playbook()
    key, evidence = _bundled_play(segment, figures, table, customers, book)
    own = book.chosen_by(key, facts or {})
    return (key, evidence) if own is None else (own.key, _own_evidence(own, book.stages_of(key), facts or {}))


def _bundled_play(
    segment: Segment, figures: Figures, table: pd.DataFrame, customers: CustomerTable, book: Playbook
) -> tuple[str, str]:
    if segment.is_unusual:
        return "unusual", "They fit no other group, so no number speaks for all of them."
    if figures.scores is not None and figures.scored >= 0.5:
        return _by_lifecycle(figures, book.of_stage)
    if figures.orders == 0 or (math.isfinite(figures.mean_orders) and figures.mean_orders < 0.5):
        return "acquire", f"{share(1 - figures.scored)} of them have not ordered yet."
    return _by_effects(segment, table, customers)


def _own_evidence(play: Template, stages: frozenset[str], facts: Mapping[str, float]) -> str:
    """Tell by which of its numbers a segment was given a play of the user's own."""
    told = [f"they are at the stage {listed(sorted(stages & set(play.stages)))}"] if play.stages else []
    told += [
        f"{condition.fact.replace('_', ' ')} is {number(facts[condition.fact])} ({condition.text} is asked for)"
        for condition in play.when
    ]
    return f"Chosen by your own playbook: {listed(told)}."


def _by_lifecycle(figures: Figures, of_stage: Mapping[str, str]) -> tuple[str, str]:
    scores = figures.scores or (0.0, 0.0, 0.0)
    stage = stage_of_code("".join(str(min(max(math.floor(score + 0.5), 1), 5)) for score in scores))
    key = _corrected(of_stage[stage], figures, scores)
    told = (
        f"On a scale of 1 to 5, they score {number(scores[0])} for how recently they ordered, {number(scores[1])} for "
        f"how often, and {number(scores[2])} for how much they spent"
    )
    facts = [f"{days(figures.recency)} since the last order"] if math.isfinite(figures.recency) else []
    if math.isfinite(figures.mean_orders):
        facts.append(f"{counted(figures.mean_orders, 'orders')} on average")
    # The stage of most of them is told where it speaks for the play; a mixed segment has no such stage.
    common = figures.stage_shares[0] if figures.stage_shares else ("", 0.0)
    agrees = common[1] >= _COMMON_STAGE and of_stage.get(common[0]) == key
    ending = f" The largest group among them, {share(common[1])}, is at the stage '{common[0]}'." if agrees else ""
    ending += _habit_told(key, figures)
    return key, f"{told} ({', '.join(facts)}).{ending}" if facts else f"{told}.{ending}"


def _corrected(key: str, figures: Figures, scores: tuple[float, float, float]) -> str:
    """Let plain facts overrule the map, whose cells are coarse near the middle."""
    recent, often, much = scores
    first_order = figures.orders == 1 and figures.mean_orders <= _ONE_TIME
    if first_order and recent >= 3:
        return "new"
    if first_order and key in ("champions", "loyal", "attention", "at_risk", "cannot_lose", "growing"):
        return "at_risk" if much >= 4 else "lapsed"
    known = math.isfinite(figures.overdue)
    if (
        key in ("lapsed", "lost", "dozing", "at_risk", "attention", "cannot_lose")
        and known
        and figures.overdue < _NOT_LATE
    ):
        key = "growing" if much < 4 else "loyal"
    elif key in ("lapsed", "lost") and recent >= 2:
        key = "attention" if often >= 3 else "dozing"
    if key == "new" and not first_order:
        key = "growing" if recent >= 3.5 else "dozing"
    if key == "growing" and not first_order and often >= 3.5 and recent >= 3.5:
        key = "loyal"
    if key == "growing" and figures.overdue >= _LONG_LATE:
        key = "dozing"
    if key in ("lapsed", "lost", "dozing", "at_risk", "attention", "cannot_lose") and _buys_in_season(figures):
        return "seasonal"
    if key in ("growing", "dozing") and much < 3 and figures.looks >= _LOOKING * figures.shop_looks:
        return "browsing"
    seeks_bargains = figures.discount >= max(_BARGAIN, TELLING_LIFT * figures.shop_discount)
    return "bargain" if seeks_bargains and key in ("growing", "loyal", "dozing", "attention") else key


def _buys_in_season(figures: Figures) -> bool:
    return figures.burst >= IN_BURSTS and figures.mean_orders > _ONE_TIME


def _habit_told(key: str, figures: Figures) -> str:
    """Tell the habit for which a play was chosen before the one of the lifecycle stage."""
    if key == "seasonal":
        apart = f", {days(figures.gap)} apart within one" if math.isfinite(figures.gap) else ""
        return f" Their orders come in bursts{apart}, with long pauses between."
    if key == "browsing":
        usual = counted(figures.shop_looks, "visits")
        return f" They come by {counted(figures.looks, 'visits')} for each order; customers overall {usual}."
    return ""


def _by_effects(segment: Segment, table: pd.DataFrame, customers: CustomerTable) -> tuple[str, str]:
    """Choose by what sets the segment apart, where the tables do not hold recency, orders and money together."""
    mine = table[table["segment_id"] == segment.segment_id].set_index("feature")["effect_size"]
    names = [str(name) for name in mine.index]
    recency, orders = _effect(mine, ["recency_days"]), _effect(mine, ["order_count"])
    if "recency_days" in names or "order_count" in names:
        key = _rhythm_play(recency, orders, _effect(mine, ["discount_share"]))
    else:
        spend = _effect(mine, [str(customers.value), *filter(_SPENDING.search, names)])
        key = _value_play(spend, _effect(mine, [name for name in names if "income" in name]))
    return key, " ".join(fact.sentence for fact in segment.facts[:2])


def _rhythm_play(recency: float, orders: float, discount: float) -> str:
    """Choose by how long ago and how often a segment orders, where money is not known."""
    if recency >= 0.5:
        return "at_risk" if orders >= 0.3 else "lapsed"
    if orders >= 0.4:
        return "loyal"
    if orders <= -0.4 and recency <= -0.3:
        return "new"
    return "bargain" if discount >= 0.5 else "growing"


def _value_play(spend: float, income: float) -> str:
    if spend >= 0.4:
        return "enthusiasts" if income <= -0.3 else "protect"
    if spend <= -0.3 and income >= 0.4:
        return "potential"
    return "nurture" if spend <= -0.4 else "steady"


def _effect(effects: pd.Series, names: list[str]) -> float:
    found = [float(effects[name]) for name in names if name in effects.index]
    return found[0] if found else 0.0
