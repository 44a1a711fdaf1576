"""What a test in time found: per segment, per way of grouping customers, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

#: What is looked at after the day: money, orders, and whether a customer did not order at all.
OUTCOMES = ("spend", "orders", "silence")
#: Ways of grouping customers by what was known before the day.
SEGMENTS, RFM, QUINTILES, EQUAL_PARTS, BOTH = (
    "segments",
    "rfm_boxes",
    "past_spend_fifths",
    "past_spend_parts",
    "segments_and_rfm",
)


@dataclass(frozen=True)
class SegmentAfter:
    """What the customers of one segment did in the days after the split.

    Intervals hold with 95 %: bootstrap percentiles for the two means, Wilson (1927) for the share. They are NaN in a
    segment of fewer than ten customers.
    """

    segment_id: int
    name: str
    size: int  # customers of the sample
    share: float
    spend: float  # per customer, net of returns
    spend_low: float
    spend_high: float
    orders: float  # per customer
    orders_low: float
    orders_high: float
    silent: float  # share without an order, 0 to 1
    silent_low: float
    silent_high: float


@dataclass(frozen=True)
class Explained:
    """How much of the differences between customers one grouping explains, of one outcome.

    `explained` is 1 minus the ratio of deviances with and without the groups; each customer is predicted from other
    customers, so it can fall below 0. `gini` is the Gini coefficient of later spend when customers are ranked by group,
    as a share of that of the perfect ranking; `top_fifth` the share of the outcome that the best-ranked fifth brought.
    """

    outcome: str
    grouping: str
    n_groups: int
    explained: float
    low: float
    high: float
    gini: float
    top_fifth: float


@dataclass(frozen=True)
class Difference:
    """Segments minus another grouping in the share explained, on the same customers.

    Against `BOTH` it is both together minus the boxes alone: what the segments add to the boxes.
    """

    outcome: str
    against: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Holdout:
    """Segments found on the data before `split_on`, and what their customers did until `until`.

    The segments are not those of the study: they were found with the same settings, but without the last days.
    """

    split_on: dt.date  # first day not seen when the segments were found
    until: dt.date  # first day not seen at all
    days: int
    history_days: int  # from the beginning of the history to `split_on`
    n_customers: int  # looked at
    n_known: int  # who had ordered before `split_on`
    n_new: int  # who first ordered afterwards
    new_spend_share: float  # of all spend afterwards; NaN where there was none
    segments: tuple[SegmentAfter, ...]
    explained: tuple[Explained, ...]
    differences: tuple[Difference, ...]
    conclusion: str
    notes: tuple[str, ...]

    def of(self, outcome: str, grouping: str) -> Explained | None:
        """How much a grouping explains of an outcome; None where it was not looked at."""
        found = (each for each in self.explained if (each.outcome, each.grouping) == (outcome, grouping))
        return next(found, None)

    def against(self, outcome: str, grouping: str) -> Difference | None:
        """Segments minus a grouping; None where it was not looked at."""
        found = (each for each in self.differences if (each.outcome, each.against) == (outcome, grouping))
        return next(found, None)
