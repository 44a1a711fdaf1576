"""The planted segments: how each buys, browses and answers a campaign. Numbers are medians of log-normal traits."""

from __future__ import annotations

from dataclasses import dataclass, fields

#: Categories of the catalogue, in the order of `PlantedSegment.tastes`.
CATEGORIES = (
    "Kitchen",
    "Home & living",
    "Garden",
    "Toys & games",
    "Books & stationery",
    "Beauty & care",
    "Clothing",
    "Sports & outdoor",
)


@dataclass(frozen=True)
class PlantedSegment:
    """The median customer of a planted segment; customers scatter about it (see `spread` of a difficulty).

    Shares and chances lie in (0, 1). Times of the history are shares of its length: 0 = first day, 1 = last day.
    """

    name: str
    share: float  # of customers
    start_from: float  # first activity, uniform between these two
    start_to: float
    end_from: float  # last activity
    end_to: float
    order_rate: float  # orders per 30 days of activity, beyond the first
    irregularity: float  # of the gaps: 0.3 = like clockwork, 3 = nearly at random
    line_count: float  # products per order
    unit_count: float  # units per line
    price_level: float  # place in a category's price range
    discount_chance: float  # that a line is bought at a reduced price
    return_chance: float  # that a line comes back
    gift_season: float  # chance that an order falls into the weeks before Christmas
    weekend: float  # chance that an order is placed on Saturday or Sunday
    evening: float  # chance that an order is placed between 18 and 23 h
    app: float  # chance that an order comes by the app instead of the web shop
    visits_per_order: float
    idle_visits: float  # visits without an order, per 30 days of activity
    tastes: tuple[float, ...]  # weight of each category
    age: float  # mean, years; weakly different only
    response: float  # chance to answer the campaign without treatment
    effect: float  # what treatment adds to that chance

    def traits(self) -> dict[str, object]:
        """Every number by name, the tastes as a list."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "name"}


PLANTED = (
    PlantedSegment(
        name="big-basket loyalists",
        share=0.12, start_from=0.02, start_to=0.22, end_from=1.0, end_to=1.0,
        order_rate=0.60, irregularity=1.0, line_count=4.4, unit_count=2.2, price_level=0.50,
        discount_chance=0.13, return_chance=0.03, gift_season=0.03, weekend=0.35, evening=0.35, app=0.45,
        visits_per_order=1.8, idle_visits=0.3, tastes=(5.0, 4.0, 2.5, 0.5, 0.7, 1.0, 0.6, 0.5),
        age=46.0, response=0.30, effect=0.00,
    ),
    PlantedSegment(
        name="bargain hunters",
        share=0.20, start_from=0.05, start_to=0.40, end_from=1.0, end_to=1.0,
        order_rate=0.36, irregularity=1.6, line_count=2.4, unit_count=1.4, price_level=0.24,
        discount_chance=0.80, return_chance=0.13, gift_season=0.05, weekend=0.30, evening=0.65, app=0.60,
        visits_per_order=3.5, idle_visits=0.9, tastes=(0.6, 0.8, 0.4, 0.7, 0.6, 3.0, 6.0, 1.0),
        age=37.0, response=0.10, effect=0.12,
    ),
    PlantedSegment(
        name="new customers",
        share=0.14, start_from=0.87, start_to=0.965, end_from=1.0, end_to=1.0,
        order_rate=1.50, irregularity=1.5, line_count=2.2, unit_count=1.3, price_level=0.45,
        discount_chance=0.18, return_chance=0.07, gift_season=0.0, weekend=0.30, evening=0.50, app=0.75,
        visits_per_order=4.5, idle_visits=2.5, tastes=(0.8, 1.0, 0.5, 0.4, 0.6, 1.2, 1.0, 8.0),
        age=36.0, response=0.08, effect=0.09,
    ),
    PlantedSegment(
        name="lapsed high spenders",
        share=0.10, start_from=0.0, start_to=0.12, end_from=0.40, end_to=0.60,
        order_rate=0.65, irregularity=1.2, line_count=2.6, unit_count=1.3, price_level=0.86,
        discount_chance=0.07, return_chance=0.05, gift_season=0.0, weekend=0.25, evening=0.30, app=0.20,
        visits_per_order=2.5, idle_visits=0.3, tastes=(1.0, 5.0, 5.0, 0.4, 0.8, 0.5, 0.6, 0.9),
        age=49.0, response=0.03, effect=0.06,
    ),
    PlantedSegment(
        name="seasonal gift buyers",
        share=0.15, start_from=0.0, start_to=0.20, end_from=0.98, end_to=1.0,
        order_rate=0.36, irregularity=1.0, line_count=2.4, unit_count=1.8, price_level=0.62,
        discount_chance=0.14, return_chance=0.04, gift_season=0.96, weekend=0.60, evening=0.55, app=0.30,
        visits_per_order=3.0, idle_visits=0.15, tastes=(0.4, 0.6, 0.2, 8.0, 2.5, 0.6, 0.4, 0.3),
        age=44.0, response=0.05, effect=0.02,
    ),
    PlantedSegment(
        name="occasional browsers",
        share=0.29, start_from=0.05, start_to=0.50, end_from=1.0, end_to=1.0,
        order_rate=0.20, irregularity=1.5, line_count=1.25, unit_count=1.05, price_level=0.30,
        discount_chance=0.12, return_chance=0.06, gift_season=0.03, weekend=0.35, evening=0.50, app=0.40,
        visits_per_order=7.0, idle_visits=1.0, tastes=(0.6, 0.6, 0.3, 0.5, 8.0, 2.5, 0.5, 0.5),
        age=40.0, response=0.04, effect=-0.01,
    ),
)  # fmt: skip

#: Everybody of a store without groups: the middle of everything, about which customers scatter more widely.
EVERYBODY = PlantedSegment(
    name="everybody",
    share=1.0, start_from=0.0, start_to=0.12, end_from=1.0, end_to=1.0,
    order_rate=0.40, irregularity=1.5, line_count=3.0, unit_count=1.6, price_level=0.45,
    discount_chance=0.32, return_chance=0.06, gift_season=0.05, weekend=0.35, evening=0.50, app=0.45,
    visits_per_order=3.5, idle_visits=0.8, tastes=(1.2, 1.2, 1.0, 1.0, 1.2, 1.1, 1.2, 1.0),
    age=41.0, response=0.10, effect=0.04,
)  # fmt: skip
