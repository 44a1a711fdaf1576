"""Plain words for what a person decides on the way to a study."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coterie.vocabulary import Block, TableKind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What one row of a table of each kind is.
KINDS: Mapping[TableKind, str] = {
    TableKind.ORDERS: "Orders: a row is an order, or a line of one",
    TableKind.CUSTOMERS: "Customers: a row is a customer",
    TableKind.EVENTS: "Visits: a row is a visit or a click on the site",
    TableKind.RESPONSES: "Campaigns: a row is what a customer did after a message",
}

#: What a column can mean, by the kind of its table.
ROLES: Mapping[TableKind, Mapping[str, str]] = {
    TableKind.ORDERS: {
        "customer_id": "Customer (number or address)",
        "ordered_at": "Date of the order",
        "amount": "Money paid for the row",
        "quantity": "How many pieces",
        "unit_price": "Price of one piece",
        "order_id": "Order number",
        "product": "Product code",
        "product_name": "Product name",
        "category": "Category of the product",
        "discount": "Discount on the row",
        "channel": "Channel (shop, web, …)",
        "country": "Country",
        "status": "Status (paid, returned, …)",
        "currency": "Currency",
    },
    TableKind.CUSTOMERS: {
        "customer_id": "Customer (number or address)",
        "age": "Age",
        "birth_date": "Date of birth",
        "birth_year": "Year of birth",
        "gender": "Gender",
        "income": "Income",
        "country": "Country",
        "city": "City",
        "postcode": "Postcode",
        "signed_up_on": "Date of sign-up",
        "email": "E-mail (only for lists)",
        "phone": "Phone (only for lists)",
        "person_name": "Name of the person (never used)",
        "consent": "Consent to be contacted",
        "recency_days": "Days since the last order",
        "order_count": "Number of orders",
        "total_spend": "Money spent in all",
        "visit_count": "Number of visits",
    },
    TableKind.EVENTS: {
        "customer_id": "Customer (number or address)",
        "happened_at": "Time of the visit",
        "event_type": "What was done",
        "page": "Page",
        "category": "Category looked at",
        "session_id": "Visit number",
        "duration_seconds": "Seconds spent",
        "device": "Device",
    },
    TableKind.RESPONSES: {
        "customer_id": "Customer (number or address)",
        "campaign": "Campaign",
        "treated": "Was contacted",
        "responded": "Responded",
        "spend": "Money spent afterwards",
    },
}

#: The sides of a customer that segments can be built on: name, and what belongs to it.
BLOCKS: Mapping[Block, tuple[str, str]] = {
    Block.VALUE: ("What they are worth", "how much they spend, and how much in one order"),
    Block.RHYTHM: ("When they buy", "how often, how regularly, how long ago, on which days"),
    Block.BASKET: ("How they buy", "size of the basket, discounts, returns, price of what they take"),
    Block.INTERESTS: ("What they buy", "the categories they like, and how broad their taste is"),
    Block.BROWSING: ("How they visit", "visits, pages, devices"),
    Block.DEMOGRAPHICS: ("Who they are", "age, gender, income, place; counts for less unless you say otherwise"),
    Block.OTHER: ("Other columns of yours", "columns that have no known meaning"),
}

#: What a block can count for: words, and the weight that stands for them ("" leaves the block's own).
WEIGHTS = (
    ("", "As usual"),
    ("0", "Leave out"),
    ("0.5", "Half as much"),
    ("2", "Twice as much"),
    ("4", "Four times as much"),
)

_HOW = "under “How the files are read”"
#: An option of the command line in advice -> where the page has the same.
_PLACES = (
    (r"--(orders|customers|events|responses) FILE", r"the kind “\1” beside the table"),
    (r"--map (?:\w+\.)?(\w+)=(?:COLUMN|[\"“']?[^\s\"”']+[\"”']?)", r"the meaning “\1” beside the column"),
    (r"--encoding-errors replace", f"a mark in place of damaged letters {_HOW}"),
    (r"--encoding \S+", f"the encoding {_HOW}"),
    (r"--delimiter \S+", f"what stands between fields {_HOW}"),
    (r"--decimal \S+", f"the decimal mark {_HOW}"),
    (r"--date-order \S+", f"the order of day and month {_HOW}"),
    (r"--currency \S+", f"the currency {_HOW}"),
    (r"--sheet \S+", f"the sheet {_HOW}"),
    (r"--on-duplicate \S+", f"the rule for customers listed twice {_HOW}"),
    (r"--as-of \S+", "the first day not seen on the next page"),
    (r"--ignore \S+", "“Leave out” beside the column"),
)


def for_page(advice: str) -> str:
    """Advice as a page gives it: where it names an option of the command line, say where the page has the same.

    Examples
    --------
    >>> for_page("Use --decimal , for this file.")
    'Use the decimal mark under “How the files are read” for this file.'
    """
    for option, place in _PLACES:
        advice = re.sub(option, place, advice)
    return advice
