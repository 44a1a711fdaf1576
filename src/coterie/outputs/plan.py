"""The plan of a campaign: who is left out at random, what each segment can teach, and everything fixed beforehand."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coterie.campaigns import Costs, Expected, SegmentPlan, draw_left_out, plan_segments
from coterie.errors import ConfigError, StudyError
from coterie.outputs import tables
from coterie.outputs.folder import MANIFEST, FolderReader, whole_or_absent
from coterie.outputs.plain import dump_json, number_or_nan
from coterie.outputs.spreadsheet import column_kinds, read_csv, write_csv
from coterie.outputs.strategy import within_budget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.outputs.study import Study

DAYS_PER_YEAR = 365.0
#: Share of customers whose earlier spend the cap on revenue lies above.
_CAP_QUANTILE = 0.995
#: Words of the assignment's second column.
HELD_OUT, TREAT = "holdout", "treat"


@dataclass(frozen=True)
class PlanOptions:
    """What a plan is made with.

    Attributes
    ----------
    segments : tuple of int, ids; empty: all
    days : int >= 1, how long results are counted
    baseline : float in (0, 1) or None, share who buy in those days without a campaign; None: from the forecast
    order_value : float > 0 or None, average order; None: from the orders
    share : float in (0, 1) or None, part to leave out; None: as much as each segment needs
    salt : str, another one draws other customers
    budget : float >= 0 or None, money for the campaigns of a year: only those whom it reaches are planned for
    costs : Costs
    """

    costs: Costs
    segments: tuple[int, ...] = ()
    days: int = 30
    baseline: float | None = None
    order_value: float | None = None
    share: float | None = None
    salt: str = "campaign-1"
    budget: float | None = None


@dataclass(frozen=True)
class Plan:
    """A planned campaign.

    Attributes
    ----------
    title, currency : str, of the study
    options : PlanOptions
    segments : tuple of SegmentPlan
    cap : float, revenue of one customer counts up to here when results are read; ∞ where earlier spend is unknown
    customers : DataFrame, one row a customer of the planned segments: customer_id, treatment ("treat" or "holdout"),
        segment_id, segment, spend_before (NaN where unknown)
    sentences : tuple of str, what was assumed
    plays : mapping of int to (str, str), segment id -> key and title of the play that is tested
    folder : Path or None, where the plan was read from
    """

    title: str
    currency: str
    options: PlanOptions
    segments: tuple[SegmentPlan, ...]
    cap: float
    customers: pd.DataFrame = field(repr=False)
    sentences: tuple[str, ...] = ()
    plays: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    folder: Path | None = None


def make_plan(study: Study, options: PlanOptions) -> Plan:
    """Plan a campaign on the segments of a study.

    Raises
    ------
    ConfigError
        No forecast tells who would buy anyway, and no baseline was given; a segment asked for is not there; or a budget
        cannot be divided.
    """
    everyone = tuple(segment.segment_id for segment in study.profiled)
    wanted = options.segments or everyone
    told: tuple[str, ...] = ()
    unknown = sorted(set(wanted) - set(everyone))
    if unknown:
        raise ConfigError(f"The study has no segment {unknown[0]}.", remedy="`coterie report STUDY` shows them.")
    if options.budget is not None:
        study, told = within_budget(study, options.budget, wanted)
        wanted = tuple(segment.segment_id for segment in study.profiled)
    rates, how = _rates(study, options)
    mine = study.customers["segment_id"].isin(wanted).to_numpy()
    customers = study.customers[mine]
    expected = [_expected(study, number, rates, options) for number in wanted]
    usable = [one for one in expected if one.size >= 2]
    plans = plan_segments(usable, options.costs, share=options.share)
    spent = _column(customers, _value_column(study))
    out = draw_left_out(
        [str(i) for i in customers.index], customers["segment_id"].to_numpy(), spent, plans, options.salt
    )
    plans = _as_drawn(plans, customers["segment_id"].to_numpy()[out])
    assigned = pd.DataFrame(
        {
            "customer_id": customers.index.astype(object),
            "treatment": np.where(out, HELD_OUT, TREAT),
            "segment_id": customers["segment_id"].to_numpy(),
            "segment": customers["segment"].to_numpy(),
            "spend_before": spent,
        }
    )
    known = spent[np.isfinite(spent)]
    cap = float(np.quantile(known, _CAP_QUANTILE)) if len(known) else math.inf
    cap = cap if cap > 0 else math.inf
    plays = {one.segment_id: (one.play.key, one.play.title) for one in study.profiled if one.play and one.play.key}
    return Plan(study.title, study.currency, options, plans, cap, assigned, (*told, *how), plays)


def _as_drawn(plans: Sequence[SegmentPlan], left_out: np.ndarray) -> tuple[SegmentPlan, ...]:
    """Tell of as many customers as were really drawn: parts of bands are rounded, which can add some to a segment."""
    drawn = [(one, int((left_out == one.expected.segment_id).sum())) for one in plans]
    return tuple(replace(one, n_left_out=left, n_treated=one.expected.size - left) for one, left in drawn)


def expectations(study: Study, options: PlanOptions) -> dict[int, Expected]:
    """Say what is known of each segment before a campaign, by id; nobody is drawn.

    Raises
    ------
    ConfigError
        As `make_plan`.
    """
    rates, _ = _rates(study, options)
    return {one.segment_id: _expected(study, one.segment_id, rates, options) for one in study.profiled}


def _rates(study: Study, options: PlanOptions) -> tuple[np.ndarray, tuple[str, ...]]:
    """Chance of each customer to buy in the campaign's days without it, and how we know."""
    n = len(study.customers)
    if options.baseline is not None:
        return np.full(n, options.baseline), (f"You said that {options.baseline:.1%} would buy anyway.",)
    if "expected_orders_12m" not in study.customers:
        raise ConfigError(
            "Nothing tells how many customers would buy without the campaign: the study has no order history.",
            remedy="Say which share buys in such a time, for example --baseline 0.05.",
        )
    orders = study.customers["expected_orders_12m"].to_numpy(dtype=float) * options.days / DAYS_PER_YEAR
    told = (
        f"Who would buy anyway in {options.days} days follows from the forecast of each customer's orders in a year, "
        "spread evenly over it; a season would change it.",
    )
    return -np.expm1(-np.nan_to_num(orders)), told


