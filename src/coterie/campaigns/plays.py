"""A play for each segment: chosen by its numbers, worded with its numbers, with the evidence told."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.figures import Figures, figures_of
from coterie.campaigns.playbook import Playbook, load_playbook
from coterie.campaigns.priorities import prioritised
from coterie.campaigns.stages import stage_of_code
from coterie.campaigns.stakes import value_at_stake
from coterie.profiles import IN_BURSTS, counted, days, listed, money, number, share
from coterie.vocabulary import Kind, Play

if TYPE_CHECKING:
    import pandas as pd

    from coterie.config import CampaignsSettings
    from coterie.profiles import Profiles
    from coterie.vocabulary import CustomerTable, Segment

#: The play of each lifecycle stage.
_PLAY_OF_STAGE = {
    "Champions": "champions",
    "Loyal": "loyal",
    "Potential Loyalist": "growing",
    "New Customers": "new",
    "Promising": "growing",
    "Need Attention": "attention",
    "About To Sleep": "dozing",
    "At Risk": "at_risk",
    "Cannot Lose Them": "cannot_lose",
    "Hibernating": "lapsed",
    "Lost": "lost",
}
#: Mean number of orders up to which a segment counts as one of first orders.
_ONE_TIME = 1.35
#: Columns of ready-made customer tables that say how willingly a customer spends.
_SPENDING = re.compile(r"spend(ing)?_?score|total_spend|amount_spent|spent_total|purchase_amount|lifetime_value|clv")
#: A gap shorter than this, in days, gives no rhythm to time a letter by.
_SHORTEST_GAP = 2
#: The nudge comes when this part of the usual gap has passed.
_NUDGE = 0.85
_GRACE = 1.5
#: Below this part of the own usual gap, nobody is late, whatever the scores say.
_NOT_LATE = 0.9
#: From so many of the own usual gaps without an order, no habit can be growing.
_LONG_LATE = 3
#: Smallest average discount of bargain hunters.
_BARGAIN = 0.15
#: A stage is told as evidence when this part of the segment is at it.
_COMMON_STAGE = 0.25
#: A habit is told when it is this many times as frequent as in the whole shop, and at least this frequent.
_TELLING_LIFT = 1.3
_CHANNEL_LIFT = 1.15
#: Browsers come by this many times as often for an order as the typical customer.
_LOOKING = 1.5


def suggest_plays(
    profiles: Profiles, customers: CustomerTable, stages: pd.DataFrame, settings: CampaignsSettings
) -> tuple[Segment, ...]:
    """Give every segment its play.

    Parameters
    ----------
    profiles : Profiles
    customers : CustomerTable
    stages : DataFrame
        From `lifecycle_stages`; without columns where there are no orders.
    settings : CampaignsSettings
        The margin by which revenue becomes value at stake.

    Returns
    -------
    tuple of Segment
        The segments of `profiles` in their order, each with a play and its priority among them.
    """
    book = load_playbook()
    ids = profiles.membership["segment_id"].to_numpy()
    is_core = profiles.membership["is_core"].to_numpy(dtype=bool)
    aligned = stages.reindex(customers.frame.index)
    planned, templates, keys = [], [], []
    for segment in profiles.segments:
        mine = ids == segment.segment_id
        figures = figures_of(customers, mine, is_core, aligned)
        key, evidence = choose_play(segment, figures, profiles.table, customers)
        play = _worded(book, key, segment, figures, customers)
        stake, note = value_at_stake(customers, mine, settings.margin, book.plays[key].movable)
        play = replace(play, evidence=evidence, value_at_stake=stake, value_at_stake_note=note)
        planned.append(replace(segment, play=play))
        templates.append(book.plays[key])
        keys.append(key)
    return prioritised(_shared(book, planned, keys), templates, customers.currency)


def _shared(book: Playbook, planned: list[Segment], keys: list[str]) -> list[Segment]:
    """Say where several segments have the same play, so that nobody writes the same campaign twice."""
    found = []
    for segment, key in zip(planned, keys, strict=True):
        others = [f"'{s.name}'" for s, k in zip(planned, keys, strict=True) if k == key and s is not segment]
        play = segment.play
        if others and play is not None:
            play = replace(play, message=f"{play.message} {book.line('shared', others=listed(others))}")
        found.append(replace(segment, play=play))
    return found


def choose_play(segment: Segment, figures: Figures, table: pd.DataFrame, customers: CustomerTable) -> tuple[str, str]:
    """Choose the key of a play by a segment's numbers, and tell these numbers.

    With orders, the mean recency, frequency and monetary scores of the segment, rounded, are looked up on the map of
    the lifecycle stages; a few plain facts come before the map: one order and that recently is a new customer, whatever
    was paid. Without orders, value and income decide.
    """
    if segment.is_unusual:
        return "unusual", "They fit no other group, so no number speaks for all of them."
    if figures.scores is not None and figures.scored >= 0.5:
        return _by_lifecycle(figures)
    if figures.orders == 0 or (math.isfinite(figures.mean_orders) and figures.mean_orders < 0.5):
        return "acquire", f"{share(1 - figures.scored)} of them have not ordered yet."
    return _by_effects(segment, table, customers)


def _by_lifecycle(figures: Figures) -> tuple[str, str]:
    scores = figures.scores or (0.0, 0.0, 0.0)
    stage = stage_of_code("".join(str(min(max(math.floor(score + 0.5), 1), 5)) for score in scores))
    key = _corrected(_PLAY_OF_STAGE[stage], figures, scores)
    told = (
        f"On a scale of 1 to 5, they score {number(scores[0])} for how recently they ordered, {number(scores[1])} for "
        f"how often, and {number(scores[2])} for how much they spent"
    )
    facts = [f"{days(figures.recency)} since the last order"] if math.isfinite(figures.recency) else []
    if math.isfinite(figures.mean_orders):
        facts.append(f"{counted(figures.mean_orders, 'orders')} on average")
    # The stage of most of them is told where it speaks for the play; a mixed segment has no such stage.
    common = figures.stage_shares[0] if figures.stage_shares else ("", 0.0)
    agrees = common[1] >= _COMMON_STAGE and _PLAY_OF_STAGE.get(common[0]) == key
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
    seeks_bargains = figures.discount >= max(_BARGAIN, _TELLING_LIFT * figures.shop_discount)
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


def _worded(book: Playbook, key: str, segment: Segment, figures: Figures, customers: CustomerTable) -> Play:
    template = book.plays[key]
    values = _values(figures, segment, customers, first_order=key == "new")
    parts = {
        part: template.fill(part, values)
        for part in ("title", "goal", "offer", "timing", "message", "avoid", "kpi", "channel")
    }
    additions = _additions(book, key, figures)
    for part, sentences in additions.items():
        base = parts[part] if parts[part].endswith((".", "!", "?")) else f"{parts[part]}."
        parts[part] = " ".join([base, *sentences]) if sentences else parts[part]
    return Play(**parts, evidence="", value_at_stake=math.nan, value_at_stake_note="", priority=0)


def _values(figures: Figures, segment: Segment, customers: CustomerTable, *, first_order: bool) -> dict[str, str]:
    """Give the numbers that are known, in words, by the names that the playbook uses."""
    values = {"name": segment.name}
    gap = figures.shop_gap if first_order else figures.gap
    if math.isfinite(gap) and gap >= _SHORTEST_GAP:
        values |= {
            "gap": days(gap),
            "nudge_day": number(max(1, round(_NUDGE * gap))),
            "grace_day": number(round(_GRACE * gap)),
        }
    if math.isfinite(figures.recency) and figures.recency >= 1:
        values["last"] = days(figures.recency)
    if figures.topic:
        values["topic"] = figures.topic
    kind = customers.features["average_order_value"].kind if "average_order_value" in customers.features else None
    if math.isfinite(figures.order_value) and figures.order_value > 0 and kind is Kind.MONEY:
        values["basket"] = money(figures.order_value, customers.currency)
        values["raise"] = money(_round_up(1.2 * figures.order_value), customers.currency)
    return values


def _round_up(value: float) -> float:
    """Round up to a number that looks good on a voucher: two significant digits, the last a 0 or a 5."""
    unit = 10.0 ** math.floor(math.log10(value)) / 2
    return math.ceil(value / unit - 1e-9) * unit


def _additions(book: Playbook, key: str, figures: Figures) -> dict[str, list[str]]:
    """Collect the sentences that this segment's numbers ask for, by the part of the play that they are added to."""
    found: dict[str, list[str]] = {"offer": [], "message": [], "timing": [], "channel": []}
    if key == "unusual":
        return found
    if figures.discount >= max(0.08, _TELLING_LIFT * figures.shop_discount):
        found["offer"].append(book.line("discount_lovers", share=share(figures.discount)))
    elif figures.shop_discount >= 0.03 and figures.discount <= 0.4 * figures.shop_discount:
        found["offer"].append(book.line("full_price"))
    if _telling(figures.returns, figures.shop_returns, 0.15):
        found["offer"].append(book.line("returns", share=share(figures.returns)))
    if figures.topic and math.isfinite(figures.topic_share) and key not in ("lapsed", "lost"):
        found["message"].append(book.line("interest", topic=figures.topic, share=share(figures.topic_share)))
    if _telling(figures.weekend, figures.shop_weekend, 0.4):
        found["timing"].append(book.line("weekend", share=share(figures.weekend)))
    elif _telling(figures.evening, figures.shop_evening, 0.4):
        found["timing"].append(book.line("evening", share=share(figures.evening)))
    found["channel"] = _channel_lines(book, figures)
    return found


def _channel_lines(book: Playbook, figures: Figures) -> list[str]:
    lines = []
    if figures.channel and figures.channel_share >= _CHANNEL_LIFT * figures.shop_channel:
        lines.append(book.line("channel", channel=figures.channel, share=share(figures.channel_share)))
    if figures.consent == 0:
        lines.append(book.line("no_consent"))
    elif figures.consent < 0.95:
        lines.append(book.line("consent", share=share(figures.consent)))
    if 0 < figures.core < figures.size:
        lines.append(book.line("core_first", size=number(figures.size), core=number(figures.core)))
    return lines


def _telling(here: float, there: float, least: float) -> bool:
    return bool(np.isfinite(here)) and here >= least and here >= _TELLING_LIFT * there
