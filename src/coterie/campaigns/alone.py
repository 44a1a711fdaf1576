"""Segments that are best left alone: they buy anyway, or their campaign costs more than it brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.profiles import counted, days, money, share

if TYPE_CHECKING:
    from coterie.campaigns.economics import Economics
    from coterie.campaigns.figures import Figures
    from coterie.campaigns.playbook import Template

#: Regular: the gaps between orders vary by at most this part of their mean (orders at random: 1), over this many orders
#: and more, and no more than one usual gap has passed since the last.
_REGULAR = 0.5
_ENOUGH_ORDERS = 5.0
_ON_TIME = 1.0
#: As good as a clock: regular enough to be left alone where no money is known.
_CLOCKWORK = 0.3
#: Chance to order again from which a customer counts as one who buys anyway, where it is forecast.
_ALIVE = 0.8


@dataclass(frozen=True)
class LeftAlone:
    """The key of the play of doing nothing, and the reason."""

    key: str
    reason: str


def left_alone(
    template: Template, figures: Figures, alive: float, economics: Economics | None, currency: str
) -> LeftAlone | None:
    """Tell whether a segment is best left alone, and why.

    Parameters
    ----------
    template : Template
        The play that the segment would get. One of the user's own stays.
    figures : Figures
    alive : float
        Mean chance of its customers to order again, 0 to 1; NaN where it is not forecast.
    economics : Economics or None
        Of the play; None where no money is known.
    currency : str
    """
    if template.is_own or template.leave_alone or template.contacts <= 0:
        return None
    if _is_regular(figures, alive) and _little_to_move(template, figures, economics):
        return LeftAlone("buys_anyway", _regular(template, figures, alive, economics, currency))
    if economics is not None and economics.best_part == 0:
        return LeftAlone("costs_more", _too_dear(template, economics, currency))
    return None


def _is_regular(figures: Figures, alive: float) -> bool:
    regular = figures.burst <= _REGULAR and figures.mean_orders >= _ENOUGH_ORDERS and figures.overdue <= _ON_TIME
    return regular and not alive < _ALIVE


def _little_to_move(template: Template, figures: Figures, economics: Economics | None) -> bool:
    """Tell whether a play costs more than it can still move in buyers as regular as these.

    The assumed effect is taken times the variation of their gaps: nothing can be moved in customers who order like a
    clock, and the whole of it in those who order at random (a variation of 1).
    """
    if economics is None:
        return figures.burst <= _CLOCKWORK and template.discount != 0
    return economics.full_gain * figures.burst < economics.full_cost


def _regular(template: Template, figures: Figures, alive: float, economics: Economics | None, currency: str) -> str:
    rhythm = f"They order every {days(figures.gap)}" if math.isfinite(figures.gap) else "They order regularly"
    again = f"; {share(alive)} are expected to order again" if math.isfinite(alive) else ""
    told = (
        f"{rhythm}, seldom much sooner or later (the gaps vary by {share(figures.burst)} of their mean), over "
        f"{counted(figures.mean_orders, 'orders')} on average, and most are on time{again}. "
    )
    title = template.words["title"]
    if economics is None:
        return f"{told}The price reduction of the usual play ('{title}') would mainly reach orders that come anyway."
    moved = economics.full_gain * figures.burst / economics.customers
    waste = ", most of it for orders that come anyway" if economics.giveaway > economics.message_cost else ""
    return (
        f"{told}In buyers as regular as these the usual play ('{title}') could move about {_small(moved, currency)} of "
        f"margin for each in a year, and would cost {_small(economics.customer_cost, currency)}{waste}."
    )


def _too_dear(template: Template, economics: Economics, currency: str) -> str:
    title = template.words["title"]
    if economics.margin <= 0:
        return (
            f"The offer of the play '{title}' leaves no margin: each extra order would lose money after goods, price "
            "reduction and returns."
        )
    costs = [f"messages {_small(economics.message_cost, currency)}"]
    costs += [f"price reductions {_small(economics.giveaway, currency)}"] if economics.giveaway > 0 else []
    each = economics.full_gain / economics.customers
    return (
        f"The play '{title}' would cost {_small(economics.customer_cost, currency)} for each customer in a year "
        f"({', '.join(costs)}) and bring about {_small(each, currency)} of margin; not even those who fit best would "
        "bring what they cost."
    )


def _small(value: float, currency: str) -> str:
    """Tell an amount of which the first digits matter, however small it is."""
    if 0 < value < 0.005:
        return f"less than {money(0.01, currency)}"
    return money(round(value, 2), currency)
