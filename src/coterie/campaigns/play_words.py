"""A play in words: the template filled with a segment's numbers, and the sentences that these ask for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coterie.profiles import days, money, number, share
from coterie.vocabulary import Kind, Play

if TYPE_CHECKING:
    from coterie.campaigns.figures import Figures
    from coterie.campaigns.playbook import Playbook, Template
    from coterie.vocabulary import CustomerTable, Segment

#: A gap shorter than this, in days, gives no rhythm to time a letter by.
_SHORTEST_GAP = 2
#: The nudge comes when this part of the usual gap has passed.
_NUDGE = 0.85
_GRACE = 1.5
#: A habit is told when it is this many times as frequent as in the whole shop, and at least this frequent.
TELLING_LIFT = 1.3
_CHANNEL_LIFT = 1.15
_PARTS = ("title", "goal", "offer", "timing", "message", "avoid", "kpi", "channel")


def worded(book: Playbook, template: Template, segment: Segment, figures: Figures, customers: CustomerTable) -> Play:
    """Fill a play with the numbers of a segment; its evidence and money are still to come."""
    values = _values(figures, segment, customers, first_order=template.key == "new")
    parts = {part: template.fill(part, values) for part in _PARTS}
    additions = {} if template.leave_alone else _additions(book, template.key, figures)
    for part, sentences in additions.items():
        base = parts[part] if parts[part].endswith((".", "!", "?")) else f"{parts[part]}."
        parts[part] = " ".join([base, *sentences]) if sentences else parts[part]
    return Play(
        **parts,
        evidence="",
        value_at_stake=math.nan,
        value_at_stake_note="",
        priority=0,
        key=template.key,
        featured=() if template.leave_alone else tuple(one.sentence for one in figures.featured),
    )


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
    if figures.discount >= max(0.08, TELLING_LIFT * figures.shop_discount):
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
    return bool(np.isfinite(here)) and here >= least and here >= TELLING_LIFT * there
