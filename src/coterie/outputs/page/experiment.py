"""The pages of a planned and of a measured campaign, in the look of the report."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

from coterie.campaigns import KEEP, STOP
from coterie.outputs import words
from coterie.outputs.result_checks import told
from coterie.outputs.words import shown
from coterie.vocabulary import Severity

if TYPE_CHECKING:
    from coterie.campaigns import Interval, SegmentPlan, Uplift
    from coterie.outputs.plan import Plan
    from coterie.outputs.results import Results

_TONES = {KEEP: "good", STOP: "poor"}


def render_plan(plan: Plan) -> str:
    """Make the page of a plan."""
    from coterie.outputs.report import environment

    return environment().get_template("plan.html.j2").render(plan_page(plan))


def plan_page(plan: Plan) -> dict[str, Any]:
    """Give what a page shows of a plan, as texts: one shape for the file and for other pages."""
    return {
        "title": shown(plan.title, 100),
        "n": words.count(sum(one.expected.size for one in plan.segments)),
        "left": words.count(sum(one.n_left_out for one in plan.segments)),
        "days": plan.options.days,
        "rows": [_planned(one, plan.currency) for one in plan.segments],
        "notes": [shown(sentence, 400) for sentence in (*plan.sentences, *_assumed(plan))],
        "learnable": sum(one.is_enough for one in plan.segments),
    }


def plan_lines(plan: Plan) -> list[str]:
    """Say a plan in a few lines, for a terminal."""
    rows = [_planned(one, plan.currency) for one in plan.segments]
    return [
        f"{row['name']}: {row['left']} of {row['size']} left out; {row['verdict']}. {row['advice']}" for row in rows
    ]


def result_lines(results: Results) -> list[str]:
    """Say what a campaign brought in a few lines, for a terminal."""
    measured = results.measured
    return [f"Look at this first: {one}" for one in told(results.findings, Severity.WARNING)] + [
        f"{shown(uplift.segment, 60)}: {verdict_words(uplift, results.currency)}"
        for uplift in (*measured.segments, measured.total)
    ]


def _planned(one: SegmentPlan, currency: str) -> dict[str, str]:
    return {
        "name": shown(one.expected.name, 60),
        "size": words.count(one.expected.size),
        "left": f"{words.count(one.n_left_out)} ({words.whole_percent(one.n_left_out / one.expected.size)})",
        "treated": words.count(one.n_treated),
        "rate": words.percent(one.expected.rate),
        "pays": _lift(one.break_even),
        "seen": _lift(one.smallest_lift),
        "revenue": words.money(one.smallest_revenue, currency),
        "tone": "good" if one.is_enough else "poor",
        "verdict": "can be learnt from" if one.is_enough else "too small to learn from",
        "advice": _advice(one),
    }


def _lift(value: float) -> str:
    if math.isnan(value):
        return "—"
    return "never" if math.isinf(value) else f"+{100 * value:.2g} in 100"


def _advice(one: SegmentPlan) -> str:
    name_pays = f"a rise by {100 * one.goal_lift:.2g} in 100 customers"
    if one.never_pays:
        return "Each further order would lose money with this discount: make a smaller offer, or none."
    if one.is_enough:
        return f"With so many left out, {name_pays} would be seen with a chance of {words.whole_percent(one.power)}."
    chance, needed = words.whole_percent(one.power), words.count(one.needed)
    told = f"{name_pays.capitalize()} would be seen with a chance of only {chance}; it takes {needed} customers."
    if one.together_with:
        return f"{told} Read the result together with: {'; '.join(shown(name, 60) for name in one.together_with)}."
    return f"{told} Take a longer time, a stronger offer, or read it over several campaigns."


def _assumed(plan: Plan) -> list[str]:
    costs, currency = plan.options.costs, plan.currency
    money = [
        f"a margin of {words.percent(costs.margin)}",
        f"{words.money(costs.contact, currency)} for each contact",
        f"a discount of {words.percent(costs.discount)}",
    ]
    if costs.fixed:
        money.append(f"{words.money(costs.fixed, currency)} for the campaign as a whole")
    told = [f"Assumed of money: {', '.join(money)}. A lift pays when it earns these costs back."]
    told.append(
        f"Who is left out follows from each customer's id and the word '{shown(plan.options.salt, 40)}' (the salt): "
        "the same word draws the same customers again. Take another one for the next campaign."
    )
    if math.isfinite(plan.cap):
        told.append(
            f"When results are read, revenue of one customer counts up to {words.money(plan.cap, currency)}"
            ", so that one giant order decides nothing."
        )
    return told


def render_results(results: Results) -> str:
    """Make the page of a measured campaign."""
    from coterie.outputs.charts.forest import draw_forest
    from coterie.outputs.charts.style import cropped, look
    from coterie.outputs.report import environment

    with look():
        drawing = draw_forest(results.measured)
    picture = base64.b64encode(cropped(drawing.svg().decode("utf-8"), 72 * drawing.header).encode("utf-8")).decode(
        "ascii"
    )
    chart = {
        "name": "forest",
        "title": drawing.title,
        "reading": drawing.reading,
        "wide": True,
        "most": "820px",
        "source": f"data:image/svg+xml;base64,{picture}",
    }
    return environment().get_template("results.html.j2").render(results_page(results) | {"chart": chart})


def results_page(results: Results) -> dict[str, Any]:
    """Give what a page shows of results, but for the picture."""
    return {
        "title": shown(results.title, 100),
        "total": _measured(results.measured.total, results.currency),
        "rows": [_measured(uplift, results.currency) for uplift in results.measured.segments],
        "differ": _differ(results),
        "warnings": [shown(sentence, 500) for sentence in told(results.findings, Severity.WARNING)],
        "notes": [shown(each, 500) for each in (*results.sentences, *told(results.findings, Severity.NOTE))],
    }


def _measured(uplift: Uplift, currency: str) -> dict[str, Any]:
    money = uplift.money
    return {
        "name": shown(uplift.segment, 60),
        "verdict": uplift.verdict,
        "tone": _TONES.get(uplift.verdict, "fair"),
        "treated": f"{words.count(uplift.n_treated)}, {words.percent(uplift.rate_treated)} bought",
        "control": f"{words.count(uplift.n_control)}, {words.percent(uplift.rate_control)} bought",
        "lift": f"{100 * uplift.lift.estimate:+.2f} in 100",
        "lift_range": f"({100 * uplift.lift.low:+.2f} to {100 * uplift.lift.high:+.2f})",
        "orders": words.count(uplift.incremental_orders.estimate),
        "chance": "< 0.001" if uplift.p_adjusted < 0.001 else f"{uplift.p_adjusted:.3f}",
        "profit": words.money(money.profit.estimate, currency) if money else "—",
        "profit_range": _range(money.profit, currency) if money else "",
        "roi": words.percent(uplift.roi) if money else "—",
        "cost_per_order": words.money(uplift.cost_per_order, currency) if money else "—",
        "next": f"{100 * uplift.shrunken:+.2f} in 100",
        "words": verdict_words(uplift, currency),
    }


def _range(found: Interval, currency: str) -> str:
    if math.isnan(found.low):
        return ""
    return f"({words.money(found.low, currency)} to {words.money(found.high, currency)})"


def verdict_words(uplift: Uplift, currency: str) -> str:
    """One sentence for a store manager: what was found, and what to do."""
    bought = f"{100 * abs(uplift.lift.estimate):.2g} in 100 {'more' if uplift.lift.estimate >= 0 else 'fewer'} bought"
    if uplift.verdict == KEEP:
        paid = f", and it earned {words.money(uplift.money.profit.estimate, currency)}" if uplift.money else ""
        return f"Keep it: {bought} because of the campaign{paid}."
    if uplift.verdict == STOP:
        return f"Stop: {bought}, and even in the best case that chance allows it does not pay."
    more = f" About {words.count(uplift.more_needed)} more customers would settle it." if uplift.more_needed else ""
    return f"Not enough to tell: {bought}, but chance alone gives such differences.{more}"


def _differ(results: Results) -> str:
    found = results.measured.differ
    if found is None:
        return ""
    if found.p_value < 0.05:
        return (
            f"The segments answered differently, more than chance would make them (p = {found.p_value:.3f}): "
            "it is worth treating them apart."
        )
    return (
        f"That the segments answered differently may be chance (p = {found.p_value:.2f}). Do not read “shown in one, "
        "not shown in another” as a difference; the column “best guess next time” draws each towards the common effect."
    )
