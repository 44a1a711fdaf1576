"""The damage that real exports have, and how much of it a dirty store gets. A line has one kind of damage at most.

Only lines that were bought are repeated, cancelled or charged postage; the rest befalls returns too.
"""

from __future__ import annotations

#: Kind -> share of the clean order lines that get it; the kinds in `ADDS_A_LINE` leave the line and add another.
KINDS = {
    "missing_id": 0.02,  # no customer_id
    "guest_id": 0.005,  # customer_id is the word "guest"
    "lower_case_id": 0.003,  # c00000012 for C00000012
    "padded_id": 0.005,  # a blank after the customer_id
    "odd_date": 0.002,  # 0000-00-00 00:00:00
    "word_for_number": 0.001,  # "n/a" as amount
    "currency_sign": 0.05,  # "£12.50" as unit_price and amount
    "shouted_name": 0.03,  # product_name in capitals, with a blank in front
    "duplicate": 0.005,  # the same line again, cell by cell
    "cancellation": 0.01,  # the line taken back within the hour, under an order_id with a C in front
    "charge": 0.03,  # postage among the products
}

ADDS_A_LINE = ("duplicate", "cancellation", "charge")


def bounds() -> dict[str, tuple[float, float]]:
    """Kind -> the part of (0, 1) that it takes of one uniform draw."""
    found, upto = {}, 0.0
    for kind, share in KINDS.items():
        found[kind] = (upto, upto + share)
        upto += share
    return found
