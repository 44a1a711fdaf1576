"""The sentences that tell what customers are worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coterie.profiles import days, money, number, share

if TYPE_CHECKING:
    import pandas as pd

    from coterie.campaigns.value.forecast import ValueModel
    from coterie.campaigns.value.history import OrderHistory
    from coterie.campaigns.value.trial import Score, Trial
    from coterie.config import Config, MoneySettings

#: Bias of the tested total from which on it is told what it would mean now.
_TELLING_MISS = 0.05
#: Log units by which one variant must be likelier for that to be told.
_TELLING_GAIN = 2.0


def headline(history: OrderHistory, year: pd.Series, model: ValueModel, currency: str) -> tuple[str, ...]:
    """Tell the year ahead of all customers, the row of them in the table of sums, beside the year behind."""
    orders = f"{rounded(year['orders'])} orders ({rounded(year['orders_low'])} to {rounded(year['orders_high'])})"
    told = f"If they go on as so far, today's {number(year['customers'])} customers will place about {orders}"
    if model.spending is None:
        return (f"{told} in the next 12 months.",)
    low, high = (rounded(year[f"value_{end}"], currency) for end in ("low", "high"))
    told += f" worth {rounded(year['value'], currency)} ({low} to {high}) after returns in the next 12 months."
    past = float(history.frame["last_year_net"].sum())
    if history.length >= 365:
        told += f" In the last 12 months the same customers brought {rounded(past, currency)}, first orders included."
    return (told,)


def tested(trial: Trial | None, year: pd.Series, currency: str) -> tuple[str, ...]:
    """Tell how a forecast of an earlier day came out, beside the plain one, and what the same miss would mean now.

    Parameters
    ----------
    trial : Trial or None
    year : Series
        The row of all customers and 12 months in the table of sums.
    currency : str
    """
    outcome = "value" if trial and trial.of("value") else "orders"
    ours, plain = (trial.of(outcome, each) for each in ("model", "same as before")) if trial else (None, None)
    if trial is None or ours is None or plain is None:
        return ()
    unit = currency if outcome == "value" else None
    what = "of the money" if outcome == "value" else "of the orders"
    after = ", after returns" if outcome == "value" else ""
    day = f"{trial.split_on.day} {trial.split_on:%B %Y}"
    told = (
        f"Tested: from the orders before {day} alone the models foresaw {_foreseen(ours, unit)}; "
        f"{_amount(ours.actual, unit)} came{after}. To expect of each customer the same as in the "
        f"{days(trial.days)} before would have given {_foreseen(plain, unit)}. The tenth of the customers whom "
        f"the models put first brought {share(ours.top_tenth)} {what}; the tenth with most in those earlier "
        f"days {share(plain.top_tenth)}; no list could have reached more than {share(ours.best_tenth)}."
    )
    if abs(ours.bias) < _TELLING_MISS:
        return (told,)
    again = float(year[outcome]) * ours.actual / ours.predicted
    return (
        told,
        "The range of the next 12 months holds no such miss: with the same one they would bring "
        f"{_amount(again, unit)}.",
    )


def assumptions(config: Config, model: ValueModel, history: OrderHistory, currency: str) -> tuple[str, ...]:
    """List what was assumed of money, with the setting that changes each."""
    settings = config.money
    return (
        f"Returns: {_returns(settings, model, history)} (money.returns).",
        f"Margin: {share(config.campaigns.margin)} of net revenue stays after the goods are paid; an assumption "
        "(campaigns.margin).",
        f"Contacts: {number(settings.contacts_per_year)} messages a year to each customer at "
        f"{_cost(settings.contact_cost, currency)} each; an assumption (money.contacts_per_year, money.contact_cost).",
        f"Offers: {_offers(settings)}; an assumption (money.offer_share, money.offer_discount).",
        f"Time: money that comes in a year is worth {share(settings.interest)} less than today's; an assumption "
        "(money.interest).",
        "Orders: several on one day count once, as one visit. The history begins on "
        f"{history.begins.day} {history.begins:%B %Y}.",
    )


def _returns(settings: MoneySettings, model: ValueModel, history: OrderHistory) -> str:
    if settings.returns is not None:
        return f"{share(settings.returns)} of what is paid goes back, as set"
    sold = float(history.frame["sold"].sum())
    back = 1.0 - float(history.frame["net"].sum()) / sold if sold > 0 else 0.0
    told = (
        f"{share(min(max(back, 0.0), 1.0))} of what is paid goes back, as in these orders without "
        "those that went back whole"
    )
    model_of = model.returns
    if model_of.between <= 0.0:
        return told
    half = number(max(round(model_of.within / model_of.between), 1))
    return (
        f"{told}; of each customer the own part and that of all, half and half for one with {half} orders and more by "
        "the own part the more they ordered"
    )


def _offers(settings: MoneySettings) -> str:
    if not settings.offer_share or not settings.offer_discount:
        return "no discounts beyond those that past orders hold already"
    return (
        f"{share(settings.offer_share)} of the orders use an offer of {share(settings.offer_discount)} beyond the "
        "discounts that past orders hold already"
    )


def limits(model: ValueModel) -> tuple[str, ...]:
    """Say what ranges cover and what not."""
    if model.orders.leaves_at_once:
        leaving = "here they may leave after the first order already"
    else:
        leaving = "here they leave after a second order at the earliest, so that all with one order count as customers"
    better = "fits the history better" if _gain(model) > _TELLING_GAIN else "fits the history no worse"
    return (
        "Ranges hold 19 times in 20 if customers go on as so far: they cover what single customers may do and how "
        "exactly the history tells the models' numbers. They do not cover seasons, trends, new customers, changed "
        "prices or the effect of campaigns.",
        f"The model takes each customer to order at an own steady rate until leaving for good; {leaving}. Of the two "
        f"variants tried this one {better}.",
    )


def rounded(value: float, currency: str | None = None) -> str:
    """Three significant digits, as an amount of money or a bare number."""
    if not math.isfinite(value) or value == 0:
        return number(value) if currency is None else money(value, currency)
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    near = round(value / unit) * unit
    return number(near) if currency is None else money(near, currency)


def _gain(model: ValueModel) -> float:
    return max(model.orders.log_likelihood - model.other_log_likelihood, 0.0)


def _amount(value: float, currency: str | None) -> str:
    return rounded(value, currency) if currency is not None else f"{rounded(value)} orders"


def _foreseen(score: Score, currency: str | None) -> str:
    if abs(score.bias) < 0.005:
        return _amount(score.predicted, currency)
    side = "too little" if score.bias < 0 else "too much"
    return f"{_amount(score.predicted, currency)} ({share(abs(score.bias))} {side})"


def _cost(value: float, currency: str) -> str:
    """Small amounts keep their cents."""
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return f"{currency}{text}" if currency and not currency[0].isalpha() else f"{text} {currency}".strip()