def _expected(study: Study, segment_id: int, rates: np.ndarray, options: PlanOptions) -> Expected:
    segment = next(one for one in study.profiled if one.segment_id == segment_id)
    mine = (study.customers["segment_id"] == segment_id).to_numpy()
    value, spread = options.order_value or math.nan, math.nan
    each = _column(study.customers, "average_order_value")[mine]
    each = each[np.isfinite(each) & (each > 0)]
    if len(each):
        value, spread = options.order_value or float(each.mean()), float(each.std())
    rate = float(np.clip(rates[mine].mean(), 1e-4, 0.999)) if mine.any() else 0.0
    goal = segment.play.title if segment.play else ""
    return Expected(segment_id, segment.name, goal, int(mine.sum()), rate, value, spread)


def _column(customers: pd.DataFrame, name: str | None) -> np.ndarray:
    if name is None or name not in customers:
        return np.full(len(customers), np.nan)
    return customers[name].to_numpy(dtype=float)


def _value_column(study: Study) -> str | None:
    name = study.manifest["value"]
    return tables.feature_column(name) if name else None


def write_plan(plan: Plan, folder: Path) -> Path:
    """Write a plan's folder, whole or not at all: `holdout.csv`, `plan.json`, `plan.html`, and who gets the campaign.

    Raises
    ------
    StudyError
        The folder holds something already, or the disk refuses.
    """
    from coterie.outputs.page.experiment import render_plan

    columns = {"holdout": column_kinds(plan.customers)}
    with whole_or_absent(folder, {"format_version": "1.0", "kind": "plan", "columns": columns}) as writer:
        with writer.open("holdout.csv") as file:
            write_csv(plan.customers, file)
        treated = plan.customers[plan.customers["treatment"] == TREAT]
        for one in plan.segments:
            with writer.open(f"treated/segment_{one.expected.segment_id}.csv") as file:
                mine = treated[treated["segment_id"] == one.expected.segment_id]
                write_csv(mine[["customer_id", "segment_id", "segment"]], file)
        writer.put("plan.json", dump_json(_to_plain(plan)))
        writer.put("plan.html", render_plan(plan).encode("utf-8"))
    return folder


def _to_plain(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "currency": plan.currency,
        "cap": plan.cap,
        "sentences": plan.sentences,
        "options": plan.options,
        "segments": plan.segments,
        "plays": {str(identity): list(play) for identity, play in plan.plays.items()},
    }


def load_plan(folder: Path | str) -> Plan:
    """Open a plan's folder.

    Raises
    ------
    StudyError
        It is missing or was changed after it was written: what was fixed beforehand must stay so.
    """
    there = (Path(folder) / MANIFEST).is_file()
    reader = FolderReader(Path(folder)) if there else None
    if reader is None or reader.manifest.get("kind") != "plan":
        raise StudyError(
            f"'{folder}' is not a plan.",
            found="It holds something else." if there else f"It has no {MANIFEST}.",
            remedy="Name the folder that `coterie plan` wrote.",
        )
    try:
        told = json.loads(reader.read("plan.json"))
        options = told["options"] | {"segments": tuple(told["options"]["segments"])}
        options["costs"] = Costs(**options["costs"])
        customers = read_csv(reader.read("holdout.csv"), reader.manifest["columns"]["holdout"])
        return Plan(
            told["title"],
            told["currency"],
            PlanOptions(**options),
            tuple(_segment_plan(one) for one in told["segments"]),
            math.inf if told["cap"] is None else float(told["cap"]),
            customers,
            tuple(told["sentences"]),
            {int(identity): (key, title) for identity, (key, title) in told.get("plays", {}).items()},
            Path(folder),
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise reader.damaged("plan.json", f"an entry is missing or has another form ({cause})") from cause


def _segment_plan(told: dict[str, Any]) -> SegmentPlan:
    known = told["expected"]
    expected = Expected(**known | {name: number_or_nan(known[name]) for name in ("order_value", "order_spread")})
    rest = {name: number_or_nan(v) if v is None else v for name, v in told.items() if name != "expected"}
    return SegmentPlan(expected, **(rest | {"together_with": tuple(told["together_with"])}))


def planned_segments(study: Study, asked: Sequence[str | int]) -> tuple[int, ...]:
    """Ids of segments named by number or name; () where none was asked for."""
    from coterie.outputs.exporting import chosen_segments

    return tuple(chosen_segments(study, asked)) if asked else ()
