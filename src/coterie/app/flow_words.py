"""Plain words for what a person decides on the way to a study."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from coterie.vocabulary import Block, TableKind

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
        "customer_id": "Customer (id or e-mail)",
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
        "customer_id": "Customer (id or e-mail)",
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
        "customer_id": "Customer (id or e-mail)",
        "happened_at": "Time of the visit",
        "event_type": "What was done",
        "page": "Page",
        "category": "Category looked at",
        "session_id": "Visit number",
        "duration_seconds": "Seconds spent",
        "device": "Device",
    },
    TableKind.RESPONSES: {
        "customer_id": "Customer (id or e-mail)",
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

#: Kinds of purpose that the settings know.
PURPOSES = (
    ("marketing", "Marketing: whom to tell about what"),
    ("service", "Service: what customers need to know or asked for"),
    ("price-or-eligibility", "Prices, or who may have something"),
)

_HOW = "under “How the files are read”"
_IN = "in “How the files are read”"
_MORE = "under “More choices” when you make a study"
#: A value after an option, without the mark that ends its sentence.
_VALUE = r"\S+?(?=[.;:]?(?:\s|$))"
_NEXT = "“First day not seen” on the next page"
#: An option of the command line in advice -> where the page has the same.
_PLACES = (
    (r" \(\[[a-z]+\] [a-z_]+\)", ""),
    (r"a later --as-of", f"a later {_NEXT}"),
    (r"Set --as-of", f"Set {_NEXT}"),
    (r"Say with --as-of", f"Say under {_NEXT}"),
    (r"it out with --ignore", "it out beside the column"),
    (
        r"It may be used only if you say why: --allow-special .+? --reason TEXT",
        "Only the command line can use it all the same",
    ),
    (r" ?If it must be used, say why: --allow-special .+? --reason TEXT\.", ""),
    (r"To use them all the same, name them: --basis .+?\.(?=\s|$)", "Only the command line can use them all the same."),
    (r"--on-duplicate first or --on-duplicate latest:\S+?(?=[.;]?(?:\s|$))", f"“Customers listed twice” {_IN}"),
    (r"hand the table over with --orders", "choose “Orders” as what a row is"),
    (r"hand it over with --customers", "choose “Customers” as what a row is"),
    (r"Name it: --encoding ", f"Choose it {_HOW}: "),
    (r"with --(?:encoding|sheet)(?=[.,])", _HOW),
    (r"as --audit says", "as you chose"),
    (r"Take (.+?) out of --basis", r"Take \1 out"),
    (r"Name features in --basis, or 'all' for every usable one", "Name features that are there"),
    (r"; --basis names the columns to use", ""),
    (r"Choose other columns with --basis", "Let other columns count"),
    (r"Add such a column with --basis", "Let such a column count"),
    (r"Leave the test out with --no-holdout", "Leave the test out"),
    (
        r"Read it with --delimiter whitespace --no-header --columns \S+",
        f"Choose “Blanks” between fields, and write the names under “Names of the columns” {_IN}.",
    ),
    (r"Name it, for example --delimiter ';', and", f"Choose what stands between fields {_HOW}, and"),
    (r"--(orders|customers|events|responses) FILE", r"the kind “\1” beside the table"),
    (r"--map (?:\w+\.)?(\w+)=(?:COLUMN|[\"“']?[^\s\"”']+[\"”']?)", r"the meaning “\1” beside the column"),
    (r"--encoding-errors replace", f"a mark in place of damaged letters {_HOW}"),
    (rf"pin the encoding with --encoding {_VALUE}", f"if they are wrong, choose the encoding {_HOW}"),
    (rf"--encoding {_VALUE}", f"the encoding {_HOW}"),
    (r"the field separator \(--delimiter\)", f"what stands between fields {_HOW}"),
    (rf"--delimiter {_VALUE}", f"what stands between fields {_HOW}"),
    (rf"--decimal {_VALUE}", f"the decimal mark {_HOW}"),
    (rf"--date-order {_VALUE}", f"the order of day and month {_HOW}"),
    (rf"--currency {_VALUE}", f"the currency {_HOW}"),
    (rf"--sheet {_VALUE}", f"the sheet {_HOW}"),
    (
        r"[Nn]ame (the|all) columns: (?:--skip-rows \d+ )?--no-header --columns \S+",
        rf"write \1 names under “Names of the columns” {_IN}, with commas between.",
    ),
    (r"(Give \w+(?: \w+)?): --columns \S+", rf"\1 under “Names of the columns” {_IN}, with commas between."),
    (r"[Ss]ay how many lines stand above the header: --skip-rows N", f"Fill in “Lines above the header” {_IN}"),
    (r"count the lines above the header with --skip-rows", "fill in “Lines above the header”"),
    (r"--skip-rows(?: (?:N|\d+))?", f"“Lines above the header” {_IN}"),
    (r"Leave --no-header out", f"Empty “Names of the columns” {_IN}"),
    (r"Add --no-header, or leave --columns out", f"Look at “Names of the columns” {_IN}"),
    (r"--columns|--no-header", "“Names of the columns”"),
    (
        r"raise --max-rejected(?: \(now [^)]+\))? above [^\s;,]+?(?=[.;,]?(?:\s|$))",
        f"allow more under “Rows that cannot be read” {_IN}",
    ),
    (r"with --max-rejected(?: [\d.]*\d)?", f"under “Rows that cannot be read” {_IN}"),
    (r"with --guest-ids keep", f"under “Ids that stand for many” {_IN}"),
    (rf", for example --timezone {_VALUE}", f", {_HOW}"),
    (r"Use a name such as --timezone (\S+)\.", rf"Write a name such as \1 under “Time zone” {_IN}."),
    (rf"--timezone {_VALUE}", f"“Time zone” {_IN}"),
    (r"number them with --duplicate-columns rename", f"have them numbered, {_HOW}"),
    (r"Raise the limit with --memory, for example --memory 4GB\.", "Hand over fewer rows or columns."),
    (
        r"Name the person with --human-review NAME(?: \(\[privacy\] human_review\))?, or choose another "
        r"--purpose-class",
        "Write a name under “Who reviews decisions”, or choose another kind of use",
    ),
    (r"as in --audit \S+", "under “Only for the check of fairness”"),
    (r"Did you mean --audit ([^?]+)\?", r"Did you mean “\1”?"),
    (r"with --audit", "under “Only for the check of fairness”"),
    (rf"--on-duplicate {_VALUE}", f"the rule for customers listed twice {_HOW}"),
    (rf"--as-of {_VALUE}", "the first day not seen on the next page"),
    (rf"--ignore {_VALUE}", "“Leave out” beside the column"),
    (
        r" with --suppress FILE(?:; --suppress none says that there is no such list)?",
        f", by a list that you hand over {_MORE}",
    ),
    (r" and say --suppress none", ""),
    (r"Say your own with the option --budget", f"Say your own {_MORE}"),
    (r"--segments(?: \(search\.min_segments\))?", "“How many segments”"),
    (r"--must-differ(?: \(search\.must_differ\))?", "“Must segments differ”"),
    (
        r"Run the same command with --debug and report what it prints\.",
        "Change the choices and try again; if it happens again, report what the log says.",
    ),
    (r", or set [a-z]+\.[a-z_]+ = \w+", ""),
    (r" \((?:[a-z]+\.[a-z_]+(?:, )?)+\)", ""),  # keys of a settings file that no page has
)


def for_page(advice: str) -> str:
    """Advice as a page gives it: where it names an option of the command line, say where the page has the same.

    Examples
    --------
    >>> for_page("Use --decimal , for this file.")
    'Use the decimal mark under “How the files are read” for this file.'
    """
    told = advice
    for option, place in _PLACES:
        told = re.sub(option, place, told)
    return told if told == advice or advice[:1].islower() else told[:1].upper() + told[1:]


def error_for_page(error: Mapping[str, str]) -> dict[str, str]:
    """Give an error (`what`, `found`, `remedy`) as a page tells it."""
    return {part: for_page(text) for part, text in error.items()}


def all_for_page(part: Any) -> Any:  # noqa: ANN401  plain values of a page
    """Give a part of a page's model with every sentence of it as `for_page` gives advice."""
    if isinstance(part, str):
        return for_page(part) if "--" in part or "_" in part or "." in part else part
    if isinstance(part, Mapping):
        return {key: all_for_page(value) for key, value in part.items()}
    return [all_for_page(each) for each in part] if isinstance(part, (list, tuple)) else part
