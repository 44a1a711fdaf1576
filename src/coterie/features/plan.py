"""Which SQL steps a shop's features need, in which order, and with which parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coterie.engines.steps import Step, compiled, render
from coterie.features.product_words import OTHER_PRODUCTS
from coterie.sources.shop import RELATIONS
from coterie.vocabulary import TableKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coterie.engines.dialect import Dialect

#: Steps that others build on.
PREREQUISITES = {
    "rhythm": ("gaps",),
    "breadth": ("lines",),
    "visits": ("events",),
    "conversion": ("buying", "events", "visits"),
    "browsing": ("events",),
    "favourite_browsed": ("events",),
    "main_devices": ("events",),
}

#: Every step of the last query, each after those it builds on.
ORDER = (
    "lines", "everyone", "buying", "gaps", "rhythm", "peak_weekdays", "peak_dayparts", "breadth", "prices", "interests",
    "favourite_categories", "favourite_channels", "order_countries", "events", "visits", "conversion", "browsing",
    "favourite_browsed", "main_devices",
)  # fmt: skip

_DAYPARTS = ("morning", "afternoon", "evening", "night")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


#: What a step may ask for that only some engines and shops have.
_DEFAULTS: Mapping[str, object] = {
    "order_lines": RELATIONS[TableKind.ORDERS],
    "keyed": False,
    "channel_shares": (),
    "few_channels": (),
}


@dataclass(frozen=True)
class _Choice:
    """One of few values: how it stands in the orders, and what it is called, as SQL."""

    key: str
    label: str


@dataclass(frozen=True)
class _Few:
    """Arguments of `favourite_of_few.sql`: the choice with the most orders, then the most money, then the first."""

    name: str
    of: str
    value: str
    condition: str
    choices: tuple[_Choice, ...]
    step: str = "1000000000000000"  # 1e15: amounts that together reach it are refused


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
    parameters = {**_DEFAULTS, "other_products": dialect.text(OTHER_PRODUCTS), **parameters}
    few = _few(name, dialect, parameters["few_channels"])  # type: ignore[arg-type]
    if few:
        return render(_file("favourite_of_few"), dialect, vars(few))
    favourite = _favourites().get(name)
    if favourite:
        return render(_file("favourite"), dialect, vars(favourite))
    return render(_file(name), dialect, {**parameters, "variation": lambda x: variation(x, dialect)})


@cache
def _file(name: str) -> str:
    return (files("coterie.features") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def _few(name: str, dialect: Dialect, channels: Sequence[str]) -> _Few | None:
    """Say how the favourite among few values is found: the weekday, the part of the day, and a channel out of a few."""
    if name == "peak_weekdays":
        days = tuple(_Choice(str(number), dialect.text(day)) for number, day in enumerate(_WEEKDAYS, 1))
        condition = "is_order AND ordered_on IS NOT NULL"
        return _Few("peak_weekday", "weekdays", dialect.weekday("ordered_on"), condition, days)
    if name == "peak_dayparts":
        hour = dialect.hour("ordered_at")
        part = f"CASE WHEN {hour} BETWEEN 5 AND 11 THEN 1 WHEN {hour} BETWEEN 12 AND 17 THEN 2 "
        part += f"WHEN {hour} BETWEEN 18 AND 22 THEN 3 ELSE 4 END"
        parts = tuple(_Choice(str(number), dialect.text(word)) for number, word in enumerate(_DAYPARTS, 1))
        return _Few("peak_daypart", "parts of the day", part, "is_order AND ordered_at IS NOT NULL", parts)
    if name == "favourite_channels" and channels:
        choices = tuple(_Choice(channel, channel) for channel in channels)
        return _Few("favourite_channel", "channels", "channel", "is_order AND channel IS NOT NULL", choices)
    return None


def _favourites() -> dict[str, _Favourite]:
    of_events = {"source": "events", "money_weight": "0"}
    return {
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


def _make_ready() -> None:
    """Compile the steps' templates: a run loads this module while it reads, and has no need to wait for them later."""
    for file in (files("coterie.features") / "sql").iterdir():
        if file.name.endswith(".sql"):
            compiled(_file(file.name.removesuffix(".sql")))


_make_ready()
