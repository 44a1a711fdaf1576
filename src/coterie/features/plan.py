"""Which SQL steps a shop's features need, in which order, and with which parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coterie.engines.steps import Step, render
from coterie.features.product_words import OTHER_PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coterie.engines.dialect import Dialect

#: Steps that others build on.
PREREQUISITES = {
    "rhythm": ("order_days", "gaps"),
    "visits": ("events",),
    "conversion": ("rfm", "events", "visits"),
    "browsing": ("events",),
    "favourite_browsed": ("events",),
    "main_devices": ("events",),
}

#: Every step of the last query, each after those it builds on.
ORDER = (
    "everyone", "rfm", "order_days", "gaps", "rhythm", "habits", "peak_weekdays", "peak_dayparts", "basket", "breadth",
    "prices", "discounts", "returns", "interests", "favourite_categories", "channels", "favourite_channels",
    "order_countries", "events", "visits", "conversion", "browsing", "favourite_browsed", "main_devices",
)  # fmt: skip

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class _Favourite:
    """Arguments of `favourite.sql`: the value with the most `weight`, then the most `money`, then the lowest `rank`."""

    name: str
    of: str
    source: str
    value: str
    rank: str
    weight: str = "COUNT(*)"
    money_weight: str = "SUM(sold)"
    condition: str = "is_order"


def steps(names: Iterable[str], dialect: Dialect, parameters: Mapping[str, object]) -> list[Step]:
    """Render the named steps and all that they build on, in order."""
    wanted = set(names)
    for name in list(wanted):
        wanted.update(PREREQUISITES.get(name, ()))
    return [Step(name, _text(name, dialect, parameters)) for name in ORDER if name in wanted]


def step(name: str, dialect: Dialect, parameters: Mapping[str, object]) -> Step:
    """Render one step."""
    return Step(name, _text(name, dialect, parameters))


def variation(x: str, dialect: Dialect) -> str:
    """Coefficient of variation (sample standard deviation over mean) of whole numbers, as an aggregate.

    NULL for fewer than two values. The variance is taken as n·Σx² − (Σx)² in whole numbers: it is exact, so that the
    order of rows cannot change it and equal values give exactly 0.
    """
    number = dialect.whole(x)
    n, total, squares = f"COUNT({x})", f"SUM({number})", f"SUM({number} * {number})"
    spread = f"SQRT({dialect.f64(f'{n} * {squares} - {total} * {total}')} / {dialect.f64(f'{n} * ({n} - 1)')})"
    return f"CASE WHEN {n} > 1 THEN {dialect.ratio(f'{spread} * {n}', total)} END"


def _text(name: str, dialect: Dialect, parameters: Mapping[str, object]) -> str:
    favourite = _favourites(dialect).get(name)
    if favourite:
        return render(_file("favourite"), dialect, vars(favourite))
    return render(_file(name), dialect, {**parameters, "variation": lambda x: variation(x, dialect)})


@cache
def _file(name: str) -> str:
    return (files("coterie.features") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def _favourites(dialect: Dialect) -> dict[str, _Favourite]:
    weekday, hour = dialect.weekday("ordered_on"), dialect.hour("ordered_at")
    days = " ".join(f"WHEN {number} THEN {dialect.text(day)}" for number, day in enumerate(_WEEKDAYS, 1))
    part = f"CASE WHEN {hour} BETWEEN 5 AND 11 THEN 1 WHEN {hour} BETWEEN 12 AND 17 THEN 2 "
    part += f"WHEN {hour} BETWEEN 18 AND 22 THEN 3 ELSE 4 END"
    dayparts = f"CASE {part} WHEN 1 THEN 'morning' WHEN 2 THEN 'afternoon' WHEN 3 THEN 'evening' ELSE 'night' END"
    of_events = {"source": "events", "money_weight": "0"}
    return {
        "peak_weekdays": _Favourite(
            "peak_weekday", "the weekdays", "orders", f"CASE {weekday} {days} END", weekday,
            condition="is_order AND ordered_on IS NOT NULL",
        ),
        "peak_dayparts": _Favourite(
            "peak_daypart", "the times of day", "orders", dayparts, part,
            condition="is_order AND ordered_at IS NOT NULL",
        ),
        "favourite_categories": _Favourite(
            "favourite_category", "the categories", "customer_categories", "category", "category", weight="SUM(weight)",
            money_weight="0", condition=f"weight > 0 AND category <> {dialect.text(OTHER_PRODUCTS)}",
        ),
        "favourite_channels": _Favourite(
            "favourite_channel", "the channels", "orders", "channel", "channel",
            condition="is_order AND channel IS NOT NULL",
        ),
        "order_countries": _Favourite(
            "order_country", "the countries", "orders", "country", "country",
            condition="is_order AND country IS NOT NULL",
        ),
        "favourite_browsed": _Favourite(
            "favourite_browsed_category", "the categories", value="category", rank="category",
            condition="category IS NOT NULL", **of_events,
        ),
        "main_devices": _Favourite(
            "main_device", "the devices", value="device", rank="device", condition="device IS NOT NULL", **of_events,
        ),
    }  # fmt: skip
