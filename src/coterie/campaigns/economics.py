"""What the campaign of a segment costs and might bring in a year: break-even, budget cap, diminishing returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coterie.campaigns.figures import Figures
    from coterie.campaigns.playbook import Template
    from coterie.config import Config

_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class Economics:
    """A year of a segment's campaign in money; all amounts in the shop's currency.

    Attributes
    ----------
    customers : int, of the segment, who may be written to (all, where that is not known)
    contacts : float >= 0, messages to each in a year
    message_cost : float >= 0, of these messages, for a customer
    giveaway : float >= 0, price reductions on orders of a customer that would come anyway
    order_value : float > 0, average order less what comes back of it; NaN where unknown
    discount : float in [0, 1], price reduction of the offer
    margin : float, part of an extra order's value left after goods, price reduction and returns; may be negative
    extra_revenue : float >= 0, what the campaign might bring beyond what comes anyway if it reaches everyone
    falling : float >= 0, how fast the response falls from the customers who fit best to the others
    """

    customers: int
    contacts: float
    message_cost: float
    giveaway: float
    order_value: float
    discount: float
    margin: float
    extra_revenue: float
    falling: float

    @property
    def customer_cost(self) -> float:
        """What it costs to reach a customer for a year: messages, and price reductions on orders that come anyway."""
        return self.message_cost + self.giveaway

    @property
    def full_cost(self) -> float:
        """What it costs to reach all customers."""
        return self.customers * self.customer_cost

    @property
    def full_gain(self) -> float:
        """Margin that might come beyond what comes anyway, with all customers reached."""
        return self.extra_revenue * self.margin

    @property
    def break_even(self) -> float:
        """Extra orders for each customer reached, in a year, that pay for the campaign; in [0, ∞], NaN unknown."""
        if not self.order_value > 0:
            return math.nan
        left = self.order_value * self.margin
        return self.customer_cost / left if left > 0 else math.inf

    @property
    def expected_response(self) -> float:
        """Extra orders for each customer, in a year, that the playbook assumes with all reached; NaN unknown."""
        return self.extra_revenue / (self.customers * self.order_value) if self.order_value > 0 else math.nan

    def gain_at(self, reached: float) -> float:
        """Margin beyond what comes anyway if a part of the customers is reached, those who fit best first.

        gain(f) = full gain × (1 - exp(-b f)) / (1 - exp(-b)), b = `falling`: rising and concave in f, linear for b = 0.

        Parameters
        ----------
        reached : float in [0, 1]
        """
        if self.falling < 1e-9:
            return self.full_gain * reached
        return self.full_gain * math.expm1(-self.falling * reached) / math.expm1(-self.falling)

    @property
    def best_part(self) -> float:
        """Part of the customers, in [0, 1], up to which each further one brings more than they cost."""
        if self.contacts <= 0 or self.full_gain <= 0:
            return 0.0
        if self.full_cost <= 0:
            return 1.0
        if self.falling < 1e-9:
            return 1.0 if self.full_gain > self.full_cost else 0.0
        first = self.full_gain * self.falling / -math.expm1(-self.falling)  # brought by the first, for a whole segment
        return min(max(math.log(first / self.full_cost) / self.falling, 0.0), 1.0)

    @property
    def cap(self) -> float:
        """Largest amount worth spending on the segment in a year: beyond it, customers cost more than they bring."""
        return self.full_cost * self.best_part

    @property
    def best_net(self) -> float:
        """What is left of the gain after the costs, with the best part reached; >= 0."""
        return self.gain_at(self.best_part) - self.cap


def economics_of(
    figures: Figures, template: Template, yearly: float, forecast: float, config: Config, reach: float = math.nan
) -> Economics | None:
    """Put a segment's campaign into money.

    Parameters
    ----------
    figures : Figures
    template : Template
        The play: messages, their cost, price reduction, and the part of a year's revenue that it might move.
    yearly : float
        What the segment spends in a year while it buys.
    forecast : float
        What it is expected to spend in the coming year without a campaign; NaN where there is no forecast: `yearly`
        takes its place, which makes price reductions look dearer than they are.
    config : Config
    reach : float
        Share of its customers who may be written to, 0 to 1; NaN where that is not known: then all.

    Returns
    -------
    Economics or None
        None where nobody can be reached, no money is known or nothing has been spent yet.

    Notes
    -----
    An order takes the price reduction when it falls into the days after a message (`budget.days`), also where it would
    have come anyway. Goods taken back cost `money.return_cost` of their price.
    """
    part = reach if math.isfinite(reach) else 1.0
    reached = round(figures.size * part)
    if not yearly > 0 or not reached:
        return None
    discount = config.money.offer_discount if template.discount is None else template.discount
    returned = min(figures.returns, 0.9) if math.isfinite(figures.returns) else 0.0
    handling = config.money.return_cost * returned / (1.0 - returned)
    under_offer = min(1.0, template.contacts * config.budget.days / _DAYS_PER_YEAR)
    anyway = forecast if math.isfinite(forecast) else yearly
    return Economics(
        customers=reached,
        contacts=template.contacts,
        message_cost=template.contacts * template.contact_factor * config.money.contact_cost,
        giveaway=discount * max(anyway, 0.0) * under_offer / figures.size,
        order_value=figures.mean_order_value * (1.0 - returned),  # kept money, as the revenue that it is held against
        discount=discount,
        margin=config.campaigns.margin - discount - handling,
        extra_revenue=yearly * template.movable * part,
        falling=config.budget.falling_response,
    )
