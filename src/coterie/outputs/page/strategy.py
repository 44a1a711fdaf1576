"""What the report says of targets and money: which segments first and why, what a campaign may cost, the briefs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.outputs import words
from coterie.outputs.briefs import Brief, make_briefs, per_hundred, small_money
from coterie.outputs.charts.palette import colour_of
from coterie.outputs.words import shown
from coterie.profiles import listed

if TYPE_CHECKING:
    import pandas as pd

    from coterie.campaigns import Allocation
    from coterie.outputs.study import Study

_TONES = {"target": "good", "leave alone": "poor", "look first": "poor"}
_SIDES = {"attractiveness": "Attractiveness", "strength": "Our strength"}
#: Criteria by a plain name.
_NAMES = {
    "value": "Value of a customer", "size": "Size", "alive": "Will order again", "margin": "Margin left",
    "gain": "Gain of its campaign", "stability": "Found again", "rule": "Sharpness of its rule", "reach": "Reach",
    "fit": "Favourite category", "response": "Earlier answers",
}  # fmt: skip


def strategy(study: Study, *, with_briefs: bool = True) -> dict[str, Any] | None:
    """Give the chapter on targets and money; None in a study that has no choice of targets.

    Briefs need the study's customers; without them all the rest is told.
    """
    table = study.tables.get("targeting")
    if table is None or table.empty:
        return None
    return {
        "lead": _lead(table),
        "rows": _rows(study, table),
        "criteria": _criteria(study),
        "money": _money(study),
        "budget": _budget(study),
        "briefs": [_brief(one) for one in make_briefs(study)] if with_briefs else [],
    }


def _brief(brief: Brief) -> dict[str, Any]:
    sections = [
        {"heading": section.heading, "lines": [{"label": label, "text": text} for label, text in section.lines]}
        for section in brief.sections
    ]
    return {"name": brief.title.partition(": ")[2], "file": brief.file, "lead": brief.lead, "sections": sections}


def _lead(table: pd.DataFrame) -> str:
    ordered = table.sort_values("rank")
    first = ordered.iloc[0]
    if first["knock_out"]:
        return "As things stand, no segment is a target: each is best left alone or looked at first."
    targets = int((table["decision"] == "target").sum())
    alone = int((table["knock_out"] != "").sum())
    told = f"Begin with {shown(str(first['segment']), 60)}. "
    told += f"{words.number_word(targets, capital=True)} of {words.number_word(len(table))} segments "
    told += "is worth having and within reach" if targets == 1 else "are worth having and within reach"
    return told + (f"; {words.number_word(alone)} should be left alone or looked at first." if alone else ".")


def _rows(study: Study, table: pd.DataFrame) -> list[dict[str, Any]]:
    tints = {segment.segment_id: colour_of(segment) for segment in study.profiled}
    return [
        {
            "rank": int(row["rank"]),
            "name": shown(str(row["segment"]), 60),
            "colour": tints[row["segment_id"]],
            "attractiveness": _score(row["attractiveness"]),
            "strength": _score(row["strength"]),
            "decision": row["decision"],
            "tone": _TONES.get(str(row["decision"]), "fair"),
            "sentence": shown(str(row["sentence"]).partition(": " if row["knock_out"] else "). ")[2], 700),
        }
        for row in table.sort_values("rank").to_dict("records")
    ]


def _score(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.1f}"


def _criteria(study: Study) -> dict[str, Any] | None:
    table = study.tables.get("targeting_criteria")
    if table is None or table.empty:
        return None
    firsts = table.drop_duplicates(["side", "name"]).to_dict("records")
    scores = table.set_index(["segment_id", "side", "name"])["score"]
    columns = [
        {"name": _NAMES.get(str(one["name"]), str(one["name"])), "weight": words.plain_number(float(one["weight"]))}
        for one in firsts
    ]
    rows = [
        {
            "name": shown(segment.name, 60),
            "scores": [_score(float(scores[segment.segment_id, one["side"], one["name"]])) for one in firsts],
        }
        for segment in study.profiled
    ]
    sides = [
        f"{title}: {listed([_NAMES[str(one['name'])].lower() for one in firsts if one['side'] == side])}."
        for side, title in _SIDES.items()
    ]
    scales = [
        f"{listed([_NAMES[str(one['name'])] for one in firsts if one['scale'] == scale])}: {scale}."
        for scale in dict.fromkeys(str(one["scale"]) for one in firsts)
    ]
    return {"columns": columns, "rows": rows, "notes": [*sides, *scales]}


def _money(study: Study) -> list[dict[str, str]]:
    table = study.tables.get("budget")
    if table is None:
        return []
    return [_money_row(study, {str(key): value for key, value in row.items()}) for row in table.to_dict("records")]


def _money_row(study: Study, row: dict[str, Any]) -> dict[str, str]:
    alone = bool(row["left_alone"])
    each = small_money(row["message_cost"] + row["giveaway"], study.currency)
    given = row.get("spend", 0.0) > 0
    return {
        "name": shown(str(row["segment"]), 60),
        "customers": words.count(row["customers"]),
        "each": each,
        "pays": "never" if row["margin"] <= 0 else _orders(row["break_even"]),
        "assumed": _orders(row["expected_response"]),
        "cap": "nothing" if alone else small_money(row["cap"], study.currency),
        "net": "—" if alone else words.money(row["best_net"], study.currency),
        "given": words.money(row["spend"], study.currency) if given else "nothing",
        "reached": words.count(row["reached"]) if given else "nobody",
    }


def _orders(value: float) -> str:
    return "—" if math.isnan(value) else per_hundred(value).partition(" extra")[0]


def _budget(study: Study) -> dict[str, Any] | None:
    """Tell how the budget is divided, or what all that pays would come to; None where no money is known."""
    from coterie.campaigns import allocate, economics_in, worth_spending

    table = study.tables.get("budget")
    economics = economics_in(table) if table is not None else {}
    settings = study.settings
    amount = settings.budget.amount
    most = worth_spending(economics)
    if not economics or most <= 0:
        return None
    given = most if amount is None else amount
    found = allocate(economics, given, doubt=settings.budget.doubt, seed=settings.seed)
    return {
        "is_given": amount is not None,
        "sentences": [*_divided(found, amount, most, study.currency), _uncertain(found, study.currency)],
        "assumptions": _assumptions(study),
    }


def _divided(found: Allocation, amount: float | None, most: float, currency: str) -> list[str]:
    net, spend = words.money(found.net, currency), words.money(found.spend, currency)
    if amount is None:
        return [
            f"It pays to spend up to {spend} in a year on all campaigns together; {net} of margin should then be left. "
            "Say your own with the option --budget: it is divided so that its last part brings the same everywhere."
        ]
    told = [f"Of a budget of {words.money(amount, currency)} for a year, {spend} is spent; {net} should then be left."]
    if found.left > 0.005 * max(amount, 1e-9):
        told.append(
            f"The other {words.money(found.left, currency)} is better kept: beyond {words.money(most, currency)} in "
            "all, customers cost more than they bring."
        )
    else:
        # Where all customers are reached already, more money brings nothing; elsewhere its last part brings the same.
        last = min((share.marginal for share in found.shares if share.spend > 0), default=0.0)
        more = words.money(1.0, currency) if currency else "unit of money"
        told.append(f"One more {more} would bring about {words.money(last, currency)} of margin.")
    return told


def _uncertain(found: Allocation, currency: str) -> str:
    low, high = words.money(found.net_low, currency), words.money(found.net_high, currency)
    loss = words.percent(found.loss_chance) if found.loss_chance > 0 else "under 0.1 %"
    return (
        f"If the assumed effects err as the settings allow, between {low} and {high} is left, 19 times in 20; the "
        f"chance of a loss is {loss}."
    )


def _assumptions(study: Study) -> list[str]:
    settings, currency = study.settings, study.currency
    budget, money = settings.budget, settings.money
    first = math.exp(budget.falling_response)
    return [
        "What a campaign brings is assumed, not known: the playbook says which part of a year's margin a play might "
        f"move, and it may be {words.plain_number(budget.doubt)} times too high or too low. A test with customers left "
        "out tells what it really is.",
        "Response falls from the customers who fit best to the others: the first one brings "
        f"{words.plain_number(first)} times as much as the last. So each further unit of money brings less.",
        f"A message costs {small_money(money.contact_cost, currency)} (letters and calls more, by the playbook); every "
        f"order in the {budget.days} days after it takes the price reduction, also those that would have come anyway.",
        f"The gross margin is {words.percent(settings.campaigns.margin)}; taking goods back costs "
        f"{words.percent(money.return_cost)} of their price. Costs of a campaign as a whole are not in these numbers.",
    ]
