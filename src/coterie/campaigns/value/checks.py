"""Whether the data are such as the models assume, in plain words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.campaigns.value.orders import Histories
from coterie.campaigns.value.outlook import outlooks
from coterie.profiles import days, number, share

if TYPE_CHECKING:
    from coterie.campaigns.value.forecast import ValueModel
    from coterie.campaigns.value.history import Buyers, OrderHistory
    from coterie.campaigns.value.orders import OrderModel
    from coterie.campaigns.value.trial import Trial

#: Rank correlation of how often and how much from which on it is told.
_RELATED, _STRONGLY = 0.2, 0.4
#: A history shorter than this many typical gaps, or than this many days, sees too little.
_GAPS, _DAYS = 3.0, 180
#: Share of repeat customers below which forecasts lean on a few.
_FEW_REPEATERS = 0.1
#: Days of a period, how many of them show a season, and the ratio to the model that is told; fewest periods,
#: and part of the customers who must be known by then.
_PERIOD, _SEASON, _UNEVEN = 28, 26, 1.3
_FEWEST_PERIODS, _KNOWN = 3, 0.1
#: Share of customers who first order in the first tenth of the history; above it most came before it.
_EARLY, _EARLY_SHARE = 0.1, 0.3
#: Bias of the tested total that is told as one.
_BIASED = 0.1


@dataclass(frozen=True)
class Check:
    """One assumption: whether it holds, and what that means, in a sentence or two."""

    code: str
    holds: bool
    sentence: str


def check_assumptions(history: OrderHistory, model: ValueModel, trial: Trial | None) -> tuple[Check, ...]:
    """Check what the models take for granted."""
    buyers = history.buyers()
    found = [
        _repeaters(buyers),
        _history(history, buyers),
        _independence(buyers) if model.spending is not None else None,
        _evenness(history, model),
        _beginning(history),
        _leaving(model),
        _tested(trial),
    ]
    return tuple(check for check in found if check is not None)


def _repeaters(buyers: Buyers) -> Check:
    repeaters = int((buyers.order_days > 1).sum())
    part = repeaters / len(buyers)
    told = f"{number(repeaters)} of {number(len(buyers))} customers ({share(part)}) ordered on more than one day."
    if part >= _FEW_REPEATERS:
        return Check("repeat-customers", True, f"{told} That is enough to learn how often people come back.")
    return Check("repeat-customers", False, f"{told} Forecasts rest on those few; take them as a rough guide.")


def _history(history: OrderHistory, buyers: Buyers) -> Check:
    repeat = buyers.order_days > 1
    gap = float(np.median(buyers.last_age[repeat] / (buyers.order_days[repeat] - 1)))
    told = f"The orders span {days(history.length)}; a customer who comes back takes {days(gap)} between two orders"
    if history.length >= max(_GAPS * gap, _DAYS):
        return Check("history", True, f"{told}, so the history shows several rounds.")
    return Check("history", False, f"{told}. That is little to learn from: a forecast of a year reaches far beyond it.")


def _independence(buyers: Buyers) -> Check:
    """Rank correlation between how often and how much, among repeat customers."""
    repeat = (buyers.order_days > 1) & (buyers.mean_value > 0)
    counts, values = buyers.order_days[repeat], buyers.mean_value[repeat]
    if len(np.unique(counts)) < 2 or len(np.unique(values)) < 2:
        related = 0.0
    else:
        related = float(np.corrcoef(_ranks(counts), _ranks(values))[0, 1])
    told = f"(rank correlation {related:.2f})"
    if abs(related) < _RELATED:
        return Check("independence", True, f"How often people order has little to do with how much they spend {told}.")
    less, much = ("more" if related > 0 else "less"), ("much " if abs(related) >= _STRONGLY else "")
    side = "too low" if related > 0 else "too high"
    return Check(
        "independence",
        False,
        f"People who order more often spend {much}{less} per order {told}; the models take the two as unrelated, so "
        f"that the value of customers who order often may come out {side}.",
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value among all; equal ones share the middle of their places."""
    order = np.argsort(values)
    rising = values[order]
    first = np.flatnonzero(np.append(True, rising[1:] != rising[:-1]))
    times = np.diff(first, append=len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(first + times / 2, times)
    return ranks


def _evenness(history: OrderHistory, model: ValueModel) -> Check:
    """Tell how repeat orders went beside what the model gives, from one period of four weeks to the next."""
    actual, expected = tracking(history, model.orders)
    if len(actual) < _FEWEST_PERIODS:
        return Check("evenness", False, "The history is too short to see a season or a trend; forecasts assume none.")
    ratios = actual / expected
    words = (
        f"in the busiest four weeks came {number(float(ratios.max()))} times the repeat orders that the model gives, "
        f"in the quietest {number(float(ratios.min()))} times"
    )
    season = (
        "" if len(ratios) >= _SEASON else " With less than two years of orders a season cannot be told from a trend."
    )
    if ratios.max() < _UNEVEN and ratios.min() > 1.0 / _UNEVEN:
        return Check("evenness", True, f"Orders came about as evenly as the model takes them to: {words}.{season}")
    return Check(
        "evenness",
        False,
        f"Orders did not come as evenly as the model takes them to: {words}. It knows no season and no trend: a "
        f"forecast over months of a high season is too low, over quiet months too high.{season}",
    )


def tracking(history: OrderHistory, orders: OrderModel) -> tuple[np.ndarray, np.ndarray]:
    """Repeat orders that came and that the model gives, in whole periods of four weeks up to today, the oldest first.

    Returns
    -------
    actual, expected : float arrays
        Periods before a tenth of the customers had come are left out: there is hardly anybody to come back.

    Notes
    -----
    Customers count as having come in the middle of the period of their first order, after which the model gives the
    mean of all customers (Fader, Hardie and Lee 2005, equation 9).
    """
    n = history.length // _PERIOD
    ago = np.array([(history.as_of - day).days - 1 for day in history.days.index], dtype=np.int64) // _PERIOD
    first = (history.frame["first_days"].to_numpy().astype(np.int64) - 1) // _PERIOD
    ago, first = np.minimum(ago, n), np.minimum(first, n)  # what lies before the whole periods comes first
    new = np.bincount(first, minlength=n + 1)[::-1].astype(float)
    came = np.bincount(ago, weights=history.days["orders"].to_numpy(), minlength=n + 1)[::-1] - new
    someone = Histories.of(np.zeros(1), np.zeros(1), np.zeros(1))
    model = replace(orders, covariance=np.zeros((4, 4)))
    sums = [found.mean[0] for found in outlooks(model, someone, [_PERIOD * (k + 0.5) for k in range(n + 1)])]
    expected = np.convolve(new, np.diff(sums, prepend=0.0))[: n + 1]
    inside = (np.cumsum(new) >= _KNOWN * new.sum()) & (expected > 0)
    inside[0] = False
    return came[inside], expected[inside]


def _beginning(history: OrderHistory) -> Check | None:
    """Customers whose first order stands at the very start were probably customers before."""
    first = history.frame["first_days"].to_numpy()
    early = float((first > (1.0 - _EARLY) * history.length).mean())
    if early <= _EARLY_SHARE:
        return None
    return Check(
        "beginning",
        False,
        f"{share(early)} of the customers first appear in the first tenth of the history. If the tables begin later "
        "than the shop, many of them had ordered before, and count as newer than they are.",
    )


def _leaving(model: ValueModel) -> Check | None:
    orders = model.orders
    if orders.a / (orders.a + orders.b) >= 0.01 and "leaving" not in orders.bounded:
        return None
    return Check(
        "leaving",
        True,
        "In this history hardly anybody can be seen to leave for good: long pauses are as likely as the customers' own "
        "slow rhythm explains. The chance of being still a customer is then high for all; go by the expected orders.",
    )


def _tested(trial: Trial | None) -> Check | None:
    score = trial.of("value") or trial.of("orders") if trial else None
    if trial is None or score is None:
        return Check("test", False, "The forecasts could not be tested: too little was ordered before or after a day.")
    if abs(score.bias) < _BIASED:
        return Check("test", True, f"A forecast made {days(trial.days)} earlier came true within {share(_BIASED)}.")
    word = "low" if score.bias < 0 else "high"
    return Check(
        "test",
        False,
        f"A forecast made {days(trial.days)} earlier came out {share(abs(score.bias))} too {word}. Trust the order of "
        "customers and segments more than the sums.",
    )
