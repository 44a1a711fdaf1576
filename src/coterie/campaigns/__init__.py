"""What to do about each segment: lifecycle stages, what customers are worth, plays, value at stake, priorities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.doors import lazily

if TYPE_CHECKING:
    from coterie.campaigns.budget import Allocation, allocate, worth_spending
    from coterie.campaigns.contact import Outreach, outreach
    from coterie.campaigns.economics import Economics
    from coterie.campaigns.experiments.assignment import CONTROL, TREATED, share_mismatch
    from coterie.campaigns.experiments.measuring import KEEP, MISMATCH, STOP, UNSURE, Measured, Rules, Uplift, measure
    from coterie.campaigns.experiments.money import Costs
    from coterie.campaigns.experiments.planning import Expected, SegmentPlan, draw_left_out, plan_segments
    from coterie.campaigns.experiments.proportions import Interval
    from coterie.campaigns.fairness.audit import FairnessAudit, audit_fairness
    from coterie.campaigns.fairness.offers import Offered
    from coterie.campaigns.fairness.proxies import Proxy
    from coterie.campaigns.fairness.purpose import refuse_unreviewed, told_purpose
    from coterie.campaigns.learned import PlayTest
    from coterie.campaigns.life import LIFE, NO_ORDER, STAGES
    from coterie.campaigns.playbook import bundled_text, check_playbook, load_playbook, playbook_of
    from coterie.campaigns.plays import suggest_plays
    from coterie.campaigns.stages import lifecycle_stages, place_in_life, stage_table
    from coterie.campaigns.strategy import Strategy, economics_in, make_strategy
    from coterie.campaigns.value.history import OrderHistory, order_history
    from coterie.campaigns.value.worth import CustomerValue, Forecasts, customer_value, make_forecasts

__all__ = [
    "CONTROL",
    "KEEP",
    "LIFE",
    "MISMATCH",
    "NO_ORDER",
    "STAGES",
    "STOP",
    "TREATED",
    "UNSURE",
    "Allocation",
    "Costs",
    "CustomerValue",
    "Economics",
    "Expected",
    "FairnessAudit",
    "Forecasts",
    "Interval",
    "Measured",
    "Offered",
    "OrderHistory",
    "Outreach",
    "PlayTest",
    "Proxy",
    "Rules",
    "SegmentPlan",
    "Strategy",
    "Uplift",
    "allocate",
    "audit_fairness",
    "bundled_text",
    "check_playbook",
    "customer_value",
    "draw_left_out",
    "economics_in",
    "lifecycle_stages",
    "load_playbook",
    "make_forecasts",
    "make_strategy",
    "measure",
    "order_history",
    "outreach",
    "place_in_life",
    "plan_segments",
    "playbook_of",
    "refuse_unreviewed",
    "share_mismatch",
    "stage_table",
    "suggest_plays",
    "told_purpose",
    "worth_spending",
]

_HOMES = {
    "Economics": "coterie.campaigns.economics",
    "Allocation": "coterie.campaigns.budget",
    "allocate": "coterie.campaigns.budget",
    "worth_spending": "coterie.campaigns.budget",
    "Outreach": "coterie.campaigns.contact",
    "outreach": "coterie.campaigns.contact",
    "bundled_text": "coterie.campaigns.playbook",
    "check_playbook": "coterie.campaigns.playbook",
    "load_playbook": "coterie.campaigns.playbook",
    "playbook_of": "coterie.campaigns.playbook",
    "Strategy": "coterie.campaigns.strategy",
    "economics_in": "coterie.campaigns.strategy",
    "make_strategy": "coterie.campaigns.strategy",
    **dict.fromkeys(("refuse_unreviewed", "told_purpose"), "coterie.campaigns.fairness.purpose"),
    **dict.fromkeys(("FairnessAudit", "audit_fairness"), "coterie.campaigns.fairness.audit"),
    "PlayTest": "coterie.campaigns.learned",
    "Offered": "coterie.campaigns.fairness.offers",
    "Proxy": "coterie.campaigns.fairness.proxies",
    "LIFE": "coterie.campaigns.life",
    "NO_ORDER": "coterie.campaigns.life",
    "STAGES": "coterie.campaigns.life",
    "CustomerValue": "coterie.campaigns.value.worth",
    "OrderHistory": "coterie.campaigns.value.history",
    "Forecasts": "coterie.campaigns.value.worth",
    "customer_value": "coterie.campaigns.value.worth",
    "make_forecasts": "coterie.campaigns.value.worth",
    "order_history": "coterie.campaigns.value.history",
    **dict.fromkeys(("CONTROL", "TREATED", "share_mismatch"), "coterie.campaigns.experiments.assignment"),
    **dict.fromkeys(
        ("KEEP", "MISMATCH", "STOP", "UNSURE", "Measured", "Rules", "Uplift", "measure"),
        "coterie.campaigns.experiments.measuring",
    ),
    "Interval": "coterie.campaigns.experiments.proportions",
    "Costs": "coterie.campaigns.experiments.money",
    **dict.fromkeys(
        ("Expected", "SegmentPlan", "draw_left_out", "plan_segments"), "coterie.campaigns.experiments.planning"
    ),
    "lifecycle_stages": "coterie.campaigns.stages",
    "place_in_life": "coterie.campaigns.stages",
    "stage_table": "coterie.campaigns.stages",
    "suggest_plays": "coterie.campaigns.plays",
}

# Load the door's names when they are used, so that reading can begin before everything is loaded.
__getattr__ = lazily(__name__, _HOMES)
