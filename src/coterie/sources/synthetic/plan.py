"""What store to make: size, seed, difficulty, history, dirt; checked before anything runs."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

from coterie.errors import ConfigError
from coterie.sources.synthetic.segments import EVERYBODY, PLANTED, PlantedSegment

Difficulty = Literal["easy", "default", "hard"]

#: Per difficulty: how far the segments stand apart from the average customer (1 = as written in `segments`), and
#: how widely customers scatter about their segment (factor on every standard deviation).
DIFFICULTIES: dict[str, tuple[float, float]] = {"easy": (1.1, 0.6), "default": (0.95, 1.05), "hard": (0.5, 1.3)}

#: Last day of every store's history; a month of the plan is a twelfth of 365 days.
LAST_DAY = dt.date(2025, 6, 30)

#: Order lines of the average customer are a + b * months, fitted on 8,000 customers; used to size by lines.
LINES_PER_CUSTOMER = {True: (2.3, 0.77), False: (3.3, 1.57)}


class StoreOptions(TypedDict, total=False):
    """Keyword arguments of `make_store` and `write_store`; meanings and defaults in `StorePlan`."""

    customers: int
    seed: int
    difficulty: Difficulty
    months: int
    structure: bool
    dirt: bool


@dataclass(frozen=True)
class StorePlan:
    """What store to make.

    Attributes
    ----------
    customers : int
        From 20 to 10,000,000.
    seed : int
        0 or more; equal plans give equal stores.
    difficulty : {"easy", "default", "hard"}
        How much the planted segments overlap.
    months : int
        Length of the history, 12 to 36; it always ends on 2025-06-30.
    structure : bool
        False: no segments. Every trait of a customer is drawn on its own from one distribution with one peak.
    dirt : bool
        Damage the orders as exports are damaged; see `dirt.KINDS` for what and how much.
    """

    customers: int = 2000
    seed: int = 0
    difficulty: Difficulty = "default"
    months: int = 24
    structure: bool = True
    dirt: bool = False

    def __post_init__(self) -> None:
        _within("customers", self.customers, 20, 10_000_000)
        _within("seed", self.seed, 0, 2**32 - 1)
        _within("months", self.months, 12, 36)
        if self.difficulty not in DIFFICULTIES:
            raise ConfigError(
                "The synthetic store knows no such difficulty.",
                found=f"difficulty = {self.difficulty!r}",
                remedy=f"Use one of {', '.join(DIFFICULTIES)}.",
            )

    @property
    def days(self) -> int:
        """Length of the history."""
        return round(self.months * 365 / 12)

    @property
    def first_day(self) -> dt.date:
        """First day of the history."""
        return LAST_DAY - dt.timedelta(days=self.days - 1)

    @property
    def spread(self) -> float:
        """Factor on every standard deviation of a trait; twice as wide where there are no segments to differ by."""
        return DIFFICULTIES[self.difficulty][1] * (1.0 if self.structure else 2.0)

    @property
    def segments(self) -> tuple[PlantedSegment, ...]:
        """The segments to plant, as far apart as the difficulty says."""
        if not self.structure:
            return (EVERYBODY,)
        contrast = DIFFICULTIES[self.difficulty][0]
        return tuple(_contrasted(segment, contrast) for segment in PLANTED)


def customers_for(lines: int, *, months: int = 24, structure: bool = True) -> int:
    """How many customers make about `lines` order lines: within a tenth from 1,000 customers up.

    Parameters
    ----------
    lines : int
        Up to 10**8.
    months, structure
        As in `StorePlan`; the default difficulty is assumed.

    Returns
    -------
    int
        At least 20, the smallest store.
    """
    fixed, monthly = LINES_PER_CUSTOMER[structure]
    return max(20, round(lines / (fixed + monthly * months)))


#: Numbers of a segment that a difficulty moves: positive ones in logarithms, chances in log-odds.
_POSITIVE = ("order_rate", "line_count", "unit_count", "visits_per_order", "idle_visits")
_CHANCES = ("price_level", "discount_chance", "return_chance", "weekend", "evening", "app")


def _contrasted(segment: PlantedSegment, contrast: float) -> PlantedSegment:
    def moved(name: str) -> float:
        middle, own = getattr(EVERYBODY, name), getattr(segment, name)
        if name in _CHANCES:
            odds = math.log(middle / (1 - middle)) * (1 - contrast) + math.log(own / (1 - own)) * contrast
            return 1 / (1 + math.exp(-odds))
        return float(middle * (own / middle) ** contrast)

    tastes = tuple(taste**contrast for taste in segment.tastes)
    numbers: dict[str, Any] = {name: moved(name) for name in (*_POSITIVE, *_CHANCES)}
    return replace(segment, tastes=tastes, **numbers)


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ConfigError(
            f"The synthetic store cannot be made with {name} = {value}.",
            remedy=f"Use {name} from {low:,} to {high:,}.",
        )
