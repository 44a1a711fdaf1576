"""The words everyone in the house shares: kinds, blocks, findings, features, segments. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd


class TableKind(StrEnum):
    """What one row of a table stands for."""

    ORDERS = "orders"
    CUSTOMERS = "customers"
    EVENTS = "events"
    RESPONSES = "responses"


class Severity(StrEnum):
    """How much a finding matters: `stop` ends the run, `warning` needs a look, `note` records what was done."""

    STOP = "stop"
    WARNING = "warning"
    NOTE = "note"


class Kind(StrEnum):
    """What the values of a feature measure; it decides the transform, the statistics and the words."""

    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    SHARE = "share"  # 0 to 1
    NUMBER = "number"
    ORDERED = "ordered"  # bands such as 35-44, stored as a number with `Feature.levels`
    CATEGORY = "category"
    FLAG = "flag"  # 0 or 1
    DATE = "date"


#: Kinds whose values are numbers on which a mean or a distance has a meaning.
NUMERIC_KINDS = frozenset({Kind.MONEY, Kind.COUNT, Kind.DAYS, Kind.SHARE, Kind.NUMBER, Kind.ORDERED, Kind.FLAG})


class Block(StrEnum):
    """The side of a customer that a feature shows; blocks are balanced against each other in the basis."""

    VALUE = "value"
    RHYTHM = "rhythm"
    BASKET = "basket"
    INTERESTS = "interests"
    BROWSING = "browsing"
    DEMOGRAPHICS = "demographics"
    OTHER = "other"


class Barred(StrEnum):
    """Why a column is part of the basis only where it is asked for.

    Columns that say who somebody is, specially protected matters, and what only the check of fairness may see: never.
    """

    IDENTIFIER = "identifier"
    PERSONAL = "personal data"
    OUTCOME = "outcome"
    TREATMENT = "treatment"
    FREE_TEXT = "free text"
    CONSTANT = "constant"
    TOO_EMPTY = "nearly empty"
    SPECIAL = "special category"
    AUDIT = "only for the check of fairness"


class VerdictWord(StrEnum):
    """How real the segments are (Dolnicar, Grün, Leisch 2018, section 2.3, with `none` added)."""

    NATURAL = "natural"
    REPRODUCIBLE = "reproducible"
    CONSTRUCTIVE = "constructive"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the data that a person should know.

    `message` is one sentence with the count and no customer's value; `remedy` says what to do, naming the option.
    """

    code: str  # stable, kebab-case: "duplicate-lines"
    severity: Severity
    message: str
    remedy: str = ""
    table: str = ""
    column: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()  # first source row numbers, at most five


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the customer table: its name, unit, meaning, and the words for its two ends."""

    name: str
    label: str  # plain words, lower case: "average order value"
    unit: str  # "days", "orders", "share", "currency" (shown as the shop's own), or ""
    kind: Kind
    block: Block
    meaning: str  # one sentence
    high: str = ""  # words for customers at the upper end: "big baskets"
    low: str = ""
    actionable: bool = False  # may enter the default basis
    barred: Barred | None = None
    origin: str = ""  # the step or the column that it comes from
    levels: tuple[str, ...] = ()  # of ORDERED: the band of each number 0, 1, …

    @property
    def is_numeric(self) -> bool:
        """Whether a mean or a distance of its values has a meaning."""
        return self.kind in NUMERIC_KINDS


@dataclass(frozen=True)
class Families:
    """What features depend on the shop's own values, pinned so that other customers get the same columns.

    Attributes
    ----------
    chosen : mapping of str to tuple of str
        Catalogue family, such as `share_<category>`, -> the shop's values that have a column, in order.
    product_groups : mapping of str to str
        Product -> derived group, where the shop's products have no category.
    n_categories : int
        Categories that the breadth of interests is measured against; 0 when there are none.
    """

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    product_groups: Mapping[str, str] = field(default_factory=dict)
    n_categories: int = 0


@dataclass(frozen=True)
class CustomerTable:
    """One row a customer, one column a feature.

    Attributes
    ----------
    frame : DataFrame
        Index `customer_id` (str, unique, sorted by Unicode code point). Columns in the order of `features`;
        numeric kinds are float64 (NaN = unknown), categories object (str or None), dates datetime64.
    features : mapping of str to Feature
        The meaning of each column of `frame`.
    value : str or None
        The feature that says what a customer is worth (`net_revenue`, or a ready-made total), if there is one.
    as_of : date or None
        First day not seen; None when no table has a date.
    currency : str
        What to print before or after money: "£", "EUR", or "" when unknown.
    notes : tuple of Finding
        What had to be told while the table was made.
    families : Families
        What it takes to make the same columns for other customers.
    """

    frame: pd.DataFrame
    features: Mapping[str, Feature]
    value: str | None
    as_of: dt.date | None
    currency: str = ""
    notes: tuple[Finding, ...] = ()
    families: Families = Families()

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Verdict:
    """How real the segments are, in a word, a sentence, and the numbers behind them."""

    word: VerdictWord
    sentence: str
    p_value: float  # of the structure test; NaN where it was not run
    evidence: Mapping[str, float]  # z-scores of silhouette, prominence, dip
    stability: float  # mean adjusted Rand index of bootstrap pairs, 0 to 1
    segment_stability: tuple[float, ...]  # mean Jaccard per segment (Hennig 2007), by cluster label 0, 1, …
    details: tuple[str, ...] = ()  # further sentences: what is known, what is not
    meaning: str = ""  # what the word means for someone who acts on it

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Candidate:
    """One method with one number of segments, tried on the sample."""

    method: str  # "kmeans", "gaussian_mixture", …
    n_segments: int
    parameters: Mapping[str, float | int | str]
    scores: Mapping[str, float]  # "score" (what decides) and the criteria behind it
    smallest_share: float
    noise_share: float
    outcome: str  # "chosen", "runner-up", or why it lost, in words
    labels: np.ndarray = field(repr=False, compare=False)  # int array of shape (n_sample,); -1 = noise


@dataclass(frozen=True)
class Fact:
    """A sentence about a segment with the numbers that it rests on."""

    sentence: str  # "Buys every 21 days, twice as often as the average customer (43 days)."
    feature: str
    segment_value: float
    overall_value: float


@dataclass(frozen=True)
class Rule:
    """A short description of a segment by at most a few conditions, with how well it fits."""

    text: str  # "order count > 5.5 and recency days <= 40"
    conditions: tuple[tuple[str, str, float], ...]  # (feature, "<=" or ">", threshold in the feature's unit)
    precision: float
    recall: float


@dataclass(frozen=True)
class Play:
    """What to do about a segment: one campaign, in words that can be edited."""

    title: str
    goal: str
    offer: str
    channel: str
    timing: str  # from the segment's own rhythm
    message: str  # the creative angle
    avoid: str  # what not to do
    kpi: str  # first KPI
    evidence: str  # why this play: the numbers that chose it
    value_at_stake: float  # currency; what the play could move
    value_at_stake_note: str  # how that number was made
    priority: int  # 1 = first
    priority_reason: str = ""
    doubt: str = ""  # a warning where the segment is not surely found again; travels with the play
    key: str = ""  # of the playbook
    featured: tuple[str, ...] = ()  # categories to show, each with its count and lift
    left_alone: str = ""  # why the best play is to do nothing; "" where there is a campaign
    tested: str = ""  # what tests with this segment showed of the play, or of the one that it takes the place of


@dataclass(frozen=True)
class Segment:
    """A cluster with an id, a name, an explanation and a plan."""

    segment_id: int  # 1 = highest total value
    name: str
    size: int
    share: float  # of customers, 0 to 1
    value: float  # sum of the value feature; NaN where there is none, or it would show single customers
    value_share: float
    value_per_customer: float  # the median where the sum is not told
    stability: float  # mean Jaccard, 0 to 1; NaN where unknown
    stability_badge: str  # "stable", "pattern", "do not rely on it"
    summary: str  # one sentence: who they are
    facts: tuple[Fact, ...]  # three
    markers: tuple[str, ...]  # names of marker variables, strongest first
    rule: Rule | None
    play: Play | None
    is_unusual: bool = False  # collects the noise points of a density method
    typical: tuple[str, ...] = ()  # customer_ids nearest to the centre (never in the report)
    edge: tuple[str, ...] = ()
    stability_low: float = float(
        "nan"
    )  # a tenth of the bootstrap pairs find less of it again, a tenth more than `high`
    stability_high: float = float("nan")
    stability_across: float = float("nan")  # 1 = all from one segment of the solution with fewer, 0 = from all alike
    elsewhere: str = ""  # what becomes of it with one segment fewer or more, one sentence
    note: str = ""  # what a person wrote beside it
    colour: str = ""  # that a person chose, as "#0072b2"; "" = the one of its id
