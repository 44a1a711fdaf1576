"""What the sources hand on: tables in our own vocabulary inside an engine, and an account of every row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.vocabulary import Barred, Finding, Kind, TableKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from coterie.engines.base import Engine

#: Name of each table of ours inside the engine.
RELATIONS = {
    TableKind.ORDERS: "order_lines",
    TableKind.CUSTOMERS: "given_customers",
    TableKind.EVENTS: "site_events",
    TableKind.RESPONSES: "campaign_responses",
}

#: View of the order lines with short keys and the columns of `order_lines`: a number for each customer (that of the
#: table `customer_ids`), a number or text that tells a customer's orders apart, and enumerations instead of texts.
CODED_LINES = "coded_lines"

#: Columns of `order_lines`, always all there (NULL where the shop has no such column), and their engine types.
ORDER_LINE_COLUMNS = {
    "customer_id": "VARCHAR",  # never NULL or blank
    "order_id": "VARCHAR",  # never NULL: one order per customer and timestamp where the shop has none
    "ordered_at": "TIMESTAMP",  # NULL only where the shop has no date at all
    "ordered_on": "DATE",
    "product": "VARCHAR",  # product code, or its name where there is no code
    "product_name": "VARCHAR",
    "category": "VARCHAR",
    "quantity": "DECIMAL(18,3)",  # negative on returns
    "unit_price": "DECIMAL(18,4)",
    "amount": "DECIMAL(18,2)",  # net of the line's discount, negative on returns and refunds
    "discount": "DECIMAL(18,2)",  # money taken off the line, >= 0
    "channel": "VARCHAR",
    "country": "VARCHAR",
    "status": "VARCHAR",
    "is_return": "BOOLEAN",  # cancellation, return or refund: nets against the customer, is no purchase
    "is_charge": "BOOLEAN",  # postage, fees, adjustments: money, but no product
}

#: Columns of `site_events`.
EVENT_COLUMNS = {
    "customer_id": "VARCHAR",
    "happened_at": "TIMESTAMP",
    "event_type": "VARCHAR",
    "page": "VARCHAR",
    "category": "VARCHAR",
    "session_id": "VARCHAR",
    "duration_seconds": "DOUBLE",
    "device": "VARCHAR",
}

#: Columns of `campaign_responses`.
RESPONSE_COLUMNS = {
    "customer_id": "VARCHAR",
    "campaign": "VARCHAR",
    "treated": "BOOLEAN",
    "responded": "BOOLEAN",
    "spend": "DECIMAL(18,2)",
}


@dataclass(frozen=True)
class GivenColumn:
    """A column of `given_customers` as it stands in the engine.

    `name` is a clean snake_case name, unique and never equal to another feature's; `role` one of the roles of a
    customer table (`age`, `birth_date`, `birth_year`, `gender`, `income`, `country`, `city`, `postcode`,
    `signed_up_on`, `email`, `phone`, `person_name`, `consent`, `recency_days`, `order_count`, `total_spend`,
    `spend_in_category`, `orders_in_channel`, `visit_count`) or "" when it has none. Engine type: DOUBLE for numeric
    kinds, VARCHAR for categories, DATE for dates; ORDERED bands are DOUBLE codes 0, 1, … into `levels`.
    """

    name: str
    source: str  # header as the shop has it
    label: str  # plain words made from the header
    role: str
    kind: Kind
    unit: str = ""
    barred: Barred | None = None
    detail: str = ""  # of spend_in_category: the category; of orders_in_channel: the channel
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnGuess:
    """Which column of a table plays a role, how sure that is, and why."""

    role: str
    column: str
    confidence: float  # 0 to 1; 1 = pinned by the user
    evidence: str  # "named like 'customer id' (English); 4,372 different values in 406,829 rows"


@dataclass(frozen=True)
class TableReport:
    """How one input was understood, and what became of each of its rows."""

    name: str  # as the user typed it, without folders
    kind: TableKind
    kind_evidence: str
    guesses: tuple[ColumnGuess, ...]
    unused: tuple[str, ...]  # columns without a role
    formats: Mapping[str, str]  # encoding, delimiter, decimal mark, date order: what was found
    casts: Mapping[str, str]  # per column: the rule by which its text became a value
    rows_read: int
    rows_kept: int
    rows_left_out: Mapping[str, int]  # reason -> rows; the sum with rows_kept is rows_read
    fingerprint: str  # SHA-256 of the bytes (files) or of the values (dataframes)


@dataclass(frozen=True)
class Shop:
    """Everything that the tables say, in our vocabulary, ready for the feature steps.

    The rows lie in the engine under the names of `RELATIONS`. Rows that could not be used lie in the engine table
    `left_out` (columns: table_name, source_row, reason).
    """

    engine: Engine
    tables: tuple[TableReport, ...]
    roles: Mapping[TableKind, frozenset[str]]  # roles that really hold values, per table kind present
    given: tuple[GivenColumn, ...]
    findings: tuple[Finding, ...]
    as_of: dt.date | None
    currency: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    coded: bool = False  # `coded_lines` and `customer_ids` are there and say the same as `order_lines`
    kept: set[str] = field(default_factory=set, compare=False)  # tables made from these rows that stay in the engine

    def has(self, kind: TableKind, *roles: str) -> bool:
        """Whether the table is there and each of `roles` holds values."""
        return kind in self.roles and all(role in self.roles[kind] for role in roles)
