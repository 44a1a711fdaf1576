"""Every feature that the steps compute: name, unit, kind, block, meaning, words for its ends, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.vocabulary import Block, Feature, Kind


@dataclass(frozen=True, slots=True)
class Definition:
    """A feature with what it takes to compute it.

    Attributes
    ----------
    feature : Feature
        Its `origin` names the SQL step that computes it. A name with `<category>` or `<channel>` stands for a family:
        one feature for each of the largest categories or channels.
    needs : frozenset of str
        Facts about the shop (see `facts.py`), all of which must hold.
    unknown : str
        For whom the value is unknown (NaN), in words; "" when it is known of every customer.
    absent_is_zero : bool
        Whether customers without a row in the step have 0 rather than an unknown value.
    """

    feature: Feature
    needs: frozenset[str]
    unknown: str = ""
    absent_is_zero: bool = False

    @property
    def is_family(self) -> bool:
        """Whether the entry stands for one feature per category or channel."""
        return "<" in self.feature.name


_NO_ORDER = "customers without an order"
_ONE_DAY = "customers who bought on one day only, who have no gap"


def _entry(
    name: str,
    label: str,
    unit: str,
    kind: Kind,
    block: Block,
    origin: str,
    needs: str,
    meaning: str,
    ends: tuple[str, str] = ("", ""),
    *,
    actionable: bool = False,
    unknown: str = _NO_ORDER,
    zero: bool = False,
) -> Definition:
    high, low = ends
    feature = Feature(
        name, label, unit, kind, block, meaning, high=high, low=low, actionable=actionable, origin=origin
    )
    return Definition(feature, frozenset(needs.split()), "" if zero else unknown, zero)


VALUE = (
    _entry(
        "net_revenue", "net revenue", "currency", Kind.MONEY, Block.VALUE, "rfm", "orders amount",
        "All that the customer paid, charges such as postage included, less returns, refunds and cancellations.",
        ("high spend", "low spend"), actionable=True, zero=True,
    ),
    _entry(
        "average_order_value", "average order value", "currency", Kind.MONEY, Block.VALUE, "rfm", "orders amount",
        "Money paid for orders divided by the number of orders, before anything came back.",
        ("large orders", "small orders"), actionable=True,
    ),
    _entry(
        "order_value_variation", "variation of order values", "", Kind.NUMBER, Block.VALUE, "rfm", "orders amount",
        "Standard deviation of the customer's order values divided by their mean; 0 when all orders are worth the same.",
        ("order values that vary", "steady order values"), unknown="customers with fewer than two orders",
    ),
    _entry(
        "price_level", "price level", "", Kind.NUMBER, Block.VALUE, "prices", "amount quantity products",
        "What the customer paid for products divided by what as many units cost on average in the same categories "
        "(in the whole shop where there are none); 1 is the shop's usual price.",
        ("premium prices", "low prices"), actionable=True, unknown="customers who bought no product with a price",
    ),
)

RHYTHM = (
    _entry(
        "recency_days", "days since the last order", "days", Kind.DAYS, Block.RHYTHM, "rfm", "orders dates",
        "Days from the last order to the first day not seen, at least 1; for customers who only returned things, from "
        "the last return.",
        ("lapsed", "recently active"), actionable=True,
    ),
    _entry(
        "order_count", "number of orders", "orders", Kind.COUNT, Block.RHYTHM, "rfm", "orders",
        "Orders that hold at least one product, the first one included; returns, cancelled orders and mere charges do "
        "not count.",
        ("frequent buyers", "few orders"), actionable=True, zero=True,
    ),
    _entry(
        "is_repeat_buyer", "bought on more than one day", "", Kind.FLAG, Block.RHYTHM, "rhythm", "orders dates",
        "1 for customers with orders on two days or more, the ones of whom gaps between orders are known.",
        ("repeat buyers", "one-time buyers"), zero=True,
    ),
    _entry(
        "tenure_days", "days since the first order", "days", Kind.DAYS, Block.RHYTHM, "rfm", "orders dates",
        "Days from the first order to the first day not seen; for customers who only returned things, from the first "
        "return.",
        ("long-standing", "new"),
    ),
    _entry(
        "first_order_month", "month of the first order", "", Kind.DATE, Block.RHYTHM, "rfm", "orders dates",
        "First day of the month in which the customer ordered for the first time in these data.",
    ),
    _entry(
        "median_gap_days", "days between orders", "days", Kind.DAYS, Block.RHYTHM, "rhythm", "orders dates",
        "Median number of days between one day with an order and the next.",
        ("long gaps between orders", "short gaps between orders"), actionable=True, unknown=_ONE_DAY,
    ),
    _entry(
        "gap_variation", "irregularity of the gaps", "", Kind.NUMBER, Block.RHYTHM, "rhythm", "orders dates",
        "Standard deviation of the gaps between days with orders divided by their mean; 0 is clockwork.",
        ("irregular rhythm", "regular rhythm"), unknown="customers who bought on fewer than three days",
    ),
    _entry(
        "overdue_ratio", "how overdue the next order is", "", Kind.NUMBER, Block.RHYTHM, "rhythm", "orders dates",
        "Days since the last order divided by the customer's own median gap; above 1 the next order is late.",
        ("overdue", "on schedule"), actionable=True, unknown=_ONE_DAY,
    ),
    _entry(
        "spend_trend", "trend of spend", "", Kind.NUMBER, Block.RHYTHM, "rhythm", "orders dates amount",
        "Spend in the recent half of the customer's own time with the shop against the earlier half: (recent − earlier) "
        "/ (recent + earlier), from −1 (all of it earlier) to 1 (all of it recent).",
        ("growing spend", "fading spend"), actionable=True, unknown=_ONE_DAY,
    ),
    _entry(
        "weekend_share", "share of orders at the weekend", "share", Kind.SHARE, Block.RHYTHM, "habits", "orders dates",
        "Share of the customer's orders placed on a Saturday or Sunday.",
        ("weekend shoppers", "weekday shoppers"), actionable=True,
    ),
    _entry(
        "morning_share", "share of orders in the morning", "share", Kind.SHARE, Block.RHYTHM, "habits", "orders times",
        "Share of the customer's orders placed from 5:00 to 11:59, in the time of the data.",
        ("morning shoppers", ""),
    ),
    _entry(
        "evening_share", "share of orders in the evening", "share", Kind.SHARE, Block.RHYTHM, "habits", "orders times",
        "Share of the customer's orders placed from 18:00 to 4:59, in the time of the data.",
        ("evening shoppers", "daytime shoppers"), actionable=True,
    ),
    _entry(
        "peak_weekday", "favourite weekday", "", Kind.CATEGORY, Block.RHYTHM, "peak_weekdays", "orders dates",
        "Weekday with most of the customer's orders; ties go to the day with more money, then to the earlier one.",
    ),
    _entry(
        "peak_daypart", "favourite time of day", "", Kind.CATEGORY, Block.RHYTHM, "peak_dayparts", "orders times",
        "Morning (5 to 11), afternoon (12 to 17), evening (18 to 22) or night (23 to 4), whichever has most orders; ties "
        "go to the one with more money, then to the earlier one.",
    ),
)

BASKET = (
    _entry(
        "lines_per_order", "lines per order", "lines", Kind.COUNT, Block.BASKET, "basket", "orders products",
        "Average number of order lines with a product in an order.",
        ("many lines per order", "few lines per order"),
    ),
    _entry(
        "units_per_order", "units per order", "units", Kind.COUNT, Block.BASKET, "basket", "orders quantity",
        "Average number of units in an order.",
        ("big baskets", "small baskets"), actionable=True,
    ),
    _entry(
        "product_count", "number of different products", "products", Kind.COUNT, Block.BASKET, "breadth", "products",
        "Different products that the customer ever bought.",
        ("wide choice", "few products"), zero=True,
    ),
    _entry(
        "new_product_share", "share of lines with a new product", "share", Kind.SHARE, Block.BASKET, "breadth",
        "products",
        "Different products divided by purchase lines: 1 when nothing was bought twice.",
        ("always something new", "buy the same again"),
    ),
    _entry(
        "discount_share", "share of discounts", "share", Kind.SHARE, Block.BASKET, "discounts",
        "orders amount discounts",
        "Money taken off divided by what the orders would have cost without it.",
        ("discount seekers", "full-price buyers"), actionable=True,
    ),
    _entry(
        "discounted_order_share", "share of orders with a discount", "share", Kind.SHARE, Block.BASKET, "discounts",
        "orders discounts",
        "Share of the customer's orders that had any discount.",
        ("mostly on offer", "rarely on offer"),
    ),
    _entry(
        "return_rate", "share of money returned", "share", Kind.SHARE, Block.BASKET, "returns", "orders amount returns",
        "Money returned, refunded or cancelled divided by money paid, at most 1; 1 for customers who only returned.",
        ("return a lot", "keep what they buy"), actionable=True,
    ),
    _entry(
        "cancellation_share", "share of orders with a return", "share", Kind.SHARE, Block.BASKET, "returns",
        "orders returns",
        "Share of the customer's documents (orders, credit notes) that hold a return, refund or cancellation.",
        ("frequent returners", "rarely return"),
    ),
)

INTERESTS = (
    _entry(
        "category_count", "number of categories", "categories", Kind.COUNT, Block.INTERESTS, "interests", "categories",
        "Different product categories that the customer ever bought from.",
        ("many categories", "few categories"), zero=True,
    ),
    _entry(
        "category_entropy", "breadth of interests", "", Kind.NUMBER, Block.INTERESTS, "interests", "categories",
        "Entropy of the spend over categories divided by its largest possible value: 0 is one category only, 1 is all "
        "of the shop's categories alike.",
        ("broad interests", "focused interests"), actionable=True, unknown="customers without a purchase in a category",
    ),
    _entry(
        "favourite_category", "favourite category", "", Kind.CATEGORY, Block.INTERESTS, "favourite_categories",
        "categories",
        "Category with most of the customer's spend; ties go to the first by name.",
        unknown="customers without a purchase in a category",
    ),
    _entry(
        "share_<category>", "share of <category>", "share", Kind.SHARE, Block.INTERESTS, "interests", "categories",
        "Share of the customer's spend on products with a category that went to <category>, before returns; one "
        "feature for each of the largest categories or derived product groups.",
        ("<category> fans", "little <category>"), actionable=True,
        unknown="customers without a purchase in a category",
    ),
)

CHANNELS = (
    _entry(
        "favourite_channel", "favourite channel", "", Kind.CATEGORY, Block.OTHER, "favourite_channels",
        "orders channels",
        "Channel of most of the customer's orders; ties go to the one with more money, then to the first by name.",
    ),
    _entry(
        "channel_share_<channel>", "share of orders by <channel>", "share", Kind.SHARE, Block.OTHER, "channels",
        "orders channels",
        "Share of the customer's orders that came through <channel>; one feature for each of the four largest channels.",
        ("mostly <channel>", "rarely <channel>"),
    ),
    _entry(
        "order_country", "country of most orders", "", Kind.CATEGORY, Block.DEMOGRAPHICS, "order_countries",
        "orders countries",
        "Country of most of the customer's orders; ties go to the one with more money, then to the first by name.",
    ),
)

_NO_VISIT = "customers without a visit"

BROWSING = (
    _entry(
        "visit_count", "number of visits", "visits", Kind.COUNT, Block.BROWSING, "visits", "events",
        "Sessions on the site; where events have no session, days with an event.",
        ("frequent visitors", "rare visitors"), actionable=True, zero=True,
    ),
    _entry(
        "days_since_visit", "days since the last visit", "days", Kind.DAYS, Block.BROWSING, "visits",
        "events visit_dates",
        "Days from the last event on the site to the first day not seen.",
        ("not seen lately", "seen lately"), unknown=_NO_VISIT,
    ),
    _entry(
        "visits_per_order", "visits per order", "visits", Kind.NUMBER, Block.BROWSING, "conversion", "events orders",
        "Visits divided by orders: how much looking one purchase takes.",
        ("browsers", "decisive buyers"), actionable=True, unknown=_NO_ORDER,
    ),
    _entry(
        "events_per_visit", "events per visit", "events", Kind.COUNT, Block.BROWSING, "visits", "events",
        "Average number of events in a visit.",
        ("long visits", "short visits"), unknown=_NO_VISIT,
    ),
    _entry(
        "visit_minutes", "minutes per visit", "minutes", Kind.NUMBER, Block.BROWSING, "visits", "events durations",
        "Recorded duration of all events divided by the number of visits.",
        ("linger on the site", "quick visits"), unknown=_NO_VISIT,
    ),
    _entry(
        "favourite_browsed_category", "most viewed category", "", Kind.CATEGORY, Block.BROWSING,
        "favourite_browsed", "events browsed",
        "Category with most of the customer's events; ties go to the first by name.",
        unknown="customers without an event in a category",
    ),
    _entry(
        "browse_share_<category>", "share of views of <category>", "share", Kind.SHARE, Block.BROWSING, "browsing",
        "events browsed",
        "Share of the customer's events with a category that concern <category>; one feature for each of the six largest "
        "categories.",
        ("look at <category>", "rarely look at <category>"), unknown="customers without an event in a category",
    ),
    _entry(
        "main_device", "main device", "", Kind.CATEGORY, Block.BROWSING, "main_devices", "events devices",
        "Device of most of the customer's events; ties go to the first by name.",
        unknown=_NO_VISIT,
    ),
)

#: All entries, in the order of the customer table.
ENTRIES: tuple[Definition, ...] = (*VALUE, *RHYTHM, *BASKET, *INTERESTS, *CHANNELS, *BROWSING)
